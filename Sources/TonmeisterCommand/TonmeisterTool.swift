// SPDX-License-Identifier: MIT
import ArgumentParser

/// The command line, `tonmeister`.
@main
struct TonmeisterTool: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tonmeister",
    abstract:
      "Takes songs apart into stems, mixes stems by hand or by itself, and learns from songs.",
    version: "0.1.0",
    subcommands: [
      SeparateCommand.self, MixCommand.self, RemixCommand.self, ExportCommand.self,
      MeterCommand.self, FeaturesCommand.self, CompareCommand.self, FitReverbCommand.self,
      LearnCommand.self, ListenerCommand.self, ModelsCommand.self, EvaluateCommand.self,
      ServeCommand.self, WorkerCommand.self, DoctorCommand.self,
    ])
}
