// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Service

/// `tonmeister worker`: works on the jobs of a service, beside others.
struct WorkerCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "worker",
    abstract: "Works on the jobs of a service, on this machine or another.",
    usage: "tonmeister worker --store postgres://USER@HOST/DATABASE --data FOLDER [options]",
    discussion: """
      As many as you like share the database and the data folder with “tonmeister serve --store …”. One that is killed, \
      hangs or is cut off loses its job to another after a minute.

      Ends on Ctrl-C or SIGTERM with status 0, after what it has begun is finished; with 1 where the database or the \
      folder cannot be used.
      """)

  @OptionGroup(title: "Where things are")
  var places: StoreOptions

  @Option(name: .shortAndLong, help: "How many jobs run at a time; they share the cores.")
  var jobs = 1

  @Option(
    help: ArgumentHelp(
      "For how long what was begun is waited for at the end, before it is put back.",
      valueName: "seconds"))
  var drainSeconds = 600.0

  @Option(
    help: "The port of /healthz and /metrics; 0 takes a free one. There is none by default.")
  var metricsPort: Int?

  @Option(help: "The name or address to listen at for them.")
  var host = "127.0.0.1"

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Answer to this name of the host, too; may be repeated.", valueName: "name"))
  var allowHost: [String] = []

  @Option(
    help: ArgumentHelp(
      "Ask for one of the tokens in this file, as “serve” does, and for TONMEISTER_TOKEN.",
      valueName: "file"))
  var tokenFile: String?

  @Flag(help: "Write the log as JSON, a line for each event.")
  var json = false

  func validate() throws {
    guard drainSeconds >= 0, drainSeconds <= 86_400 else {
      throw ValidationError("--drain-seconds \(drainSeconds): give 0 to 86400.")
    }
  }

  func run() async throws {
    let console = Console(json: false)
    ServeCommand.prepare(json: json)
    do {
      var configuration = try places.configuration()
      configuration.concurrentJobs = jobs
      if metricsPort != nil {
        configuration.host = host
        configuration.allowedHosts = allowHost
        configuration.tokens = try AccessToken.given(file: tokenFile)
      }
      let worker = try TonmeisterWorker(
        configuration: configuration, metricsPort: metricsPort, drain: .seconds(drainSeconds))
      try await worker.run { [configuration] port in
        console.say(configuration.address("http", port: port) + "/metrics")
      }
    } catch {
      console.error("\(error)")
      throw ExitCode.failure
    }
  }
}
