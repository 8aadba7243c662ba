// SPDX-License-Identifier: MIT
import ArgumentParser
import ModelStore
import Tonmeister

/// `tonmeister models remove`.
struct ModelsRemoveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Removes a fetched model, or what has come of it.")

  @Argument(help: "The model.")
  var name: String

  func run() async throws {
    let console = Console(json: false)
    do {
      try await ModelStorage().remove(ModelName(rawValue: name)) {
        console.note("Another program is fetching this model; waiting for it.")
      }
    } catch {
      console.error(error.message)
      throw ExitCode.failure
    }
    console.say("\(name): removed")
  }
}
