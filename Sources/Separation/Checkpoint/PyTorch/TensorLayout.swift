// SPDX-License-Identifier: MIT

/// Where the values of a tensor with strides lie within its storage, counted in values.
struct TensorLayout: Equatable {
  /// Product of the shape.
  let count: Int
  /// From the first value to the last.
  let places: Range<Int>
  let isRowMajor: Bool

  /// Fails where a value would lie outside of the storage, and where there are more values than the
  /// storage has, as there would be in a view that repeats some.
  init?(shape: [Int], strides: [Int], offset: Int, storageCount: Int) {
    guard strides.count == shape.count, offset >= 0, offset <= storageCount,
      let count = Self.product(shape)
    else { return nil }
    self.count = count
    guard count > 0 else {
      places = offset..<offset
      isRowMajor = true
      return
    }
    var last = offset
    for (size, stride) in zip(shape, strides) {
      let (distance, overflow) = (size - 1).multipliedReportingOverflow(by: stride)
      let (sum, carry) = last.addingReportingOverflow(distance)
      guard stride >= 0, !overflow, !carry else { return nil }
      last = sum
    }
    guard last < storageCount, count <= last - offset + 1 else { return nil }
    places = offset..<last + 1
    isRowMajor = Self.isRowMajor(shape: shape, strides: strides)
  }

  /// The product of sizes that are not negative, where it can be represented.
  private static func product(_ sizes: [Int]) -> Int? {
    if sizes.contains(0) { return 0 }
    var product = 1
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      product = next
    }
    return product
  }

  /// Whether neighbours along each axis lie as far apart as the axes behind it are large; the
  /// strides of axes of one value do not matter.
  private static func isRowMajor(shape: [Int], strides: [Int]) -> Bool {
    var expected = 1
    for (size, stride) in zip(shape, strides).reversed() where size != 1 {
      if stride != expected { return false }
      expected *= size
    }
    return true
  }
}
