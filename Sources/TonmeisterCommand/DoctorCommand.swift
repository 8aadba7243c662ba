// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation

/// `tonmeister doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract:
      "Looks at the machine: processor, memory, libraries, programs, disk, models, database, ports.",
    discussion:
      "Exit status: 0 when everything works, if not all of it as well as it could; 1 when something does not."
  )

  @Option(help: "The port of “tonmeister serve”.")
  var port = 8080

  @Option(help: "The port of “tonmeister serve” for gRPC.")
  var grpcPort: Int?

  @Option(help: "The data folder of “tonmeister serve”.")
  var data: String?

  @Option(help: "The database of “tonmeister serve” and “worker”; or TONMEISTER_STORE.")
  var store: String?

  @Flag(help: "Print a JSON array.")
  var json = false

  func validate() throws {
    for port in [port, grpcPort].compactMap(\.self) where !(0...65_535).contains(port) {
      throw ValidationError("The port must be from 0 to 65535, not \(port).")
    }
  }

  func run() throws {
    let console = Console(json: false)
    let store = store ?? ProcessInfo.processInfo.environment["TONMEISTER_STORE"]
    let checkup = Checkup(
      ports: [port, grpcPort].compactMap(\.self), data: data.map { URL(filePath: $0) },
      store: store.flatMap { $0.isEmpty ? nil : $0 })
    let findings = checkup.findings()
    if json {
      try console.printJSON(findings)
    } else {
      let rows = findings.map { [$0.state.rawValue, $0.name, $0.found] }
      for (line, finding) in zip(
        TextTable.lines(header: ["STATE", "WHAT", "FOUND"], rows: rows).dropFirst(), findings)
      {
        console.say(line)
        if let remedy = finding.remedy { console.say("  → \(remedy)") }
      }
    }
    if findings.contains(where: { $0.state == .problem }) { throw ExitCode.failure }
  }
}
