// SPDX-License-Identifier: MIT

/// Reads JSON text (RFC 8259) strictly: one value, valid UTF-8, no key twice in an object.
struct JSONParser {
  /// The longest text that is read, in bytes.
  static let maximumLength = 16 << 20
  /// How deep arrays and objects may be nested.
  static let maximumDepth = 64
  /// How many values a text may have.
  static let maximumValueCount = 400_000
  /// How many numbers a text may have whose exponents are far from zero, and which take long to read.
  static let maximumExtremeCount = 20_000
  /// From which exponent on that is so.
  private static let extremeExponent = 64
  /// The longest spelling of a number, in bytes.
  static let maximumNumberLength = 400

  private let bytes: [UInt8]
  private var position = 0
  private var depth = 0
  private var valueCount = 0
  private var extremeCount = 0

  private init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Reads `bytes`.
  static func parse(_ bytes: [UInt8]) throws(MixPlanError) -> JSONValue {
    guard bytes.count <= maximumLength else {
      throw MixPlanError(.limit, "the text is longer than \(maximumLength >> 20) MB")
    }
    var parser = JSONParser(bytes)
    let value = try parser.value()
    parser.skipSpace()
    guard parser.position == bytes.count else {
      throw parser.error("something follows the end of the document")
    }
    return value
  }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
      position += 1
    }
  }

  private func error(
    _ message: String, _ code: MixPlanError.Code = .malformed
  ) -> MixPlanError {
    var line = 1
    var column = 1
    for byte in bytes[..<min(position, bytes.count)] {
      if byte == 0x0A {
        line += 1
        column = 1
      } else if byte & 0xC0 != 0x80 {
        column += 1
      }
    }
    return MixPlanError(code, "line \(line), column \(column): \(message)")
  }

  private mutating func value() throws(MixPlanError) -> JSONValue {
    skipSpace()
    guard let byte = next else { throw error("the text ends where a value is expected") }
    valueCount += 1
    guard valueCount <= Self.maximumValueCount else {
      throw error("more than \(Self.maximumValueCount) values", .limit)
    }
    switch byte {
    case 0x7B: return try object()
    case 0x5B: return try array()
    case 0x22: return .string(try string())
    case 0x2D, 0x30...0x39: return .number(try number())
    case 0x74: return try word("true", .bool(true))
    case 0x66: return try word("false", .bool(false))
    case 0x6E: return try word("null", .null)
    default: throw error("a value is expected here")
    }
  }

  private mutating func word(
    _ text: StaticString, _ value: JSONValue
  ) throws(MixPlanError) -> JSONValue {
    for offset in 0..<text.utf8CodeUnitCount {
      guard next == text.utf8Start[offset] else { throw error("a value is expected here") }
      position += 1
    }
    return value
  }

  private mutating func enter() throws(MixPlanError) {
    position += 1
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw error("nested deeper than \(Self.maximumDepth) levels", .limit)
    }
    skipSpace()
  }

  private mutating func object() throws(MixPlanError) -> JSONValue {
    try enter()
    var members: [JSONMember] = []
    var keys: [[UInt8]] = []
    if next == 0x7D {
      position += 1
      depth -= 1
      return .object([])
    }
    while true {
      skipSpace()
      guard next == 0x22 else { throw error("a key in quotation marks is expected here") }
      let key = try string()
      keys.append(Array(key.utf8))
      skipSpace()
      guard next == 0x3A else { throw error("a colon is expected here") }
      position += 1
      members.append(JSONMember(key, try value()))
      skipSpace()
      if next == 0x2C {
        position += 1
      } else if next == 0x7D {
        position += 1
        depth -= 1
        break
      } else {
        throw error("a comma or } is expected here")
      }
    }
    // Sorted, so that an object of many keys does not take quadratic time.
    let order = keys.indices.sorted { keys[$0].lexicographicallyPrecedes(keys[$1]) }
    for index in 1..<max(1, order.count) where keys[order[index]] == keys[order[index - 1]] {
      throw error("the key \(members[order[index]].key) appears twice in an object")
    }
    return .object(members)
  }

  private mutating func array() throws(MixPlanError) -> JSONValue {
    try enter()
    var values: [JSONValue] = []
    if next == 0x5D {
      position += 1
      depth -= 1
      return .array([])
    }
    while true {
      values.append(try value())
      skipSpace()
      if next == 0x2C {
        position += 1
      } else if next == 0x5D {
        position += 1
        depth -= 1
        return .array(values)
      } else {
        throw error("a comma or ] is expected here")
      }
    }
  }

  private mutating func string() throws(MixPlanError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next {
      switch byte {
      case 0x22:
        guard UTF8Check.isValid(text) else { throw error("the text is not valid UTF-8") }
        position += 1
        return String(decoding: text, as: UTF8.self)
      case 0x5C:
        position += 1
        try escape(into: &text)
      case 0..<0x20:
        throw error("a control character in a text has to be escaped")
      default:
        text.append(byte)
        position += 1
      }
    }
    throw error("the text ends within quotation marks")
  }

  private mutating func escape(into text: inout [UInt8]) throws(MixPlanError) {
    guard let byte = next else { throw error("the text ends within quotation marks") }
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: text.append(byte)
    case 0x62: text.append(0x08)
    case 0x66: text.append(0x0C)
    case 0x6E: text.append(0x0A)
    case 0x72: text.append(0x0D)
    case 0x74: text.append(0x09)
    case 0x75:
      var scalar = try hexadecimal()
      if scalar & 0xFC00 == 0xD800 {
        guard next == 0x5C, position + 1 < bytes.count, bytes[position + 1] == 0x75 else {
          throw error("half of a surrogate pair")
        }
        position += 2
        let low = try hexadecimal()
        guard low & 0xFC00 == 0xDC00 else { throw error("half of a surrogate pair") }
        scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
      }
      guard let character = Unicode.Scalar(scalar) else { throw error("half of a surrogate pair") }
      UTF8Check.append(character, to: &text)
    default: throw error("there is no such escape sequence")
    }
  }

  private mutating func hexadecimal() throws(MixPlanError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = next else { throw error("four hexadecimal digits are expected here") }
      switch byte {
      case 0x30...0x39: value = value << 4 + UInt32(byte - 0x30)
      case 0x41...0x46: value = value << 4 + UInt32(byte - 0x37)
      case 0x61...0x66: value = value << 4 + UInt32(byte - 0x57)
      default: throw error("four hexadecimal digits are expected here")
      }
      position += 1
    }
    return value
  }

  private mutating func number() throws(MixPlanError) -> JSONNumber {
    let start = position
    var decimal = DecimalNumber()
    if next == 0x2D {
      decimal.isNegative = true
      position += 1
    }
    let first = next
    let integerDigits = digits { decimal.append($0, isFraction: false) }
    guard integerDigits > 0 else { throw error("a digit is expected here") }
    guard integerDigits == 1 || first != 0x30 else { throw error("a number with a leading zero") }
    if next == 0x2E {
      position += 1
      guard digits({ decimal.append($0, isFraction: true) }) > 0 else {
        throw error("a digit is expected here")
      }
    }
    if next == 0x65 || next == 0x45 {
      position += 1
      var isNegative = false
      if next == 0x2B || next == 0x2D {
        isNegative = next == 0x2D
        position += 1
      }
      var exponent = 0
      guard digits({ exponent = min(99_999, exponent * 10 + Int($0)) }) > 0 else {
        throw error("a digit is expected here")
      }
      decimal.exponent += isNegative ? -exponent : exponent
    }
    guard position - start <= Self.maximumNumberLength else {
      throw error("a number of more than \(Self.maximumNumberLength) characters", .limit)
    }
    if abs(decimal.exponent) > Self.extremeExponent {
      extremeCount += 1
      guard extremeCount <= Self.maximumExtremeCount else {
        throw error("more than \(Self.maximumExtremeCount) numbers of extreme size", .limit)
      }
    }
    let value = decimal.nearestDouble
    guard value.isFinite else { throw error("a number that is too large", .limit) }
    return JSONNumber(
      value: value, literal: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits(_ body: (UInt8) -> Void) -> Int {
    let start = position
    while let byte = next, byte >= 0x30, byte <= 0x39 {
      body(byte - 0x30)
      position += 1
    }
    return position - start
  }
}
