// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Logging
import Service
import Tonmeister

/// `tonmeister serve`: the page and the interface over HTTP.
struct ServeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Serves the page, and the interface over HTTP and gRPC.",
    usage: "tonmeister serve [options]",
    discussion: """
      Listens on loopback unless told otherwise; for any other address clients need a token. Jobs and their \
      results are kept in the data folder, and what was running when the process ended runs again. With --store \
      several processes share them, and “tonmeister worker” does the work, on as many machines as there are.

      Ends on Ctrl-C or SIGTERM with status 0, after answers on their way are finished; with 1 where it cannot \
      listen or keep jobs.
      """)

  @OptionGroup(title: "Where it listens, and to whom")
  var access: ServeAccessOptions

  @OptionGroup(title: "Where things are")
  var places: StoreOptions

  @OptionGroup(title: "How much it takes and keeps")
  var amounts: ServeAmountOptions

  @Flag(help: "Write the log as JSON, a line for each event.")
  var json = false

  func run() async throws {
    let console = Console(json: false)
    ServeCommand.prepare(json: json)
    do {
      var configuration = try places.configuration()
      try access.apply(to: &configuration)
      amounts.apply(to: &configuration)
      let service = try TonmeisterService(configuration: configuration)
      try await service.run { [configuration] port in
        console.say(configuration.address("http", port: port) + "/")
      } onListeningRPC: { [configuration] port in
        console.say(configuration.address("grpc", port: port))
      }
    } catch {
      console.error("\(error)")
      throw ExitCode.failure
    }
  }

  /// Makes the log, and errors of signals that would end the process.
  static func prepare(json: Bool) {
    let style: LineLogHandler.Style = json ? .json : .text
    LoggingSystem.bootstrap { LineLogHandler(label: $0, style: style) }
    // A client that goes away becomes an error of writing, a full disk one of the upload.
    for number in [SIGPIPE, SIGXFSZ] { signal(number, SIG_IGN) }
  }
}
