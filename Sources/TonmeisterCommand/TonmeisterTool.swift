// SPDX-License-Identifier: MIT
import ArgumentParser

/// The command line, `tonmeister`.
@main
struct TonmeisterTool: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tonmeister",
    abstract: "Takes songs apart into stems, and mixes stems.",
    version: "0.1.0",
    subcommands: [
      SeparateCommand.self, MixCommand.self, MeterCommand.self, FeaturesCommand.self,
      CompareCommand.self, ModelsCommand.self, EvaluateCommand.self,
    ])
}
