// SPDX-License-Identifier: MIT

/// Weights of a convolution along one axis from PyTorch's order, (outputs, inputs, kernel), to
/// (outputs, kernel, inputs): every tap sees all channels of one position.
func tapsFirst(_ weights: [Float], outputs: Int, inputs: Int, kernel: Int) -> [Float] {
  var taps = [Float](repeating: 0, count: weights.count)
  for output in 0..<outputs {
    let start = output * inputs * kernel
    for input in 0..<inputs {
      for tap in 0..<kernel {
        taps[start + tap * inputs + input] = weights[start + input * kernel + tap]
      }
    }
  }
  return taps
}
