// SPDX-License-Identifier: MIT
import Foundation

/// Speaks HTTP/1.1 over a socket, a connection for each request; what it sends is sent as it is.
struct HTTPClient: Sendable {
  struct Failure: Error {}

  /// An answer.
  struct Response: Sendable {
    var status = 0
    /// By name in lower case.
    var headers: [String: String] = [:]
    var body = Data()

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The body as a JSON object.
    var json: [String: Any] {
      (try? JSONSerialization.jsonObject(with: body)) as? [String: Any] ?? [:]
    }
  }

  let port: Int

  /// Sends a request and waits for the whole answer.
  ///
  /// - Parameters:
  ///   - headers: Besides Host, Connection and Content-Length, which are replaced where they are named.
  ///   - rest: What follows the head and the body as it is.
  func send(
    _ method: String = "GET", _ target: String, headers: [(String, String)] = [],
    body: Data? = nil, then rest: Data = Data()
  ) async throws -> Response {
    try await onThread { try ask(method, target, headers: headers, body: body, then: rest) }
  }

  /// Sends a request and waits for the whole answer, on this thread.
  func ask(
    _ method: String = "GET", _ target: String, headers: [(String, String)] = [],
    body: Data? = nil, then rest: Data = Data()
  ) throws -> Response {
    let connection = try Connection(port: port)
    try connection.write(head(method, target, headers, body) + (body ?? Data()) + rest)
    return try connection.response(isHead: method == "HEAD")
  }

  func get(_ target: String, _ headers: [(String, String)] = []) async throws -> Response {
    try await send("GET", target, headers: headers)
  }

  func post(_ target: String, json: Any) async throws -> Response {
    try await send(
      "POST", target, headers: [("Content-Type", "application/json")],
      body: try JSONSerialization.data(withJSONObject: json))
  }

  /// The head of a request as text.
  func head(
    _ method: String, _ target: String, _ headers: [(String, String)], _ body: Data?
  ) -> Data {
    var all = headers
    func add(_ name: String, _ value: String) {
      if !all.contains(where: { $0.0.lowercased() == name.lowercased() }) {
        all.append((name, value))
      }
    }
    add("Host", "127.0.0.1:\(port)")
    add("Connection", "close")
    if let body { add("Content-Length", "\(body.count)") }
    let lines = ["\(method) \(target) HTTP/1.1"] + all.map { "\($0.0): \($0.1)" }
    return Data((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  /// Runs what blocks on a thread of its own.
  func onThread<Value: Sendable>(
    _ body: @escaping @Sendable () throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
    }
  }

  /// A connection to the service.
  final class Connection: Sendable {
    private let descriptor: Int32

    /// - Parameter receiveBuffer: How many bytes may wait here to be read; nil for what is usual.
    init(port: Int, receiveBuffer: Int32? = nil) throws {
      descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
      if var receiveBuffer {
        setsockopt(
          descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
      }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = UInt16(port).bigEndian
      address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
      let status = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      guard status == 0 else {
        close(descriptor)
        throw Failure()
      }
      // No test waits for ever; on a busy machine an answer takes its time.
      var limit = timeval(tv_sec: 300, tv_usec: 0)
      setsockopt(
        descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func write(_ data: Data) throws {
      data.withUnsafeBytes { (bytes: UnsafeRawBufferPointer) in
        var rest = bytes[...]
        while !rest.isEmpty {
          let count = Foundation.send(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count,
            Int32(MSG_NOSIGNAL))
          // Who refuses a long request may answer and go before it is sent: then there is an answer to read.
          guard count > 0 else { return }
          rest = rest.dropFirst(count)
        }
      }
    }

    /// Whether something can be read.
    var hasAnswer: Bool {
      var events = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      return poll(&events, 1, 0) > 0
    }

    /// Reads some bytes; none at the end.
    func read() -> Data {
      var block = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(descriptor, &block, block.count, 0)
      return count > 0 ? Data(block[..<count]) : Data()
    }

    /// Reads until the other side closes.
    func readAll() -> Data {
      var data = Data()
      while true {
        let part = read()
        if part.isEmpty { return data }
        data += part
      }
    }

    /// Reads until the other side closes, and makes an answer of it.
    func response(isHead: Bool = false) throws -> Response {
      try Self.parse(readAll(), isHead: isHead)
    }

    static func parse(_ data: Data, isHead: Bool = false) throws -> Response {
      guard let end = data.range(of: Data("\r\n\r\n".utf8)) else { throw Failure() }
      var response = Response()
      let head = String(decoding: data[..<end.lowerBound], as: UTF8.self)
      let lines = head.split(separator: "\r\n")
      response.status = Int(lines.first?.split(separator: " ").dropFirst().first ?? "") ?? 0
      for line in lines.dropFirst() {
        let parts = line.split(separator: ":", maxSplits: 1)
        guard parts.count == 2 else { continue }
        response.headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
      }
      let body = Data(data[end.upperBound...])
      response.body =
        response.headers["transfer-encoding"] == "chunked" && !isHead ? unchunked(body) : body
      return response
    }

    private static func unchunked(_ data: Data) -> Data {
      var (rest, body) = (data, Data())
      while let line = rest.range(of: Data("\r\n".utf8)) {
        let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
        let start = line.upperBound
        guard size > 0, rest.distance(from: start, to: rest.endIndex) >= size + 2 else { break }
        body += rest[start..<start + size]
        rest = Data(rest[(start + size + 2)...])
      }
      return body
    }
  }
}
