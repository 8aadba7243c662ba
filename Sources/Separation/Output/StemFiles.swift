// SPDX-License-Identifier: MIT
public import Audio
public import Foundation

/// What to do with samples beyond full scale, which a file of whole numbers cannot hold.
public enum ClipMode: String, Sendable, CaseIterable {
  /// Divides a stem by 1.01 times its peak where that is above 1, as Demucs does. Every stem is
  /// scaled for itself, so the stems of a loud song may no longer add up to it.
  case rescale
  /// Limits every sample to ±0.99.
  case clamp
  /// Leaves the samples as they are; files of whole numbers clip at full scale.
  case none
}

/// The files that the stems of one track are written to.
public struct StemFiles: Sendable {
  /// The path of each file, by the name that ``names(for:)`` gives it.
  public var paths: [String: String]
  /// The format of all files.
  public var format: AudioFileFormat
  /// What to do with samples beyond full scale.
  public var clipMode: ClipMode
  /// Which stems to write.
  public var selection: StemSelection

  /// Names every file.
  public init(
    paths: [String: String], format: AudioFileFormat = .wav16, clipMode: ClipMode = .rescale,
    selection: StemSelection = .all
  ) {
    self.paths = paths
    self.format = format
    self.clipMode = clipMode
    self.selection = selection
  }

  /// Names the files by their stems in one folder: `folder/drums.wav`, ….
  public init(
    folder: URL, stems: [String], format: AudioFileFormat = .wav16,
    clipMode: ClipMode = .rescale, selection: StemSelection = .all
  ) throws(SeparationError) {
    var paths: [String: String] = [:]
    for name in try Self.names(for: selection, stems: stems) {
      paths[name] = folder.appending(path: "\(name).\(format.fileExtension)").path
    }
    self.init(paths: paths, format: format, clipMode: clipMode, selection: selection)
  }

  /// The names of the files that a selection of a model's stems makes, such as `no_vocals`.
  public static func names(
    for selection: StemSelection, stems: [String]
  ) throws(SeparationError) -> [String] {
    try selection.recipes(for: stems).map(\.name)
  }
}
