// SPDX-License-Identifier: MIT
import Audio
public import MixCore

/// The audio features of a file.
///
/// ```swift
/// let file = try FileFeatures(path: "vocals.wav")
/// print(file.features.levels.integratedLUFS, file.features.spectrum.centroidHz.mean)
/// ```
///
/// Levels are of the file at its own rate, everything else of the mean of its channels at 22,050 Hz. A file of
/// one channel counts as one loudspeaker, three and more are downmixed to two first.
public struct FileFeatures: Sendable, Equatable {
  /// The file as the caller named it.
  public let path: String
  /// In Hz.
  public let sampleRate: Int
  /// The channels of the file.
  public let channelCount: Int
  /// The length in frames of the file.
  public let frameCount: Int
  /// The features.
  public let features: AudioFeatures
  /// What was odd about the file, a sentence each.
  public let warnings: [String]

  private static let blockFrames = 16_384

  /// The seconds of audio in the file.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// Computes the features of a file, block by block.
  ///
  /// - Parameters:
  ///   - path: A local file of any format that ``AudioReader`` knows.
  ///   - keepsSeries: Whether to keep the values of every frame, ``SpectralFeatures/series``.
  ///   - progress: Called with the part that is done, 0…1, for every block of a file whose header tells its
  ///     length.
  ///   - isCancelled: Asked for every block; by default whether the task was cancelled.
  /// - Throws: ``MixdownError`` with the code `input` or `cancelled`.
  public init(
    path: String, keepsSeries: Bool = false,
    progress: (Double) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(MixdownError) {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      try self.init(reader, keepsSeries, isCancelled, progress)
    } catch { throw .input(error) }
  }

  private init(
    _ reader: AudioReader, _ keepsSeries: Bool, _ isCancelled: () -> Bool,
    _ progress: (Double) -> Void
  ) throws(AudioError) {
    path = reader.path
    sampleRate = reader.sourceFormat.sampleRate
    channelCount = reader.sourceFormat.channelCount
    let levels = LevelFeatureExtractor(
      sampleRate: Double(sampleRate), channelCount: min(2, channelCount))
    let spectrum = SpectralFeatureExtractor(keepsSeries: keepsSeries)
    // What librosa.load takes unless told.
    let resampler = try Resampler(
      inputRate: sampleRate, outputRate: SpectralFeatureExtractor.sampleRate, channelCount: 1,
      quality: .high)
    var frameCount = 0
    while var block = try reader.read(maximumFrames: Self.blockFrames) {
      if isCancelled() {
        throw AudioError(code: .cancelled, path: path, message: "the analysis was cancelled")
      }
      var mono = AudioBuffer(channelCount: 1, frameCount: block.frameCount)
      block.withStereoBlock { stereo in
        levels.process(stereo)
        mono.samples.withUnsafeMutableBufferPointer { mono in
          for i in 0..<stereo.frameCount { mono[i] = (stereo.left[i] + stereo.right[i]) / 2 }
        }
      }
      resampler.process(mono).withChannel(0, spectrum.process)
      frameCount += block.frameCount
      if let total = reader.sourceFormat.frameCount, total > 0 {
        progress(min(1, Double(frameCount) / Double(total)))
      }
    }
    resampler.finish().withChannel(0, spectrum.process)
    self.frameCount = frameCount
    features = AudioFeatures(levels: levels.finish(), spectrum: spectrum.finish())
    var warnings = reader.warnings.map(\.description)
    if channelCount > 2 {
      warnings.append(
        "\(path): its \(channelCount) channels were analysed as a downmix to stereo.")
    }
    self.warnings = warnings
  }
}
