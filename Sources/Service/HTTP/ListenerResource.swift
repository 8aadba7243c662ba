// SPDX-License-Identifier: MIT
import Foundation
import Hummingbird
import MixCore
import Tonmeister

/// `/v1/listeners`: what is known of tastes, as `tonmeister listener export` writes it.
struct ListenerResource: Sendable {
  let resources: Resources

  private struct List: Encodable {
    let listeners: [String]
  }

  func register(in routes: RouteTable) {
    routes.get("/v1/listeners") { request, context in
      try RequestFields(query: request).finish()
      return .json(List(listeners: store(context).names()))
    }
    routes.get("/v1/listeners/:name") { _, context in
      let name = try Self.name(context)
      return .json(
        text: try run { () throws(ListenerStoreError) in
          try store(context).listener(named: name).text
        })
    }
    routes.put("/v1/listeners/:name") { request, context in
      let name = try Self.name(context)
      let bytes = try await JSONBody.read(request, state: context.body, limits: resources.limits)
      let listener = try await blocking { (_) throws(ServiceError) in
        do throws(MixPlanError) { return try Listener(utf8: bytes).renamed(name) } catch {
          throw ServiceError(error, in: "The listener")
        }
      }
      try run { () throws(ListenerStoreError) in
        try store(context).add(listener, replacing: true)
      }
      return .json(text: listener.text)
    }
    routes.delete("/v1/listeners/:name") { _, context in
      let name = try Self.name(context)
      try run { () throws(ListenerStoreError) in try store(context).forget(name) }
      return Response(status: .noContent)
    }
  }

  /// Every client has listeners of its own.
  private func store(_ context: ServiceContext) -> ListenerStore {
    ListenerStore(folder: resources.folder.listeners(of: context.client))
  }

  private static func name(_ context: ServiceContext) throws(ServiceError) -> String {
    guard let name = context.parameters.get("name")?.removingPercentEncoding,
      Listener.isName(name), DisplayName.clean(name) == name
    else {
      throw ServiceError(
        .notFound,
        "There is no such listener; a name has up to 64 letters, digits, spaces, dots, hyphens and "
          + "underscores, with a letter or a digit in front.")
    }
    return name
  }

  private func run<Value>(
    _ body: () throws(ListenerStoreError) -> Value
  ) throws(ServiceError) -> Value {
    do throws(ListenerStoreError) { return try body() } catch { throw ServiceError(error) }
  }
}

extension ServiceError {
  /// Names no path of ours.
  init(_ error: ListenerStoreError) {
    switch error.code {
    case .name, .notFound:
      self.init(.notFound, "There is no such listener; see GET /v1/listeners.")
    case .exists, .damaged:
      self.init(.conflict, "What is kept under this name is damaged; delete it first.")
    case .io: self.init(.full, "The listener cannot be kept; free some space.")
    }
  }
}
