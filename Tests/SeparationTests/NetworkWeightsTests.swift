// SPDX-License-Identifier: MIT
import Testing

@testable import Separation

/// A checkpoint holds the tensors of its network, all of them and no others, as where PyTorch's
/// `load_state_dict` is strict.
@Suite struct NetworkWeightsTests {
  private func load(_ checkpoint: Safetensors) throws {
    if checkpoint.name.hasPrefix("scnet") {
      _ = try SCNet(checkpoint: checkpoint, threadsPerWorker: 1)
    } else {
      _ = try HybridDemucs(package: ModelPackage(checkpoint))
    }
  }

  private static let networks = [
    "demucs-transformer", "demucs-transformer-6", "demucs-hybrid", "scnet-mask",
  ]

  @Test(arguments: networks)
  func tensorsThatTheNetworkDoesNotHaveAreNamed(_ name: String) throws {
    try load(NetworkFixture.checkpoint(name, adding: []))
    // One below a layer that there is, too.
    let extra = ["encoder.0.conv.scale", "weight"]
    let few = #expect(throws: SeparationError.self) {
      try load(NetworkFixture.checkpoint(name, adding: extra))
    }
    #expect(few?.code == .malformed)
    #expect(few?.message.hasSuffix(": “encoder.0.conv.scale”, “weight”.") == true)
    let many = #expect(throws: SeparationError.self) {
      try load(NetworkFixture.checkpoint(name, adding: ["e", "d", "c\n", "b", "a"]))
    }
    #expect(many?.message.hasSuffix(": “a”, “b”, “c\u{fffd}” and 2 more.") == true)
  }
}
