// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import ModelStore
import Tonmeister

/// `tonmeister models list`.
struct ModelsListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists the models: name, stems, size, licence, whether installed.")

  @Option(help: "A folder of models to list, too.")
  var repo: String?

  @Flag(help: "Print a JSON array.")
  var json = false

  func run() throws { try Self.printTable(repo: repo, json: json) }

  /// Prints the models to standard output: those that are there, then those that can be fetched.
  static func printTable(repo: String?, json: Bool) throws {
    let console = Console(json: false)
    var models: [ModelDescription]
    do {
      models = try ModelRegistry(repository: repo.map { URL(filePath: $0) }).models()
    } catch {
      console.error(error.message)
      throw ExitCode.failure
    }
    let known = Set(models.map(\.name))
    models += ModelCatalogue.models.filter { !known.contains($0.name) }.map(ModelDescription.init)
    if json {
      try console.printJSON(models.map(Row.init))
      return
    }
    for line in TextTable.lines(
      header: ["NAME", "STEMS", "SIZE", "LICENCE", "INSTALLED"],
      rows: models.map { model in
        [
          model.name.rawValue, model.stems.joined(separator: ","),
          String(format: "%.1f MB", Double(model.sizeInBytes) / 1e6), model.licence,
          model.isInstalled ? "yes" : "no",
        ]
      })
    { console.say(line) }
  }

  private struct Row: Encodable {
    var name: String
    var stems: [String]
    var sizeInBytes: Int
    var licence: String
    var isInstalled: Bool
    var file: String?

    init(_ model: ModelDescription) {
      name = model.name.rawValue
      stems = model.stems
      sizeInBytes = model.sizeInBytes
      licence = model.licence
      isInstalled = model.isInstalled
      file = model.file?.path
    }
  }
}

extension ModelDescription {
  /// A model that is not there yet.
  fileprivate init(_ model: CatalogueModel) {
    self.init(
      name: model.name, stems: model.stems, sizeInBytes: model.sizeInBytes,
      licence: model.licence.summary)
  }
}
