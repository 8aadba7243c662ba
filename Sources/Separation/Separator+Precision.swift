// SPDX-License-Identifier: MIT
import NeuralNetwork

extension Separator {
  /// The instruction set that the networks' inner loops use on this processor: `avx512-bf16`, `avx512`,
  /// `avx2` or `baseline`.
  public static var instructionSet: String { KernelSet.best.name }

  /// The library that the networks run on, such as “oneDNN-2.6.3”.
  public static var library: String { KernelSet.library }
}

extension Separator.Options {
  /// The numbers in which a network multiplies its weights.
  public enum Precision: String, Sendable, CaseIterable {
    /// bfloat16 where the model has it and the processor has instructions for it, else float32.
    case automatic = "auto"
    case float32 = "f32"
    /// Weights and inputs of large products with eight bits of mantissa; the stems of a
    /// network with random weights differ from those in float32 by −49 dB. Slower than float32 on a processor without instructions for it.
    case bfloat16 = "bf16"
  }
}

extension Separator.Options.Precision {
  /// What it means on this processor, for a network that has both.
  var resolved: Self {
    self == .automatic ? (KernelSet.best.hasBFloat16 ? .bfloat16 : .float32) : self
  }

  var ofNetwork: Precision { resolved == .bfloat16 ? .bfloat16 : .float32 }

  /// Refuses bfloat16 for a model that has only float32.
  func requireFloat32(for name: String) throws(SeparationError) {
    if self == .bfloat16 {
      throw SeparationError(
        code: .unsupported,
        message: "\(name): this model runs in float32 only; leave the precision to it.")
    }
  }
}
