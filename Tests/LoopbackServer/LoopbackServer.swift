// SPDX-License-Identifier: MIT
public import Foundation
import Synchronization

/// An HTTP server on 127.0.0.1 that answers as a test likes; every connection has a thread of its own
/// and takes one request.
public final class LoopbackServer: Sendable {
  private let descriptor: Int32
  private let port: UInt16
  private let handler: @Sendable (Request) -> Response
  private let received = Mutex<[Request]>([])

  /// Listens on a free port until the object is gone.
  public init(_ handler: @escaping @Sendable (Request) -> Response) throws {
    self.handler = handler
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = descriptor
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
          && getsockname(descriptor, pointer, &length) == 0
      }
    }
    guard status else {
      close(descriptor)
      throw POSIXError(.init(rawValue: errno) ?? .EIO)
    }
    port = UInt16(bigEndian: address.sin_port)
    let thread = Thread { [weak self] in
      while true {
        let connection = accept(descriptor, nil, nil)
        if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
        guard connection >= 0 else { return }
        guard let self else {
          close(connection)
          return
        }
        Thread { self.serve(connection) }.start()
      }
    }
    thread.start()
  }

  deinit { stop() }

  /// Refuses connections from now on.
  public func stop() { shutdown(descriptor, Int32(SHUT_RDWR)) }

  /// The address of a path.
  public func url(_ path: String = "") -> URL {
    URL(string: "http://127.0.0.1:\(port)\(path)") ?? URL(filePath: "/")
  }

  /// The requests so far.
  public var requests: [Request] { received.withLock { $0 } }

  private func serve(_ connection: Int32) {
    defer { close(connection) }
    guard let request = Request(readingFrom: connection) else { return }
    received.withLock { $0.append(request) }
    handler(request).send(to: connection)
  }
}
