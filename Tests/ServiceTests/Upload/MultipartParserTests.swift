// SPDX-License-Identifier: MIT
import Testing

@testable import Service

@Suite struct MultipartParserTests {
  private static let form = """
    preamble\r
    --b1\r
    Content-Disposition: form-data; name="model"\r
    \r
    lite\r
    --b1  \r
    content-disposition: form-data; name="file"; filename="a \\"b\\".wav"\r
    Content-Type: audio/wav\r
    \r
    \r\n--b2\r\n--bx\r
    --b1\r
    Content-Disposition: form-data; name=empty\r
    \r
    \r
    --b1--\r
    epilogue --b1
    """

  /// The parts of a body that arrives in pieces of some size.
  private func parts(
    _ text: String, boundary: String = "b1", pieces: Int
  ) throws -> [(MultipartHead, String)] {
    var parser = try MultipartParser(boundary: boundary)
    var parts: [(MultipartHead, [UInt8])] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try parser.feed(bytes[start..<min(start + pieces, bytes.count)]) { event in
        switch event {
        case .began(let head): parts.append((head, []))
        case .data(let bytes): parts[parts.count - 1].1 += bytes
        case .ended, .finished: break
        }
      }
    }
    #expect(parser.isFinished)
    return parts.map { ($0.0, String(decoding: $0.1, as: UTF8.self)) }
  }

  @Test(arguments: [1, 2, 3, 7, 19, 64, 1000])
  func aFormIsTheSameHoweverItArrives(pieces: Int) throws {
    let parts = try parts(Self.form, pieces: pieces)
    #expect(parts.map(\.0.name) == ["model", "file", "empty"])
    #expect(parts.map(\.0.fileName) == [nil, "a \"b\".wav", nil])
    // What only looks like a boundary belongs to the file.
    #expect(parts.map(\.1) == ["lite", "\r\n--b2\r\n--bx", ""])
  }

  @Test(arguments: [
    "--b1\r\nContent-Type: text/plain\r\n\r\nx\r\n--b1--",
    "--b1\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\nx\r\n--b1--",
    "--b1x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n--b1--",
  ])
  func aFormThatIsNoneIsRefused(text: String) throws {
    #expect(throws: ServiceError.self) { _ = try parts(text, pieces: 5) }
  }

  @Test func headsAndPartsHaveLimits() throws {
    let long =
      "--b1\r\nContent-Disposition: form-data; name=\"\(String(repeating: "a", count: 9000))"
    #expect(throws: ServiceError.self) { _ = try parts(long, pieces: 100) }
    let part = "--b1\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx\r\n"
    let many = String(repeating: part, count: MultipartParser.maximumCount + 1)
    #expect(throws: ServiceError.self) { _ = try parts(many + "--b1--", pieces: 100) }
    #expect(throws: ServiceError.self) { _ = try MultipartParser(boundary: "") }
    #expect(throws: ServiceError.self) {
      _ = try MultipartParser(boundary: String(repeating: "b", count: 71))
    }
  }

  /// Whatever the bytes: it ends, and holds no more than a boundary and a head.
  @Test func anyBytesEndInAnErrorOrInPeace() throws {
    let alphabet = Array("\r\n-b1 :;=\"abContent-Disposition: form-data; name=".utf8)
    var generator = SplitMix(state: 3)
    for _ in 0..<2000 {
      var parser = try MultipartParser(boundary: "b1")
      let bytes = (0..<Int(generator.next() % 200)).map { _ in
        alphabet[Int(generator.next() % UInt64(alphabet.count))]
      }
      try? parser.feed(Array("--b1\r\n".utf8) + bytes) { _ in }
    }
  }

  @Test func parametersOfHeadersAreReadAsTheyAreMeant() {
    let header = HeaderParameters("form-data ; name = file; filename=\"a;b=%22c%22\"; x")
    #expect(header.value == "form-data")
    #expect(header["name"] == "file")
    #expect(header["filename"] == "a;b=\"c\"")
    #expect(header["x"] == nil)
  }
}

/// Numbers that look random and are the same every time.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
