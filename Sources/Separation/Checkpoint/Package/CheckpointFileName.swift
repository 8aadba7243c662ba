// SPDX-License-Identifier: MIT
import Foundation

/// The name of a checkpoint as Demucs publishes it: `955717e8-8726e21a.th` is the model 955717e8,
/// and the SHA-256 of the file begins with 8726e21a.
struct CheckpointFileName: Sendable, Equatable {
  /// The path, for messages.
  let path: String
  /// The model's name.
  let model: String
  /// The first hexadecimal digits of the file's SHA-256, where the name has any.
  let checksum: String?

  /// The least number of digits, which is what Demucs writes.
  static let minimumDigitCount = 8

  init(path: String) {
    self.path = path
    let name = URL(filePath: path).deletingPathExtension().lastPathComponent
    guard path.lowercased().hasSuffix(".th"), let dash = name.lastIndex(of: "-"),
      case let digits = name[name.index(after: dash)...],
      (Self.minimumDigitCount...64).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else {
      model = name
      checksum = nil
      return
    }
    model = String(name[..<dash])
    checksum = String(digits)
  }

  /// Compares the file's SHA-256 with the digits in its name.
  func verify(_ file: MappedFile) throws(SeparationError) {
    guard let checksum else { return }
    let digest = SHA256.hexadecimal(of: file.bytes)
    guard digest.hasPrefix(checksum) else {
      throw SeparationError(
        code: .malformed,
        message: "\(path): the file is damaged or not the one that its name says: its SHA-256 "
          + "begins with \(digest.prefix(checksum.count)); fetch it again.")
    }
  }
}
