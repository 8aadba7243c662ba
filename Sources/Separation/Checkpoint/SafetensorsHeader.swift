// SPDX-License-Identifier: MIT
import Foundation

/// The JSON header of a safetensors file, checked against the size of the file.
///
/// The format: eight bytes of little-endian header length, the header, then the tensors' bytes
/// without gaps. See https://huggingface.co/docs/safetensors.
struct SafetensorsHeader: Sendable {
  let entries: [String: TensorEntry]
  let metadata: [String: String]

  /// The format's own limit on the header, in bytes.
  static let maximumByteCount = 100_000_000
  /// More tensors than any known network has.
  static let maximumTensorCount = 1_000_000

  /// Bits per value of every format that may lie in a file, those we cannot read included.
  private static let bitCounts: [String: Int] = [
    "BOOL": 8, "U8": 8, "I8": 8, "F8_E5M2": 8, "F8_E4M3": 8, "I16": 16, "U16": 16, "F16": 16,
    "BF16": 16, "I32": 32, "U32": 32, "F32": 32, "F64": 64, "I64": 64, "U64": 64,
  ]

  /// - Parameter name: Of the file, for messages.
  init(_ bytes: UnsafeRawBufferPointer, name: String) throws(SeparationError) {
    func malformed(_ why: String) -> SeparationError {
      SeparationError(
        code: .malformed, message: "\(name): not a safetensors file, or a damaged one: \(why).")
    }
    guard bytes.count >= 8 else { throw malformed("it is shorter than 8 bytes") }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Self.maximumByteCount) else {
      throw malformed("its header would be longer than \(Self.maximumByteCount) bytes")
    }
    let start = 8 + Int(length)
    guard start <= bytes.count else { throw malformed("its header goes past the end of the file") }
    guard length > 0, bytes[8] == UInt8(ascii: "{") else {
      throw malformed("its header is not a JSON object")
    }
    let text = Data(bytes[8..<start])
    guard let json = try? JSONSerialization.jsonObject(with: text),
      let object = json as? [String: Any]
    else { throw malformed("its header is not a JSON object") }
    guard object.count <= Self.maximumTensorCount else {
      throw malformed("it has too many tensors")
    }

    var entries: [String: TensorEntry] = [:]
    var metadata: [String: String] = [:]
    for (key, value) in object {
      if key == "__metadata__" {
        guard let strings = value as? [String: String] else {
          throw malformed("its metadata are not strings")
        }
        metadata = strings
      } else {
        guard let entry = Self.entry(value, dataStart: start, fileSize: bytes.count) else {
          throw malformed("the place or shape of the tensor “\(key.excerpt)” is wrong")
        }
        entries[key] = entry
      }
    }
    var end = start
    for (key, entry) in entries.sorted(by: {
      ($0.value.range.lowerBound, $0.value.range.upperBound) < (
        $1.value.range.lowerBound, $1.value.range.upperBound
      )
    }) {
      guard entry.range.lowerBound == end else {
        throw malformed("the tensor “\(key.excerpt)” overlaps another or follows a gap")
      }
      end = entry.range.upperBound
    }
    guard end == bytes.count else { throw malformed("bytes follow the last tensor") }
    self.entries = entries
    self.metadata = metadata
  }

  private static func entry(_ value: Any, dataStart: Int, fileSize: Int) -> TensorEntry? {
    guard let fields = value as? [String: Any], let format = fields["dtype"] as? String,
      let bits = bitCounts[format], let sizes = fields["shape"] as? [Any],
      sizes.count <= TensorEntry.maximumRank, let offsets = fields["data_offsets"] as? [Any],
      offsets.count == 2, let first = whole(offsets[0]), let last = whole(offsets[1]),
      first <= last, last <= fileSize - dataStart
    else { return nil }
    var shape: [Int] = []
    var count = 1
    for size in sizes {
      guard let size = whole(size) else { return nil }
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return nil }
      count = product
      shape.append(size)
    }
    let (byteCount, overflow) = count.multipliedReportingOverflow(by: bits / 8)
    guard !overflow, byteCount == last - first else { return nil }
    return TensorEntry(
      format: format, shape: shape, count: count, range: dataStart + first..<dataStart + last)
  }

  /// A JSON number that is whole, not negative and exactly representable.
  private static func whole(_ value: Any) -> Int? {
    guard let number = value as? NSNumber else { return nil }
    let double = number.doubleValue
    guard double >= 0, double <= 9_007_199_254_740_992, double == double.rounded() else {
      return nil
    }
    return Int(double)
  }
}
