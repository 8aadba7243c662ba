// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Service

/// The real program, killed and started again.
@Suite struct RestartTests {
  /// A running `tonmeister serve`; it is killed with this object.
  private final class Program {
    let process: Process
    private(set) var client = HTTPClient(port: 0)

    init(_ folder: TemporaryFolder, _ arguments: [String] = []) async throws {
      process = Self.process(folder, arguments)
      let output = Pipe()
      process.standardOutput = output
      try process.run()
      let line = try await client.onThread {
        String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
      }
      let port = line.split(separator: ":").last.map { $0.filter(\.isNumber) } ?? ""
      client = HTTPClient(port: try #require(Int(port), "\(line)"))
    }

    deinit { kill(SIGKILL) }

    /// The program, not yet running; it lies beside the test bundle.
    static func process(_ folder: TemporaryFolder, _ arguments: [String]) -> Process {
      let process = Process()
      let test = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      process.executableURL = URL(filePath: test ?? "").deletingLastPathComponent()
        .appending(path: "tonmeister")
      process.arguments =
        ["serve", "--port", "0", "--data", folder.url.appending(path: "data").path] + arguments
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      return process
    }

    func kill(_ signal: Int32) {
      guard process.isRunning else { return }
      Foundation.kill(process.processIdentifier, signal)
      process.waitUntilExit()
    }
  }

  private func send(_ song: Data, to program: Program) async throws -> String {
    let response = try await program.client.send(
      "POST", "/v1/separations", headers: [("Content-Type", "audio/wav")], body: song)
    return try #require(response.json["id"] as? String)
  }

  private func state(_ id: String, _ program: Program) async throws -> [String: Any] {
    try await program.client.get("/v1/jobs/\(id)").json
  }

  @Test func aKilledServiceLosesNothingAndDoesNothingTwice() async throws {
    let folder = TemporaryFolder()
    var program = try await Program(folder)
    let short = try await send(try Song.wave(seconds: 0.5), to: program)
    for _ in 0..<400 {
      if try await state(short, program)["state"] as? String == "succeeded" { break }
      try await Task.sleep(for: .milliseconds(25))
    }
    let tag = try await program.client.get("/v1/jobs/\(short)/stems/drums").headers["etag"]
    // In the middle of one job, with another behind it.
    let long = try await send(
      try Song.wave(seconds: 60, sampleRate: 16_000, seed: 2), to: program)
    let waiting = try await send(try Song.wave(seconds: 0.5, seed: 3), to: program)
    for _ in 0..<400 {
      if try await state(long, program)["progress"] as? Double ?? 0 > 0.1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    program.kill(SIGKILL)

    program = try await Program(folder)
    #expect(try await state(short, program)["attempt"] as? Int == 1)
    #expect(
      try await program.client.get("/v1/jobs/\(short)/stems/drums").headers["etag"] == tag)
    for id in [long, waiting] {
      for _ in 0..<1200 {
        if try await state(id, program)["state"] as? String == "succeeded" { break }
        try await Task.sleep(for: .milliseconds(50))
      }
      #expect(try await state(id, program)["state"] as? String == "succeeded")
    }
    #expect(try await state(long, program)["attempt"] as? Int == 2)
    #expect(try await state(waiting, program)["attempt"] as? Int == 1)
    #expect(folder.names("data/staging").isEmpty)
    #expect(folder.names("data/results").count == 3)
  }

  @Test func aServiceThatIsToldToEndFinishesItsAnswersAndPutsItsJobBack() async throws {
    let folder = TemporaryFolder()
    var program = try await Program(folder)
    let id = try await send(try Song.wave(seconds: 300, sampleRate: 16_000), to: program)
    let client = program.client
    async let events = client.get("/v1/jobs/\(id)/events")
    for _ in 0..<400 {
      if try await state(id, program)["progress"] as? Double ?? 0 > 0.1 { break }
      try await Task.sleep(for: .milliseconds(10))
    }
    let began = ContinuousClock.now
    program.kill(SIGTERM)
    #expect(ContinuousClock.now - began < .seconds(10))
    #expect(program.process.terminationStatus == 0)
    #expect(try await events.status == 200)
    program = try await Program(folder)
    let job = try await state(id, program)
    #expect(["queued", "running"].contains(job["state"] as? String ?? ""))
    #expect(job["attempt"] as? Int ?? 9 <= 1)
  }

  @Test func aServiceThatWouldBeExposedWithoutATokenDoesNotStart() async throws {
    let folder = TemporaryFolder()
    let process = Program.process(folder, ["--host", "0.0.0.0"])
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 1)
    let text = String(decoding: errors.fileHandleForReading.availableData, as: UTF8.self)
    #expect(text.contains("--token-file"))
  }
}
