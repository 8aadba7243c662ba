// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Separation

@Suite struct StemFilesTests {
  /// A model that gives the mixture as `half` at half its level and as `loud` at four times it.
  private static let model = FunctionModel(sources: ["half", "loud"], segmentFrames: 500) {
    input, output in
    for sample in 0..<1000 {
      output[sample] = input[sample] / 2
      output[1000 + sample] = input[sample] * 4
    }
  }

  private func separate(
    _ mixture: AudioBuffer, format: AudioFileFormat = .wavFloat32, clipMode: ClipMode,
    selection: StemSelection = .all
  ) async throws -> [String: AudioBuffer] {
    let folder = try TemporaryFolder()
    let song = try folder.write(mixture, name: "song.wav", sampleRate: 8000)
    let separator = try Separator(Self.model)
    let files = try StemFiles(
      folder: folder.url.appending(path: "stems"), stems: separator.stems, format: format,
      clipMode: clipMode, selection: selection)
    var stems: [String: AudioBuffer] = [:]
    for try await event in separator.separate(song, to: files) {
      guard case .finished(let track) = event else { continue }
      #expect(track.files == files.paths)
      for (name, path) in track.files { stems[name] = try readAll(path).buffer }
    }
    #expect(try folder.contents().filter { $0.contains("/.") }.isEmpty)
    return stems
  }

  @Test func aStemBeyondFullScaleIsRescaledForItself() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3001, seed: 1)
    let stems = try await separate(mixture, clipMode: .rescale)
    let loud = try #require(stems["loud"])
    #expect(abs(loud.peak - 1 / 1.01) < 1e-6)
    let gain = 1 / (1.01 * 4 * mixture.peak)
    let expected = mixture.samples.map { $0 * 4 * gain }
    #expect(zip(loud.samples, expected).allSatisfy { abs($0 - $1) < 1e-6 })
    let half = mixture.samples.map { $0 / 2 }
    #expect(try #require(stems["half"]).samples.elementsEqual(half) { abs($0 - $1) < 1e-6 })
  }

  /// The stems are encoded at the same time; that must not show.
  @Test(arguments: [
    AudioFileFormat.mp3(bitrateKbps: 128), .flac(bitsPerSample: 24), .oggVorbis(quality: 0.5),
    .opus(bitrateKbps: 96),
  ])
  func everyStemIsEncodedAsByItself(_ format: AudioFileFormat) async throws {
    let mixture = noise(channelCount: 2, frameCount: 20_011, seed: 1)
    for mode in ClipMode.allCases {
      let together = try await separate(mixture, format: format, clipMode: mode)
      for name in ["half", "loud"] {
        let alone = try await separate(
          mixture, format: format, clipMode: mode, selection: .only([name]))
        #expect(try #require(together[name]) == #require(alone[name]))
      }
    }
  }

  @Test func clampLimitsAndNoneLeaves() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3001, seed: 1)
    let clamped = try await separate(mixture, clipMode: .clamp)
    #expect(try #require(clamped["loud"]).peak == 0.99)
    let free = try await separate(mixture, clipMode: .none)
    #expect(abs(try #require(free["loud"]).peak - 4 * mixture.peak) < 1e-5)
  }

  @Test func minusTakesTheStemAwayFromTheMixture() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3001, seed: 1)
    let stems = try await separate(
      mixture, clipMode: .none, selection: .two("half", other: .minus))
    #expect(stems.keys.sorted() == ["half", "minus_half"])
    let sum = zip(try #require(stems["half"]).samples, try #require(stems["minus_half"]).samples)
      .map { $0 + $1 }
    #expect(sum.elementsEqual(mixture.samples) { abs($0 - $1) < 1e-6 })
  }

  @Test func addSumsUpTheOtherStems() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3001, seed: 1)
    let stems = try await separate(
      mixture, clipMode: .none, selection: .two("half", other: .add))
    #expect(stems.keys.sorted() == ["half", "no_half"])
    let expected = mixture.samples.map { $0 * 4 }
    #expect(try #require(stems["no_half"]).samples.elementsEqual(expected) { abs($0 - $1) < 1e-5 })
  }

  @Test func onlyTheStemsWantedAreWritten() async throws {
    let mixture = noise(channelCount: 2, frameCount: 300, seed: 1)
    let stems = try await separate(mixture, clipMode: .none, selection: .only(["loud"]))
    #expect(stems.keys.sorted() == ["loud"])
    let error = #expect(throws: SeparationError.self) {
      try StemFiles.names(for: .only(["flute"]), stems: ["drums", "bass"])
    }
    #expect(error?.code == .unknownStem)
    #expect(error?.message.contains("drums, bass") == true)
  }

  @Test func aFolderThatCannotBeMadeIsNamed() async throws {
    let folder = try TemporaryFolder()
    let song = try folder.write(
      noise(channelCount: 2, frameCount: 300, seed: 1), name: "song.wav", sampleRate: 8000)
    let separator = try Separator(Self.model)
    let files = try StemFiles(
      folder: song.appending(path: "below"), stems: separator.stems)
    let error = await #expect(throws: SeparationError.self) {
      for try await _ in separator.separate(song, to: files) {}
    }
    #expect(error?.code == .output)
    #expect(error?.message.contains("song.wav") == true)
    #expect(try folder.contents() == ["song.wav"])
  }
}
