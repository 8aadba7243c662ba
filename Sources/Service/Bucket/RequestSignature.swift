// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// Who may use a bucket.
struct BucketCredentials: Sendable {
  let accessKey: String
  let secretKey: String
  /// Of credentials that end by themselves.
  var sessionToken: String?
}

/// Signs requests to a bucket: AWS Signature Version 4, with the payload left unsigned.
struct RequestSignature: Sendable {
  let credentials: BucketCredentials
  let region: String

  private static let algorithm = "AWS4-HMAC-SHA256"
  private static let payload = "UNSIGNED-PAYLOAD"

  /// The fields that a request has to have, the signature among them.
  ///
  /// - Parameters:
  ///   - path: As it is sent: everything but unreserved characters and slashes percent-encoded.
  ///   - query: As it is sent, in the order of the names.
  ///   - host: With the port, where that is not the usual one.
  func fields(
    _ method: String, path: String, query: String, host: String, date: Date
  ) -> [(name: String, value: String)] {
    let time = Self.time(date)
    let scope = "\(time.prefix(8))/\(region)/s3/aws4_request"
    var fields = [
      (name: "host", value: host), (name: "x-amz-content-sha256", value: Self.payload),
      (name: "x-amz-date", value: time),
    ]
    if let token = credentials.sessionToken {
      fields.append((name: "x-amz-security-token", value: token))
    }
    let names = fields.map(\.name).joined(separator: ";")
    let canonical = [
      method, path, query, fields.map { "\($0.name):\($0.value)\n" }.joined(), names, Self.payload,
    ].joined(separator: "\n")
    let text = [
      Self.algorithm, time, scope, Self.digest(Array(canonical.utf8)).hexadecimal,
    ].joined(separator: "\n")
    var key = Array("AWS4\(credentials.secretKey)".utf8)
    for part in scope.split(separator: "/") { key = Self.code(Array(part.utf8), key: key) }
    let signature = Self.code(Array(text.utf8), key: key).hexadecimal
    fields.append(
      (
        name: "authorization",
        value: "\(Self.algorithm) Credential=\(credentials.accessKey)/\(scope), "
          + "SignedHeaders=\(names), Signature=\(signature)"
      ))
    return fields
  }

  private static func time(_ date: Date) -> String {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.timeZone = TimeZone(secondsFromGMT: 0)
    formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
    return formatter.string(from: date)
  }

  /// HMAC with SHA-256 (RFC 2104).
  static func code(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
    let size = 64
    let short = key.count > size ? digest(key) : key
    let padded = short + [UInt8](repeating: 0, count: size - short.count)
    return digest(padded.map { $0 ^ 0x5c } + digest(padded.map { $0 ^ 0x36 } + message))
  }

  private static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    bytes.withUnsafeBytes { hash.update($0) }
    return hash.digest()
  }
}
