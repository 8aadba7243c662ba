// SPDX-License-Identifier: MIT
public import AutoMix
public import MixCore
public import Mixdown

extension SongFeatures {
  /// Measures a file.
  ///
  /// - Parameters:
  ///   - path: A file of any format that ``AudioReader`` knows.
  ///   - genre: The genre; nil to guess it.
  /// - Throws: ``MixdownError`` with the code `input` or `cancelled`.
  public init(path: String, genre: SongGenre? = nil) throws(MixdownError) {
    let file = try FileFeatures(path: path, keepsSeries: true)
    self.init(
      file.features.spectrum, seconds: file.seconds, sampleRate: Double(file.sampleRate),
      genre: genre)
  }
}

extension StemKind {
  /// What a track is to a listener's taste: `vocals` for `Lead Vox`, or its own name in lower case.
  public static func role(of name: String) -> String {
    StemKind(name: name)?.rawValue ?? name.lowercased()
  }
}
