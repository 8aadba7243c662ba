// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite struct DoctorTests {
  private struct Finding: Decodable {
    let name: String
    let state: String
    let found: String
    let remedy: String?
  }

  private func findings(_ arguments: [String], in place: Workplace) throws -> [Finding] {
    let result = try place.tool.run(executable: Tool.executable, ["doctor", "--json"] + arguments)
    let findings = try JSONDecoder().decode([Finding].self, from: Data(result.output.utf8))
    #expect((result.status == 1) == findings.contains { $0.state == "problem" })
    return findings
  }

  @Test func everythingIsLookedAt() throws {
    let place = try Workplace()
    let found = try findings(["--port", "0"], in: place)
    let names = found.map(\.name)
    for name in [
      "processor", "memory", "libraries", "ffmpeg", "rubberband", "cache", "state", "service data",
      "model lite", "page", "port 0 of loopback",
    ] {
      #expect(names.contains(name), "\(name)")
    }
    #expect(found.first { $0.name == "model lite" }?.found == "drums, bass, other, vocals")
    #expect(found.first { $0.name == "libraries" }?.found.contains("oneDNN-") == true)
    let text = try place.tool.run("doctor", "--port", "0")
    for finding in found { #expect(text.output.contains(finding.name)) }
  }

  @Test func aTakenPortIsAProblem() throws {
    let place = try Workplace()
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isListening = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, $0, &length) == 0
      }
    }
    #expect(isListening)
    let port = UInt16(bigEndian: address.sin_port)
    let finding = try #require(
      try findings(["--port", "\(port)"], in: place).first { $0.name == "port \(port) of loopback" }
    )
    #expect(finding.state == "problem")
    #expect(finding.remedy?.contains("--port") == true)
  }

  @Test func aDatabaseThatDoesNotAnswerIsAProblem() throws {
    let place = try Workplace()
    let arguments = ["--port", "0", "--store", "postgres://nobody@127.0.0.1:1/none"]
    let finding = try #require(try findings(arguments, in: place).first { $0.name == "store" })
    #expect(finding.state == "problem")
    #expect(finding.remedy?.contains("psql") == true)
  }

  @Test func aFolderThatCannotBeUsedIsAProblem() throws {
    let place = try Workplace()
    try place.song("song.wav")
    let found = try findings(["--port", "0", "--data", "song.wav/data"], in: place)
    let finding = try #require(found.first { $0.name == "service data" })
    #expect(finding.state == "problem")
    #expect(finding.remedy?.contains("--data") == true)
  }

  @Test func aPortThatIsNoneIsRefused() throws {
    let place = try Workplace()
    #expect(try place.tool.run("doctor", "--port", "70000").status == 64)
  }
}
