// SPDX-License-Identifier: MIT

/// Four-fold oversampling of a channel, of which only the peaks are kept.
///
/// A polyphase interpolator of 49 taps, a sinc under a Hann window, as ITU-R BS.1770-4 Annex 2 asks for and
/// libebur128 does it. At frame n it speaks of the time between the frames n - 6 and n - 5.
final class InterSamplePeaks {
  /// How many frames the peaks come late.
  static let delay = 6
  private static let tapCount = 12
  private static let history = 11
  private static let run = 64

  private let samples: Storage<Float>  // (history + frames)
  private let taps: Storage<Float>  // (3 phases, 12 taps), the oldest sample's first
  /// How far a value in between can be above the largest of the samples around it.
  private let bound: Float

  init(maximumFrameCount: Int) {
    samples = Storage(count: Self.history + maximumFrameCount + 8, repeating: 0)
    taps = Storage(count: 3 * Self.tapCount, repeating: 0)
    for phase in 1...3 {
      for k in 0..<Self.tapCount {
        let m = Double(phase + 4 * k - 24)
        let x = m * Double.pi / 4
        let window = 0.5 * (1 - Elementary.cosine(2 * Double.pi * Double(phase + 4 * k) / 48))
        let tap = Elementary.sine(x) / x * window
        taps[(phase - 1) * Self.tapCount + Self.tapCount - 1 - k] = Float(tap)
      }
    }
    var largest: Float = 1
    for phase in 0..<3 {
      var sum: Float = 0
      for k in 0..<Self.tapCount { sum += abs(taps[phase * Self.tapCount + k]) }
      largest = max(largest, sum)
    }
    bound = largest * 1.0001
  }

  func reset() { samples.reset() }

  /// Raises each of `peaks` to the magnitude of the samples and of three times in between.
  ///
  /// - Parameter threshold: What matters: where no magnitude can be larger, peaks are left as they are.
  func raise(
    _ peaks: UnsafeMutablePointer<Float>, _ input: UnsafePointer<Float>, _ count: Int,
    above threshold: Float
  ) {
    let x = samples.pointer
    (x + Self.history).update(from: input, count: count)
    var start = 0
    while start < count {
      let length = min(Self.run, count - start)
      if Self.largest(x + start, length + Self.history) * bound > threshold {
        raise(peaks + start, x + start, length)
      }
      start += length
    }
    x.update(from: x + count, count: Self.history)
  }

  private static func largest(_ x: UnsafePointer<Float>, _ count: Int) -> Float {
    let raw = UnsafeRawPointer(x)
    var lanes = SIMD8<Float>()
    var i = 0
    while i + 8 <= count {
      lanes = larger(lanes, raw.loadUnaligned(fromByteOffset: 4 * i, as: SIMD8<Float>.self))
      i += 8
    }
    var largest = lanes.max()
    while i < count {
      largest = max(largest, abs(x[i]))
      i += 1
    }
    return largest
  }

  /// - Parameter x: (history + count).
  private func raise(
    _ peaks: UnsafeMutablePointer<Float>, _ x: UnsafePointer<Float>, _ count: Int
  ) {
    let raw = UnsafeRawPointer(x)
    let output = UnsafeMutableRawPointer(peaks)
    let taps = taps.pointer
    typealias Lanes = SIMD8<Float>
    var i = 0
    while i + 8 <= count {
      var (a, b, c) = (Lanes(), Lanes(), Lanes())
      for k in 0..<Self.tapCount {
        let v = raw.loadUnaligned(fromByteOffset: 4 * (i + k), as: Lanes.self)
        a += v * taps[k]
        b += v * taps[12 + k]
        c += v * taps[24 + k]
      }
      let v = raw.loadUnaligned(fromByteOffset: 4 * (i + 5), as: Lanes.self)
      let old = output.loadUnaligned(fromByteOffset: 4 * i, as: Lanes.self)
      let larger = Self.larger(Self.larger(a, b), Self.larger(c, v))
      output.storeBytes(of: Self.larger(old, larger), toByteOffset: 4 * i, as: Lanes.self)
      i += 8
    }
    while i < count {
      var (a, b, c): (Float, Float, Float) = (0, 0, 0)
      for k in 0..<Self.tapCount {
        a += x[i + k] * taps[k]
        b += x[i + k] * taps[12 + k]
        c += x[i + k] * taps[24 + k]
      }
      peaks[i] = max(max(peaks[i], abs(x[i + 5])), max(abs(a), max(abs(b), abs(c))))
      i += 1
    }
  }

  /// The larger magnitude, lane by lane.
  @inline(__always)
  private static func larger(_ a: SIMD8<Float>, _ b: SIMD8<Float>) -> SIMD8<Float> {
    let mask = SIMD8<UInt32>(repeating: 0x7FFF_FFFF)
    let x = unsafeBitCast(a, to: SIMD8<UInt32>.self) & mask
    let y = unsafeBitCast(b, to: SIMD8<UInt32>.self) & mask
    let (p, q) = (unsafeBitCast(x, to: SIMD8<Float>.self), unsafeBitCast(y, to: SIMD8<Float>.self))
    return p.replacing(with: q, where: q .> p)
  }
}
