// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Mixdown

@Suite struct MP4BoxTests {
  private static func box(_ type: String, _ contents: [UInt8]) -> [UInt8] {
    let size = contents.count + 8
    return [
      UInt8(size >> 24 & 0xFF), UInt8(size >> 16 & 0xFF), UInt8(size >> 8 & 0xFF),
      UInt8(size & 0xFF),
    ]
      + Array(type.utf8) + contents
  }

  private static func track(_ flags: UInt8, _ table: [UInt8]) -> [UInt8] {
    let tkhd = box("tkhd", [0, 0, 0, flags] + [UInt8](repeating: 9, count: 80))
    return box("trak", tkhd + box("mdia", box("minf", box("stbl", table))))
  }

  /// A movie of two tracks whose chunks are `places`.
  private static func movie(_ places: [Int]) -> [UInt8] {
    var narrow: [UInt8] = [0, 0, 0, 0, 0, 0, 0, UInt8(places.count)]
    var wide = narrow
    for place in places {
      narrow.appendBigEndian(UInt32(place))
      wide.appendBigEndian(UInt64(place))
    }
    return box(
      "moov",
      box("mvhd", [UInt8](repeating: 1, count: 100)) + track(3, box("stco", narrow))
        + track(3, box("co64", wide)) + box("udta", box("meta", [1, 2, 3])))
  }

  private func rewrite(_ source: [UInt8]) throws -> [UInt8] {
    let place = try Place()
    let input = try FileSink(path: place.path("in"))
    try input.append(source)
    let output = try FileSink(path: place.path("out"))
    try MP4Rewriter(
      source: input, output: output, path: "a.mp4", maximumMovieByteCount: 1 << 20,
      signal: CancellationSignal()
    ).run { movie in
      movie.enableOnlyFirstTrack()
      movie.addUserData(MP4Box(type: "stem", payload: Array("{}".utf8)))
    }
    try output.finish()
    return [UInt8](try Data(contentsOf: place.url.appending(path: "out")))
  }

  @Test(arguments: [true, false])
  func chunksAreFoundAgain(movieLeads: Bool) throws {
    let audio = (0..<50).map { UInt8($0) }
    let start = Self.box("ftyp", Array("isom".utf8))
    let length = Self.movie([0, 0, 0]).count
    let base = start.count + (movieLeads ? length : 0) + 8
    let places = [base, base + 20, base + 40]
    let movie = Self.movie(places)
    let media = Self.box("mdat", audio)
    let result = try rewrite(start + (movieLeads ? movie + media : media + movie))
    let boxes = try #require(MP4Box.parse(result[...]))
    let moov = try #require(boxes.first { $0.type == "moov" })
    let tables = try (1...2).map { index in
      let trak = try #require(moov.children?[index])
      #expect(trak.children?[0].payload[3] == (index == 1 ? 3 : 2))
      return try #require(trak.children?[1].children?[0].children?[0].children?[0])
    }
    for (table, width) in zip(tables, [4, 8]) {
      for (index, place) in [0, 20, 40].enumerated() {
        let entry = table.payload[(8 + index * width)..<(8 + (index + 1) * width)]
        let offset = entry.reduce(0) { $0 << 8 | Int($1) }
        #expect(result[offset] == audio[place])
      }
    }
    let userData = try #require(moov.children?.last)
    #expect(userData.payload == Self.box("stem", Array("{}".utf8)) + Self.box("meta", [1, 2, 3]))
  }

  @Test func whatIsNotSoundIsRefused() throws {
    let movie = Self.movie([1])
    let cases: [[UInt8]] = [
      [], Self.box("ftyp", []), Array(movie.dropLast()), [0, 0, 0, 4] + Array("moov".utf8),
      [0, 0, 0, 1] + Array("moov".utf8), Self.box("mdat", []) + movie + Self.box("mdat", []),
      Self.box("moov", [0, 0, 0, 200] + Array("trak".utf8)),
      [0, 0, 0, 1] + Array("moov".utf8) + [UInt8](repeating: 0xFF, count: 8),
    ]
    for bytes in cases {
      #expect(throws: MixdownError.self) { try rewrite(bytes) }
    }
  }

  @Test func randomBytesDoNotTrap() throws {
    var random = SystemRandomNumberGenerator()
    let movie = Self.movie([100, 200, 300]) + Self.box("mdat", [1, 2, 3])
    for _ in 0..<3000 {
      var bytes = movie
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: .min ... .max)
      }
      if var boxes = MP4Box.parse(bytes[...]) {
        for index in boxes.indices {
          boxes[index].enableOnlyFirstTrack()
          _ = boxes[index].moveChunks(by: 77)
          _ = boxes[index].bytes
        }
      }
    }
  }
}
