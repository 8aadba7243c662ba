// SPDX-License-Identifier: MIT
import Audio
import Hummingbird
import ModelStore
import Separation

/// `GET /v1/models` and `GET /v1/limits`: what can be asked for.
struct ModelResource: Sendable {
  let resources: Resources

  struct Model: Encodable {
    let name: String
    let stems: [String]
    let sampleRate: Int
    let isInstalled: Bool
    let licence: String
  }

  private struct Models: Encodable {
    let models: [Model]
  }

  private struct Limits: Encodable {
    let maximumBytes: Int
    let maximumSeconds: Double
    let maximumChannels: Int
    let queueLength: Int
    let formats: [String]
    let authentication: Bool
  }

  func register(in routes: RouteTable) {
    routes.get("/v1/models") { request, _ in
      try RequestFields(query: request).finish()
      let known = try await blocking { (_) throws(ServiceError) in try resources.models.models() }
      let names = Set(known.map(\.name))
      var models = known.map { Model($0) }
      for model in ModelCatalogue.models where !names.contains(model.name) {
        models.append(Model(model))
      }
      return .json(Models(models: models))
    }
    routes.getOpenly("/v1/limits") { request, _ in
      try RequestFields(query: request).finish()
      let limits = resources.limits
      return .json(
        Limits(
          maximumBytes: limits.uploadBytes, maximumSeconds: limits.audioSeconds,
          maximumChannels: limits.channelCount, queueLength: limits.queueLength,
          formats: AudioReader.fileExtensions.sorted(),
          authentication: !resources.configuration.tokens.isEmpty))
    }
  }
}

extension ModelResource.Model {
  /// The rate at which all models that there are work, in Hz; songs are resampled to it.
  private static let workingRate = 44_100

  fileprivate init(_ model: ModelDescription) {
    self.init(
      name: model.name.rawValue, stems: model.stems, sampleRate: Self.workingRate,
      isInstalled: model.isInstalled, licence: model.licence)
  }

  fileprivate init(_ model: CatalogueModel) {
    self.init(
      name: model.name.rawValue, stems: model.stems, sampleRate: Self.workingRate,
      isInstalled: false, licence: model.licence.summary)
  }
}
