// SPDX-License-Identifier: MIT
public import Logging
import Foundation

/// Writes a line for each event to standard error: text for a person or JSON for a program.
public struct LineLogHandler: LogHandler {
  /// How a line looks.
  public enum Style: Sendable {
    case text, json
  }

  public var metadata = Logger.Metadata()
  public var logLevel = Logger.Level.info
  private let style: Style
  private let label: String

  /// - Parameter label: Which part of the program speaks.
  public init(label: String, style: Style) {
    self.label = label
    self.style = style
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let all = metadata.merging(event.metadata ?? [:]) { $1 }
    let line = Self.line(
      style, label: label, level: event.level, message: "\(event.message)", metadata: all,
      date: Date())
    // One call for the whole line, so that lines of several threads do not mix.
    var text = line + "\n"
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  static func line(
    _ style: Style, label: String, level: Logger.Level, message: String,
    metadata: Logger.Metadata, date: Date
  ) -> String {
    let time = date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    let members = metadata.map { (name($0.key), "\($0.value)") }.sorted { $0.0 < $1.0 }
    switch style {
    case .text:
      let words = [time, level.rawValue, message] + members.map { "\($0)=\($1)" }
      return words.map(onOneLine).joined(separator: " ")
    case .json:
      let all =
        [("time", time), ("level", level.rawValue), ("logger", label), ("message", message)]
        + members
      return "{" + all.map { "\(quoted($0)):\(quoted($1))" }.joined(separator: ",") + "}"
    }
  }

  private static func name(_ key: String) -> String { key == "hb.request.id" ? "request" : key }

  private static func onOneLine(_ text: String) -> String {
    String(
      text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : Character($0) })
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\u{0}"..."\u{1F}": quoted += "\\u" + String(format: "%04x", scalar.value)
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
