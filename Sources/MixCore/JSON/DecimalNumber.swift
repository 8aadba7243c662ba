// SPDX-License-Identifier: MIT

/// A decimal number on its way to the nearest Double.
struct DecimalNumber {
  /// Whether the number has a minus sign.
  var isNegative = false
  /// The power of ten of `digits`.
  var exponent = 0
  private var digits: UInt64 = 0
  private var count = 0
  /// The digits that `digits` has no room for.
  private var rest: [UInt8] = []

  /// Appends a digit, 0 to 9.
  mutating func append(_ digit: UInt8, isFraction: Bool) {
    if isFraction { exponent -= 1 }
    if digits == 0, digit == 0 { return }
    if count < 19 {
      digits = digits * 10 + UInt64(digit)
      count += 1
    } else {
      rest.append(digit)
    }
  }

  /// The nearest Double, ties to even; infinite where it is too large.
  var nearestDouble: Double {
    let magnitude = nearestMagnitude
    return isNegative ? -magnitude : magnitude
  }

  private var nearestMagnitude: Double {
    guard digits != 0, exponent + rest.count > -400 else { return 0 }
    guard exponent + rest.count < 400 else { return .infinity }
    // Both are exact, so one rounding remains (Clinger 1990, doi:10.1145/93542.93557).
    if digits < 1 << 53, exponent >= -22, exponent <= 22, rest.isEmpty {
      var power = 1.0
      for _ in 0..<abs(exponent) { power *= 10 }
      return exponent < 0 ? Double(digits) / power : Double(digits) * power
    }
    // numerator / denominator, scaled into [1, 2), gives its bits by long division.
    var numerator = WideNumber(digits)
    var denominator = WideNumber(1)
    for digit in rest { numerator.multiply(by: 10, adding: UInt64(digit)) }
    if exponent > 0 {
      numerator.multiply(byPowerOfTen: exponent)
    } else {
      denominator.multiply(byPowerOfTen: -exponent)
    }
    var power = numerator.bitWidth - denominator.bitWidth
    if power > 0 { denominator.shiftLeft(power) } else { numerator.shiftLeft(-power) }
    if numerator.isLess(than: denominator) {
      numerator.shiftLeft(1)
      power -= 1
    }
    guard power <= 1023 else { return .infinity }
    // Subnormal numbers have fewer bits.
    let precision = min(53, 53 + power + 1022)
    guard precision >= 0 else { return 0 }
    var significand: UInt64 = 0
    for _ in 0..<precision {
      significand <<= 1
      if !numerator.isLess(than: denominator) {
        numerator.subtract(denominator)
        significand |= 1
      }
      numerator.shiftLeft(1)
    }
    // What remains against one half: numerator / denominator against one, after the last shift.
    if denominator.isLess(than: numerator)
      || (!numerator.isLess(than: denominator) && significand & 1 == 1)
    {
      significand += 1
    }
    let unit = max(power - 52, -1074)
    // Both factors and the product are exact; two of them, since 2^-1074 is subnormal.
    let half = unit / 2
    return Double(significand) * Self.powerOfTwo(half) * Self.powerOfTwo(unit - half)
  }

  private static func powerOfTwo(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(exponent + 1023) << 52)
  }
}

/// A natural number of any size, in 32-bit digits with the lowest first.
private struct WideNumber {
  private var words: [UInt32]

  init(_ value: UInt64) {
    words = [UInt32(truncatingIfNeeded: value), UInt32(value >> 32)]
    trim()
  }

  private mutating func trim() {
    while let last = words.last, last == 0 { words.removeLast() }
  }

  var bitWidth: Int {
    guard let last = words.last else { return 0 }
    return words.count * 32 - last.leadingZeroBitCount
  }

  mutating func multiply(by factor: UInt64, adding: UInt64 = 0) {
    var carry = adding
    for index in words.indices {
      let product = UInt64(words[index]) * factor + carry
      words[index] = UInt32(truncatingIfNeeded: product)
      carry = product >> 32
    }
    if carry > 0 { words.append(UInt32(carry)) }
  }

  mutating func multiply(byPowerOfTen exponent: Int) {
    // Nine digits fit into a word.
    for _ in 0..<exponent / 9 { multiply(by: 1_000_000_000) }
    for _ in 0..<exponent % 9 { multiply(by: 10) }
  }

  mutating func shiftLeft(_ count: Int) {
    guard count > 0 else { return }
    let bits = UInt64(count % 32)
    var carry: UInt64 = 0
    for index in words.indices {
      let shifted = UInt64(words[index]) << bits | carry
      words[index] = UInt32(truncatingIfNeeded: shifted)
      carry = shifted >> 32
    }
    if carry > 0 { words.append(UInt32(carry)) }
    if count >= 32, !words.isEmpty {
      words.insert(contentsOf: [UInt32](repeating: 0, count: count / 32), at: 0)
    }
  }

  func isLess(than other: WideNumber) -> Bool {
    guard words.count == other.words.count else { return words.count < other.words.count }
    for index in words.indices.reversed() where words[index] != other.words[index] {
      return words[index] < other.words[index]
    }
    return false
  }

  /// Subtracts a number that is not larger.
  mutating func subtract(_ other: WideNumber) {
    var borrow: Int64 = 0
    for index in words.indices {
      let part = index < other.words.count ? Int64(other.words[index]) : 0
      let difference = Int64(words[index]) - part - borrow
      borrow = difference < 0 ? 1 : 0
      words[index] = UInt32(truncatingIfNeeded: difference)
    }
    trim()
  }
}
