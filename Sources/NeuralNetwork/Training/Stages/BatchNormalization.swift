// SPDX-License-Identifier: MIT
internal import CNeuralKernels

/// Batch normalisation, with the rectifier that follows it: Ioffe and Szegedy, "Batch normalization"
/// (2015), with PyTorch's running statistics.
final class BatchNormalization: TrainingStage {
  /// PyTorch's defaults.
  static let momentum: Float = 0.1
  static let epsilon = 1e-5

  let output: ImageShape
  private let weight: TensorPlace
  private let bias: TensorPlace
  private let runningMean: TensorPlace
  private let runningVariance: TensorPlace
  private let rectifies: Bool
  /// Of the batch: (channels) each.
  private var mean: [Float]
  private var inverseDeviation: [Double]

  /// - Parameter rectifies: Whether negative results become zero.
  init(
    _ input: ImageShape, weight: TensorPlace, bias: TensorPlace, runningMean: TensorPlace,
    runningVariance: TensorPlace, rectifies: Bool
  ) throws(NeuralNetworkError) {
    guard input.channels <= Int(KERNEL_MAXIMUM_CHANNELS) else {
      throw NeuralNetworkError(
        .unsupported,
        "Batch normalisation takes at most \(KERNEL_MAXIMUM_CHANNELS) channels; "
          + "there are \(input.channels).")
    }
    output = input
    self.weight = weight
    self.bias = bias
    self.runningMean = runningMean
    self.runningVariance = runningVariance
    self.rectifies = rectifies
    mean = [Float](repeating: 0, count: input.channels)
    inverseDeviation = [Double](repeating: 0, count: input.channels)
  }

  /// Rows of channels that are summed in single precision at least, where there are as many.
  private static let shortestPart = 1024

  /// Calls `body` with the number of a part of the batch, the first of its floats, and its rows.
  ///
  /// The parts depend on the shape only, so that sums do not depend on the number of threads.
  private func forEachPart(
    _ pass: TrainingPass, _ body: (_ part: Int, _ first: Int, _ rows: Int) -> Void
  ) {
    let items = itemsPerPart
    pass.forEach(partCount(pass), work: pass.items * output.count) { part in
      let first = part * items
      body(part, first * output.count, min(items, pass.items - first) * output.area)
    }
  }

  private var itemsPerPart: Int { max(1, Self.shortestPart / output.area) }
  private func partCount(_ pass: TrainingPass) -> Int {
    (pass.items + itemsPerPart - 1) / itemsPerPart
  }

  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) throws(NeuralNetworkError) {
    let rows = pass.items * output.area
    guard rows > 1 else {
      throw NeuralNetworkError(
        .unsupported,
        "Batch normalisation needs more than one value of each channel; train with more items.")
    }
    measure(pass, x)
    let channels = output.channels
    let scale = (0..<channels).map { channel in
      Float(inverseDeviation[channel] * Double(pass.parameters[weight.offset + channel]))
    }
    let functions = pass.kernels.functions
    forEachPart(pass) { _, first, rows in
      functions.normalize(
        x + first, y + first, Int64(rows), Int64(channels), mean, scale,
        pass.parameters + bias.offset, rectifies ? 1 : 0)
    }
  }

  /// Mean and deviation of the batch, and the running statistics.
  private func measure(_ pass: TrainingPass, _ x: UnsafePointer<Float>) {
    let channels = output.channels
    let parts = partCount(pass)
    let functions = pass.kernels.functions
    // (parts, means then squared distances, channels)
    var sums = [Double](repeating: 0, count: parts * 2 * channels)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      nonisolated(unsafe) let start = base
      forEachPart(pass) { part, first, rows in
        let own = start + part * 2 * channels
        functions.channel_moments(x + first, Int64(rows), Int64(channels), own, own + channels)
      }
    }
    let total = pass.items * output.area
    for channel in 0..<channels {
      // Chan, Golub and LeVeque (1979), equation 2.1.
      var (count, average, squares) = (0.0, 0.0, 0.0)
      for part in 0..<parts {
        let items = min(itemsPerPart, pass.items - part * itemsPerPart)
        let rows = Double(items * output.area)
        let distance = sums[part * 2 * channels + channel] - average
        squares +=
          sums[(part * 2 + 1) * channels + channel]
          + distance * distance * count * rows / (count + rows)
        average += distance * rows / (count + rows)
        count += rows
      }
      mean[channel] = Float(average)
      inverseDeviation[channel] = 1 / (squares / Double(total) + Self.epsilon).squareRoot()
      let runningMean = pass.parameters + self.runningMean.offset + channel
      let runningVariance = pass.parameters + self.runningVariance.offset + channel
      runningMean.pointee += Self.momentum * (Float(average) - runningMean.pointee)
      runningVariance.pointee +=
        Self.momentum * (Float(squares / Double(total - 1)) - runningVariance.pointee)
    }
  }

  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) throws(NeuralNetworkError) {
    let channels = output.channels
    let parts = partCount(pass)
    let functions = pass.kernels.functions
    let y = rectifies ? place.y : nil
    var sums = [Double](repeating: 0, count: parts * 2 * channels)
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      nonisolated(unsafe) let start = base
      forEachPart(pass) { part, first, rows in
        let own = start + part * 2 * channels
        functions.normalize_sums(
          place.x + first, y.map { $0 + first }, gradient + first, Int64(rows), Int64(channels),
          mean, own, own + channels)
      }
    }
    let total = Double(pass.items * output.area)
    var scale = [Float](repeating: 0, count: channels)
    var slope = scale
    var shift = scale
    for channel in 0..<channels {
      var (sum, product) = (0.0, 0.0)
      for part in 0..<parts {
        sum += sums[part * 2 * channels + channel]
        product += sums[(part * 2 + 1) * channels + channel]
      }
      let inverse = inverseDeviation[channel]
      pass.gradients[weight.offset + channel] += Float(product * inverse)
      pass.gradients[bias.offset + channel] += Float(sum)
      let factor = Double(pass.parameters[weight.offset + channel]) * inverse
      scale[channel] = Float(factor)
      slope[channel] = Float(-factor * inverse * inverse * product / total)
      shift[channel] = Float(-factor * sum / total)
    }
    guard let result else { return }
    forEachPart(pass) { _, first, rows in
      functions.normalize_backward(
        place.x + first, y.map { $0 + first }, gradient + first, result + first, Int64(rows),
        Int64(channels), mean, scale, slope, shift)
    }
  }

  func inference(
    _ parameters: UnsafePointer<Float>, in plan: NetworkPlan
  ) throws(NeuralNetworkError) -> InferenceStep {
    let mean = Array(parameters, runningMean.range)
    let shift = Array(parameters, bias.range)
    let scale = (0..<output.channels).map { channel in
      Float(
        Double(parameters[weight.offset + channel])
          / (Double(parameters[runningVariance.offset + channel]) + Self.epsilon).squareRoot())
    }
    let functions = plan.kernels.functions
    let (rows, channels) = (Int64(output.area), Int64(output.channels))
    let rectifies: Int32 = self.rectifies ? 1 : 0
    return { x, y, _ in
      functions.normalize(x, y, rows, channels, mean, scale, shift, rectifies)
    }
  }
}
