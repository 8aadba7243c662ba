// SPDX-License-Identifier: MIT
public import Audio
public import MixCore

/// What is known of a stem.
///
/// Nothing of it but the levels in it depends on the gain with which the stem was recorded.
public struct StemAnalysis: Sendable, Equatable {
  /// The name of its track.
  public let name: String
  /// What it is.
  public let kind: StemKind
  /// Whether the name said so, and not the sound.
  public let kindIsFromName: Bool
  /// In Hz.
  public let sampleRate: Int
  /// The length in frames.
  public let frameCount: Int
  /// Levels, spectrum, tempo, key.
  public let features: AudioFeatures
  /// The power in octaves over time.
  public let bands: BandLevels
  /// (10): the mean power in each octave while it sounds.
  public let meanBandPowers: [Double]
  /// E[(L - R)²] / E[(L + R)²]: 0 mono, 1 unrelated channels.
  public let width: Double
  /// (R - L) / (R + L) of the powers, -1 to 1.
  public let balance: Double
  /// What was odd about the file, a sentence each.
  public let warnings: [String]

  /// Loudness in LUFS while it sounds; -infinity for silence.
  public var loudnessLUFS: Double { features.levels.integratedLUFS }
  /// Whether there is nothing to hear: no part of it passes the absolute gate of BS.1770-4.
  public var isSilent: Bool { !loudnessLUFS.isFinite }
  /// The spectral centroid over half the rate of the analysis while it sounds, 0 to 1.
  public let brightness: Double
  /// The root of the mean square in dBFS while it sounds; -infinity for silence.
  public var soundingRMSDB: Double {
    let power = meanBandPowers.reduce(0, +) / 2
    return power > 0 ? Decibels.level(power: power) : -.infinity
  }
  /// Peak over root of the mean square in dB while it sounds; 0 for silence.
  public var crestDB: Double {
    let crest = features.levels.samplePeakDB - soundingRMSDB
    return crest.isFinite ? max(0, crest) : 0
  }
  /// The seconds of audio.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// Analyses a file, block by block.
  ///
  /// While it works, memory grows by 1.8 MB for a minute of audio; 0.2 MB of them stay.
  ///
  /// - Parameters:
  ///   - path: A file of any format that ``AudioReader`` knows.
  ///   - name: The name of the track.
  ///   - isCancelled: Asked for every block.
  ///   - report: Told for every block how many seconds are done.
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  public init(
    path: String, name: String,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: (_ secondsDone: Double) -> Void = { _ in }
  ) throws(AutoMixError) {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      let format = reader.sourceFormat
      let analyzer = try StemAnalyzer(
        sampleRate: format.sampleRate, channelCount: format.channelCount)
      while var block = try reader.read(maximumFrames: 16_384) {
        if isCancelled() {
          throw AudioError(code: .cancelled, path: path, message: "the analysis was cancelled")
        }
        analyzer.process(&block)
        report(Double(analyzer.frameCount) / Double(format.sampleRate))
      }
      self = analyzer.finish(name: name, warnings: reader.warnings.map(\.description))
    } catch { throw .input(error) }
  }

  /// Analyses samples.
  ///
  /// - Parameters:
  ///   - buffer: (1 or 2, frames).
  ///   - sampleRate: 8,000 to 192,000 Hz.
  ///   - name: The name of the track.
  /// - Throws: ``AutoMixError`` with the code `invalidOption` for other rates and channels.
  public init(_ buffer: AudioBuffer, sampleRate: Int, name: String) throws(AutoMixError) {
    guard (8_000...192_000).contains(sampleRate), (1...2).contains(buffer.channelCount) else {
      throw AutoMixError(
        code: .invalidOption,
        message: "The stem “\(name)” has \(buffer.channelCount) channels at \(sampleRate) Hz; "
          + "one or two at 8000 to 192000 Hz can be mixed.")
    }
    do throws(AudioError) {
      let analyzer = try StemAnalyzer(sampleRate: sampleRate, channelCount: buffer.channelCount)
      for start in stride(from: 0, to: buffer.frameCount, by: 16_384) {
        var block = buffer.frames(start..<min(buffer.frameCount, start + 16_384)).inStereo
        analyzer.process(&block)
      }
      self = analyzer.finish(name: name, warnings: [])
    } catch { throw .input(error) }
  }

  init(
    name: String, kind: StemKind, kindIsFromName: Bool, sampleRate: Int, frameCount: Int,
    features: AudioFeatures, brightness: Double, bands: BandLevels, stereo: StereoMeter,
    warnings: [String]
  ) {
    self.name = name
    self.sampleRate = sampleRate
    self.frameCount = frameCount
    self.features = features
    self.brightness = brightness
    self.bands = bands
    meanBandPowers = bands.meanPowers
    width = stereo.width
    balance = stereo.balance
    self.warnings = warnings
    self.kind = kind
    self.kindIsFromName = kindIsFromName
  }
}

/// Analyses one stem, block by block; used by one task at a time.
final class StemAnalyzer {
  private let sampleRate: Int
  private let levels: LevelFeatureExtractor
  private let spectrum = SpectralFeatureExtractor(keepsSeries: true)
  private let bands: BandLevelExtractor
  private let stereo: StereoMeter
  private let resampler: Resampler
  private(set) var frameCount = 0

  init(sampleRate: Int, channelCount: Int) throws(AudioError) {
    self.sampleRate = sampleRate
    let rate = Double(sampleRate)
    levels = LevelFeatureExtractor(
      sampleRate: rate, channelCount: min(2, channelCount), absoluteGate: .belowLoudest)
    bands = BandLevelExtractor(sampleRate: rate)
    stereo = StereoMeter(sampleRate: rate)
    resampler = try Resampler(
      inputRate: sampleRate, outputRate: SpectralFeatureExtractor.sampleRate, channelCount: 1,
      quality: .high)
  }

  /// Listens to a block, (2, frames), which is made finite.
  func process(_ block: inout AudioBuffer) {
    var mono = AudioBuffer(channelCount: 1, frameCount: block.frameCount)
    block.withStereoBlock { block in
      levels.process(block)
      bands.process(block)
      stereo.process(block)
      mono.samples.withUnsafeMutableBufferPointer { mono in
        for i in 0..<block.frameCount { mono[i] = (block.left[i] + block.right[i]) / 2 }
      }
    }
    resampler.process(mono).withChannel(0, spectrum.process)
    frameCount += block.frameCount
  }

  func finish(name: String, warnings: [String]) -> StemAnalysis {
    resampler.finish().withChannel(0, spectrum.process)
    var features = AudioFeatures(levels: levels.finish(), spectrum: spectrum.finish())
    let named = StemKind(name: name)
    let isSilent = !features.levels.integratedLUFS.isFinite
    let kind = named ?? (isSilent ? .other : features.spectrum.series.map(StemKindClassifier.kind))
    let brightness = features.spectrum.series.map(Self.brightness) ?? 0
    features.spectrum.dropSeries()
    return StemAnalysis(
      name: name, kind: kind ?? .other, kindIsFromName: named != nil, sampleRate: sampleRate,
      frameCount: frameCount, features: features, brightness: brightness, bands: bands.finish(),
      stereo: stereo, warnings: warnings)
  }

  /// The mean centroid of the frames that sound, over half the rate.
  private static func brightness(_ series: SpectralSeries) -> Double {
    let gate = BandLevels.gate(series.rms.map { $0 * $0 })
    var (sum, count) = (0.0, 0)
    for (rms, centroid) in zip(series.rms, series.centroidHz) where rms * rms > gate {
      sum += Double(centroid)
      count += 1
    }
    return sum / Double(max(1, count)) / (Double(SpectralFeatureExtractor.sampleRate) / 2)
  }
}
