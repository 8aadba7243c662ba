// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The network against PyTorch; see Tests/Fixtures/make_preference_fixtures.py.
@Suite struct PreferenceNetworkTests {
  private struct Fixture: Decodable {
    struct Trained: Decodable {
      var parameters: [Float]
      var outputs: [[Float]]
    }

    var forward: [[Float]]
    var afterOne: Trained
    var afterAll: Trained
  }

  private let fixture: Fixture
  private let network: PreferenceNetwork
  private let examples: [PreferenceNetwork.Example]

  init() throws {
    let file = try #require(
      Bundle.module.url(
        forResource: "preference", withExtension: "json", subdirectory: "Fixtures"))
    fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    var random = SplitMix64(seed: 2024)
    func uniform() -> Double { Double(random.next() >> 40) / Double(1 << 24) }
    var parameters: [Float] = []
    for layer in PreferenceNetwork.Layout.layers {
      for _ in layer.kernel..<layer.bias { parameters.append(Float(uniform() - 0.5) / 2) }
      for _ in 0..<layer.outputCount { parameters.append(Float(uniform() - 0.5) / 4) }
    }
    network = PreferenceNetwork(parameters: parameters)
    let songs = (0..<11).map { _ in (0..<23).map { _ in Float(uniform()) } }
    var examples: [PreferenceNetwork.Example] = []
    for song in songs {
      let gains = (0..<4).map { _ in 36 * uniform() - 24 }
      examples.append(
        .init(
          features: try #require(SongFeatures(vector: song)),
          gains: try #require(StemGains(gains))))
    }
    self.examples = examples
  }

  private func expectSame(_ network: PreferenceNetwork, _ expected: Fixture.Trained) {
    let parameters = stride(from: 0, to: network.parameters.count, by: 37).map {
      network.parameters[$0]
    }
    #expect(parameters.count == expected.parameters.count)
    for (value, wanted) in zip(parameters, expected.parameters) {
      #expect(abs(value - wanted) < 1e-5)
    }
    expectOutputs(network, expected.outputs)
  }

  private func expectOutputs(_ network: PreferenceNetwork, _ expected: [[Float]]) {
    for (example, wanted) in zip(examples, expected) {
      for (value, wanted) in zip(network.outputs(for: example.features), wanted) {
        #expect(abs(value - wanted) < 1e-5)
      }
    }
  }

  @Test func theOffsetsFillTheBlock() throws {
    let last = try #require(PreferenceNetwork.Layout.layers.last)
    #expect(last.bias + last.outputCount == PreferenceNetwork.Layout.parameterCount)
    #expect(last.output == PreferenceNetwork.Layout.output)
    #expect(last.output + last.outputCount == PreferenceNetwork.Layout.activationCount)
  }

  @Test func forwardAgreesWithPyTorch() { expectOutputs(network, fixture.forward) }

  @Test func trainingAgreesWithPyTorch() {
    var network = network
    network.learn(examples[0])
    expectSame(network, fixture.afterOne)
    network.retrain(examples, seed: nil)
    expectSame(network, fixture.afterAll)
  }

  @Test func gainsAreMappedAndClamped() {
    let gains = network.gains(for: examples[0].features)
    for (gain, output) in zip(gains.values, fixture.forward[0]) {
      #expect(abs(gain - min(max(18 * Double(output) - 6, -24), 12)) < 1e-3)
    }
    #expect(
      PreferenceNetwork.target(of: StemGains(vocals: 12, drums: -24, bass: -6, other: 3))
        == [1, -1, 0, 0.5])
  }

  @Test func trainingIsDeterministic() {
    var (a, b) = (PreferenceNetwork(seed: 7), PreferenceNetwork(seed: 7))
    a.retrain(examples)
    b.retrain(examples)
    #expect(a == b)
    #expect(a != PreferenceNetwork(seed: 7))
  }

  @Test func weightsSurviveJSON() throws {
    let text = network.json.text
    #expect(try PreferenceNetwork(json: JSONValue(text: text)) == network)
  }

  /// Made by Foundation, as a page makes them: objects of shape and data, or lists in lists.
  @Test(arguments: ["objects", "nested", "flat"])
  func weightsOfTensorFlowLoad(form: String) throws {
    var tensors: [Any] = []
    for layer in PreferenceNetwork.Layout.layers {
      let kernel = network.parameters[layer.kernel..<layer.bias].map { Double($0) }
      let bias = network.parameters[layer.bias..<layer.bias + layer.outputCount].map { Double($0) }
      let rows = stride(from: 0, to: kernel.count, by: layer.outputCount).map {
        Array(kernel[$0..<$0 + layer.outputCount])
      }
      switch form {
      case "objects":
        tensors.append(["shape": [layer.inputCount, layer.outputCount], "data": kernel])
        tensors.append(["shape": [layer.outputCount], "data": bias])
      case "nested": tensors += [rows, bias] as [Any]
      default: tensors += [kernel, bias] as [Any]
      }
    }
    let text = String(decoding: try JSONSerialization.data(withJSONObject: tensors), as: UTF8.self)
    #expect(try PreferenceNetwork(json: JSONValue(text: text)) == network)
  }

  @Test func otherShapesAreRefused() throws {
    guard case .array(let tensors) = network.json else {
      Issue.record("no list")
      return
    }
    for bad: JSONValue in [
      .null, .array([]), .array(Array(tensors.dropLast())), .array(tensors.reversed()),
      .array(tensors.map { _ in .array([]) }), .array(tensors.map { _ in .string("x") }),
    ] {
      #expect(throws: MixPlanError.self) { try PreferenceNetwork(json: bad) }
    }
    let huge = network.json.text.replacing(
      "\"data\": [", with: "\"data\": [1e30, ", maxReplacements: 1)
    #expect(throws: MixPlanError.self) { try PreferenceNetwork(json: JSONValue(text: huge)) }
  }
}
