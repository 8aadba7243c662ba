// SPDX-License-Identifier: MIT
import Testing

@testable import Service

@Suite struct ByteRangeTests {
  @Test(arguments: [
    (nil, ByteRange.all), ("bytes=0-0", .part(0...0)), ("bytes=0-", .part(0...99)),
    ("bytes=90-200", .part(90...99)), ("bytes=-10", .part(90...99)),
    ("bytes=-1000", .part(0...99)), ("bytes=99-99", .part(99...99)),
    ("bytes=100-", .unsatisfiable), ("bytes=100-200", .unsatisfiable),
    ("bytes=-0", .unsatisfiable), ("Bytes = 1-2", .part(1...2)),
    ("bytes=99999999999999999999-", .unsatisfiable),
    ("bytes=0-99999999999999999999", .part(0...99)),
    // Several at a time, other units and nonsense: all of the file.
    ("bytes=0-1,5-6", .all), ("items=0-1", .all), ("bytes=5-1", .all), ("bytes=-", .all),
    ("bytes=a-b", .all), ("bytes", .all), ("", .all), ("bytes=0x1-2", .all), ("bytes=--1", .all),
  ])
  func aHeaderMeans(header: String?, range: ByteRange) {
    #expect(ByteRange(header, byteCount: 100) == range)
  }

  @Test func nothingOfAnEmptyFileCanBeAskedFor() {
    #expect(ByteRange("bytes=0-", byteCount: 0) == .unsatisfiable)
    #expect(ByteRange("bytes=-1", byteCount: 0) == .unsatisfiable)
    #expect(ByteRange(nil, byteCount: 0) == .all)
  }
}
