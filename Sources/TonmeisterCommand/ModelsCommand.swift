// SPDX-License-Identifier: MIT
import ArgumentParser

/// `tonmeister models`: what can separate.
struct ModelsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models", abstract: "Lists, fetches, checks and removes separation models.",
    subcommands: [
      ModelsListCommand.self, ModelsPullCommand.self, ModelsVerifyCommand.self,
      ModelsRemoveCommand.self, ModelsPathCommand.self,
    ], defaultSubcommand: ModelsListCommand.self)
}
