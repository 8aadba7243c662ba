// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

/// `tonmeister separate --manifest --shard`.
@Suite struct ManifestTests {
  /// Five songs, two of which have the same name, in a folder `songs` with the list beside them.
  private func place(_ list: String) throws -> Workplace {
    let place = try Workplace()
    for (index, folder) in ["a", "b", "c"].enumerated() {
      try FileManager.default.createDirectory(
        at: place.url.appending(path: "songs/\(folder)"), withIntermediateDirectories: true)
      try place.song("songs/\(folder)/same.wav", frameCount: 5000 + 1000 * index)
    }
    try place.song("songs/one, or two.wav", frameCount: 3000)
    try Data(list.utf8).write(to: place.url.appending(path: "songs/list.csv"))
    return place
  }

  private static let list = """
    artist,path\r
    x,a/same.wav\r
    "y, z",b/same.wav\r
    \r
    x,"one, or two.wav"\r
    x,c/same.wav\r

    """

  @Test func partsOfAListAreTogetherTheWhole() throws {
    let place = try place(Self.list)
    let whole = try place.separate("--manifest", "songs/list.csv", "-o", "whole")
    #expect(whole.status == 0)
    for number in 1...3 {
      let part = try place.separate(
        "--manifest", "songs/list.csv", "--shard", "\(number)/3", "-o", "parts")
      #expect(part.status == 0)
      #expect(place.files(below: "parts").count == [8, 12, 16][number - 1])
    }
    let names = place.files(below: "whole")
    #expect(names == place.files(below: "parts"))
    #expect(names.contains("through/same (3)/bass.wav"))
    for name in names {
      #expect(try place.read("whole/\(name)").buffer == place.read("parts/\(name)").buffer)
    }
  }

  @Test func whatIsThereIsNotDoneTwice() throws {
    let place = try place("path\na/same.wav\nb/same.wav\n")
    #expect(try place.separate("--manifest", "songs/list.csv").status == 0)
    let lost = place.url.appending(path: "separated/through/same (2)/drums.wav")
    try FileManager.default.removeItem(at: lost)
    let again = try place.separate("--manifest", "songs/list.csv", "--json")
    #expect(again.status == 0)
    let report = try #require(
      try JSONSerialization.jsonObject(with: Data(again.output.utf8)) as? [String: Any])
    let tracks = try #require(report["tracks"] as? [[String: Any]])
    #expect(tracks.map { $0["status"] as? String } == ["skipped", "separated"])
    #expect(FileManager.default.fileExists(atPath: lost.path))
  }

  @Test func aPathInEachLineIsAListToo() throws {
    let place = try place("a/same.wav\n\(try Workplace().url.path)/none.wav\n")
    let result = try place.separate("--manifest", "songs/list.csv")
    #expect(result.status == 1)
    #expect(result.errors.contains("none.wav"))
    #expect(place.files().count == 4)
    // Without a header nothing in a line means anything but itself.
    let plain = try self.place("\u{FEFF}one, or two.wav\r\n")
    #expect(try plain.separate("--manifest", "songs/list.csv").status == 0)
    #expect(plain.files().count == 4)
  }

  @Test(arguments: [
    ("", "no song"), ("\n\n", "no song"), ("path\n", "no song"),
    ("path,artist\n,x\n", "song 1 has no path"), ("path\n\"a", "never closed"),
    ("a\0b", "no text"),
  ])
  func aListThatIsNoneIsRefused(list: String, why: String) throws {
    let place = try place(list)
    let result = try place.separate("--manifest", "songs/list.csv")
    #expect(result.status == 1)
    #expect(result.errors.contains(why) && result.errors.contains("songs/list.csv"))
    #expect(try place.separate("--manifest", "none.csv").errors.contains("none.csv"))
  }

  @Test(arguments: ["0/3", "4/3", "1", "1/0", "a/b", "1/2/3", "-1/2"])
  func aPartThatIsNoneIsRefused(shard: String) throws {
    let place = try place(Self.list)
    #expect(try place.separate("--manifest", "songs/list.csv", "--shard=\(shard)").status == 64)
    #expect(place.files().isEmpty)
  }
}
