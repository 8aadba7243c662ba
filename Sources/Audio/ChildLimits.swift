// SPDX-License-Identifier: MIT

/// What a child process may take; a file made to harm gets no more out of `ffmpeg` than this.
package struct ChildLimits: Sendable, Equatable {
  /// The memory that it may ask for, in bytes of addresses.
  package var addressSpaceBytes: UInt64
  /// The seconds of processor time, of all its threads together.
  package var processorSeconds: UInt64
  /// The largest file that it may write, in bytes; pipes have no size.
  package var fileBytes: UInt64

  /// For programs that read: they write nothing but to their pipe.
  package static let reading = ChildLimits(
    addressSpaceBytes: 4 << 30, processorSeconds: 2 * 3600, fileBytes: 0)

  /// For programs that write a file.
  package static let writing = ChildLimits(
    addressSpaceBytes: 8 << 30, processorSeconds: 12 * 3600, fileBytes: 64 << 30)
}
