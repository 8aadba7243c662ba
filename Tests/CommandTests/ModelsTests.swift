// SPDX-License-Identifier: MIT
import Foundation
import LoopbackServer
import Testing
import Tonmeister

@Suite struct ModelsTests {
  /// A server of `htdemucs`, whose checkpoint passes the song through.
  private func hub(
    change: @escaping @Sendable (LoopbackServer.Response) -> LoopbackServer.Response = { $0 }
  ) throws -> (server: LoopbackServer, address: String) {
    let header = try JSONSerialization.data(withJSONObject: [
      "__metadata__": ["klass": "PassThrough", "segment": "4096"],
      "padding": ["dtype": "U8", "shape": [400_000], "data_offsets": [0, 400_000]],
    ])
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { [UInt8]($0) }
    let checkpoint = length + [UInt8](header) + [UInt8](repeating: 7, count: 400_000)
    let server = try LoopbackServer { request in
      switch request.path {
      case "/adefossez/HTDemucs/resolve/main/htdemucs.yaml":
        .file(Array("models: ['955717e8']\n".utf8), for: request)
      case "/adefossez/HTDemucs/resolve/main/955717e8.safetensors":
        change(.file(checkpoint, for: request))
      default: .init(404)
      }
    }
    return (server, server.url().absoluteString)
  }

  @Test func aModelIsFetchedUsedVerifiedAndRemoved() throws {
    let place = try Workplace()
    let hub = try hub()
    let before = try place.tool.run("separate", "-n", "htdemucs", "song.wav")
    #expect(before.status == 1)
    #expect(before.errors.contains("tonmeister models pull htdemucs"))

    let pull = try place.tool.run(
      "models", "pull", "htdemucs", "--accept-licence", "--from", hub.address)
    #expect(pull.status == 0, "\(pull.errors)")
    #expect(pull.errors.contains("scientific purposes only"))
    let folder = place.url.appending(path: "cache/tonmeister/models/htdemucs").path
    #expect(pull.output == "htdemucs → \(folder)\n")

    let list = try place.tool.run("models", "list").output.split(separator: "\n")
    let row = try #require(list.first { $0.hasPrefix("htdemucs ") })
    #expect(row.hasSuffix("yes"))
    #expect(row.contains("for scientific purposes only"))
    #expect(list.contains { $0.hasPrefix("htdemucs_ft ") && $0.hasSuffix("no") })
    #expect(try place.tool.run("models", "path", "htdemucs").output == folder + "\n")

    try place.song("song.wav")
    let separated = try place.tool.run("separate", "-n", "htdemucs", "song.wav")
    #expect(separated.status == 0, "\(separated.errors)")
    #expect(
      place.files() == ["bass", "drums", "other", "vocals"].map { "htdemucs/song/\($0).wav" })

    #expect(try place.tool.run("models", "verify").status == 0)
    let file = URL(filePath: folder).appending(path: "955717e8.safetensors")
    var data = try Data(contentsOf: file)
    data[data.count - 1] = 8
    try data.write(to: file)
    let verified = try place.tool.run("models", "verify", "htdemucs")
    #expect(verified.status == 1)
    #expect(verified.output.contains("955717e8.safetensors: damaged"))

    #expect(try place.tool.run("models", "remove", "htdemucs").status == 0)
    let path = try place.tool.run("models", "path", "htdemucs")
    #expect(path.status == 1)
    #expect(path.errors.split(separator: "\n").count == 1)
    #expect(try place.tool.run("models", "remove", "htdemucs").status == 1)
  }

  @Test func nothingIsFetchedBeforeTheLicenceIsAccepted() throws {
    let place = try Workplace()
    let hub = try hub()
    let refused = try place.tool.run("models", "pull", "htdemucs", "--from", hub.address)
    #expect(refused.status == 1)
    #expect(refused.errors.contains("scientific purposes only"))
    #expect(refused.errors.split(separator: "\n").last?.contains("--accept-licence") == true)
    #expect(hub.server.requests.isEmpty)

    let arguments = ["models", "pull", "htdemucs", "--from", hub.address]
    let accepted = try place.tool.run(
      executable: Tool.executable, arguments + ["--accept-licence"])
    #expect(accepted.status == 0)
    // Once is enough.
    #expect(try place.tool.run("models", "remove", "htdemucs").status == 0)
    #expect(try place.tool.run(executable: Tool.executable, arguments).status == 0)
  }

  @Test func aSignalKeepsWhatHasCome() throws {
    let place = try Workplace()
    let slow = try hub { answer in
      var answer = answer
      if answer.status == 200 { answer.pause = 0.1 }
      return answer
    }
    let child = try place.tool.start(
      "models", "pull", "htdemucs", "--accept-licence", "--from", slow.address, "--progress",
      "json")
    for _ in 0..<3000 {
      if child.errorsSoFar.split(separator: "\n").filter({ $0.contains("955717e8") }).count > 1 {
        break
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    kill(child.identifier, SIGINT)
    let result = child.finish()
    #expect(result.status == 130)
    #expect(result.errors.split(separator: "\n").last?.contains("goes on") == true)
    #expect(!place.files(below: "cache").contains { $0.hasSuffix("models/htdemucs/htdemucs.yaml") })
    let again = try place.tool.run("models", "pull", "htdemucs", "--from", slow.address)
    #expect(again.status == 0, "\(again.errors)")
    #expect(try #require(slow.server.requests.last?.rangeStart) > 0)
  }

  @Test func aFullDiskIsToldAndLaterGoneOnWith() throws {
    let place = try Workplace()
    let hub = try hub()
    // No file may grow beyond 64 kB (128 blocks of 512 bytes).
    let full = try place.tool.run(
      executable: URL(filePath: "/bin/sh"),
      [
        "-c", "ulimit -f 128 && exec \"$@\"", "sh", Tool.executable.path, "models", "pull",
        "htdemucs", "--accept-licence", "--from", hub.address,
      ])
    #expect(full.status == 1)
    #expect(full.errors.split(separator: "\n").last?.contains("no space is left") == true)
    let again = try place.tool.run("models", "pull", "htdemucs", "--from", hub.address)
    #expect(again.status == 0, "\(again.errors)")
    #expect(hub.server.requests.last?.rangeStart == 65_536)
  }

  @Test func whatCannotBeFetchedIsToldInALine() throws {
    let place = try Workplace()
    let hub = try hub()
    let closed = try LoopbackServer { _ in .init() }.url().absoluteString
    let attempts = [
      (["nonsense", "--from", hub.address], "htdemucs_ft"),
      (["htdemucs_ft", "--from", hub.address], "404"),
      (["htdemucs", "--from", closed], "cannot be reached"),
      (["htdemucs", "--from", "nowhere"], "address"),
    ]
    for (arguments, expected) in attempts {
      let result = try place.tool.run(
        executable: Tool.executable, ["models", "pull", "--accept-licence"] + arguments)
      #expect(result.status == 1)
      let errors = result.errors.split(separator: "\n").filter { $0.contains("error:") }
      #expect(errors.count == 1)
      #expect(errors.first?.contains(expected) == true, "\(result.errors)")
    }
  }
}
