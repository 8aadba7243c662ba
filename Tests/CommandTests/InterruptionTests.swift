// SPDX-License-Identifier: MIT
import Foundation
import Testing
import Tonmeister

@Suite struct InterruptionTests {
  @Test(arguments: [(SIGINT, Int32(130)), (SIGTERM, Int32(143))])
  func aSignalLeavesNoPartialFile(number: Int32, status: Int32) throws {
    let place = try Workplace()
    try place.song("song.wav", frameCount: 300_000)
    // A hundred shifts take minutes, far longer than this test.
    let child = try place.tool.start(
      "separate", "--repo", "models", "-n", "through", "song.wav", "--shifts", "100",
      "--progress", "json")
    for _ in 0..<3000 {
      if child.errorsSoFar.split(separator: "\n").count > 1 { break }
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(child.identifier, number)
    let result = child.finish()
    #expect(result.status == status)
    #expect(place.files().isEmpty)
    #expect(!FileManager.default.fileExists(atPath: place.url.appending(path: "separated").path))
  }
}
