// SPDX-License-Identifier: MIT
import Separation

extension String {
  /// Every byte that is not unreserved, as `%` and two hexadecimal digits (RFC 3986 §2.3).
  ///
  /// - Parameter others: What stays as it is, too.
  func percentEncoded(keeping others: String = "") -> String {
    utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        String(UnicodeScalar(byte))
      case _ where others.utf8.contains(byte): String(UnicodeScalar(byte))
      default: "%" + [byte].hexadecimal.uppercased()
      }
    }.joined()
  }
}
