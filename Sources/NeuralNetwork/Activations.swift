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

  /// Complex numbers (count, 2) with their magnitudes raised to `power` and their phase kept.
  ///
  /// y = x (|x|² + 1e-12) ^ ((power − 1) / 2)
  public func compress(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>, count: Int, power: Float
  ) {
    let kernels = plan.kernels.functions
    split(count, grain: 1024) { range, _ in
      kernels.compress(
        input + 2 * range.lowerBound, output + 2 * range.lowerBound, Int64(range.count), power)
    }
  }

  /// Makes complex masks (positions, sources, 4) sum to one over the sources, in place.
  ///
  /// Columns 0 and 2, real parts, pass a softmax over the sources; columns 1 and 3, imaginary parts,
  /// lose their mean. There may be up to 64 sources.
  public func share(_ masks: UnsafeMutablePointer<Float>, positions: Int, sources: Int) {
    precondition(sources <= Int(KERNEL_MAXIMUM_SOURCES), "There may be up to 64 sources.")
    let kernels = plan.kernels.functions
    split(positions, grain: 1024) { range, _ in
      kernels.share(masks + range.lowerBound * sources * 4, Int64(range.count), Int64(sources))
    }
  }

  /// Mean and variance (not corrected for the sample) of (count) values.
  ///
  /// Blocks are measured one by one and then joined (Chan, Golub and LeVeque, "Updating formulae and
  /// a pairwise algorithm for computing sample variances", 1979), so that the number of threads
  /// changes nothing.
  public func moments(_ input: UnsafePointer<Float>, count: Int) -> (mean: Double, variance: Double)
  {
    let block = 1 << 15
    let blockCount = (count + block - 1) / block
    let kernels = plan.kernels.functions
    return withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * max(1, blockCount)) {
      parts in
      split(blockCount) { range, _ in
        for index in range {
          let size = min(block, count - index * block)
          var mean = 0.0
          var variance = 0.0
          kernels.moments(input + index * block, Int64(size), &mean, &variance)
          parts[2 * index] = mean
          parts[2 * index + 1] = variance
        }
      }
      var mean = 0.0
      var squares = 0.0
      var total = 0.0
      for index in 0..<blockCount {
        let size = Double(min(block, count - index * block))
        let difference = parts[2 * index] - mean
        squares +=
          parts[2 * index + 1] * size + difference * difference * total * size / (total + size)
        mean += difference * size / (total + size)
        total += size
      }
      return (mean, total > 0 ? squares / total : 0)
    }
  }

  /// output (channels, stride) += scale * input (frames, channels) + shift.
  public func addInterleaved(
    _ input: UnsafePointer<Float>, to output: UnsafeMutablePointer<Float>, frames: Int,
    channels: Int, stride: Int, scale: Float, shift: Float
  ) {
    let kernels = plan.kernels.functions
    split(frames, grain: 256) { range, _ in
      kernels.add_interleaved(
        input + range.lowerBound * channels, output + range.lowerBound, Int64(range.count),
        Int64(channels), Int64(stride), scale, shift)
    }
  }

  /// Adds `shift` (channels) to every row of (rows, channels).
  public func add(
    channels shift: [Float], to rows: UnsafeMutablePointer<Float>, rowCount: Int
  ) {
    let kernels = plan.kernels.functions
    split(rowCount, grain: 64) { range, _ in
      for row in range { kernels.add(shift, rows + row * shift.count, Int64(shift.count)) }
    }
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
            shift, Int32(KERNEL_IDENTITY))
        }
      }
    }
  }
}
