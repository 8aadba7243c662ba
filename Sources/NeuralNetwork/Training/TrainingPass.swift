// SPDX-License-Identifier: MIT
internal import COneDNN

/// What the stages of a network share while a batch goes through them.
struct TrainingPass {
  /// Images in the batch.
  let items: Int
  let threadCount: Int
  let kernels: KernelSet
  /// All tensors of the network, as its table of places says.
  let parameters: UnsafeMutablePointer<Float>
  /// The gradients of the learned ones, at the same places.
  let gradients: UnsafeMutablePointer<Float>
  /// What the random numbers of this pass depend on.
  let seed: UInt64

  /// Below so many floats the threads would wait for each other longer than they work.
  private static let smallestShare = 1 << 14

  /// Calls `body` with every index of 0..<count, on all threads where `work` floats are worth it.
  func forEach(_ count: Int, work: Int, _ body: (Int) -> Void) {
    let threads = work < Self.smallestShare ? 1 : threadCount
    inParallel(threads: threads, count: count) { index, _ in body(index) }
  }
}

/// A stage of a chain that is being trained.
///
/// Activations are channels last: (items, height, width, channels).
protocol TrainingStage: AnyObject {
  /// The size of one item of the result.
  var output: ImageShape { get }
  /// Floats for each item that are kept from the way forward to the way back, beside the result.
  var keptCount: Int { get }

  /// Computes y from x.
  func forward(
    _ pass: TrainingPass, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
    kept: UnsafeMutablePointer<Float>
  ) throws(NeuralNetworkError)

  /// Adds to the gradients of the parameters and writes that of x, where it is asked for.
  ///
  /// - Parameters:
  ///   - place: x, y and what was kept, as they were on the way forward.
  ///   - gradient: That of y.
  ///   - result: Takes the gradient of x.
  func backward(
    _ pass: TrainingPass, _ place: StagePlace, gradient: UnsafePointer<Float>,
    result: UnsafeMutablePointer<Float>?
  ) throws(NeuralNetworkError)

  /// The stage as it is used when training is over: for one item, with constant weights.
  func inference(
    _ parameters: UnsafePointer<Float>, in plan: NetworkPlan
  ) throws(NeuralNetworkError) -> InferenceStep
}

extension TrainingStage {
  var keptCount: Int { 0 }
}

/// What a stage read and wrote on the way forward.
struct StagePlace {
  let x: UnsafePointer<Float>
  let y: UnsafePointer<Float>
  let kept: UnsafeMutablePointer<Float>
}

/// Computes one item of a stage's result from one of its input.
typealias InferenceStep = (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Executor) -> Void
