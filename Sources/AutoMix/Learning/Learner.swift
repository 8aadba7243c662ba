// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import NeuralNetwork

/// Trains the networks of automatic mixing on finished songs.
///
/// One task after the other: gains, then the four aspects of vocals over a backing. Each learns with Adam (Kingma and
/// Ba 2015) until its error on the songs held out, as the mean of five epochs, has not become smaller for a while; the
/// network of the smallest error is kept. After every epoch the state is written, so that a run that was cut off goes
/// on where it was and ends at the same model.
public struct Learner: Sendable {
  /// How to learn.
  public struct Options: Sendable, Equatable, Codable {
    /// What random numbers begin with.
    public var seed: UInt64 = 0
    /// The most epochs of a task, at least 1.
    public var largestEpochCount = 60
    /// How many epochs may pass without a smaller error, at least 1.
    public var patience = 12
    /// The batches of an epoch, at least 1.
    public var batchesOfEpoch = 40
    /// The share of the songs that is held out, above 0 and at most 0.5; at least one song is.
    public var heldOutShare = 0.2
    /// The step of Adam.
    public var learningRate = 1e-3
    /// Of Adam, pulls weights to 0.
    public var weightDecay = 1e-4

    /// Every value at its standard.
    public init() {}

    /// Throws ``AutoMixError`` with the code `invalidOption` for what is out of range.
    public func check() throws(AutoMixError) {
      guard largestEpochCount >= 1, patience >= 1, batchesOfEpoch >= 1, heldOutShare > 0,
        heldOutShare <= 0.5, learningRate > 0, learningRate <= 1, (0...1).contains(weightDecay)
      else {
        throw AutoMixError(
          code: .invalidOption,
          message:
            "These settings for learning cannot be used; epochs, patience and batches are at "
            + "least 1, the share held out above 0 and at most 0.5.")
      }
    }
  }

  /// How far learning is.
  public struct Progress: Sendable {
    /// What is learned now.
    public var task: String
    /// Which of the tasks, from 0.
    public var taskIndex: Int
    /// How many tasks there are.
    public var taskCount: Int
    /// The epochs of the task that are done.
    public var epoch: Int
    /// The mean loss of the last epoch.
    public var loss: Double
    /// The error on the songs held out after it.
    public var heldOutError: Double
    /// The smallest mean of five such errors so far; see ``TaskReport/smallestError``.
    public var smallestError: Double
  }

  /// How to learn.
  public let options: Options
  private let songs: [LearningSong]
  private let heldOut: [LearningSong]

  /// The fewest songs that can be learned from.
  public static let fewestSongs = 2

  /// Divides the songs into those to learn from and those held out.
  ///
  /// - Throws: ``AutoMixError`` with the code `invalidOption` for fewer than two songs that can be heard, the same song
  ///   twice, or an option out of range.
  public init(songs: [LearningSong], options: Options = Options()) throws(AutoMixError) {
    func invalid(_ message: String) -> AutoMixError {
      AutoMixError(code: .invalidOption, message: message)
    }
    try options.check()
    let useful = songs.filter { !$0.audible.isEmpty }
    guard useful.count >= Self.fewestSongs else {
      throw invalid(
        "\(useful.count) of the songs can be heard; learning needs at least "
          + "\(Self.fewestSongs), and is worth something from about 30.")
    }
    var names: [String: String] = [:]
    for song in useful {
      if let other = names.updateValue(song.name, forKey: song.fingerprint) {
        throw invalid("“\(song.name)” and “\(other)” are the same audio; name it once.")
      }
    }
    self.options = options
    // By content, so that neither names nor their order decide; the seed chooses.
    var generator = SplitMix64(seed: options.seed)
    let shuffled = useful.sorted { $0.fingerprint < $1.fingerprint }.shuffled(using: &generator)
    let count = max(1, Int((Double(shuffled.count) * options.heldOutShare).rounded()))
    heldOut = Array(shuffled.prefix(count))
    self.songs = Array(shuffled.dropFirst(count))
  }

  /// Learns; blocks until all is learned.
  ///
  /// - Parameters:
  ///   - state: Where the state is kept between epochs; what is there from the same songs and options is gone on with.
  ///   - isCancelled: Asked before every batch.
  ///   - report: Told after every epoch.
  /// - Throws: ``AutoMixError`` with the code `cancelled`, `output` or `model`.
  public func learn(
    state path: String? = nil, isCancelled: () -> Bool = { Task.isCancelled },
    report: (Progress) -> Void = { _ in }
  ) throws(AutoMixError) -> LearnedModel {
    do {
      var state =
        try path.flatMap { try LearningState(path: $0, of: identity) }
        ?? LearningState(identity: identity)
      let gains = try GainNetwork(seed: options.seed)
      var tasks: [any LearningTask] = [GainTask(gains, songs: songs, heldOut: heldOut)]
      var vocals: [VocalNetwork] = []
      for (index, aspect) in VocalAspect.allCases.enumerated() {
        let network = try VocalNetwork(aspect, seed: options.seed &+ UInt64(10 + index))
        tasks.append(VocalTask(network, songs: songs, heldOut: heldOut))
        vocals.append(network)
      }
      for (index, task) in tasks.enumerated() {
        try learn(
          task, index, tasks.count, &state, path: path, isCancelled: isCancelled, report: report)
      }
      return LearnedModel(
        gains: gains, vocals: vocals, reports: state.reports, songs: songs.map(\.card),
        heldOut: heldOut.map(\.card), options: options)
    } catch let error as AutoMixError {
      throw error
    } catch {
      throw AutoMixError(code: .model, message: "The networks cannot be trained: \(error).")
    }
  }

  /// Learns on a thread of its own; stops when the task is cancelled.
  ///
  /// - Throws: ``AutoMixError`` as ``learn(state:isCancelled:report:)`` does.
  public func learning(
    state path: String? = nil, report: @escaping @Sendable (Progress) -> Void = { _ in }
  ) async throws(AutoMixError) -> LearnedModel {
    try await onOwnThread { (signal) throws(AutoMixError) in
      try learn(state: path, isCancelled: { signal.isCancelled }, report: report)
    }
  }

  /// What a state must have been made from.
  private var identity: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let options = (try? encoder.encode(options)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let songs = (songs + heldOut).map { song in
      "\(song.fingerprint) \(song.stems.map(\.kind.rawValue)) \(song.vocalDecaySeconds ?? 0)"
    }
    return "1 \(options) \(songs.joined(separator: " "))"
  }

  private func learn(
    _ task: any LearningTask, _ index: Int, _ count: Int, _ state: inout LearningState,
    path: String?, isCancelled: () -> Bool, report: (Progress) -> Void
  ) throws {
    let baseline = task.baselineError()
    guard task.songCount > 0, task.heldOutCount > 0 else {
      if state.reports.count == index { state.reports.append(TaskReport(task: task.name)) }
      return
    }
    let networks = task.networks
    let adam = Adam(learningRate: options.learningRate, weightDecay: options.weightDecay)
    if state.reports.count == index {
      state.reports.append(
        TaskReport(
          task: task.name, songCount: task.songCount, heldOutCount: task.heldOutCount,
          fewestHeldOut: task.fewestHeldOut, baseline: baseline.name,
          baselineError: baseline.error))
      state.best = networks.map(\.tensors)
    } else if state.reports[index].isFinished {
      try load(state.finished[task.name] ?? [], into: networks)
      return
    } else {
      try load(state.current, into: networks)
      for (network, tensors) in zip(networks, state.optimizers) {
        try adam.load(tensors, for: network)
      }
    }
    while !state.reports[index].isOver(options) {
      let epoch = state.reports[index].losses.count
      // Of its own for every epoch, so that going on is the same as never having stopped.
      var generator = SplitMix64(
        seed: options.seed &+ UInt64(index + 1) &* 1_000_003 &+ UInt64(epoch))
      for network in networks { network.passCount = epoch * options.batchesOfEpoch }
      var loss = 0.0
      for _ in 0..<options.batchesOfEpoch {
        if isCancelled() {
          throw AutoMixError(code: .cancelled, message: "Learning was cancelled.")
        }
        for network in networks { network.clearGradients() }
        loss += try task.learn(&generator) / Double(options.batchesOfEpoch)
        for network in networks { adam.step(network) }
      }
      let error = try task.heldOutError()
      state.reports[index].add(loss: loss, error: error)
      if state.reports[index].isBestNow { state.best = networks.map(\.tensors) }
      state.current = networks.map(\.tensors)
      state.optimizers = networks.map { adam.tensors(for: $0) }
      if let path, !state.reports[index].isOver(options) { try state.write(to: path) }
      report(
        Progress(
          task: task.name, taskIndex: index, taskCount: count,
          epoch: state.reports[index].losses.count, loss: loss, heldOutError: error,
          smallestError: state.reports[index].smallestError))
    }
    state.finished[task.name] = state.best
    state.reports[index].isFinished = true
    try load(state.best, into: networks)
    if let path { try state.write(to: path) }
  }

  private func load(
    _ tensors: [[NamedTensor]], into networks: [TrainableNetwork]
  ) throws {
    for (network, tensors) in zip(networks, tensors) { try network.load(tensors) }
  }
}

extension LearningSong {
  /// What a model says of the songs that it has learned from.
  var card: LearnedModel.Song {
    .init(
      name: name, fingerprint: fingerprint,
      vocalsLU: hasVocalsAndBacking ? vocalsLUFS - backingLUFS : nil, vocalRangeLU: vocalRangeLU,
      vocalDecaySeconds: vocalDecaySeconds)
  }
}
