// SPDX-License-Identifier: MIT
import Foundation

extension LoopbackServer {
  /// A response and how it goes wrong.
  public struct Response: Sendable {
    public var status = 200
    public var headers: [String: String] = [:]
    public var body: [UInt8] = []
    /// The connection is cut after so many bytes of the body.
    public var cutAfter: Int?
    /// The seconds to wait after every 16 kB of the body.
    public var pause = 0.0
    /// The length to announce; by default that of the body, and none where it is negative.
    public var announcedLength: Int?

    public init(_ status: Int = 200, headers: [String: String] = [:], body: [UInt8] = []) {
      self.status = status
      self.headers = headers
      self.body = body
    }

    /// A redirect.
    public static func redirect(to location: String, headers: [String: String] = [:]) -> Response {
      Response(302, headers: headers.merging(["Location": location]) { $1 })
    }

    /// A file as a good server gives it: the part that is asked for, unless the file is another by now.
    public static func file(
      _ bytes: [UInt8], for request: Request, tag: String = "\"v1\"",
      headers: [String: String] = [:]
    ) -> Response {
      let headers = headers.merging(["ETag": tag, "Accept-Ranges": "bytes"]) { $1 }
      guard let start = request.rangeStart, request.headers["if-range"] ?? tag == tag else {
        return Response(headers: headers, body: bytes)
      }
      guard start < bytes.count else {
        return Response(416, headers: ["Content-Range": "bytes */\(bytes.count)"])
      }
      let range = "bytes \(start)-\(bytes.count - 1)/\(bytes.count)"
      return Response(
        206, headers: headers.merging(["Content-Range": range]) { $1 }, body: Array(bytes[start...])
      )
    }

    func send(to connection: Int32) {
      var head = "HTTP/1.1 \(status) Status\r\nConnection: close\r\n"
      let length = announcedLength ?? body.count
      if length >= 0 { head += "Content-Length: \(length)\r\n" }
      for (name, value) in headers { head += "\(name): \(value)\r\n" }
      guard write(Array((head + "\r\n").utf8)[...], to: connection) else { return }
      var rest = body.prefix(cutAfter ?? body.count)
      while !rest.isEmpty {
        guard write(rest.prefix(16_384), to: connection) else { return }
        rest = rest.dropFirst(16_384)
        if pause > 0 { Thread.sleep(forTimeInterval: pause) }
      }
      // Lets the other side read everything before the connection ends.
      shutdown(connection, Int32(SHUT_WR))
    }

    private func write(_ bytes: ArraySlice<UInt8>, to connection: Int32) -> Bool {
      var rest = bytes
      while !rest.isEmpty {
        let count = rest.withUnsafeBytes {
          Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { return false }
        rest = rest.dropFirst(count)
      }
      return true
    }
  }
}
