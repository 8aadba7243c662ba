// SPDX-License-Identifier: MIT

/// A place in a trace, as W3C Trace Context writes it: `00-TRACE-SPAN-FLAGS`.
struct TraceContext: Sendable, Equatable {
  /// 32 hexadecimal digits.
  let trace: String
  /// 16 hexadecimal digits.
  let span: String
  /// Whether whoever began the trace wants it to be kept.
  let isSampled: Bool

  /// The span that what runs now belongs to.
  @TaskLocal static var current: TraceContext?

  /// A new span, in the trace of another or in a new one.
  init(below parent: TraceContext?) {
    trace = parent?.trace ?? JobID().description
    span = String(JobID().description.prefix(16))
    isSampled = parent?.isSampled ?? true
  }

  /// What another program sent; nil where it makes no sense.
  init?(_ text: String?) {
    let parts = (text ?? "").split(separator: "-", omittingEmptySubsequences: false)
    // Later versions may add parts at the end.
    guard parts.count == 4 || (parts.count > 4 && parts[0] != "00"), parts[0] != "ff",
      Self.isHexadecimal(parts[0], 2), Self.isIdentifier(parts[1], 32),
      Self.isIdentifier(parts[2], 16), Self.isHexadecimal(parts[3], 2),
      let flags = UInt8(parts[3], radix: 16)
    else { return nil }
    trace = String(parts[1])
    span = String(parts[2])
    isSampled = flags & 1 == 1
  }

  /// As it is sent and kept.
  var text: String { "00-\(trace)-\(span)-\(isSampled ? "01" : "00")" }

  private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
    text.utf8.count == count
      && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }

  private static func isIdentifier(_ text: Substring, _ count: Int) -> Bool {
    isHexadecimal(text, count) && text.contains { $0 != "0" }
  }
}
