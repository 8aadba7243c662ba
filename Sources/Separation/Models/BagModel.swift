// SPDX-License-Identifier: MIT
import Synchronization

/// Several networks whose outputs are averaged, each stem with weights of its own, as Demucs' bags
/// say.
///
/// Segments are added with the same weights for every network, so averaging each segment gives what
/// Demucs gets by averaging whole tracks. A network is loaded when a stem is wanted for which it
/// counts: of `htdemucs_ft`, four networks that were tuned for one stem each, one stem takes one.
struct BagModel: SegmentModel {
  /// What all networks of a bag have in common.
  struct Form: Sendable, Equatable {
    var sources: [String]
    var sampleRate: Int
    var channelCount = 2
    var segmentFrames: Int
    var normalizesTrack: Bool
    var takesShortSegments = false
    var isThreadable = false
    var precision = Separator.Options.Precision.float32
  }

  private let form: Form
  private let members: [Member]
  /// How much of each network's output a stem is made of, (members, sources); they add up to 1.
  private let shares: [[Float]]
  /// The networks that have to run, with their indices.
  private let active: [(index: Int, model: any SegmentModel)]

  var sources: [String] { form.sources }
  var sampleRate: Int { form.sampleRate }
  var channelCount: Int { form.channelCount }
  var segmentFrames: Int { form.segmentFrames }
  var normalizesTrack: Bool { form.normalizesTrack }

  /// - Parameters:
  ///   - weights: How much each network counts for each stem, (members, sources); by default all
  ///     the same.
  ///   - name: Of the bag, for messages.
  ///   - load: Loads the network of an index below `count`.
  init(
    form: Form, weights: [[Double]]?, name: String, count: Int,
    load: @escaping @Sendable (Int) throws(SeparationError) -> any SegmentModel
  ) throws(SeparationError) {
    let weights = weights ?? (0..<count).map { _ in form.sources.map { _ in 1 } }
    let totals = form.sources.indices.map { source in
      weights.reduce(0) { $0 + ($1.indices.contains(source) ? $1[source] : 0) }
    }
    guard count > 0, weights.count == count,
      weights.allSatisfy({ $0.count == form.sources.count }), totals.allSatisfy({ $0 != 0 })
    else {
      throw SeparationError(
        code: .malformed, message: "\(name): the bag's weights do not fit its models.")
    }
    self.form = form
    members = (0..<count).map { Member(index: $0, name: name, load: load) }
    shares = weights.map { row in zip(row, totals).map { Float($0 / $1) } }
    active = []
  }

  private init(_ bag: BagModel, active: [(index: Int, model: any SegmentModel)]) {
    form = bag.form
    members = bag.members
    shares = bag.shares
    self.active = active
  }

  func restricted(to sources: Set<Int>) throws(SeparationError) -> any SegmentModel {
    var active: [(index: Int, model: any SegmentModel)] = []
    for (index, member) in members.enumerated() {
      guard sources.contains(where: { shares[index][$0] != 0 }) else { continue }
      active.append((index, try member.model(of: form)))
    }
    return BagModel(self, active: active)
  }

  /// The memory of a worker; only a model that `restricted(to:)` gave has networks to run.
  func makeWorkspace(threadCount: Int) throws(SeparationError) -> any SegmentWorkspace {
    try Workspace(bag: self, threadCount: threadCount)
  }

  var precision: Separator.Options.Precision { form.precision }
  var takesShortSegments: Bool { form.takesShortSegments }
  var isThreadable: Bool { form.isThreadable }

  private final class Workspace: SegmentWorkspace {
    private let bag: BagModel
    private let workspaces: [any SegmentWorkspace]
    private var memberOutput: [Float]  // (sources, channels, segmentFrames)

    init(bag: BagModel, threadCount: Int) throws(SeparationError) {
      self.bag = bag
      // The networks run one after the other.
      var workspaces: [any SegmentWorkspace] = []
      for (_, model) in bag.active {
        if let first = workspaces.first {
          workspaces.append(try model.makeWorkspace(sharing: first, threadCount: threadCount))
        } else {
          workspaces.append(try model.makeWorkspace(threadCount: threadCount))
        }
      }
      self.workspaces = workspaces
      memberOutput = Array(
        repeating: 0, count: bag.sources.count * bag.channelCount * bag.segmentFrames)
    }

    var failure: SeparationError? { workspaces.lazy.compactMap(\.failure).first }

    func process(
      input: UnsafePointer<Float>, output: UnsafeMutablePointer<Float>, frameCount: Int
    ) {
      let count = bag.channelCount * frameCount
      output.update(repeating: 0, count: bag.sources.count * count)
      memberOutput.withUnsafeMutableBufferPointer { buffer in
        guard let given = buffer.baseAddress else { return }
        for (member, workspace) in zip(bag.active, workspaces) {
          workspace.process(input: input, output: given, frameCount: frameCount)
          for (source, share) in bag.shares[member.index].enumerated() where share != 0 {
            for sample in source * count..<(source + 1) * count {
              output[sample] += share * given[sample]
            }
          }
        }
      }
    }
  }
}

extension BagModel {
  /// One network of a bag, loaded when it is first needed and then kept.
  private final class Member: Sendable {
    private let index: Int
    private let name: String
    private let load: @Sendable (Int) throws(SeparationError) -> any SegmentModel
    private let loaded = Mutex<(any SegmentModel)?>(nil)

    init(
      index: Int, name: String,
      load: @escaping @Sendable (Int) throws(SeparationError) -> any SegmentModel
    ) {
      self.index = index
      self.name = name
      self.load = load
    }

    /// - Throws: Where it differs in what a bag's networks must have in common.
    func model(of form: Form) throws(SeparationError) -> any SegmentModel {
      if let model = loaded.withLock({ $0 }) { return model }
      let model = try load(index)
      let own = Form(
        sources: model.sources, sampleRate: model.sampleRate, channelCount: model.channelCount,
        segmentFrames: model.segmentFrames, normalizesTrack: model.normalizesTrack,
        takesShortSegments: model.takesShortSegments, isThreadable: model.isThreadable,
        precision: model.precision)
      guard own == form else {
        throw SeparationError(
          code: .unsupported,
          message: "\(name): its models differ in stems, sample rate or segment, which is not "
            + "supported.")
      }
      loaded.withLock { $0 = model }
      return model
    }
  }
}
