// SPDX-License-Identifier: MIT
public import Foundation

/// What is known of a separation model without loading its weights.
public struct ModelDescription: Sendable, Equatable {
  /// The name by which it is chosen.
  public var name: ModelName
  /// The stems that it gives, in order.
  public var stems: [String]
  /// The size of its file in bytes.
  public var sizeInBytes: Int
  /// The terms under which its weights may be used.
  public var licence: String
  /// The checkpoint; `nil` where the model is not installed.
  public var file: URL?

  /// Whether the model can be used at once.
  public var isInstalled: Bool { file != nil }
}

extension ModelDescription {
  /// Describes the model in a checkpoint, named after the file.
  init(checkpoint file: URL) throws(SeparationError) {
    // A description is quick; the checksum is looked at when the weights are loaded.
    let metadata = try CheckpointMetadata(
      ModelPackage(path: file.path, verifiesChecksum: false))
    let attributes = try? FileManager.default.attributesOfItem(
      atPath: file.resolvingSymlinksInPath().path)
    self.init(
      name: ModelName(rawValue: CheckpointFileName(path: file.path).model),
      stems: metadata.sources, sizeInBytes: (attributes?[.size] as? Int) ?? 0,
      licence: metadata.licence, file: file)
  }

  /// Builds the network.
  ///
  /// - Parameter threadsPerWorker: The threads that one worker may use on a segment.
  func load(threadsPerWorker: Int) throws(SeparationError) -> any SegmentModel {
    guard let file else {
      throw SeparationError(
        code: .unknownModel, message: "The model “\(name)” is not installed.")
    }
    let package = try ModelPackage(path: file.path)
    let metadata = try CheckpointMetadata(package)
    if DemucsConfiguration.Kind(rawValue: metadata.architecture) != nil {
      return try HybridDemucs(package: package, threadsPerWorker: threadsPerWorker)
    }
    switch metadata.architecture {
    case "SCNet":
      return try SCNet(
        checkpoint: Safetensors(path: file.path), threadsPerWorker: threadsPerWorker)
    case "PassThrough":
      return PassThrough(metadata: metadata)
    default:
      throw SeparationError(
        code: .unsupported,
        message: "\(file.path): models of the kind “\(metadata.architecture)” are not supported; "
          + "use one of the kinds SCNet, HTDemucs and HDemucs.")
    }
  }
}
