// SPDX-License-Identifier: MIT

/// How patient a download is.
public struct TransferPolicy: Sendable, Equatable {
  /// The seconds without a byte after which a connection counts as lost; whole seconds.
  public var idleSeconds = 30.0
  /// The waits before each new attempt after failures in a row; a failure after more bytes have come
  /// counts as the first.
  public var retryDelays: [Duration] = [
    .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(8),
  ]
  /// The longest wait that a server may ask for.
  public var longestDelay = Duration.seconds(60)
  /// Pieces of up to 16 kB that may wait for the disk.
  public var pendingPieces = 1024

  /// The defaults.
  public init() {}
}
