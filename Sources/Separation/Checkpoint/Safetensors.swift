// SPDX-License-Identifier: MIT
import Foundation

/// A file of named tensors, mapped into memory.
///
/// The header is checked when the file is opened: every tensor lies within the file, its length
/// fits its shape and format, and no two overlap. Values are converted when they are asked for.
final class Safetensors: Sendable {
  /// The path or name, for messages.
  let name: String
  private let file: MappedFile
  private let header: SafetensorsHeader

  /// The file's own strings.
  var metadata: [String: String] { header.metadata }
  /// The names of all tensors, sorted.
  var tensorNames: [String] { header.entries.keys.sorted() }

  convenience init(path: String) throws(SeparationError) {
    guard let file = MappedFile(path: path) else {
      let reason = String(cString: strerror(errno))
      throw SeparationError(
        code: .malformed, message: "\(path): the checkpoint cannot be read: \(reason).")
    }
    try self.init(file, name: path)
  }

  /// The bytes of a file that is not on disk.
  convenience init(bytes: [UInt8], name: String) throws(SeparationError) {
    try self.init(MappedFile(bytes: bytes), name: name)
  }

  private init(_ file: MappedFile, name: String) throws(SeparationError) {
    header = try SafetensorsHeader(file.bytes, name: name)
    self.file = file
    self.name = name
  }

  /// The shape of a tensor, or `nil` where there is none of that name.
  func shape(of tensor: String) -> [Int]? { header.entries[tensor]?.shape }

  /// The values of a tensor, which must have exactly this shape, as float32.
  func values(of tensor: String, shape: [Int]) throws(SeparationError) -> [Float] {
    func malformed(_ why: String) -> SeparationError {
      SeparationError(
        code: .malformed, message: "\(name): the tensor “\(tensor.prefix(100))” \(why).")
    }
    guard let entry = header.entries[tensor] else { throw malformed("is missing") }
    guard entry.shape == shape else {
      throw malformed("has the shape \(entry.shape) where \(shape) is needed")
    }
    guard let format = SafetensorsHeader.Format(rawValue: entry.format) else {
      throw malformed("is stored as \(entry.format); F32, F16 and BF16 can be read")
    }
    let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[entry.range])
    let values = [Float](unsafeUninitializedCapacity: entry.count) { buffer, initialized in
      for index in 0..<entry.count {
        switch format {
        case .float32:
          let bits = bytes.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)
          buffer[index] = Float(bitPattern: UInt32(littleEndian: bits))
        case .float16:
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          buffer[index] = Float(Float16(bitPattern: UInt16(littleEndian: bits)))
        case .bfloat16:
          let bits = bytes.loadUnaligned(fromByteOffset: 2 * index, as: UInt16.self)
          buffer[index] = Float(bitPattern: UInt32(UInt16(littleEndian: bits)) << 16)
        }
      }
      initialized = entry.count
    }
    guard values.allSatisfy(\.isFinite) else {
      throw malformed("holds values that are not numbers")
    }
    return values
  }
}
