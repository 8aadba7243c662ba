// SPDX-License-Identifier: MIT
import Testing

@testable import Separation

@Suite struct SHA256Tests {
  /// The examples of NIST for FIPS 180.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
  ])
  func theDigestIsThatOfTheStandard(_ text: String, _ digest: String) {
    #expect(Array(text.utf8).withUnsafeBytes { SHA256.hexadecimal(of: $0) } == digest)
  }

  @Test func partsGiveTheSameDigestAsTheWhole() {
    let bytes = (0..<300).map { UInt8(truncatingIfNeeded: $0 * 7) }
    for count in 0...bytes.count {
      let whole = bytes[..<count].withUnsafeBytes { SHA256.hexadecimal(of: $0) }
      for step in [1, 13, 63, 64, 65, 128] {
        var hash = SHA256()
        for start in stride(from: 0, to: count, by: step) {
          bytes[start..<min(count, start + step)].withUnsafeBytes { hash.update($0) }
        }
        let digest = hash.digest().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(digest == whole)
      }
    }
  }
}
