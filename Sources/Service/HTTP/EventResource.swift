// SPDX-License-Identifier: MIT
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// `GET /v1/jobs/{id}/events`: how a job goes on, as server-sent events.
struct EventResource: Sendable {
  let resources: Resources

  /// A comment is sent when nothing else was for so long, so that nobody takes the connection for dead.
  private static let heartbeat = Duration.seconds(15)

  func register(in routes: RouteTable) {
    let slots = resources.streams
    routes.get("/v1/jobs/:id/events") { request, context in
      let job = try await resources.job(context)
      guard request.method == .get else { return Self.response(body: .init()) }
      let slot = try slots.take()
      let client = context.client
      return Self.response(
        body: ResponseBody { writer in
          // The slot is free when the answer is over, or was never begun.
          _ = slot
          try await send(job.id, of: client, request, &writer)
        })
    }
  }

  private static func response(body: ResponseBody) -> Response {
    var headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
    if let name = HTTPField.Name("X-Accel-Buffering") { headers[name] = "no" }
    return Response(status: .ok, headers: headers, body: body)
  }

  /// Sends events until the job has ended, the client has gone, or the service shuts down.
  private func send(
    _ id: JobID, of client: ClientID, _ request: Request, _ writer: inout any ResponseBodyWriter
  ) async throws {
    let watch = resources.queue.feed.watch()
    let ticker = Task {
      while !Task.isCancelled {
        try? await Task.sleep(for: Self.heartbeat / 3)
        watch.wake()
      }
    }
    defer {
      ticker.cancel()
      watch.end()
    }
    try await request.body.consumeWithInboundCloseHandler { _ in
      try await withGracefulShutdownHandler {
        try await stream(id, of: client, watch.hints, &writer)
      } onGracefulShutdown: {
        watch.end()
      }
    } onInboundClosed: {
      watch.end()
    }
    try await writer.finish(nil)
  }

  private func stream(
    _ id: JobID, of client: ClientID, _ hints: AsyncStream<Void>,
    _ writer: inout any ResponseBodyWriter
  ) async throws {
    var last = ByteBuffer()
    var lastWritten = ContinuousClock.now
    try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
    for await _ in hints {
      guard let job = try await resources.queue.store.job(id), job.client == client else { return }
      let document = JSONBody.encode(JobDocument(try await resources.queue.standing(job)))
      if document != last {
        last = document
        lastWritten = .now
        var event = ByteBuffer(string: "event: job\nid: \(job.version)\ndata: ")
        event.writeImmutableBuffer(document)
        event.writeString("\n\n")
        try await writer.write(event)
      } else if .now - lastWritten >= Self.heartbeat {
        lastWritten = .now
        try await writer.write(ByteBuffer(string: ": still there\n\n"))
      }
      if job.state.isFinal { return }
      await JobQueue.pause()
    }
  }
}
