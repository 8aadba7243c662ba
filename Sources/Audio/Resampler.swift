// SPDX-License-Identifier: MIT
internal import CSoxr

/// Changes the sample rate of a stream with the SoX resampler (libsoxr), linear phase.
///
/// The delay of the filters is compensated: frame `i` of the output belongs to the time
/// `i / outputRate`. All the output together has `round(n × outputRate / inputRate)` frames for
/// `n` frames of input, however that was cut into blocks. Used by one task at a time.
public final class Resampler {
  /// How steep and how clean the filters are.
  public enum Quality: Sendable {
    /// 20 bits, SoX "high".
    case high
    /// 28 bits, SoX "very high": errors around -150 dB, flat up to 91 % of half the lower rate.
    case veryHigh
  }

  private static let sliceFrameCount = 1 << 15

  /// The rate of what goes in, in Hz.
  public let inputRate: Int
  /// The rate of what comes out, in Hz.
  public let outputRate: Int
  /// The number of channels, the same on both sides.
  public let channelCount: Int

  private let handle: SoxrHandle?  // nil: equal rates
  private var inputFrameCount = 0
  private var outputFrameCount = 0
  private var isFinished = false

  /// Makes a resampler.
  ///
  /// - Parameters:
  ///   - inputRate: 8000 to 192000 Hz.
  ///   - outputRate: 8000 to 192000 Hz.
  ///   - channelCount: 1 to 8.
  /// - Throws: ``AudioError`` with code `unsupported` for numbers out of range, `limit` without
  ///   the memory for the filters.
  public init(
    inputRate: Int, outputRate: Int, channelCount: Int, quality: Quality = .veryHigh
  ) throws(AudioError) {
    guard FormatLimits.sampleRates ~= inputRate, FormatLimits.sampleRates ~= outputRate,
      FormatLimits.channelCounts ~= channelCount
    else {
      throw AudioError(
        code: .unsupported, path: "resampling",
        message: "\(channelCount) channels from \(inputRate) to \(outputRate) Hz; give rates from "
          + "8000 to 192000 Hz and 1 to 8 channels")
    }
    self.inputRate = inputRate
    self.outputRate = outputRate
    self.channelCount = channelCount
    if inputRate == outputRate {
      handle = nil
    } else {
      let handle = SoxrHandle(
        inputRate: inputRate, outputRate: outputRate, channelCount: channelCount,
        recipe: UInt(quality == .high ? SOXR_20_BITQ : SOXR_28_BITQ))
      guard let handle else {
        throw AudioError(
          code: .limit, path: "resampler", message: "not enough memory to change the sample rate")
      }
      self.handle = handle
    }
  }

  /// Takes the next frames and gives those that are ready, which may be none.
  public func process(_ input: AudioBuffer) -> AudioBuffer {
    precondition(input.channelCount == channelCount, "the channel count may not change")
    precondition(!isFinished, "a finished resampler takes no more input")
    inputFrameCount += input.frameCount
    guard let handle else {
      outputFrameCount += input.frameCount
      return input
    }
    var collected = PlanarCollector(channelCount: channelCount)
    input.samples.withUnsafeBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      var start = 0
      while start < input.frameCount {
        let count = min(Self.sliceFrameCount, input.frameCount - start)
        let channels = (0..<channelCount).map { base + $0 * input.frameCount + start }
        handle.run(channels, frameCount: count, outputRoom: Self.sliceFrameCount, &collected)
        start += count
      }
    }
    outputFrameCount += collected.frameCount
    return collected.buffer()
  }

  /// Ends the stream and gives the frames that remain.
  public func finish() -> AudioBuffer {
    precondition(!isFinished, "a resampler is finished once")
    isFinished = true
    var collected = PlanarCollector(channelCount: channelCount)
    handle?.run([], frameCount: 0, outputRoom: Self.sliceFrameCount, &collected)
    let total = Self.outputLength(
      inputFrameCount, inputRate: inputRate, outputRate: outputRate)
    collected.setFrameCount(max(0, total - outputFrameCount))
    return collected.buffer()
  }

  /// How many frames `inputFrameCount` frames become: `round(n × outputRate / inputRate)`.
  public static func outputLength(
    _ inputFrameCount: Int, inputRate: Int, outputRate: Int
  ) -> Int {
    // Whole seconds apart, so that no length that fits an Int overflows on the way.
    let (seconds, rest) = inputFrameCount.quotientAndRemainder(dividingBy: inputRate)
    let (whole, overflows) = seconds.multipliedReportingOverflow(by: outputRate)
    let part = (2 * rest * outputRate + inputRate) / (2 * inputRate)
    let (length, exceeds) = whole.addingReportingOverflow(part)
    return overflows || exceeds ? .max : length
  }

  /// Resamples a whole buffer at once.
  ///
  /// - Throws: Like ``init(inputRate:outputRate:channelCount:quality:)``.
  public static func resample(
    _ input: AudioBuffer, from inputRate: Int, to outputRate: Int, quality: Quality = .veryHigh
  ) throws(AudioError) -> AudioBuffer {
    let resampler = try Resampler(
      inputRate: inputRate, outputRate: outputRate, channelCount: input.channelCount,
      quality: quality)
    let parts = [resampler.process(input), resampler.finish()]
    return AudioBuffer.joining(parts, channelCount: input.channelCount)
  }
}

/// Output of unknown length, channel by channel.
private struct PlanarCollector {
  private var channels: [[Float]]

  init(channelCount: Int) {
    channels = [[Float]](repeating: [], count: channelCount)
  }

  var frameCount: Int { channels[0].count }

  /// Appends the first `count` frames of a planar scratch with room for `stride` per channel.
  mutating func append(_ scratch: [Float], stride: Int, count: Int) {
    for channel in channels.indices {
      channels[channel].append(contentsOf: scratch[channel * stride..<channel * stride + count])
    }
  }

  /// Cuts the end off or adds silence.
  mutating func setFrameCount(_ count: Int) {
    for channel in channels.indices {
      let excess = channels[channel].count - count
      if excess > 0 {
        channels[channel].removeLast(excess)
      } else if excess < 0 {
        channels[channel].append(contentsOf: repeatElement(0, count: -excess))
      }
    }
  }

  func buffer() -> AudioBuffer {
    AudioBuffer(
      channelCount: channels.count, frameCount: frameCount,
      samples: channels.count == 1 ? channels[0] : Array(channels.joined()))
  }
}

/// A libsoxr resampler for planar floats.
private final class SoxrHandle {
  private let pointer: soxr_t
  private let channelCount: Int
  private var scratch: [Float] = []  // (channels, room), planar

  init?(inputRate: Int, outputRate: Int, channelCount: Int, recipe: UInt) {
    var error: soxr_error_t?
    var io = soxr_io_spec(SOXR_FLOAT32_S, SOXR_FLOAT32_S)
    // Without this flag the level falls towards the end of the passband, by up to 0.01 dB.
    var quality = soxr_quality_spec(recipe, UInt(SOXR_ROLLOFF_NONE))
    var runtime = soxr_runtime_spec(1)
    let created = soxr_create(
      Double(inputRate), Double(outputRate), UInt32(channelCount), &error, &io, &quality, &runtime)
    guard let created, error == nil else { return nil }
    pointer = created
    self.channelCount = channelCount
  }

  deinit {
    soxr_delete(pointer)
  }

  /// Feeds planar input, or its end if there are no channels, and collects what comes out.
  func run(
    _ channels: [UnsafePointer<Float>], frameCount: Int, outputRoom: Int,
    _ collected: inout PlanarCollector
  ) {
    if scratch.isEmpty { scratch = [Float](repeating: 0, count: channelCount * outputRoom) }
    var consumed = 0
    while true {
      var taken = 0
      var given = 0
      scratch.withUnsafeMutableBufferPointer { output in
        guard let base = output.baseAddress else { return }
        var outputs: [soxr_buf_t?] = (0..<channelCount).map { soxr_buf_t(base + $0 * outputRoom) }
        let inputs: [soxr_cbuf_t?] = channels.map { soxr_cbuf_t($0 + consumed) }
        let failure = outputs.withUnsafeMutableBufferPointer { outputs in
          inputs.withUnsafeBufferPointer { inputs in
            soxr_process(
              pointer, channels.isEmpty ? nil : UnsafeRawPointer(inputs.baseAddress),
              frameCount - consumed, &taken, UnsafeMutableRawPointer(outputs.baseAddress),
              outputRoom, &given)
          }
        }
        precondition(failure == nil, "libsoxr refuses what it accepted when it was made")
      }
      consumed += taken
      collected.append(scratch, stride: outputRoom, count: given)
      if given < outputRoom && consumed >= frameCount { return }
    }
  }
}
