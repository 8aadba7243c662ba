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

    /// Sends a signal in the middle of a job.
    func kill(_ signal: Int32, amid id: String) async throws {
      let (client, pid) = (client, process.processIdentifier)
      // On a thread of its own, which other tests do not keep from being in time.
      try await client.onThread {
        for _ in 0..<20_000 {
          if try client.ask("GET", "/v1/jobs/\(id)").json["progress"] as? Double ?? 0 > 0.1 {
            break
          }
          Thread.sleep(forTimeInterval: 0.01)
        }
        Foundation.kill(pid, signal)
      }
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

  /// Waits until a job is as it has to be; on a busy machine that takes its time.
  private func wait(
    for id: String, _ program: Program, until condition: ([String: Any]) -> Bool
  ) async throws {
    for _ in 0..<6000 {
      if condition(try await state(id, program)) { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("The job is still \(try await state(id, program)).")
  }

  @Test func aKilledServiceLosesNothingAndDoesNothingTwice() async throws {
    let folder = TemporaryFolder()
    var program = try await Program(folder)
    let short = try await send(try Song.wave(seconds: 0.5), to: program)
    try await wait(for: short, program) { $0["state"] as? String == "succeeded" }
    let tag = try await program.client.get("/v1/jobs/\(short)/stems/drums").headers["etag"]
    // In the middle of one job, with another behind it.
    let long = try await send(
      try Song.wave(seconds: 60, sampleRate: 16_000, seed: 2), to: program)
    let waiting = try await send(try Song.wave(seconds: 0.5, seed: 3), to: program)
    try await program.kill(SIGKILL, amid: long)

    program = try await Program(folder)
    #expect(try await state(short, program)["attempt"] as? Int == 1)
    #expect(
      try await program.client.get("/v1/jobs/\(short)/stems/drums").headers["etag"] == tag)
    for id in [long, waiting] {
      try await wait(for: id, program) { $0["state"] as? String == "succeeded" }
    }
    #expect(try await state(long, program)["attempt"] as? Int == 2)
    #expect(try await state(waiting, program)["attempt"] as? Int == 1)
    #expect(folder.incomplete.isEmpty)
    #expect(folder.names("data/results").count == 3)
  }

  @Test func aServiceThatIsToldToEndFinishesItsAnswersAndPutsItsJobBack() async throws {
    // On a busy machine the job may be over before the service can be told: then once more.
    var job = try await jobAfterTheEnd()
    for _ in 0..<2 where job.state == .succeeded { job = try await jobAfterTheEnd() }
    #expect(job.state == .queued)
    #expect(job.attempt == 0)
  }

  /// Ends a service amid a job, and an answer; gives what is kept of the job.
  private func jobAfterTheEnd() async throws -> Job {
    let folder = TemporaryFolder()
    let program = try await Program(folder)
    // So long that it is not over before the process has ended, however busy the machine is.
    let song = try Song.wave(seconds: 2400, sampleRate: 8000, channelCount: 1)
    let id = try await send(song, to: program)
    let client = program.client
    // An answer that has begun, so that there is one to finish.
    let (events, beginning) = try await client.onThread {
      let connection = try HTTPClient.Connection(port: client.port)
      try connection.write(client.head("GET", "/v1/jobs/\(id)/events", [], nil))
      return (connection, connection.read())
    }
    try await program.kill(SIGTERM, amid: id)
    #expect(program.process.terminationStatus == 0)
    let answer = beginning + (try await client.onThread { events.readAll() })
    #expect(try HTTPClient.Connection.parse(answer).status == 200)
    // The last chunk of an answer that is whole.
    #expect(answer.suffix(5) == Data("0\r\n\r\n".utf8))
    let database = try SQLiteDatabase(path: folder.url.appending(path: "data/jobs.sqlite").path)
    let store = SQLJobStore(database)
    let identifier = try #require(JobID(id))
    return try #require(try await store.job(identifier))
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
