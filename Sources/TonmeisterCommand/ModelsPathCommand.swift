// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import ModelStore
import Tonmeister

/// `tonmeister models path`.
struct ModelsPathCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "path", abstract: "Prints the folder of a fetched model.")

  @Argument(help: "The model.")
  var name: String

  func run() throws {
    let console = Console(json: false)
    do {
      console.say(try ModelStorage().folder(of: ModelName(rawValue: name)).path)
    } catch {
      console.error(error.message)
      throw ExitCode.failure
    }
  }
}
