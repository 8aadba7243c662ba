// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import ModelStore
import Synchronization
import Tonmeister

/// `tonmeister models pull`.
struct ModelsPullCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pull",
    abstract: "Fetches models.",
    discussion: """
      The files come from the hub, or from the site of the original Demucs where that fails, and are \
      kept below $XDG_CACHE_HOME/tonmeister/models. A download that was cut or interrupted goes on \
      where it stopped. What arrives is compared with the SHA-256 that the server names.

      Exit status: 0 when every model is there, 1 when one is not, 130 after Ctrl-C.
      """)

  @Argument(help: "The models; see “tonmeister models list”.")
  var names: [String]

  @Flag(help: "Accept the licence of the weights, which is shown.")
  var acceptLicence = false

  @Option(
    help: """
      A mirror of the hub instead of https://huggingface.co; the older site is then not asked.
      """)
  var from: String?

  @Option(
    help: """
      How to show progress on standard error: “bar”, “json” (an object a line) or “none”. By \
      default a bar on a terminal and a line every tenth elsewhere.
      """)
  var progress: Choice<TellingOptions.Progress>?

  func run() async throws {
    let console = Console(json: false)
    do {
      let models = try names.map { try model($0) }
      let source = try source()
      let style = try progress?.value(of: "--progress")
      var licences: [Licence] = []
      for model in models where !licences.contains(model.licence) { licences.append(model.licence) }
      for licence in licences {
        try LicencePrompt(console: console).settle(licence, isAccepted: acceptLicence)
      }
      try await pull(models, source: source, style: style, console: console)
    } catch let error as CommandError {
      console.error(error.message)
      throw ExitCode.failure
    } catch let error as ModelStoreError {
      console.error(error.message)
      throw ExitCode.failure
    }
  }

  private func model(_ name: String) throws(CommandError) -> CatalogueModel {
    if let model = ModelCatalogue.model(named: ModelName(rawValue: name)) { return model }
    let known = ModelCatalogue.models.map(\.name.rawValue).joined(separator: ", ")
    throw CommandError(
      message: "There is no model “\(name)” to fetch; choose one of: \(known).")
  }

  private func source() throws(CommandError) -> ModelSource {
    guard let from else { return .standard }
    guard let url = URL(string: from), ["http", "https"].contains(url.scheme), url.host != nil
    else {
      throw CommandError(
        message: "--from “\(from)” is no address of a server; name one such as "
          + "https://mirror.example.")
    }
    return ModelSource(hub: url)
  }

  private func pull(
    _ models: [CatalogueModel], source: ModelSource, style: TellingOptions.Progress?,
    console: Console
  ) async throws {
    let interruption = Interruption()
    let shown = PullDisplay(style, console: console)
    let task = Task { () async -> ModelStoreError? in
      let pull = ModelPull(source: source) { shown.show($0) }
      for model in models {
        do throws(ModelStoreError) {
          let folder = try await pull.run(model)
          shown.clear()
          console.say("\(model.name) → \(folder.path)")
        } catch {
          shown.clear()
          return error
        }
      }
      return nil
    }
    interruption.onSignal { task.cancel() }
    let failure = await task.value
    if let signal = interruption.received {
      console.error(ModelStoreError.cancelled.message)
      fflush(nil)
      _exit(128 + signal)
    }
    if let failure { throw failure }
  }
}

/// Shows the events of a download, which come from several threads.
private final class PullDisplay: Sendable {
  private let console: Console
  private let display: Mutex<(bar: ProgressDisplay, file: String)>

  init(_ style: TellingOptions.Progress?, console: Console) {
    self.console = console
    display = Mutex((ProgressDisplay(style, console: console), ""))
  }

  func show(_ event: PullEvent) {
    display.withLock { display in
      switch event {
      case .progress(let progress):
        if progress.file != display.file { display.bar.clear() }
        display.file = progress.file
        display.bar.show(progress)
      case .waiting:
        console.note("Another program is fetching this model; waiting for it.")
      case .note(let sentence):
        display.bar.clear()
        console.note(sentence)
      }
    }
  }

  func clear() { display.withLock { $0.bar.clear() } }
}
