// SPDX-License-Identifier: MIT
import MixCore
import NeuralNetwork

/// Something that can be learned from songs, a batch at a time.
protocol LearningTask: AnyObject {
  /// How it is called in models and reports.
  var name: String { get }
  /// What learns; always the same, in the same order.
  var networks: [TrainableNetwork] { get }
  /// How many different songs there are examples of.
  var songCount: Int { get }
  /// How many of the songs held out there are examples of, and how many there must be for their error to mean something.
  var heldOutCount: Int { get }
  var fewestHeldOut: Int { get }
  /// Learns from a batch of examples of the songs for training: adds to the gradients.
  ///
  /// - Returns: The loss before it.
  func learn(_ generator: inout SplitMix64) throws(NeuralNetworkError) -> Double
  /// The mean error on the songs held out, in dB or LU; in natural logarithms for times.
  func heldOutError() throws(NeuralNetworkError) -> Double
  /// The same error for the best that can be said without listening, and what that is.
  func baselineError() -> (error: Double, name: String)
}

/// Huber's loss: half the square near 0, straight beyond.
///
/// - Returns: The mean loss and its gradient.
func huberLoss(
  _ outputs: [Float], _ targets: [Float], corner: Float = 0.5
) -> (loss: Double, gradient: [Float]) {
  var loss = 0.0
  let scale = 1 / Float(max(1, outputs.count))
  let gradient = zip(outputs, targets).map { output, target in
    let distance = output - target
    let magnitude = abs(distance)
    loss += Double(
      magnitude < corner ? distance * distance / 2 : corner * (magnitude - corner / 2))
    return scale * min(max(distance, -corner), corner)
  }
  return (loss * Double(scale), gradient)
}
