// SPDX-License-Identifier: MIT
import Foundation

/// Bytes straight from the system, zero at first, in large pages where there are any.
///
/// Large pages spare most address translations of passes that stride over frequencies. Pages that
/// are never touched take no memory.
final class LargeMemory {
  let base: UnsafeMutableRawPointer
  private let byteCount: Int

  private static let pageSize = 2 << 20

  /// - Throws: `memory` where the system has not as much.
  init(byteCount: Int) throws(NeuralNetworkError) {
    self.byteCount = byteCount
    // Long blocks begin with a large page; what lies around them is given back.
    let slack = byteCount < Self.pageSize ? 0 : Self.pageSize
    guard
      let start = mmap(
        nil, byteCount + slack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      start != MAP_FAILED
    else {
      throw NeuralNetworkError(
        .memory, "The system does not give \(byteCount >> 20) MB of memory for a network.")
    }
    guard slack > 0 else {
      base = start
      return
    }
    let before = -Int(bitPattern: start) & (Self.pageSize - 1)
    base = start + before
    if before > 0 { munmap(start, before) }
    let smallPage = Int(getpagesize())
    let end = (byteCount + smallPage - 1) / smallPage * smallPage
    if slack - before > end - byteCount {
      munmap(base + end, slack - before - (end - byteCount))
    }
    #if canImport(Glibc)
      madvise(base, byteCount / Self.pageSize * Self.pageSize, Int32(MADV_HUGEPAGE))
    #endif
  }

  deinit { munmap(base, byteCount) }
}
