// SPDX-License-Identifier: MIT
import Foundation
import ModelStore
import Separation

/// Holds the models that were used last, so that their weights are read once.
actor ModelShelf {
  private struct Place: Hashable {
    let model: String
    let precision: String
  }

  /// How many models stay in memory.
  private static let capacity = 2

  private let repository: URL?
  private let threads: Int
  /// What is in files, by the revision of a model.
  private var digests: [String: String] = [:]
  /// With the revision of the files that they were read from.
  private var separators: [(place: Place, revision: String, separator: Separator)] = []

  /// - Parameter threads: How many threads a separation uses; 0 for one per core.
  init(repository: URL?, threads: Int) {
    self.repository = repository
    self.threads = threads
  }

  /// The models that can be used.
  nonisolated func models() throws(ServiceError) -> [ModelDescription] {
    do throws(SeparationError) {
      return try ModelRegistry(repository: repository).models()
    } catch { throw ServiceError(error) }
  }

  /// Stands for what is in the files of a model: the same on every machine that has them.
  ///
  /// - Throws: `unavailable` where they cannot be read.
  func digest(of model: ModelDescription) throws(ServiceError) -> String {
    let revision = "\(model.name) \(model.revision)"
    if let known = digests[revision] { return known }
    var parts: [String] = []
    do throws(ModelStoreError) {
      for file in model.files { parts.append(try FileDigest.sha256(ofFileAt: file.path)) }
    } catch {
      throw ServiceError(
        .unavailable, "The model cannot be read; see GET /v1/models.", detail: "\(error)")
    }
    let digest = ContentKey("model 1", parts).description
    digests[revision] = digest
    return digest
  }

  /// The separator for settings.
  ///
  /// - Throws: `invalid` where there is no such model or it cannot be used so.
  func separator(for settings: SeparationSettings) throws(ServiceError) -> Separator {
    let place = Place(model: settings.model, precision: settings.precision)
    if let index = separators.firstIndex(where: { $0.place == place }) {
      let found = separators.remove(at: index)
      if found.separator.model.revision == found.revision {
        separators.append(found)
        return found.separator
      }
    }
    guard let precision = Separator.Options.Precision(rawValue: settings.precision) else {
      let known = Separator.Options.Precision.allCases.map(\.rawValue).joined(separator: ", ")
      throw ServiceError(
        .invalid, "precision: “\(settings.precision)” is none of \(known).")
    }
    var options = Separator.Options()
    options.precision = precision
    options.jobs = threads
    do throws(SeparationError) {
      let name = ModelName(rawValue: settings.model)
      // What changes while it is read counts as changed: the next one who asks reads it again.
      let revision = try ModelRegistry(repository: repository).model(named: name).revision
      let separator = try Separator(model: name, options: options, repository: repository)
      if separators.count >= Self.capacity { separators.removeFirst() }
      separators.append((place, revision, separator))
      return separator
    } catch { throw ServiceError(error) }
  }
}
