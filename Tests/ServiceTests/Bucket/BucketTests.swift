// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

@Suite struct BucketTests {
  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String(format: "%02x", $0) }.joined()
  }

  /// RFC 4231, cases 1, 2 and 6.
  @Test func codesAreThoseOfTheStandard() {
    let cases: [(key: [UInt8], message: String, code: String)] = [
      (
        [UInt8](repeating: 0x0b, count: 20), "Hi There",
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
      ),
      (
        Array("Jefe".utf8), "what do ya want for nothing?",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
      ),
      (
        [UInt8](repeating: 0xaa, count: 131),
        "Test Using Larger Than Block-Size Key - Hash Key First",
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
      ),
    ]
    for (key, message, code) in cases {
      #expect(hexadecimal(RequestSignature.code(Array(message.utf8), key: key)) == code)
    }
  }

  /// Against botocore (`Tests/Fixtures/make_signature_fixtures.py`).
  @Test func signaturesAreThoseOfAnotherClient() throws {
    let date = Date(timeIntervalSince1970: 1_795_856_707)
    let requests:
      [(
        method: String, path: String, query: String, host: String, token: String?, signature: String
      )] = [
        (
          "PUT", "/songs/a/uploads/0123", "", "127.0.0.1:9000", nil,
          "48a6db185989eb002a69495d8fb9ba84894b06e887591ac44310c82faa197e59"
        ),
        (
          "GET", "/songs", "list-type=2&prefix=a%2Fresults%2F", "s3.eu-central-1.amazonaws.com",
          nil,
          "efa10cba573ca2e6664d6154f8cb9a6e9a9d7afbcd7f5f21b6d266681eec908c"
        ),
        (
          "DELETE", "/songs/results/k%20%C3%A4/stem-drums.wav", "", "s3.eu-central-1.amazonaws.com",
          "token/+=", "0fec3791b54f6277b1ddbb2b12f5e1970b00480c1e0d8fe77ad0032fbbdc0ad3"
        ),
      ]
    for request in requests {
      let signature = RequestSignature(
        credentials: BucketCredentials(
          accessKey: "AKIDEXAMPLE", secretKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
          sessionToken: request.token), region: "eu-central-1")
      let fields = signature.fields(
        request.method, path: request.path, query: request.query, host: request.host, date: date)
      let value = try #require(fields.first { $0.name == "authorization" }?.value)
      #expect(value.hasSuffix("Signature=\(request.signature)"), "\(value)")
      #expect(value.contains("Credential=AKIDEXAMPLE/20261128/eu-central-1/s3/aws4_request,"))
    }
  }

  @Test func listsAreRead() {
    let listing = ObjectListing(
      """
      <?xml version="1.0"?><ListBucketResult><IsTruncated>true</IsTruncated>
      <Contents><Key>a/b&amp;c</Key><LastModified>2026-11-28T09:05:07.000Z</LastModified></Contents>
      <Contents><Key>d</Key><LastModified>2026-11-28T09:05:08Z</LastModified><Size>1</Size></Contents>
      <NextContinuationToken>x/+=</NextContinuationToken></ListBucketResult>
      """)
    #expect(listing.objects.map(\.key) == ["a/b&c", "d"])
    #expect(
      listing.objects.map(\.modified.timeIntervalSince1970) == [1_795_856_707, 1_795_856_708])
    #expect(listing.next == "x/+=")
    #expect(ObjectListing("<IsTruncated>false</IsTruncated>").next == nil)
  }

  /// The example of RFC 9110.
  @Test func timesOfABucketAreRead() {
    #expect(Bucket.time("Sun, 06 Nov 1994 08:49:37 GMT")?.timeIntervalSince1970 == 784_111_777)
    #expect(Bucket.time("yesterday") == nil)
  }

  @Test func whatIsNoBucketIsRefused() {
    let keys = ["AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"]
    for (url, environment) in [
      ("s3://", keys), ("http://songs", keys), ("s3://so ngs", keys), ("s3://songs", [:]),
      ("s3://songs", keys.merging(["AWS_ENDPOINT_URL": "nonsense"]) { $1 }),
    ] {
      let error = #expect(throws: ServiceError.self) {
        try Bucket(url: url, environment: environment)
      }
      #expect(error?.code == .invalid)
    }
    #expect(throws: Never.self) { try Bucket(url: "s3://songs/a/b", environment: keys) }
  }
}
