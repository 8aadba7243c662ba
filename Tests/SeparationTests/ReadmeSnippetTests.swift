// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

/// The example in the README compiles, runs, and stands there as it stands here.
@Suite struct ReadmeSnippetTests {
  private static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func separateTheSong(_ song: URL) async throws -> Set<String> {
    // README begin
    let separator = try Separator(model: .lite)
    var stems: [String: AudioBuffer] = [:]  // by name, each (2, frames)
    for try await event in separator.separate(song) {
      switch event {
      case .progress(let progress): print(progress.fraction ?? 0)
      case .finished(let track): stems = track.stems
      }
    }
    // README end
    return Set(stems.keys)
  }

  @Test func theReadmeShowsThisCode() throws {
    let code = try String(contentsOf: URL(filePath: #filePath), encoding: .utf8)
    let lines = code.split(separator: "\n", omittingEmptySubsequences: false)
    let begin = try #require(lines.firstIndex { $0.hasSuffix("// README begin") })
    let end = try #require(lines.firstIndex { $0.hasSuffix("// README end") })
    let snippet = lines[begin + 1..<end].map { $0.dropFirst(4) }.joined(separator: "\n")
    let readme = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
    #expect(readme.contains(snippet))
  }

  @Test func theCodeSeparatesASong() async throws {
    let song = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).wav")
    defer { try? FileManager.default.removeItem(at: song) }
    let writer = try AudioWriter(
      path: song.path, format: .wav16, sampleRate: 8_000, channelCount: 1)
    try writer.write(AudioBuffer(channelCount: 1, frameCount: 800))
    try writer.finish()
    #expect(try await separateTheSong(song) == ["drums", "bass", "other", "vocals"])
  }
}
