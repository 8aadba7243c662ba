// SPDX-License-Identifier: MIT

/// The numbers in which weights and inputs of large products are multiplied; sums are float32.
public enum Precision: Sendable, Equatable {
  case float32
  /// Eight bits of mantissa. Weights take half the memory; processors with instructions for it
  /// multiply twice as fast, others give the same up to rounding, more slowly.
  case bfloat16
}
