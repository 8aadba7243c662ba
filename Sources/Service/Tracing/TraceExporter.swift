// SPDX-License-Identifier: MIT
import AsyncHTTPClient
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Synchronization

/// Collects spans and sends them to an OpenTelemetry collector (OTLP over HTTP, as JSON).
///
/// What cannot be sent is dropped: nothing waits for a collector.
final class TraceExporter: ServiceLifecycle.Service {
  /// More than this are dropped until the next are sent.
  private static let capacity = 4096
  private static let interval = Duration.seconds(2)
  private static let timeout = TimeAmount.seconds(5)

  private let endpoint: URL
  private let logger: Logger
  private let spans = Mutex<[Span]>([])

  /// - Parameter endpoint: Where the collector takes traces, such as `http://127.0.0.1:4318/v1/traces`.
  init(endpoint: URL, logger: Logger) {
    self.endpoint = endpoint
    self.logger = logger
  }

  func add(_ span: Span) {
    spans.withLock { spans in
      if spans.count < Self.capacity { spans.append(span) }
    }
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var isReachable = true
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.interval)
        // The last ones are sent by a task that is not cancelled.
        if Task.isCancelled { break }
        let wasReachable = isReachable
        isReachable = await self.send()
        if wasReachable, !isReachable {
          self.logger.warning(
            "Traces cannot be sent.", metadata: ["to": "\(self.endpoint.host() ?? "")"])
        }
      }
    }
    _ = await Task { await self.send() }.value
  }

  /// Sends what has come together.
  ///
  /// - Returns: False where the collector did not take it.
  private func send() async -> Bool {
    let spans = spans.withLock { spans in
      defer { spans = [] }
      return spans
    }
    guard !spans.isEmpty else { return true }
    var request = HTTPClientRequest(url: endpoint.absoluteString)
    request.method = .POST
    request.headers.add(name: "Content-Type", value: "application/json")
    guard let body = try? JSONSerialization.data(withJSONObject: Self.document(spans)) else {
      return false
    }
    request.body = .bytes(ByteBuffer(bytes: body))
    let answer = try? await HTTPClient.shared.execute(request, timeout: Self.timeout)
    return answer?.status == .ok
  }

  private static func document(_ spans: [Span]) -> [String: Any] {
    let name: [String: Any] = [
      "key": "service.name", "value": ["stringValue": "tonmeister"],
    ]
    return [
      "resourceSpans": [
        [
          "resource": ["attributes": [name]],
          "scopeSpans": [
            ["scope": ["name": "tonmeister"], "spans": spans.map(\.document)] as [String: Any]
          ],
        ] as [String: Any]
      ]
    ]
  }
}

/// Measures how long things take, for traces.
struct Tracer: Sendable {
  /// Nil where nobody wants to know.
  let exporter: TraceExporter?

  /// Does something as a span, and hands what is below it the place in the trace.
  ///
  /// - Parameters:
  ///   - parent: What it belongs to.
  ///   - describe: What is known of it at the end, and why it failed, if it did.
  func span<Value, Failure: Error>(
    _ kind: Span.Kind, below parent: TraceContext?,
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws(Failure) -> Value,
    describe: (Result<Value, Failure>) -> (
      name: String, attributes: [(String, Span.Attribute)], error: String?
    )
  ) async throws(Failure) -> Value {
    guard let exporter else { return try await body() }
    let context = TraceContext(below: parent)
    let (began, clock) = (Date(), ContinuousClock.now)
    let result: Result<Value, Failure> = await TraceContext.$current.withValue(context) {
      do throws(Failure) { return .success(try await body()) } catch { return .failure(error) }
    }
    if context.isSampled {
      let (name, attributes, error) = describe(result)
      exporter.add(
        Span(
          name: name, kind: kind, context: context, parent: parent, began: began,
          ended: began.addingTimeInterval((ContinuousClock.now - clock) / .seconds(1)),
          attributes: attributes, error: error))
    }
    return try result.get()
  }
}
