// SPDX-License-Identifier: MIT
internal import COneDNN

/// What a convolution or linear layer does to its result before it is written.
public enum Finish: Sendable, Equatable {
  /// Nothing.
  case write
  /// Adds it to what the output holds.
  case accumulate
  /// Gaussian error linear unit, x Φ(x), exact (no tanh).
  case gelu

  var code: onednn_finish {
    switch self {
    case .write: onednn_write
    case .accumulate: onednn_accumulate
    case .gelu: onednn_gelu
    }
  }
}
