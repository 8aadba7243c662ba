// SPDX-License-Identifier: MIT

/// Where a job stands.
enum JobState: String, Codable, Sendable, CaseIterable {
  /// It waits for its turn.
  case queued
  /// It is being worked on.
  case running
  /// Its result is there.
  case succeeded
  /// It cannot be done; the error says why.
  case failed
  /// Somebody no longer wanted it.
  case cancelled
  /// Its result was there and was removed.
  case expired

  /// Whether it will never change again, but for expiring.
  var isFinal: Bool { self != .queued && self != .running }
}

/// What a job makes.
enum JobKind: String, Codable, Sendable, CaseIterable {
  /// Stems of a song.
  case separation
  /// A take and its backing, in time and clean.
  case preparation
  /// A mix of stems after a plan.
  case mix
}
