// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Mixdown

@Suite struct ArchiveAndNamesTests {
  @Test func theChecksumIsThatOfTheStandard() {
    // The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
    var checksum = CRC32()
    Array("123456789".utf8).withUnsafeBytes { checksum.update($0) }
    #expect(checksum.value == 0xCBF4_3926)
    // The same for any cut.
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 * $0 + 7) }
    for cut in [0, 1, 7, 8, 9, 500, 993, 999] {
      var checksum = CRC32()
      bytes[..<cut].withUnsafeBytes { checksum.update($0) }
      bytes[cut...].withUnsafeBytes { checksum.update($0) }
      #expect(checksum.value == StoredZip.checksum(bytes))
    }
  }

  @Test func anArchiveIsReadBack() throws {
    let place = try Place()
    let sink = try FileSink(path: place.path("a.zip"))
    let archive = ZipArchiveWriter(sink: sink)
    let members: [(name: String, bytes: [UInt8])] = [
      ("empty", []), ("audio/Ümlaut 🎤.wav", [1, 2, 3]),
      ("large", (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 31) }),
    ]
    for member in members {
      try archive.add(member.name) { (sink) throws(MixdownError) in
        try sink.append(Array(member.bytes[..<(member.bytes.count / 3)]))
        try sink.append(Array(member.bytes[(member.bytes.count / 3)...]))
      }
    }
    try archive.finish()
    #expect(place.files.isEmpty)
    try sink.finish()
    let bytes = [UInt8](try Data(contentsOf: place.url.appending(path: "a.zip")))
    let read = try StoredZip(bytes).members
    #expect(read.map(\.name) == members.map(\.name))
    #expect(read.map(\.bytes) == members.map(\.bytes))
    #expect(
      bytes.count
        == ZipArchiveWriter.byteCount(members: members.map { ($0.name, $0.bytes.count) }))
  }

  @Test func namesOfTracksBecomeNamesOfFiles() {
    var names = FileNames()
    let cases = [
      ("drums", "drums"), ("Drums", "Drums 2"), ("DRUMS", "DRUMS 3"), ("AC/DC", "AC_DC"),
      ("AC\\DC", "AC_DC 2"), ("..", "track"), ("...a.", "a"), ("", "track 2"),
      ("a\u{0}b\nc", "a_b_c"), ("<&\">", "_&__"), ("CON", "CON_"), ("🎸 Gitarre", "🎸 Gitarre"),
    ]
    for (name, expected) in cases { #expect(names.claim(name) == expected, "\(name)") }
    let long = names.claim(String(repeating: "ä", count: 300))
    #expect(long.utf8.count == 120)
  }

  @Test func textIsSafeInXML() throws {
    let nasty = "<&\"'>\u{1}\n\t\u{FFFF}]]>é🎤"
    let element = XMLElement("A", [("name", nasty)], [XMLElement("B", text: nasty)])
    let read = try ParsedElement.parse(element.document)
    #expect(read.attributes["name"] == "<&\"'>\u{FFFD}\n\t\u{FFFD}]]>é🎤")
    #expect(read.children[0].text == "<&\"'>\u{FFFD}\n\t\u{FFFD}]]>é🎤")
  }

  @Test func numbersAreDecimal() {
    let cases: [(Double, String)] = [
      (0, "0"), (1, "1"), (-0.5, "-0.5"), (1e-5, "0.00001"), (123.25, "123.25"),
      (0.1, "0.1"), (1e-12, "0"), (-1e-12, "0"), (.nan, "0"), (7.000000001, "7.000000001"),
    ]
    for (value, text) in cases { #expect(decimalText(value) == text) }
  }
}
