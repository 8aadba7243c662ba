// SPDX-License-Identifier: MIT

extension JSONValue {
  /// The value as JSON text over several lines, indented by two spaces, with a newline at the end.
  ///
  /// Lists and objects without lists or objects in them stay on one line where that is short.
  public var text: String {
    var bytes: [UInt8] = []
    write(into: &bytes, indent: 0)
    bytes.append(0x0A)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Reads JSON text.
  ///
  /// - Throws: `MixPlanError` with the line and column of what is not JSON.
  public init(text: String) throws(MixPlanError) { self = try JSONParser.parse(Array(text.utf8)) }

  private func write(into bytes: inout [UInt8], indent: Int) {
    switch self {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .number(let number): bytes += number.literal.utf8
    case .string(let text): Self.write(text, into: &bytes)
    case .array(let values):
      writeList(into: &bytes, indent: indent, count: values.count, open: 0x5B, close: 0x5D) {
        values[$0].write(into: &$1, indent: indent + 2)
      }
    case .object(let members):
      writeList(into: &bytes, indent: indent, count: members.count, open: 0x7B, close: 0x7D) {
        Self.write(members[$0].key, into: &$1)
        $1 += [0x3A, 0x20]
        members[$0].value.write(into: &$1, indent: indent + 2)
      }
    }
  }

  private func writeList(
    into bytes: inout [UInt8], indent: Int, count: Int, open: UInt8, close: UInt8,
    item: (Int, inout [UInt8]) -> Void
  ) {
    bytes.append(open)
    let isShort = isFlat && count <= 6
    for index in 0..<count {
      if index > 0 { bytes.append(0x2C) }
      if isShort {
        if index > 0 { bytes.append(0x20) }
      } else {
        bytes.append(0x0A)
        bytes += [UInt8](repeating: 0x20, count: indent + 2)
      }
      item(index, &bytes)
    }
    if !isShort, count > 0 {
      bytes.append(0x0A)
      bytes += [UInt8](repeating: 0x20, count: indent)
    }
    bytes.append(close)
  }

  /// Whether nothing in it needs a line of its own.
  private var isFlat: Bool {
    func isScalar(_ value: JSONValue) -> Bool {
      switch value {
      case .null, .bool, .number: true
      case .string(let text): text.utf8.count < 24
      case .array, .object: false
      }
    }
    switch self {
    case .array(let values): return values.allSatisfy(isScalar)
    case .object(let members): return members.allSatisfy { isScalar($0.value) }
    default: return true
    }
  }

  private static func write(_ text: String, into bytes: inout [UInt8]) {
    bytes.append(0x22)
    for byte in text.utf8 {
      switch byte {
      case 0x22, 0x5C: bytes += [0x5C, byte]
      case 0x0A: bytes += [0x5C, 0x6E]
      case 0x0D: bytes += [0x5C, 0x72]
      case 0x09: bytes += [0x5C, 0x74]
      case 0..<0x20:
        let hex = Array("0123456789abcdef".utf8)
        bytes += [0x5C, 0x75, 0x30, 0x30, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(0x22)
  }
}
