// SPDX-License-Identifier: MIT
import Foundation

/// Floats that are written once and then only read, aligned for vectors.
///
/// `@unchecked Sendable`: nothing is written after `init`.
final class PackedWeights: @unchecked Sendable {
  let base: UnsafePointer<Float>
  private let raw: UnsafeMutableRawPointer

  /// - Parameter fill: Writes `count` floats.
  init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) {
    let byteCount = max(1, count) * MemoryLayout<Float>.stride
    let largePage = 2 << 20
    raw = .allocate(byteCount: byteCount, alignment: byteCount < largePage ? 64 : largePage)
    #if canImport(Glibc)
      if byteCount >= largePage { madvise(raw, byteCount, Int32(MADV_HUGEPAGE)) }
    #endif
    let floats = raw.bindMemory(to: Float.self, capacity: max(1, count))
    fill(floats)
    base = UnsafePointer(floats)
  }

  deinit { raw.deallocate() }
}
