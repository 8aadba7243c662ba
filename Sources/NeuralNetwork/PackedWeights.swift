// SPDX-License-Identifier: MIT

/// Floats that are written once and then only read, aligned for vectors.
///
/// `@unchecked Sendable`: nothing is written after `init`.
final class PackedWeights: @unchecked Sendable {
  let base: UnsafePointer<Float>
  private let memory: LargeMemory

  /// - Parameter fill: Writes `count` floats.
  init(count: Int, fill: (UnsafeMutablePointer<Float>) -> Void) throws(NeuralNetworkError) {
    let capacity = max(1, count)
    memory = try LargeMemory(byteCount: capacity * MemoryLayout<Float>.stride)
    let floats = memory.base.bindMemory(to: Float.self, capacity: capacity)
    fill(floats)
    base = UnsafePointer(floats)
  }
}
