// SPDX-License-Identifier: MIT
/// What a checkpoint says about its model, checked before any of it is used.
struct CheckpointMetadata: Sendable, Equatable {
  /// The architecture's class, such as `SCNet`.
  let architecture: String
  /// The names of the stems.
  let sources: [String]
  /// In hertz.
  let sampleRate: Int
  /// Samples per channel in a segment.
  let segmentFrames: Int
  /// The terms under which the weights may be used.
  let licence: String
  /// Whether the network wants the whole track brought to zero mean and unit deviation first.
  let normalizesTrack: Bool
  /// Whether the network takes fewer samples than a segment as they are.
  let takesShortSegments: Bool

  /// Whether the network is one of Demucs': it can multiply in bfloat16, and several threads can share
  /// a segment.
  var isOfDemucs: Bool { DemucsConfiguration.Kind(rawValue: architecture) != nil }

  /// - Parameter segmentSeconds: The segment that a bag asks for.
  init(_ package: ModelPackage, segmentSeconds: Double? = nil) throws(SeparationError) {
    let metadata = package.metadata
    func malformed(_ why: String) -> SeparationError {
      SeparationError(
        code: .malformed,
        message:
          "\(package.tensors.name): \(why); use a checkpoint written by the project's export "
          + "script, or one of Demucs.")
    }
    architecture = package.architecture
    licence = metadata["licence"] ?? metadata["license"] ?? "unknown"

    if DemucsConfiguration.Kind(rawValue: architecture) != nil {
      let configuration = try DemucsConfiguration(package, segmentSeconds: segmentSeconds)
      normalizesTrack = true
      takesShortSegments = configuration.kind == .hybrid
      sources = configuration.sources
      sampleRate = configuration.sampleRate
      segmentFrames = configuration.segmentFrames
    } else {
      normalizesTrack = false
      takesShortSegments = false
      sources = try package.strings("sources", default: ["drums", "bass", "other", "vocals"])
      sampleRate = Int(metadata["samplerate"] ?? "44100") ?? 0
      segmentFrames = Int(metadata["segment"] ?? "485100") ?? 0
    }
    try check(malformed)
  }

  private func check(
    _ malformed: (String) -> SeparationError
  ) throws(SeparationError) {
    guard (1...64).contains(sources.count), Set(sources).count == sources.count,
      sources.allSatisfy(Self.isPlainName)
    else { throw malformed("the names of its stems are not plain or not different") }
    guard (8_000...192_000).contains(sampleRate) else {
      throw malformed("its sample rate is not from 8000 to 192000 Hz")
    }
    guard (256...60 * 192_000).contains(segmentFrames) else {
      throw malformed("its segment is not from 256 samples to a minute")
    }
    guard sources.count * segmentFrames <= 1 << 27 else {
      throw malformed("its segment is too long for \(sources.count) stems")
    }
  }

  /// Whether a name can be part of a file name as it is: letters, digits, `-` and `_`.
  static func isPlainName(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.count <= 64
      && name.unicodeScalars.allSatisfy { scalar in
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
          || ("0"..."9").contains(scalar) || scalar == "-" || scalar == "_"
      }
  }
}
