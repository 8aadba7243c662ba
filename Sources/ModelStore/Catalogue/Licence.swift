// SPDX-License-Identifier: MIT

/// Terms that have to be accepted before weights are fetched.
public struct Licence: Sendable, Equatable {
  /// By which an acceptance is remembered.
  public let identifier: String
  /// In a few words, for a table.
  public let summary: String
  /// In full.
  public let notice: String

  /// The terms of the weights of Demucs, after what its author says in its issues 327 and 508.
  public static let demucsWeights = Licence(
    identifier: "demucs-weights",
    summary: "for scientific purposes only",
    notice: """
      The weights of Demucs are not covered by the MIT licence of its code. Their author provides \
      them for scientific purposes only (github.com/facebookresearch/demucs, issues 327 and 508).
      """)
}
