// SPDX-License-Identifier: MIT
import Foundation
import LoopbackServer
import Separation
import Synchronization
import Testing

@testable import ModelStore

/// A hub with files, as the real one answers: large ones by a redirect that says their SHA-256.
final class Hub: Sendable {
  typealias Answer =
    @Sendable (LoopbackServer.Request, LoopbackServer.Response) ->
    LoopbackServer.Response

  let server: LoopbackServer
  /// The files by the last component of their path.
  let files: [String: [UInt8]]

  /// - Parameter change: Changes answers, given the right ones.
  init(_ files: [String: [UInt8]], change: @escaping Answer = { $1 }) throws {
    self.files = files
    server = try LoopbackServer { request in
      change(request, Self.answer(request, files: files))
    }
  }

  private static func answer(
    _ request: LoopbackServer.Request, files: [String: [UInt8]]
  ) -> LoopbackServer.Response {
    let name = request.path.split(separator: "/").last.map(String.init) ?? ""
    guard let bytes = files[name] else { return .init(404, body: Array("Not found".utf8)) }
    if request.path.hasPrefix("/store/") { return .file(bytes, for: request) }
    guard name.hasSuffix(".safetensors") else {
      // Git's own digest.
      return .file(
        bytes, for: request, tag: "\"0123456789abcdef0123456789abcdef01234567\"")
    }
    return .redirect(
      to: "/store/\(name)",
      headers: ["X-Linked-ETag": "\"\(digest(bytes))\"", "X-Linked-Size": "\(bytes.count)"])
  }

  var source: ModelSource { ModelSource(hub: server.url()) }

  /// The paths that were asked for.
  var paths: [String] { server.requests.map(\.path) }
}

/// 64 hexadecimal digits.
func digest(_ bytes: [UInt8]) -> String {
  var hash = SHA256()
  bytes.withUnsafeBytes { hash.update($0) }
  return hash.digest().map { String(format: "%02x", $0) }.joined()
}

/// Bytes that do not repeat.
func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt8(truncatingIfNeeded: state >> 56)
  }
}

/// A checkpoint that gives every stem a part of the song, with so many bytes that mean nothing.
func checkpoint(
  _ sources: [String] = ["drums", "bass", "other", "vocals"], padding: Int = 300_000
) throws -> [UInt8] {
  let names = String(decoding: try JSONEncoder().encode(["sources": sources]), as: UTF8.self)
  let header: [String: Any] = [
    "__metadata__": ["klass": "PassThrough", "segment": "4096", "kwargs": names],
    "padding": ["dtype": "U8", "shape": [padding], "data_offsets": [0, padding]],
  ]
  let json = try JSONSerialization.data(withJSONObject: header)
  let length = withUnsafeBytes(of: UInt64(json.count).littleEndian) { [UInt8]($0) }
  return length + [UInt8](json) + noise(padding)
}

/// A folder that is removed with this object.
final class Folder: Sendable {
  let url = FileManager.default.temporaryDirectory
    .appending(path: "tonmeister-tests-\(UUID().uuidString)")

  init() throws {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func file(_ name: String) -> URL { url.appending(path: name) }

  func bytes(_ name: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: file(name))) }

  /// All names below the folder, hidden ones included, without locks.
  func contents() -> [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: url.path)) ?? [])
      .filter { !$0.hasSuffix(".lock") }.sorted()
  }
}

/// Counts, from any thread.
final class Counter: Sendable {
  private let state = Mutex(0)

  /// The number before this call.
  @discardableResult
  func next() -> Int {
    state.withLock { count in
      defer { count += 1 }
      return count
    }
  }

  var count: Int { state.withLock { $0 } }
}

extension TransferPolicy {
  /// Four attempts without long waits.
  static let hasty: TransferPolicy = {
    var policy = TransferPolicy()
    policy.retryDelays = [.milliseconds(5), .milliseconds(5), .milliseconds(5)]
    policy.idleSeconds = 20
    return policy
  }()

  /// One attempt.
  static let impatient: TransferPolicy = {
    var policy = hasty
    policy.retryDelays = []
    return policy
  }()
}
