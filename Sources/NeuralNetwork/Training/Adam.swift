// SPDX-License-Identifier: MIT

/// Adaptive moment estimation: Kingma and Ba, "Adam: A method for stochastic optimization" (2015),
/// algorithm 1, with PyTorch's weight decay, which is added to the gradient.
///
/// Several networks can share one; each has moments and a number of steps of its own. Used by one
/// task at a time.
public final class Adam {
  /// May change from step to step.
  public var learningRate: Double
  public let beta1: Double
  public let beta2: Double
  public let epsilon: Double
  public let weightDecay: Double

  /// The moments of one network's parameters.
  private final class State {
    weak var network: TrainableNetwork?
    /// At the same places as the parameters.
    var first: [Float]
    var second: [Float]
    var stepCount = 0

    init(_ network: TrainableNetwork) {
      self.network = network
      first = [Float](repeating: 0, count: network.parameters.count)
      second = first
    }
  }

  private var states: [State] = []

  /// PyTorch's names for the moments.
  private static let firstName = "exp_avg"
  private static let secondName = "exp_avg_sq"

  public init(
    learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999,
    epsilon: Double = 1e-8, weightDecay: Double = 0
  ) {
    precondition(learningRate >= 0 && epsilon >= 0 && weightDecay >= 0, "rates are not negative")
    precondition((0..<1).contains(beta1) && (0..<1).contains(beta2), "0 ≤ β < 1")
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  private func state(of network: TrainableNetwork) -> State? {
    states.first { $0.network === network }
  }

  /// Sets the state of a network, and forgets those of networks that are gone.
  private func add(_ state: State) {
    states.removeAll { $0.network == nil || $0.network === state.network }
    states.append(state)
  }

  /// Changes the parameters of a network by its gradients, which stay as they are.
  public func step(_ network: TrainableNetwork) {
    let state = state(of: network) ?? State(network)
    if state.stepCount == 0 { add(state) }
    state.stepCount += 1
    let correction1 = 1 - power(beta1, state.stepCount)
    let correction2 = (1 - power(beta2, state.stepCount)).squareRoot()
    let stepSize = Float(learningRate / correction1)
    let scale = Float(correction2)
    let (rest1, rest2) = (Float(1 - beta1), Float(1 - beta2))
    let (beta2, epsilon, decay) = (Float(self.beta2), Float(epsilon), Float(weightDecay))
    let parameters = network.parameters.base
    let gradients = network.gradients.base
    state.first.withUnsafeMutableBufferPointer { first in
      state.second.withUnsafeMutableBufferPointer { second in
        for place in network.places where place.isParameter {
          for index in place.range {
            let gradient = gradients[index] + decay * parameters[index]
            let mean = first[index] + rest1 * (gradient - first[index])
            let square = beta2 * second[index] + rest2 * gradient * gradient
            first[index] = mean
            second[index] = square
            parameters[index] -= stepSize * mean / (square.squareRoot() / scale + epsilon)
          }
        }
      }
    }
    network.changed()
  }

  private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, square, rest) = (1.0, base, exponent)
    while rest > 0 {
      if rest & 1 == 1 { result *= square }
      square *= square
      rest >>= 1
    }
    return result
  }

  /// Steps made with a network.
  public func stepCount(of network: TrainableNetwork) -> Int {
    state(of: network)?.stepCount ?? 0
  }

  /// The state of a network's training, for resuming it: `step` (a single number), and of every
  /// parameter `NAME.exp_avg` and `NAME.exp_avg_sq`.
  public func tensors(for network: TrainableNetwork) -> [NamedTensor] {
    let state = state(of: network) ?? State(network)
    let places = network.places.filter(\.isParameter)
    return [NamedTensor(name: "step", shape: [], values: [Float(state.stepCount)])]
      + places.flatMap { place in
        [
          NamedTensor(
            name: "\(place.name).\(Self.firstName)", shape: place.shape,
            values: Array(state.first[place.range])),
          NamedTensor(
            name: "\(place.name).\(Self.secondName)", shape: place.shape,
            values: Array(state.second[place.range])),
        ]
      }
  }

  /// Takes over the state of a network's training; tensors of other names are passed over.
  ///
  /// - Throws: `malformed` where one is missing, given twice, of another shape or not what it can
  ///   be; then nothing has changed.
  public func load(
    _ tensors: [NamedTensor], for network: TrainableNetwork
  ) throws(NeuralNetworkError) {
    let book = try TensorBook(tensors)
    let state = State(network)
    let step = try book.values(of: "step", shape: [])
    guard step[0] >= 0, step[0] < 0x1p31, step[0] == step[0].rounded() else {
      throw NeuralNetworkError(.malformed, "The tensor “step” is no number of steps.")
    }
    state.stepCount = Int(step[0])
    for place in network.places where place.isParameter {
      let first = try book.values(of: "\(place.name).\(Self.firstName)", shape: place.shape)
      let second = try book.values(of: "\(place.name).\(Self.secondName)", shape: place.shape)
      guard second.allSatisfy({ $0 >= 0 }) else {
        throw NeuralNetworkError(
          .malformed, "The tensor “\(place.name).\(Self.secondName)” holds negative values.")
      }
      state.first.replaceSubrange(place.range, with: first)
      state.second.replaceSubrange(place.range, with: second)
    }
    add(state)
  }
}
