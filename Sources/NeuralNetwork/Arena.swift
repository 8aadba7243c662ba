// SPDX-License-Identifier: MIT

/// One aligned block of floats, zero at first, that is never resized.
public final class Arena {
  /// Floats in the block.
  public let count: Int
  public let base: UnsafeMutablePointer<Float>

  /// Floats to which every part of an arena is aligned: a cache line.
  public static let alignment = 16

  /// - Throws: `memory` where the system has not as much.
  public init(count: Int) throws(NeuralNetworkError) {
    self.count = max(count, Self.alignment)
    memory = try LargeMemory(byteCount: self.count * MemoryLayout<Float>.stride)
    base = memory.base.bindMemory(to: Float.self, capacity: self.count)
  }

  private let memory: LargeMemory
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
