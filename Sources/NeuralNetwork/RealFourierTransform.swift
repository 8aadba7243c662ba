// SPDX-License-Identifier: MIT
internal import CNeuralKernels
import Foundation

/// The Fourier transform along the frames of (rows, frames, channels), scaled by 1 / √frames, with
/// real parts in the first half of the channels and imaginary parts in the second.
///
/// Done as two matrix products on the even and the odd part of the signal. At a few hundred frames
/// that costs a small part of the recurrent layers beside it, and channels stay the fast axis.
public struct RealFourierTransform: Sendable {
  private let rows: Int
  private let frames: Int
  private let channels: Int
  private let half: Int
  private let forwardCosine: [Float]  // (half + 1 bins, half + 1 frames)
  private let forwardSine: [Float]  // (half + 1 bins, half - 1 frames)
  private let inverseCosine: [Float]  // (half + 1 frames, half + 1 bins)
  private let inverseSine: [Float]  // (half - 1 frames, half - 1 bins)

  /// - Parameter frames: An even number.
  public init(
    rows: Int, frames: Int, channels: Int, in plan: NetworkPlan
  ) throws(NeuralNetworkError) {
    guard frames >= 4, frames % 2 == 0 else {
      throw NeuralNetworkError(
        .unsupported, "A Fourier transform over \(frames) frames; an even number is needed.")
    }
    self.rows = rows
    self.frames = frames
    self.channels = channels
    let half = frames / 2
    self.half = half
    let scale = 1 / Double(frames).squareRoot()
    // The angle is reduced before it is multiplied, so that long transforms keep their precision.
    func angle(_ a: Int, _ b: Int) -> Double {
      2 * Double.pi * Double(a * b % frames) / Double(frames)
    }
    func ends(_ k: Int) -> Double { k == 0 || k == half ? 1 : 2 }
    var forwardCosine: [Float] = []
    var forwardSine: [Float] = []
    var inverseCosine: [Float] = []
    var inverseSine: [Float] = []
    for a in 0...half {
      for b in 0...half {
        let cosine = cos(angle(a, b)) * scale
        let sine = sin(angle(a, b)) * scale
        forwardCosine.append(Float(cosine))
        inverseCosine.append(Float(cosine * ends(b)))
        guard b > 0, b < half else { continue }
        forwardSine.append(Float(-sine))
        if a > 0, a < half { inverseSine.append(Float(2 * sine)) }
      }
    }
    self.forwardCosine = forwardCosine
    self.forwardSine = forwardSine
    self.inverseCosine = inverseCosine
    self.inverseSine = inverseSine
    plan.reserveScratch(2 * (half + 1) * channels)
  }

  /// (rows, frames, channels) to (rows, frames / 2 + 1, 2 channels).
  public func forward(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let count = Int64(channels)
    executor.split(rows) { range, part in
      let even = part.scratch
      let odd = even + (half + 1) * channels  // (half + 1, channels), its first row unused
      for row in range {
        let x = input + row * frames * channels
        let y = output + row * (half + 1) * 2 * channels
        even.update(from: x, count: channels)
        (even + half * channels).update(from: x + half * channels, count: channels)
        for t in 1..<half {
          kernels.sum_difference(
            x + t * channels, x + (frames - t) * channels, even + t * channels,
            odd + t * channels, count)
        }
        kernels.product(
          Int64(half + 1), count, Int64(half + 1), forwardCosine, Int64(half + 1), even, count, y,
          2 * count, nil, 0)
        kernels.product(
          Int64(half + 1), count, Int64(half - 1), forwardSine, Int64(half - 1), odd + channels,
          count, y + channels, 2 * count, nil, 0)
      }
    }
  }

  /// (rows, frames / 2 + 1, 2 channels) to (rows, frames, channels).
  public func inverse(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let kernels = executor.plan.kernels.functions
    let count = Int64(channels)
    executor.split(rows) { range, part in
      let even = part.scratch
      let odd = even + (half + 1) * channels  // (half + 1, channels), its first row unused
      for row in range {
        let x = input + row * (half + 1) * 2 * channels
        let y = output + row * frames * channels
        kernels.product(
          Int64(half + 1), count, Int64(half + 1), inverseCosine, Int64(half + 1), x, 2 * count,
          even, count, nil, 0)
        kernels.product(
          Int64(half - 1), count, Int64(half - 1), inverseSine, Int64(half - 1),
          x + 2 * channels + channels, 2 * count, odd + channels, count, nil, 0)
        y.update(from: even, count: channels)
        (y + half * channels).update(from: even + half * channels, count: channels)
        for t in 1..<half {
          kernels.sum_difference(
            even + t * channels, odd + t * channels, y + (frames - t) * channels,
            y + t * channels, count)
        }
      }
    }
  }
}
