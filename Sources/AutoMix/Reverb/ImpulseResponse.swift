// SPDX-License-Identifier: MIT
public import Audio
import MixCore

/// A room's answer to an impulse.
public struct ImpulseResponse: Sendable, Equatable {
  /// The longest response in seconds; what follows is left away.
  public static let maximumSeconds = 20.0

  /// (2, frames): from the impulse on, without the direct sound.
  public let audio: AudioBuffer
  /// In Hz, 48,000 at most: what is higher is resampled.
  public let sampleRate: Int
  /// Whether there was a direct sound that has been taken away.
  public let hadDirectSound: Bool
  /// What was odd about the file, a sentence each.
  public let warnings: [String]

  /// The seconds of audio.
  public var seconds: Double { Double(audio.frameCount) / Double(sampleRate) }

  /// Takes samples.
  ///
  /// A direct sound, a spike that stands 10 dB over everything that follows 2.5 ms later, is taken away, and the
  /// impulse taken to be there. Without one, silence of up to 100 ms is taken for pre-delay, and the impulse to be at
  /// the beginning; more is the recording's and not the room's, so that the impulse is where sound begins.
  ///
  /// - Parameters:
  ///   - buffer: (1 or 2, frames).
  ///   - sampleRate: 8,000 to 192,000 Hz.
  ///   - name: How it is called in errors.
  /// - Throws: ``AutoMixError`` with the code `invalidOption` for silence, less than 50 ms, and other rates and
  ///   channels.
  public init(
    _ buffer: AudioBuffer, sampleRate: Int, name: String = "the impulse response",
    warnings: [String] = []
  ) throws(AutoMixError) {
    guard (8_000...192_000).contains(sampleRate), (1...2).contains(buffer.channelCount) else {
      throw Self.invalid(
        "\(name): \(buffer.channelCount) channels at \(sampleRate) Hz; one or two at 8000 to 192000 "
          + "Hz can be measured.")
    }
    let rate = min(48_000, sampleRate)
    var audio: AudioBuffer
    do throws(AudioError) {
      let length = min(buffer.frameCount, Int(Self.maximumSeconds * Double(sampleRate)))
      let stereo = buffer.frames(0..<length).inStereo
      audio =
        rate == sampleRate
        ? stereo : try Resampler.resample(stereo, from: sampleRate, to: rate)
    } catch { throw .input(error) }
    audio.withStereoBlock { $0.makeFinite() }
    let (start, isDirect) = Self.start(audio, rate)
    audio = audio.frames(start..<audio.frameCount)
    if isDirect {
      let gap = min(audio.frameCount, Self.gap(rate))
      audio.withStereoBlock { block in
        for i in 0..<gap { (block.left[i], block.right[i]) = (0, 0) }
      }
    }
    let energy = audio.samples.reduce(0) { $0 + Double($1) * Double($1) }
    guard energy > 1e-12, audio.frameCount >= rate / 20 else {
      throw Self.invalid(
        "\(name): is \(energy > 1e-12 ? "shorter than 50 ms" : "silent"); give the response of a room."
      )
    }
    self.audio = audio
    self.sampleRate = rate
    hadDirectSound = isDirect
    self.warnings = warnings
  }

  /// Reads a file.
  ///
  /// - Throws: ``AutoMixError`` with the code `input`, `cancelled`, or `invalidOption` for what is no response.
  public init(
    path: String, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(AutoMixError) {
    var parts: [AudioBuffer] = []
    let rate: Int
    var warnings: [String] = []
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      rate = reader.sourceFormat.sampleRate
      var count = 0
      while let block = try reader.read(maximumFrames: 65_536) {
        parts.append(block)
        count += block.frameCount
        if Double(count) > Self.maximumSeconds * Double(rate) {
          warnings.append("\(path): only the first \(Int(Self.maximumSeconds)) s are looked at")
          break
        }
      }
      warnings += reader.warnings.map(\.description)
    } catch { throw .input(error) }
    try self.init(
      .joining(parts, channelCount: 2), sampleRate: rate, name: path, warnings: warnings)
  }

  private static func invalid(_ message: String) -> AutoMixError {
    AutoMixError(code: .invalidOption, message: message)
  }

  /// The frames of 2.5 ms.
  private static func gap(_ rate: Int) -> Int { rate / 400 }

  /// Where the impulse is, and whether that is a direct sound.
  private static func start(_ audio: AudioBuffer, _ rate: Int) -> (frame: Int, isDirect: Bool) {
    let count = audio.frameCount
    func magnitude(_ frame: Int) -> Float {
      max(abs(audio.samples[frame]), abs(audio.samples[count + frame]))
    }
    guard let peak = (0..<count).max(by: { magnitude($0) < magnitude($1) }) else {
      return (0, false)
    }
    let gap = gap(rate)
    // The first moment that is less than 30 dB under the loudest.
    let onset = (0..<count).first { magnitude($0) > 0.03 * magnitude(peak) } ?? 0
    let start = onset > rate / 10 ? onset : 0
    guard peak + gap < count else { return (start, false) }
    let later = (peak + gap..<count).reduce(Float(0)) { max($0, magnitude($1)) }
    return magnitude(peak) > 3.162 * later ? (peak, true) : (start, false)
  }
}
