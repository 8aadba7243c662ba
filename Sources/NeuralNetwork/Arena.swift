// SPDX-License-Identifier: MIT
import Foundation

/// One aligned block of floats that is never resized.
public final class Arena {
  /// Floats in the block.
  public let count: Int
  public let base: UnsafeMutablePointer<Float>

  /// Floats to which every part of an arena is aligned: a cache line.
  public static let alignment = 16

  public init(count: Int) {
    self.count = max(count, Self.alignment)
    let raw = UnsafeMutableRawPointer.allocate(
      byteCount: self.count * MemoryLayout<Float>.stride, alignment: Self.pageSize)
    #if canImport(Glibc)
      // Large pages spare most address translations of the passes that stride over frequencies.
      madvise(raw, self.count * MemoryLayout<Float>.stride, Int32(MADV_HUGEPAGE))
    #endif
    base = raw.bindMemory(to: Float.self, capacity: self.count)
    base.initialize(repeating: 0, count: self.count)
  }

  deinit { base.deallocate() }

  private static let pageSize = 2 << 20
}

/// Lays out the parts of an arena before it is made.
public struct ArenaPlan: Sendable {
  public private(set) var count = 0

  public init() {}

  /// Where `count` more floats begin.
  public mutating func reserve(_ count: Int) -> Int {
    let offset = self.count
    let lines = (count + Arena.alignment - 1) / Arena.alignment
    self.count += lines * Arena.alignment
    return offset
  }
}
