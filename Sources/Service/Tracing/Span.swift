// SPDX-License-Identifier: MIT
import Foundation

/// Something that took its time, as a trace shows it.
struct Span: Sendable {
  /// What it has to do with other programs; the numbers are those of OTLP.
  enum Kind: Int, Sendable {
    case server = 2
    /// The work on what was taken in before.
    case consumer = 5
  }

  /// What is known of it beside its name.
  enum Attribute: Sendable {
    case text(String)
    case integer(Int)
    case number(Double)
  }

  let name: String
  let kind: Kind
  let context: TraceContext
  /// The span that it is a part of; nil for the first of a trace.
  let parent: TraceContext?
  let began: Date
  let ended: Date
  let attributes: [(String, Attribute)]
  /// Why it failed; nil where it did not.
  let error: String?
}

extension Span {
  /// As OTLP has it in JSON (OpenTelemetry protocol 1.x, `opentelemetry.proto.trace.v1.Span`).
  var document: [String: Any] {
    var document: [String: Any] = [
      "traceId": context.trace, "spanId": context.span, "name": name, "kind": kind.rawValue,
      "startTimeUnixNano": Self.nanoseconds(began), "endTimeUnixNano": Self.nanoseconds(ended),
      "attributes": attributes.map { ["key": $0.0, "value": Self.value($0.1)] },
      "status": error.map { ["code": 2, "message": $0] as [String: Any] } ?? [:],
    ]
    if let parent { document["parentSpanId"] = parent.span }
    return document
  }

  /// 64-bit integers are texts in the JSON of protocol buffers.
  private static func nanoseconds(_ date: Date) -> String {
    "\(Int64(date.timeIntervalSince1970 * 1e9))"
  }

  private static func value(_ attribute: Attribute) -> [String: Any] {
    switch attribute {
    case .text(let text): ["stringValue": text]
    case .integer(let number): ["intValue": "\(number)"]
    case .number(let number): ["doubleValue": number]
    }
  }
}
