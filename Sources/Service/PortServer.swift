// SPDX-License-Identifier: MIT
import Foundation
import GRPCCore
import NIOCore
import ServiceLifecycle

/// A server that says in words why it cannot listen at its port.
struct PortServer<Server: ServiceLifecycle.Service>: ServiceLifecycle.Service {
  let server: Server
  let host: String
  let port: Int
  /// The option that names another port.
  let option: String

  func run() async throws {
    do {
      try await server.run()
    } catch {
      throw reason(of: error) ?? error
    }
  }

  private func reason(of error: any Error) -> ServiceError? {
    let cause = (error as? GRPCCore.RuntimeError)?.cause ?? error
    switch (cause as? IOError)?.errnoCode {
    case EADDRINUSE:
      return ServiceError(
        .unavailable,
        "Port \(port) of \(host) is taken by another program; stop it, or name another with "
          + "\(option).")
    case EACCES:
      return ServiceError(
        .unavailable,
        "Port \(port) may not be listened at by this user; name another with \(option).")
    case EADDRNOTAVAIL:
      return ServiceError(
        .unavailable, "\(host) is no address of this machine; name another with --host.")
    default: return nil
    }
  }
}
