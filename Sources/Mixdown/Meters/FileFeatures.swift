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
  ///   - isCancelled: Asked for every block; by default whether the task was cancelled.
  ///   - report: Told after every second of audio how far it has come.
  /// - Throws: ``MixdownError`` with the code `input` or `cancelled`.
  public init(
    path: String, keepsSeries: Bool = false,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: (MixdownProgress) -> Void = { _ in }
  ) throws(MixdownError) {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      try self.init(reader, keepsSeries, isCancelled, report)
    } catch { throw .input(error) }
  }

  private init(
    _ reader: AudioReader, _ keepsSeries: Bool, _ isCancelled: () -> Bool,
    _ report: (MixdownProgress) -> Void
  ) throws(AudioError) {
    let began = ContinuousClock.now
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
      if frameCount % sampleRate < block.frameCount {
        report(
          MixdownProgress(
            frames: frameCount, of: reader.sourceFormat.frameCount, rate: sampleRate, since: began))
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
