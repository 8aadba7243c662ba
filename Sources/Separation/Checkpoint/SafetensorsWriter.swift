// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Glibc
package import NeuralNetwork

/// Writes files of named tensors in float32.
///
/// The bytes are those of the Python package for the same tensors and no more than one string of
/// metadata; with more, that package's order is random, and here it is by name.
package enum SafetensorsWriter {
  /// Writes a file, which appears under its name only when it is complete.
  ///
  /// - Parameters:
  ///   - metadata: Strings of the file itself, by name.
  ///   - path: An existing file is replaced.
  /// - Throws: `malformed` where tensors do not fit their shapes, have no name of their own or are
  ///   not finite, `output` where the file cannot be written.
  package static func write(
    _ tensors: [NamedTensor], metadata: [String: String] = [:], to path: String
  ) throws(SeparationError) {
    let bytes = try bytes(tensors, metadata: metadata, name: path)
    do throws(AudioError) {
      let file = try DestinationFile(path: path)
      var done = 0
      while done < bytes.count {
        let count = bytes.withUnsafeBytes { bytes in
          Glibc.write(file.descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        }
        if count < 0, errno == EINTR { continue }
        guard count > 0 else {
          let reason = String(cString: strerror(errno))
          throw AudioError(code: .io, path: path, message: "cannot write it: \(reason)")
        }
        done += count
      }
      try file.commit()
    } catch {
      throw .output(error)
    }
  }

  /// The bytes of the file.
  ///
  /// - Parameter name: Of the file, for messages.
  static func bytes(
    _ tensors: [NamedTensor], metadata: [String: String], name: String
  ) throws(SeparationError) -> [UInt8] {
    let tensors = tensors.sorted {
      $0.name.unicodeScalars.lexicographicallyPrecedes($1.name.unicodeScalars)
    }
    var fields: [String] = []
    if !metadata.isEmpty {
      let strings = metadata.sorted { $0.key < $1.key }
        .map { "\(quoted($0.key)):\(quoted($0.value))" }
      fields.append("\"__metadata__\":{\(strings.joined(separator: ","))}")
    }
    var end = 0
    var names: Set<String> = ["__metadata__"]
    for tensor in tensors {
      try check(tensor, isNew: names.insert(tensor.name).inserted, file: name)
      let start = end
      end += tensor.values.count * MemoryLayout<Float>.size
      let sizes = tensor.shape.map(String.init).joined(separator: ",")
      fields.append(
        "\(quoted(tensor.name)):{\"dtype\":\"F32\",\"shape\":[\(sizes)],"
          + "\"data_offsets\":[\(start),\(end)]}")
    }
    // Spaces let the values begin at a multiple of eight bytes.
    var header = Array("{\(fields.joined(separator: ","))}".utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: -header.count & 7)
    guard header.count <= SafetensorsHeader.maximumByteCount else {
      throw SeparationError(
        code: .limit, message: "\(name): the names of its tensors would take too much space.")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + end)
    withUnsafeBytes(of: UInt64(header.count).littleEndian) { bytes += $0 }
    bytes += header
    for tensor in tensors {
      for value in tensor.values {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 }
      }
    }
    return bytes
  }

  private static func check(
    _ tensor: NamedTensor, isNew: Bool, file: String
  ) throws(SeparationError) {
    func malformed(_ why: String) -> SeparationError {
      SeparationError(
        code: .malformed,
        message: "\(file): the tensor “\(tensor.name.excerpt)” cannot be written: \(why).")
    }
    guard isNew else { throw malformed("its name is taken") }
    guard tensor.shape.count <= TensorEntry.maximumRank, tensor.shape.allSatisfy({ $0 >= 0 }),
      tensor.shape.reduce(1, { $0.multipliedReportingOverflow(by: $1).partialValue })
        == tensor.values.count
    else {
      throw malformed("\(tensor.values.count) values do not have the shape \(tensor.shape)")
    }
    guard tensor.values.allSatisfy(\.isFinite) else {
      throw malformed("it holds values that are not numbers")
    }
  }

  /// A JSON string, with no more escapes than must be.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{0}"..<" ": result += String(format: "\\u%04x", scalar.value)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
