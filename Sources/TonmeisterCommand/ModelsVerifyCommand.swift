// SPDX-License-Identifier: MIT
import ArgumentParser
import ModelStore
import Tonmeister

/// `tonmeister models verify`.
struct ModelsVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Reads fetched models again and compares their SHA-256.",
    discussion: "Exit status: 0 when all files are intact, 1 when one is not.")

  @Argument(help: "The models; by default all that are installed.")
  var names: [String] = []

  func run() throws {
    let console = Console(json: false)
    let storage = ModelStorage()
    var isIntact = true
    let models = names.isEmpty ? storage.models.names() : names.map(ModelName.init(rawValue:))
    if models.isEmpty { console.note("No models have been fetched.") }
    for model in models {
      do {
        for check in try storage.verify(model) {
          console.say("\(model)/\(check.name): \(check.status.rawValue)")
          guard check.status != .intact else { continue }
          isIntact = false
          console.error(
            "\(model)/\(check.name) is \(check.status.rawValue); fetch it again: tonmeister models "
              + "remove \(model), then tonmeister models pull \(model).")
        }
      } catch {
        isIntact = false
        console.error(error.message)
      }
    }
    if !isIntact { throw ExitCode.failure }
  }
}
