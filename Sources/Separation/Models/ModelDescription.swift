// SPDX-License-Identifier: MIT
public import Foundation

/// What is known of a separation model without loading its weights.
public struct ModelDescription: Sendable, Equatable {
  /// The name by which it is chosen.
  public var name: ModelName
  /// The stems that it gives, in order.
  public var stems: [String]
  /// The size of its files in bytes.
  public var sizeInBytes: Int
  /// The terms under which its weights may be used.
  public var licence: String
  /// The checkpoint, or the bag where there are several; `nil` where the model is not installed.
  public var file: URL?
  /// The checkpoints and how their outputs are put together, for a bag.
  var bag: BagFiles?

  /// Whether the model can be used at once.
  public var isInstalled: Bool { file != nil }

  /// Its files, the bag first where it is one.
  package var files: [URL] { [file].compactMap(\.self) + (bag?.checkpoints ?? []) }

  /// Tells files that lay under the same name at different times apart: sizes and times of change as they are now.
  public var revision: String {
    files.map { file in
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: file.resolvingSymlinksInPath().path)
      let date = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
      return "\(attributes?[.size] as? Int ?? 0) \(date)"
    }.joined(separator: ", ")
  }
}

/// A bag and the checkpoints of its models, in its order.
struct BagFiles: Sendable, Equatable {
  var bag: ModelBag
  var checkpoints: [URL]
}

extension ModelDescription {
  /// Describes a model that is not there.
  public init(name: ModelName, stems: [String], sizeInBytes: Int, licence: String) {
    self.init(
      name: name, stems: stems, sizeInBytes: sizeInBytes, licence: licence, file: nil, bag: nil)
  }

  /// Describes the model in a checkpoint.
  init(checkpoint file: URL, name: ModelName) throws(SeparationError) {
    // A description is quick; the checksum is looked at when the weights are loaded.
    let metadata = try CheckpointMetadata(
      ModelPackage(path: file.path, verifiesChecksum: false))
    self.init(
      name: name, stems: metadata.sources, sizeInBytes: Self.size(of: file),
      licence: metadata.licence, file: file)
  }

  /// Describes a bag.
  ///
  /// - Throws: `malformed` where its models do not fit each other.
  init(
    bag: ModelBag, file: URL, checkpoints: [URL], name: ModelName
  ) throws(SeparationError) {
    var models: [ModelDescription] = []
    for checkpoint in checkpoints {
      models.append(try ModelDescription(checkpoint: checkpoint, name: name))
    }
    guard let first = models.first, models.allSatisfy({ $0.stems == first.stems }),
      (bag.weights ?? []).allSatisfy({ $0.count == first.stems.count })
    else {
      throw SeparationError(
        code: .malformed, message: "\(file.path): its models do not have the same stems.")
    }
    self.init(
      name: name, stems: first.stems, sizeInBytes: models.reduce(0) { $0 + $1.sizeInBytes },
      licence: first.licence, file: checkpoints.count == 1 ? checkpoints.first : file,
      bag: BagFiles(bag: bag, checkpoints: checkpoints))
  }

  private static func size(of file: URL) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: file.resolvingSymlinksInPath().path)
    return (attributes?[.size] as? Int) ?? 0
  }

  /// Builds the network.
  ///
  /// - Parameters:
  ///   - threadsPerWorker: The threads that one worker may use on a segment.
  ///   - precision: What the network multiplies in.
  func load(
    threadsPerWorker: Int, precision: Separator.Options.Precision = .automatic
  ) throws(SeparationError) -> any SegmentModel {
    guard let file else {
      throw SeparationError(
        code: .unknownModel, message: "The model “\(name)” is not installed.")
    }
    guard let bag else {
      return try Self.load(file, threadsPerWorker: threadsPerWorker, precision: precision)
    }
    let segment = bag.bag.segmentSeconds
    let checkpoints = bag.checkpoints
    if checkpoints.count == 1 {
      // The weights of a single model cancel out.
      return try Self.load(
        checkpoints[0], segmentSeconds: segment, threadsPerWorker: threadsPerWorker,
        precision: precision)
    }
    let first = try CheckpointMetadata(
      ModelPackage(path: checkpoints[0].path, verifiesChecksum: false), segmentSeconds: segment)
    let form = BagModel.Form(
      sources: first.sources, sampleRate: first.sampleRate, segmentFrames: first.segmentFrames,
      normalizesTrack: first.normalizesTrack, takesShortSegments: first.takesShortSegments,
      isThreadable: first.isOfDemucs,
      precision: first.isOfDemucs ? precision.resolved : .float32)
    return try BagModel(
      form: form, weights: bag.bag.weights, name: file.path, count: checkpoints.count
    ) { (index) throws(SeparationError) in
      try Self.load(
        checkpoints[index], segmentSeconds: segment, threadsPerWorker: threadsPerWorker,
        precision: precision)
    }
  }

  private static func load(
    _ file: URL, segmentSeconds: Double? = nil, threadsPerWorker: Int,
    precision: Separator.Options.Precision
  ) throws(SeparationError) -> any SegmentModel {
    let package = try ModelPackage(path: file.path)
    let metadata = try CheckpointMetadata(package)
    switch metadata.architecture {
    case "SCNet":
      try precision.requireFloat32(for: file.path)
      return try SCNet(
        checkpoint: Safetensors(path: file.path), threadsPerWorker: threadsPerWorker)
    case "HTDemucs", "HDemucs":
      return try HybridDemucs(
        package: package, segmentSeconds: segmentSeconds, precision: precision.ofNetwork)
    case "PassThrough":
      try precision.requireFloat32(for: file.path)
      return PassThrough(metadata: metadata)
    default:
      throw SeparationError(
        code: .unsupported,
        message: "\(file.path): models of the kind “\(metadata.architecture)” are not supported; "
          + "use one of the kinds SCNet, HTDemucs and HDemucs.")
    }
  }
}
