// SPDX-License-Identifier: MIT
import Foundation

/// The named tensors of a file that is mapped into memory, whatever its format.
///
/// Every tensor lies within the file. Values are converted when they are asked for.
struct TensorTable: Sendable {
  /// The file's path or name, for messages.
  let name: String
  private let file: MappedFile
  private let entries: [String: TensorEntry]

  /// - Parameter entries: Checked against the size of the file by whoever read them.
  init(name: String, file: MappedFile, entries: [String: TensorEntry]) {
    self.name = name
    self.file = file
    self.entries = entries
  }

  /// The names of all tensors, sorted.
  var names: [String] { entries.keys.sorted() }

  /// The shape of a tensor, or `nil` where there is none of that name.
  func shape(of tensor: String) -> [Int]? { entries[tensor]?.shape }

  /// How a tensor is stored, in the words of safetensors, or `nil` where there is none of that name.
  func format(of tensor: String) -> String? { entries[tensor]?.format }

  /// Gives `body` the bytes of a tensor in row-major order as they are stored, little-endian, not
  /// aligned; `nil` where there is no such tensor or where its values lie in another order.
  func withBytes<Result>(
    of tensor: String, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result? {
    guard let entry = entries[tensor], entry.strides == nil else { return nil }
    return try body(UnsafeRawBufferPointer(rebasing: file.bytes[entry.range]))
  }

  /// The values of a tensor, which must have exactly this shape, as float32.
  func values(of tensor: String, shape: [Int]) throws(SeparationError) -> [Float] {
    func malformed(_ why: String) -> SeparationError {
      SeparationError(
        code: .malformed, message: "\(name): the tensor “\(tensor.excerpt)” \(why).")
    }
    guard let entry = entries[tensor] else { throw malformed("is missing") }
    guard entry.shape == shape else {
      throw malformed("has the shape \(entry.shape) where \(shape) is needed")
    }
    guard let format = TensorEntry.Format(rawValue: entry.format) else {
      throw malformed("is stored as \(entry.format); F32, F16 and BF16 can be read")
    }
    let stored = Self.floats(
      UnsafeRawBufferPointer(rebasing: file.bytes[entry.range]), format: format)
    // A large checkpoint need not stay in memory beside what is made of it.
    file.release(entry.range)
    let values = entry.strides.map { Self.gather(stored, shape: shape, strides: $0) } ?? stored
    guard values.allSatisfy(\.isFinite) else {
      throw malformed("holds values that are not numbers")
    }
    return values
  }

  private static func floats(_ bytes: UnsafeRawBufferPointer, format: TensorEntry.Format)
    -> [Float]
  {
    let count = bytes.count / format.byteCount
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      switch format {
      case .float32:
        for index in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          buffer[index] = Float(bitPattern: UInt32(littleEndian: bits))
        }
      case .float16:
        for index in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          buffer[index] = Float(float16Bits: UInt16(littleEndian: bits))
        }
      case .bfloat16:
        for index in 0..<count {
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          buffer[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
        }
      }
      initialized = count
    }
  }

  /// The values in row-major order, from those of a tensor with strides.
  private static func gather(_ stored: [Float], shape: [Int], strides: [Int]) -> [Float] {
    let count = shape.reduce(1, *)
    var values: [Float] = []
    values.reserveCapacity(count)
    var place = 0
    var index = [Int](repeating: 0, count: shape.count)
    for _ in 0..<count {
      values.append(stored[place])
      // Counts up like an odometer, from the last axis.
      var axis = shape.count - 1
      while axis >= 0 {
        index[axis] += 1
        place += strides[axis]
        if index[axis] < shape[axis] { break }
        place -= index[axis] * strides[axis]
        index[axis] = 0
        axis -= 1
      }
    }
    return values
  }
}
