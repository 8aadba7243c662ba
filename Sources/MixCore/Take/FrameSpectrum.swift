// SPDX-License-Identifier: MIT

/// The short-time spectrum of two channels, changed in place: Hann windows over 46 ms that overlap by three
/// quarters, before and after.
///
/// Two real channels are the parts of a complex one (Press et al., Numerical Recipes, 3rd edition, section
/// 12.3.2), so gains that are the same for both need one transform each way. A block of a single channel names it
/// twice. Frames come in order; the samples before the last frame are final. Used by one task at a time.
final class FrameSpectrum {
  /// The samples of a frame: 2048 at 44.1 and 48 kHz.
  let length: Int
  /// The samples from one frame to the next.
  let hop: Int
  /// The bins from 0 Hz to half the sample rate.
  let binCount: Int
  /// The sum of the squares of the window.
  let windowPower: Float

  private let transform: FourierTransform
  private let window: [Float]
  private(set) var real: [Float]
  private(set) var imaginary: [Float]
  private let left: Storage<Float>
  private let right: Storage<Float>

  init(sampleRate: Double) {
    length = Self.length(sampleRate: sampleRate)
    hop = length / 4
    binCount = length / 2 + 1
    transform = FourierTransform(count: length)
    window = periodicHann(length)
    windowPower = window.reduce(0) { $0 + $1 * $1 }
    real = [Float](repeating: 0, count: length)
    imaginary = real
    left = Storage(count: length, repeating: 0)
    right = Storage(count: length, repeating: 0)
  }

  /// 2048 at 44.1 and 48 kHz, and about as many seconds at other rates.
  static func length(sampleRate: Double) -> Int {
    var length = 256
    while Double(length) * 1.5 < sampleRate * 0.0464 { length *= 2 }
    return length
  }

  /// Where the frames of `count` samples begin, the first of them before 0.
  func positions(_ count: Int) -> StrideTo<Int> {
    stride(from: hop - length, to: count, by: hop)
  }

  /// Transforms the frame at `position`, which may reach over both ends.
  func load(_ block: StereoBlock, at position: Int) {
    load(left: block.left, right: block.right, count: block.frameCount, at: position)
  }

  /// Transforms the frame at `position` of two channels of `count` samples.
  func load(
    left: UnsafePointer<Float>, right: UnsafePointer<Float>, count: Int, at position: Int
  ) {
    for i in 0..<length {
      let place = position + i
      let isInside = place >= 0 && place < count
      real[i] = isInside ? left[place] * window[i] : 0
      imaginary[i] = isInside ? right[place] * window[i] : 0
    }
    transform.transform(&real, &imaginary)
  }

  /// The powers of both channels together, halved: (bins).
  func powers(into powers: inout [Float]) {
    for k in 0..<binCount {
      let other = (length - k) & (length - 1)
      powers[k] =
        (real[k] * real[k] + imaginary[k] * imaginary[k] + real[other] * real[other]
          + imaginary[other] * imaginary[other]) / 4
    }
  }

  /// The spectra of the first and of the second channel at bin `k`.
  func spectra(_ k: Int) -> (
    first: (real: Float, imaginary: Float), second: (real: Float, imaginary: Float)
  ) {
    let other = (length - k) & (length - 1)
    return (
      ((real[k] + real[other]) / 2, (imaginary[k] - imaginary[other]) / 2),
      ((imaginary[k] + imaginary[other]) / 2, (real[other] - real[k]) / 2)
    )
  }

  /// Weights the bins of both channels, transforms back and adds the frame to those before; writes the samples that
  /// are final to the block.
  ///
  /// - Parameter gains: (bins).
  func store(_ gains: [Float], to block: StereoBlock, at position: Int) {
    real[0] *= gains[0]
    imaginary[0] *= gains[0]
    for k in 1..<binCount {
      let gain = gains[k]
      real[k] *= gain
      imaginary[k] *= gain
      let other = length - k
      if other != k {
        real[other] *= gain
        imaginary[other] *= gain
      }
    }
    // With the parts swapped, the forward transform is the inverse one times the length.
    transform.transform(&imaginary, &real)
    // The squares of Hann windows that overlap by three quarters sum to 1.5.
    let scale = 1 / (1.5 * Float(length))
    for i in 0..<length {
      left[i] += real[i] * window[i] * scale
      right[i] += imaginary[i] * window[i] * scale
    }
    for i in 0..<hop where position + i >= 0 && position + i < block.frameCount {
      block.left[position + i] = left[i]
      block.right[position + i] = right[i]
    }
    for i in 0..<length - hop {
      left[i] = left[i + hop]
      right[i] = right[i + hop]
    }
    for i in length - hop..<length {
      left[i] = 0
      right[i] = 0
    }
  }
}
