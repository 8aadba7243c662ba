// SPDX-License-Identifier: MIT
import Testing

@testable import Service

@Suite struct DisplayNameTests {
  @Test(arguments: [
    ("../../etc/passwd", "passwd"),
    ("C:\\music\\song.mp3", "song.mp3"),
    ("a\u{0}b\r\nX: y.wav", "abX: y.wav"),
    ("song\u{202E}3pm.exe", "song3pm.exe"),
    ("...hidden", "hidden"),
    ("  ", "audio"),
    ("", "audio"),
    ("/", "audio"),
    ("Ärger im Gemüse 🎵.flac", "Ärger im Gemüse 🎵.flac"),
  ])
  func aNameIsMadeHarmless(name: String, expected: String) {
    #expect(DisplayName.clean(name) == expected)
  }

  @Test func aLongNameIsCutBetweenCharacters() {
    let name = DisplayName.clean(String(repeating: "ä", count: 1000))
    #expect(name.utf8.count <= DisplayName.longest)
    #expect(name.allSatisfy { $0 == "ä" })
  }

  @Test func theEndingOfANameIsLeftOut() {
    #expect(DisplayName.stem(of: "song.mp3") == "song")
    #expect(DisplayName.stem(of: "Dr. Who and others") == "Dr. Who and others")
    #expect(DisplayName.stem(of: ".wav") == ".wav")
  }

  /// A header must not be broken out of, and old clients get ASCII.
  @Test func aDownloadNameFitsItsHeader() {
    #expect(
      FileAnswer.attachment("ä\"; x=\r\n.wav")
        == "attachment; filename=\"___ x=__.wav\"; filename*=UTF-8''%C3%A4%22%3B%20x%3D%0D%0A.wav")
  }
}
