// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Testing

/// Tensors that `Tests/Fixtures/make_network_fixtures.py` or a script beside it computed with PyTorch.
struct LayerFixtures {
  private struct Place: Decodable {
    let shape: [Int]
    let offset: Int
  }

  private let index: [String: Place]
  private let values: [Float]

  init(_ name: String = "layers") throws {
    let folder = try #require(
      Bundle.module.url(forResource: "Fixtures", withExtension: nil))
    index = try JSONDecoder().decode(
      [String: Place].self, from: Data(contentsOf: folder.appending(path: "\(name).json")))
    let bytes = try Data(contentsOf: folder.appending(path: "\(name).f32"))
    values = bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  }

  func shape(_ name: String) throws -> [Int] { try #require(index[name]).shape }

  subscript(_ name: String) -> [Float] {
    get throws {
      let place = try #require(index[name], "no fixture \(name)")
      return Array(values[place.offset..<place.offset + place.shape.reduce(1, *)])
    }
  }
}

/// ‖a − b‖ / ‖b‖; infinite where the counts differ.
func relativeError(_ a: [Float], _ b: [Float]) -> Double {
  guard a.count == b.count else { return .infinity }
  var difference = 0.0
  var power = 0.0
  for (x, y) in zip(a, b) {
    difference += (Double(x) - Double(y)) * (Double(x) - Double(y))
    power += Double(y) * Double(y)
  }
  return (difference / power).squareRoot()
}

/// What `body` writes into `count` floats, which hold NaN before.
func output(_ count: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
  var values = [Float](repeating: .nan, count: count)
  values.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { body(base) } }
  return values
}

/// Every instruction set that this processor runs, on one thread and on two.
let plans: [PlanOptions] = KernelSet.all.indices.flatMap { index in
  [1, 2].map { PlanOptions(set: index, threads: $0) }
}

struct PlanOptions: Sendable, CustomTestStringConvertible {
  let set: Int
  let threads: Int
  var plan: NetworkPlan { NetworkPlan(threadCount: threads, kernels: KernelSet.all[set]) }
  var testDescription: String { "\(KernelSet.all[set].name), \(threads) threads" }
}
