// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

/// The command with a small Demucs.
@Suite struct DemucsTests {
  @Test(arguments: [(44_100, 2), (48_000, 2), (48_000, 1)])
  func stemAndMinusAddUpToTheSong(sampleRate: Int, channelCount: Int) throws {
    let place = try Workplace()
    let song = try place.song(
      "song.wav", frameCount: 20_000, sampleRate: sampleRate, channelCount: channelCount)
    let result = try place.separate(
      "song.wav", "--two-stems", "vocals", "--other-method", "minus", "--float32", "--clip-mode",
      "none", model: Workplace.demucs)
    #expect(result.status == 0, "\(result.errors)")
    let folder = "separated/demucs-transformer/song"
    let stem = try place.read("\(folder)/vocals.wav")
    let rest = try place.read("\(folder)/minus_vocals.wav")
    #expect(stem.sampleRate == sampleRate)
    #expect(stem.buffer.peak > 0.01)
    let sum = zip(stem.buffer.samples, rest.buffer.samples).map { $0 + $1 }
    let mixture = channelCount == 1 ? song.samples + song.samples : song.samples
    #expect(sum.elementsEqual(mixture) { abs($0 - $1) < 1e-6 })
  }

  @Test func theSeedDecidesTheFiles() throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 20_000)
    let files = try [("a", "4"), ("b", "4"), ("c", "5")].map { folder, seed in
      let result = try place.separate(
        "song.wav", "-o", folder, "--shifts", "2", "--seed", seed, "--stems", "bass", "--float32",
        model: Workplace.demucs)
      #expect(result.status == 0, "\(result.errors)")
      return try Data(
        contentsOf: place.url.appending(path: "\(folder)/demucs-transformer/song/bass.wav"))
    }
    #expect(files[0] == files[1])
    #expect(files[0] != files[2])
  }
}
