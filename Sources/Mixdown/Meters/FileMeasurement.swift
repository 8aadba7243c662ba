// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// What a file measures.
///
/// ```swift
/// let measurement = try FileMeasurement(path: "mix.wav")
/// print(measurement.integratedLUFS, measurement.truePeakDB)
/// ```
///
/// Levels are of the file as it is; a file of one channel counts as one loudspeaker. Of three and more channels the
/// loudness is that of BS.1770-4 with its weights, everything else that of a downmix to two. Silence has levels of -infinity.
public struct FileMeasurement: Sendable, Equatable {
  /// The level of one octave of the spectrum.
  public struct Octave: Sendable, Equatable {
    /// The middle of the octave in Hz; its edges are √2 away.
    public var centreHz: Double
    /// The root of the mean square of both channels in that octave, in dBFS.
    public var levelDB: Double

    /// The middle in words, such as “62.5 Hz”.
    public var name: String {
      centreHz == centreHz.rounded() ? "\(Int(centreHz)) Hz" : "\(centreHz) Hz"
    }
  }

  /// The file as the caller named it.
  public let path: String
  /// In Hz.
  public let sampleRate: Int
  /// The channels of the file.
  public let channelCount: Int
  /// The length in frames.
  public let frameCount: Int
  /// Integrated loudness in LUFS (ITU-R BS.1770-4).
  public let integratedLUFS: Double
  /// The largest loudness of 3 s in LUFS.
  public let maximumShortTermLUFS: Double
  /// The largest loudness of 400 ms in LUFS.
  public let maximumMomentaryLUFS: Double
  /// Loudness range in LU (EBU Tech 3342).
  public let rangeLU: Double
  /// True peak in dBTP (ITU-R BS.1770-4 Annex 2).
  public let truePeakDB: Double
  /// The largest sample in dBFS.
  public let samplePeakDB: Double
  /// The root of the mean square of both channels in dBFS.
  public let rmsDB: Double
  /// Sample peak over the root of the mean square in dB.
  public let crestDB: Double
  /// True peak over integrated loudness in LU.
  public var peakToLoudnessLU: Double { truePeakDB - integratedLUFS }
  /// E[(L - R)²] / E[(L + R)²]: 0 mono, 1 unrelated channels.
  public let width: Double
  /// The correlation of the channels, -1 to 1.
  public let correlation: Double
  /// (R - L) / (R + L) of the powers, -1 to 1.
  public let balance: Double
  /// The spectral balance, octaves from 31.25 Hz to 16 kHz.
  public let octaves: [Octave]
  /// What was odd about the file, a sentence each.
  public let warnings: [String]

  let curve: [SpectrumMeter.Octave]
  let waveform: Overview
  let shortTerm: Overview
  /// The seconds between the values of `shortTerm`.
  static let shortTermSeconds = 0.1

  /// The seconds of audio in the file.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }

  /// Measures a file; memory does not depend on its length.
  ///
  /// - Parameters:
  ///   - isCancelled: Asked for every block; by default whether the task was cancelled.
  ///   - report: Told after every second of audio how far it has come.
  /// - Throws: ``MixdownError`` with the code `input` or `cancelled`.
  public init(
    path: String, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: (MixdownProgress) -> Void = { _ in }
  ) throws(MixdownError) {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      try self.init(reader, isCancelled: isCancelled, report: report)
    } catch { throw .input(error) }
  }

  private init(
    _ reader: AudioReader, isCancelled: () -> Bool, report: (MixdownProgress) -> Void
  ) throws(AudioError) {
    let began = ContinuousClock.now
    path = reader.path
    sampleRate = reader.sourceFormat.sampleRate
    channelCount = reader.sourceFormat.channelCount
    let rate = Double(sampleRate)
    let isSurround = channelCount > 2
    let loudness = LoudnessMeter(
      sampleRate: rate,
      channelWeights: isSurround
        ? reader.loudnessWeights : channelCount == 1 ? [1, 0] : LoudnessMeter.stereoWeights)
    if isSurround { reader.onRead = SurroundFeed(loudness, channelCount: channelCount).process }
    let stereo = StereoMeter(sampleRate: rate)
    let hop = max(1, Int(Self.shortTermSeconds * rate))
    let truePeak = TruePeakMeter(maximumFrameCount: hop)
    var spectrum = SpectrumMeter(sampleRate: sampleRate)
    var waveform = Overview(valuesPerBin: 128)
    var shortTerm = Overview()
    var frameCount = 0
    while var block = try reader.read(maximumFrames: hop) {
      if isCancelled() {
        throw AudioError(code: .cancelled, path: path, message: "the measurement was cancelled")
      }
      block.withStereoBlock { block in
        if !isSurround { loudness.process(block) }
        stereo.process(block)
        truePeak.process(block)
        for i in 0..<block.frameCount {
          waveform.append(block.left[i])
          waveform.append(block.right[i])
        }
      }
      spectrum.listen(block)
      shortTerm.append(Float(loudness.shortTermLUFS))
      frameCount += block.frameCount
      if frameCount % sampleRate < block.frameCount {
        report(
          MixdownProgress(
            frames: frameCount, of: reader.sourceFormat.frameCount, rate: sampleRate, since: began))
      }
    }
    truePeak.finish()
    spectrum.finish()
    self.frameCount = frameCount
    integratedLUFS = loudness.integratedLUFS
    maximumShortTermLUFS = loudness.maximumShortTermLUFS
    maximumMomentaryLUFS = loudness.maximumMomentaryLUFS
    rangeLU = loudness.rangeLU
    truePeakDB = max(truePeak.peakDB, stereo.peakDB)
    samplePeakDB = stereo.peakDB
    rmsDB = stereo.rmsDB
    crestDB = stereo.crestDB
    width = stereo.width
    correlation = stereo.correlation
    balance = stereo.balance
    octaves = spectrum.octaves.map { Octave(centreHz: $0.centreHz, levelDB: $0.levelDB) }
    curve = spectrum.curve
    self.waveform = waveform
    self.shortTerm = shortTerm
    var warnings = reader.warnings.map(\.description)
    if channelCount > 2 {
      warnings.append(
        "\(path): of its \(channelCount) channels a downmix to stereo was measured, but for the loudness."
      )
    }
    self.warnings = warnings
  }
}

/// Hands interleaved channels to a loudness meter.
private final class SurroundFeed {
  private let meter: LoudnessMeter
  private let channelCount: Int
  private var planar: [Float] = []

  init(_ meter: LoudnessMeter, channelCount: Int) {
    self.meter = meter
    self.channelCount = channelCount
  }

  /// - Parameter samples: (frames, channels).
  func process(_ samples: UnsafePointer<Float>, _ frameCount: Int) {
    if planar.count < channelCount * frameCount {
      planar = [Float](repeating: 0, count: channelCount * frameCount)
    }
    planar.withUnsafeMutableBufferPointer { planar in
      guard let base = planar.baseAddress else { return }
      for channel in 0..<channelCount {
        for frame in 0..<frameCount {
          base[channel * frameCount + frame] = samples[frame * channelCount + channel]
        }
      }
      meter.process(
        channels: (0..<channelCount).map { UnsafePointer(base + $0 * frameCount) },
        frameCount: frameCount)
    }
  }
}
