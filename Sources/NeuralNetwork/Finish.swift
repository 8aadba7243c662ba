// SPDX-License-Identifier: MIT

/// What a layer does to its result before it is written.
public enum Finish: Sendable, Equatable {
  /// Nothing.
  case write
  /// Adds it to what the output holds.
  case accumulate
  /// Gaussian error linear unit, x Φ(x), exact (no tanh).
  case gelu
}
