// SPDX-License-Identifier: MIT

/// What the learners know of a song: 23 values that are about 0 to 1.
///
/// 0 is the duration (1 for 5 minutes and more), 1 the sample rate over 48 kHz, 2 the root of the
/// mean square times 10, 3 the zero-crossing rate times 100, 4 the spectral centroid and 5 the
/// roll-off (85 %) over 10 kHz, 6 the spectral flux times 100, each at most 1; 7 the tempo, 0 for
/// 60 and 1 for 180 beats per minute; 8 to 12 five log-energy bands; 13 to 22 the weights of the
/// genres in the order of ``SongGenre``.
public struct SongFeatures: Sendable, Equatable {
  /// The number of values.
  public static let count = 23
  /// The number of values before the genres.
  static let scalarCount = 13
  /// No value of a document may be larger.
  static let largestValue = 1000.0

  /// (23): the values.
  public let vector: [Float]

  /// Features from elsewhere; nil unless they are 23 numbers of a size that can be meant.
  public init?(vector: [Float]) {
    guard vector.count == Self.count, vector.allSatisfy({ abs($0) <= Float(Self.largestValue) })
    else { return nil }
    self.vector = vector
  }

  /// The features of a song.
  ///
  /// They are the normalisations of the pages that store them, of values that are measured as their
  /// names say: centroid, roll-off and flux as in ``SpectralFeatures``; the tempo counts peaks of
  /// the level in steps of 93 ms; the bands are log(1 + mean mel power) over 10 of a fifth of the
  /// mel bands each.
  ///
  /// - Parameters:
  ///   - spectrum: With the series of all frames; without, the tempo is that of the beat.
  ///   - seconds: The length of the song.
  ///   - sampleRate: Of the file, in Hz.
  ///   - genre: The genre; nil to guess it.
  public init(
    _ spectrum: SpectralFeatures, seconds: Double, sampleRate: Double, genre: SongGenre? = nil
  ) {
    let level = spectrum.rms
    let energy = level.mean * level.mean + level.standardDeviation * level.standardDeviation
    let rms = min(energy.squareRoot() * 10, 1)
    let zeroCrossingRate = min(spectrum.zeroCrossingRate.mean * 100, 1)
    let centroid = min(spectrum.centroidHz.mean / 10_000, 1)
    let rollOff = min(spectrum.rollOffHz.mean / 10_000, 1)
    let flux = min(spectrum.flux.mean * 100, 1)
    let tempo = (Self.tempo(spectrum, seconds: seconds) - 60) / 120
    var values = [
      min(max(seconds, 0) / 300, 1), sampleRate / 48_000, rms, zeroCrossingRate, centroid, rollOff,
      flux, tempo,
    ]
    values += Self.bands(spectrum.melPowers)
    values +=
      genre?.weights
      ?? SongGenre.guess(
        tempo: tempo, rms: rms, centroid: centroid, flux: flux, zeroCrossingRate: zeroCrossingRate)
    vector = values.map { $0.isFinite ? Float(min(max($0, 0), Self.largestValue)) : 0 }
  }

  /// Peaks of the level per minute, 60 to 180.
  private static func tempo(_ spectrum: SpectralFeatures, seconds: Double) -> Double {
    guard let series = spectrum.series, seconds > 0 else {
      return min(max(spectrum.tempo?.refinedBeatsPerMinute ?? 60, 60), 180)
    }
    // A frame is four hops long: every fourth stands beside the last.
    let levels = stride(from: 0, to: series.rms.count, by: 4).map { series.rms[$0] }
    var peaks = 0.0
    for index in 1..<max(1, levels.count - 1)
    where levels[index] > levels[index - 1] && levels[index] > levels[index + 1] { peaks += 1 }
    return min(max(peaks / seconds * 60, 60), 180)
  }

  private static func bands(_ melPowers: [Double]) -> [Double] {
    let count = scalarCount - 8
    return (0..<count).map { band in
      let range = band * melPowers.count / count..<(band + 1) * melPowers.count / count
      guard !range.isEmpty else { return 0 }
      return Elementary.log(1 + melPowers[range].reduce(0, +) / Double(range.count)) / 10
    }
  }

  /// (10): how much the song is of each genre.
  public var genreWeights: [Double] { vector[Self.scalarCount...].map { Double($0) } }

  var tempo: Double { Double(vector[7]) }
  var rms: Double { Double(vector[2]) }
  var centroid: Double { Double(vector[4]) }
  var flux: Double { Double(vector[6]) }
}
