// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The gains in dB of `POST /mix`, by stem: as a form, `vocals_gain=3`, or JSON; `vocals` means the same.
enum LegacyGains {
  private static let suffix = "_gain"
  private static let longest = 64 << 10

  /// Reads the gains of a request.
  ///
  /// - Throws: `malformed`, `invalid`, `unsupported`, `tooLarge`.
  static func read(
    _ request: Request, state: BodyState, limits: ServiceLimits
  ) async throws(ServiceError) -> [String: Double] {
    let type = HeaderParameters(request.headers[.contentType] ?? "application/json")
    var reader = try BodyReader(request, state: state, limit: longest, limits: limits)
    let bytes = try await reader.all()
    switch type.value {
    case "application/json": return try gains(json: bytes)
    case "application/x-www-form-urlencoded": return try gains(form: bytes)
    case "multipart/form-data": return try gains(multipart: bytes, boundary: type["boundary"])
    default:
      throw ServiceError(.unsupported, "A body of this type is not taken; send a form or JSON.")
    }
  }

  private static func gains(json: [UInt8]) throws(ServiceError) -> [String: Double] {
    guard let values = try? JSONDecoder().decode([String: Double].self, from: Data(json)) else {
      throw ServiceError(
        .malformed, "An object of numbers is expected, a gain in dB for each stem.")
    }
    var gains: [String: Double] = [:]
    for (name, value) in values { gains[stem(name)] = value }
    return gains
  }

  private static func gains(form: [UInt8]) throws(ServiceError) -> [String: Double] {
    var gains: [String: Double] = [:]
    for pair in String(decoding: form, as: UTF8.self).split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1)
      guard let name = parts.first?.removingPercentEncoding,
        let value = parts.count == 2 ? parts[1].removingPercentEncoding : nil
      else { throw ServiceError(.malformed, "The form cannot be read.") }
      gains[stem(name)] = try number(value, name)
    }
    return gains
  }

  private static func gains(
    multipart: [UInt8], boundary: String?
  ) throws(ServiceError) -> [String: Double] {
    var parser = try MultipartParser(boundary: boundary ?? "")
    var gains: [String: Double] = [:]
    var (name, text): (String, [UInt8]) = ("", [])
    try parser.feed(multipart) { (event) throws(ServiceError) in
      switch event {
      case .began(let head): (name, text) = (head.name, [])
      case .data(let bytes): text += bytes
      case .ended: gains[stem(name)] = try number(String(decoding: text, as: UTF8.self), name)
      case .finished: break
      }
    }
    guard parser.isFinished else { throw ServiceError(.malformed, "The form has no end.") }
    return gains
  }

  private static func stem(_ name: String) -> String {
    name.hasSuffix(suffix) ? String(name.dropLast(suffix.count)) : name
  }

  private static func number(_ text: String, _ name: String) throws(ServiceError) -> Double {
    guard let number = Double(text.trimmingSpaces), number.isFinite else {
      throw ServiceError(.invalid, "\(DisplayName.clean(name)): a gain in dB is expected.")
    }
    return number
  }
}
