// SPDX-License-Identifier: MIT
internal import CNeuralKernels
import Foundation

/// The short-time Fourier transform of stereo audio of one fixed length, and its inverse.
///
/// The conventions are those of `torch.stft` and `torch.istft` with `center=True`: the audio is
/// reflected at both ends, and the inverse divides by the sum of the squared windows.
public struct ShortTimeFourierTransform: Sendable {
  /// The shape of the window.
  public enum Window: Sendable, Equatable {
    /// All ones: what torch.stft uses when it is given no window.
    case rectangular
    /// Periodic Hann.
    case hann
  }

  /// Where frames lie on the audio.
  public enum Framing: Sendable, Equatable {
    /// Frame k is centred on sample k · hop: samples / hop + 1 frames, as `torch.stft` has it.
    case centered
    /// Frame k is centred on sample (k + ½) · hop: ⌈samples / hop⌉ frames of a transform four hops
    /// long. Demucs gets there by reflecting the audio further and leaving out two frames at either
    /// end, which count as zero on the way back, and the highest bin (Défossez, arXiv 2111.03600,
    /// section 3.2).
    case betweenHops
  }

  /// Samples per channel; a multiple of the hop where frames are centred.
  public let sampleCount: Int
  public let frameCount: Int
  public let binCount: Int
  private let length: Int
  private let hop: Int
  private let analysisWindow: [Float]  // (length)
  private let synthesisWindow: [Float]  // (length)
  private let tables: [Float]  // (length, 2)
  private let levels: [Float]  // (sampleCount)
  /// Samples that are reflected at the start and at the end.
  private let padding: (start: Int, end: Int)

  /// Floats of one channel, reflected ends included.
  public var paddedCount: Int { padding.start + sampleCount + padding.end }

  /// - Parameters:
  ///   - windowLength: Centred within the transform's length where it is shorter.
  ///   - isNormalized: Divides the spectrum by √length.
  public init(
    sampleCount: Int, length: Int, hop: Int, windowLength: Int, window: Window,
    isNormalized: Bool, framing: Framing = .centered, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard length >= 16, length <= 65536, length.nonzeroBitCount == 1 else {
      throw NeuralNetworkError(
        .unsupported, "A transform of length \(length); a power of two from 16 is needed.")
    }
    let frameCount: Int
    let outerFrames: Int
    let padding: (start: Int, end: Int)
    switch framing {
    case .centered:
      frameCount = sampleCount / max(1, hop) + 1
      outerFrames = 0
      padding = (length / 2, length / 2)
    case .betweenHops:
      frameCount = (sampleCount + hop - 1) / max(1, hop)
      outerFrames = 2
      padding = (hop / 2 * 3, hop / 2 * 3 + frameCount * hop - sampleCount)
    }
    guard hop >= 4, windowLength > 0, windowLength <= length, sampleCount > 0,
      framing == .centered
        ? sampleCount % hop == 0 && sampleCount > max(padding.start, padding.end)
        : 4 * hop == length
    else {
      throw NeuralNetworkError(
        .unsupported, "Audio of \(sampleCount) samples does not fit a transform of \(length).")
    }
    self.sampleCount = sampleCount
    self.length = length
    self.hop = hop
    self.frameCount = frameCount
    self.padding = padding
    binCount = framing == .centered ? length / 2 + 1 : length / 2

    var shape = [Double](repeating: 0, count: length)
    for index in 0..<windowLength {
      let phase = 2 * Double.pi * Double(index) / Double(windowLength)
      shape[(length - windowLength) / 2 + index] = window == .hann ? 0.5 - 0.5 * cos(phase) : 1
    }
    let scale = isNormalized ? Double(length).squareRoot() : 1
    analysisWindow = shape.map { Float($0 / scale) }
    synthesisWindow = shape.map(Float.init)

    var energy = [Double](repeating: 0, count: padding.start + sampleCount + padding.end)
    for frame in -outerFrames..<frameCount + outerFrames {
      for index in 0..<length where energy.indices.contains(frame * hop + index) {
        energy[frame * hop + index] += shape[index] * shape[index]
      }
    }
    let inner = energy[padding.start..<padding.start + sampleCount]
    guard inner.allSatisfy({ $0 > 1e-11 }) else {  // torch.istft's own bound
      throw NeuralNetworkError(.unsupported, "The windows of a transform leave gaps.")
    }
    levels = inner.map { Float(scale / Double(length) / $0) }

    let kernels = plan.kernels.functions
    var tables = [Float](repeating: 0, count: 2 * length)
    kernels.transform_prepare(Int64(length), &tables)
    self.tables = tables
    plan.reserveScratch(Int(kernels.transform_lanes_count(Int64(length))))
  }

  /// Stereo audio to its spectrogram.
  /// - Parameters:
  ///   - input: (2, inputStride), of which `inputCount` samples per channel are read; those up to
  ///     `sampleCount` are zero.
  ///   - padded: Working memory. (2, paddedCount)
  ///   - output: (binCount, frameCount, 4): left real, left imaginary, right real, right imaginary.
  public func forward(
    _ input: UnsafePointer<Float>, inputStride: Int, inputCount: Int,
    padded: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    on executor: Executor
  ) {
    for channel in 0..<2 {
      let start = padded + channel * paddedCount
      let middle = start + padding.start
      middle.update(from: input + channel * inputStride, count: inputCount)
      (middle + inputCount).update(repeating: 0, count: sampleCount - inputCount)
      reflect(middle)
    }
    let kernels = executor.plan.kernels.functions
    let width = Int(kernels.width)
    withShape(analysisWindow) { shape in
      executor.split(frameCount, grain: width) { range, part in
        for frame in stride(from: range.lowerBound, to: range.upperBound, by: width) {
          kernels.spectrogram_forward(shape, Int64(frame), padded, output, part.scratch)
        }
      }
    }
  }

  /// Fills the padding around `sampleCount` samples.
  ///
  /// Audio that is too short to be reflected so far is lengthened by silence first, at the end and
  /// where that is not enough at the start, as Demucs does.
  private func reflect(_ middle: UnsafeMutablePointer<Float>) {
    let missing = max(0, max(padding.start, padding.end) - sampleCount + 1)
    let after = min(padding.end, missing)
    let before = missing - after
    (middle - before).update(repeating: 0, count: before)
    (middle + sampleCount).update(repeating: 0, count: after)
    let first = middle - before
    let last = middle + sampleCount + after - 1
    for index in stride(from: 1, through: padding.start - before, by: 1) {
      (first - index).pointee = first[index]
    }
    for index in stride(from: 1, through: padding.end - after, by: 1) {
      last[index] = (last - index).pointee
    }
  }

  /// What is done to the spectrograms before they become audio.
  public enum Preparation {
    /// Every value is multiplied by a factor, then shifted (real and imaginary part alike).
    case scale(Float, shift: Float)
    /// Every value is multiplied, as a complex number, by the mixture's. (binCount, frameCount, 4)
    case multiply(UnsafePointer<Float>)
  }

  /// Spectrograms of several stereo signals to audio.
  /// - Parameters:
  ///   - input: (binCount, frameCount, signals, 4)
  ///   - padded: Working memory. (signals, 2, paddedCount)
  ///   - output: (signals, 2, outputCount), the first `outputCount` samples of each channel.
  public func inverse(
    _ input: UnsafePointer<Float>, signals: Int, preparation: Preparation,
    padded: UnsafeMutablePointer<Float>, _ output: UnsafeMutablePointer<Float>, outputCount: Int,
    on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let width = Int(kernels.width)
    padded.update(repeating: 0, count: signals * 2 * paddedCount)
    var mixture: UnsafePointer<Float>?
    var scale: Float = 1
    var shift: Float = 0
    switch preparation {
    case .scale(let factor, let offset): (scale, shift) = (factor, offset)
    case .multiply(let values): mixture = values
    }
    withShape(synthesisWindow) { shape in
      executor.split(signals) { range, part in
        for frame in stride(from: 0, to: frameCount, by: width) {
          for signal in range {
            kernels.spectrogram_inverse(
              shape, Int64(frame), input, Int64(signals), Int64(signal), mixture, scale, shift,
              padded, part.scratch)
          }
        }
        for channel in range.lowerBound * 2..<range.upperBound * 2 {
          kernels.multiply(
            padded + channel * paddedCount + padding.start, levels, output + channel * outputCount,
            Int64(outputCount))
        }
      }
    }
  }

  private func withShape(
    _ window: [Float], _ body: (UnsafePointer<kernel_spectrogram>) -> Void
  ) {
    window.withUnsafeBufferPointer { window in
      tables.withUnsafeBufferPointer { tables in
        guard let window = window.baseAddress, let tables = tables.baseAddress else { return }
        var shape = kernel_spectrogram(
          length: Int64(length), hop: Int64(hop), frames: Int64(frameCount),
          bins: Int64(binCount), window: window, tables: tables,
          audio_stride: Int64(paddedCount))
        withUnsafePointer(to: &shape, body)
      }
    }
  }
}
