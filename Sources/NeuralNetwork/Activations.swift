// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// Passes without weights. Inputs and outputs may be the same where the shapes are.
extension Executor {
  /// Gaussian error linear unit, x Φ(x), exact (no tanh). (count)
  public func gelu(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let kernels = plan.kernels.functions
    split(count, grain: 1024) { range, _ in
      kernels.gelu(input + range.lowerBound, output + range.lowerBound, Int64(range.count))
    }
  }

  /// Gated linear unit: (rows, 2 channels) to (rows, channels), first half times the sigmoid of the
  /// second.
  public func glu(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, rows: Int, channels: Int
  ) {
    let kernels = plan.kernels.functions
    split(rows, grain: 64) { range, _ in
      kernels.glu(
        input + range.lowerBound * 2 * channels, output + range.lowerBound * channels,
        Int64(range.count), Int64(channels))
    }
  }

  /// output += input. (count)
  public func add(
    _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, count: Int
  ) {
    let kernels = plan.kernels.functions
    split(count, grain: 1024) { range, _ in
      kernels.add(input + range.lowerBound, output + range.lowerBound, Int64(range.count))
    }
  }

  /// Mean and variance (not corrected for the sample) of (count) values.
  public func moments(_ input: UnsafePointer<Float>, count: Int) -> (mean: Double, variance: Double)
  {
    var mean = 0.0
    var variance = 0.0
    plan.kernels.functions.moments(input, Int64(count), &mean, &variance)
    return (mean, variance)
  }

  /// output = input * scale + shift. (count)
  public func scale(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int,
    by scale: Float, shift: Float
  ) {
    let kernels = plan.kernels.functions
    split(count, grain: 1024) { range, _ in
      withUnsafePointer(to: scale) { scale in
        withUnsafePointer(to: shift) { shift in
          kernels.scale_shift(
            input + range.lowerBound, output + range.lowerBound, Int64(range.count), 1, scale,
            shift)
        }
      }
    }
  }
}
