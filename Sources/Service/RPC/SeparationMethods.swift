// SPDX-License-Identifier: MIT
import Foundation
import GRPCCore
import NIOCore
import RPCInterface
import SwiftProtobuf

/// Songs in chunks, jobs that are watched, stems in chunks.
struct SeparationMethods: Tonmeister_V1_Separations.ServiceProtocol {
  let resources: Resources
  let access: RPCAccess

  func create(
    request: StreamingServerRequest<Tonmeister_V1_CreateRequest>, context: ServerContext
  ) async throws -> ServerResponse<Tonmeister_V1_Job> {
    let client = try access.client(request.metadata)
    let resources = resources
    let standing = try await RPCError.translating { () async throws(ServiceError) in
      let messages = SongMessages(
        request.messages.makeAsyncIterator(), idleTimeout: resources.limits.idleTimeout)
      let settings = try await messages.settings()
      let wanted = SeparationSettings(settings)
      let intake = SeparationIntake(resources: resources)
      try await intake.check(wanted)
      return try await resources.queue.reserve(for: client) { () async throws(ServiceError) in
        let staged = try await messages.song(into: resources.folder, resources.limits)
        let file = Upload.File(name: DisplayName.clean(settings.name), file: staged)
        return try await intake.submit(file, wanted, client: client)
      }
    }
    if standing.job.state == .succeeded { resources.metrics.resultReused() }
    return ServerResponse(message: Tonmeister_V1_Job(standing))
  }

  func get(
    request: ServerRequest<Tonmeister_V1_JobRequest>, context: ServerContext
  ) async throws -> ServerResponse<Tonmeister_V1_Job> {
    ServerResponse(message: Tonmeister_V1_Job(try await standing(request)))
  }

  func watch(
    request: ServerRequest<Tonmeister_V1_JobRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Tonmeister_V1_Job> {
    let job = try await standing(request).job
    let (queue, ending) = (resources.queue, resources.ending)
    let streams = resources.streams
    let slot = try await RPCError.translating { () async throws(ServiceError) in
      try streams.take()
    }
    return StreamingServerResponse { writer in
      // The place is free when the answer is over, or was never begun.
      _ = slot
      let watch = queue.feed.watch()
      defer { watch.end() }
      let hasEnded = try await watch.untilShutdown {
        try await withRPCCancellationHandler {
          var last: Tonmeister_V1_Job?
          for await _ in watch.hints {
            let standing = try await RPCError.translating { () async throws(ServiceError) in
              guard let now = try await queue.store.job(job.id) else {
                return nil as JobQueue.Standing?
              }
              return try await queue.standing(now)
            }
            guard let standing else { return true }
            let now = standing.job
            let message = Tonmeister_V1_Job(standing)
            if message != last { try await writer.write(message) }
            last = message
            if now.state.isFinal { return true }
            await JobQueue.pause()
          }
          return context.cancellation.isCancelled && !ending.hasBegun
        } onCancelRPC: {
          watch.end()
        }
      }
      guard hasEnded else { throw RPCError(.shutsDown) }
      return [:]
    }
  }

  func cancel(
    request: ServerRequest<Tonmeister_V1_JobRequest>, context: ServerContext
  ) async throws -> ServerResponse<Tonmeister_V1_Job> {
    let standing = try await standing(request)
    let queue = resources.queue
    let ended = try await RPCError.translating { () async throws(ServiceError) in
      guard standing.job.state.isFinal else { return try await queue.cancel(standing.job) }
      try await queue.remove(standing.job)
      return standing.job
    }
    return ServerResponse(message: Tonmeister_V1_Job(JobQueue.Standing(job: ended)))
  }

  func readStem(
    request: ServerRequest<Tonmeister_V1_StemRequest>, context: ServerContext
  ) async throws -> StreamingServerResponse<Tonmeister_V1_Chunk> {
    let client = try access.client(request.metadata)
    let wanted = request.message
    let resources = resources
    let path = try await RPCError.translating { () async throws(ServiceError) in
      let (job, result) = try await resources.finished(
        try await resources.queue.job(wanted.jobID, of: client))
      guard let stem = result.stem(wanted.stem) else {
        throw ServiceError(
          .notFound,
          "The job has no such stem; it has \(result.stems.map(\.name).joined(separator: ", ")).")
      }
      let format = try DeliveryFormat(
        format: wanted.format.isEmpty ? nil : wanted.format,
        encoding: wanted.encoding.isEmpty ? nil : wanted.encoding)
      return try await resources.path(of: stem, in: format, of: job)
    }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    guard let size = (attributes?[.size] as? NSNumber)?.int64Value else {
      throw RPCError(code: .notFound, message: "The result was removed; send the song again.")
    }
    guard wanted.offset >= 0, wanted.offset <= size else {
      throw RPCError(code: .outOfRange, message: "The file has \(size) bytes.")
    }
    let blocks = FileBlocks(path: path, offset: UInt64(wanted.offset))
    return StreamingServerResponse { writer in
      for try await block in blocks {
        if context.cancellation.isCancelled { break }
        try await writer.write(
          .with {
            $0.data = Data(block.readableBytesView)
            $0.fileSize = size
          })
      }
      return [:]
    }
  }

  private func standing(
    _ request: ServerRequest<Tonmeister_V1_JobRequest>
  ) async throws(RPCError) -> JobQueue.Standing {
    let client = try access.client(request.metadata)
    return try await RPCError.translating { () async throws(ServiceError) in
      try await resources.queue.standing(
        try await resources.queue.job(request.message.id, of: client))
    }
  }
}

/// The messages of a song: its settings, then its chunks.
///
/// Used by one task at a time, which waits for each call: that makes it safe to send.
private final class SongMessages: @unchecked Sendable {
  /// The largest chunk that is taken.
  private static let largestChunk = 1 << 20

  private var messages: RPCAsyncSequence<Tonmeister_V1_CreateRequest, any Error>.AsyncIterator

  private let idleTimeout: Duration

  /// - Parameter idleTimeout: How long it is waited for a message.
  init(
    _ messages: RPCAsyncSequence<Tonmeister_V1_CreateRequest, any Error>.AsyncIterator,
    idleTimeout: Duration
  ) {
    self.messages = messages
    self.idleTimeout = idleTimeout
  }

  func settings() async throws(ServiceError) -> Tonmeister_V1_Settings {
    guard case .settings(let settings)? = try await next()?.part else {
      throw ServiceError(.invalid, "The first message has the settings, empty ones for none.")
    }
    return settings
  }

  func song(
    into folder: DataFolder, _ limits: ServiceLimits
  ) async throws(ServiceError) -> StagedFile {
    let writer = try StagedFileWriter(folder.newStaging(), limit: limits.uploadBytes)
    let pace = UploadPace(limits: limits)
    while let message = try await next() {
      guard case .chunk(let chunk)? = message.part, chunk.count <= Self.largestChunk else {
        throw ServiceError(.invalid, "Chunks of at most 1 MB are expected after the settings.")
      }
      try await writer.append(ByteBuffer(bytes: chunk))
      try pace.check(byteCount: writer.byteCount)
    }
    guard writer.byteCount > 0 else {
      throw ServiceError(.unsupported, "The file is empty; send an audio file.")
    }
    return try await writer.complete()
  }

  private func next() async throws(ServiceError) -> Tonmeister_V1_CreateRequest? {
    do throws(ServiceError) {
      return try await withDeadline(idleTimeout, "The next message") {
        () async throws(ServiceError) in
        let message: Tonmeister_V1_CreateRequest?
        do { message = try await self.messages.next() } catch { throw .cancelled }
        // The end of who does not wait any more is not the end of the song.
        if message == nil, Task.isCancelled { throw .cancelled }
        return message
      }
    } catch  where error.code == .failed {
      throw ServiceError(.timeout, error.message)
    }
  }
}

extension SeparationSettings {
  /// What is empty is left as it is.
  fileprivate init(_ settings: Tonmeister_V1_Settings) {
    self.init()
    if !settings.model.isEmpty { model = settings.model }
    if !settings.stems.isEmpty { stems = Set(settings.stems).sorted() }
    if !settings.twoStems.isEmpty { twoStems = settings.twoStems }
    if !settings.precision.isEmpty { precision = settings.precision }
  }
}

extension Tonmeister_V1_Job {
  fileprivate init(_ standing: JobQueue.Standing) {
    let job = standing.job
    self.init()
    id = job.id.description
    state =
      switch job.state {
      case .queued: .queued
      case .running: .running
      case .succeeded: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      case .expired: .unspecified
      }
    progress = job.progress
    stage = job.stage ?? ""
    if let position = standing.position { queuePosition = Int32(clamping: position) }
    if let seconds = standing.waitSeconds { waitSeconds = seconds }
    if let seconds = job.secondsLeft { secondsLeft = seconds }
    error = job.failure?.message ?? ""
    guard job.state == .succeeded, let result = job.result else { return }
    stems = result.stems.map { stem in
      .with {
        $0.name = stem.name
        $0.sampleRate = Int32(clamping: stem.sampleRate)
        $0.frameCount = Int64(stem.frameCount)
      }
    }
  }
}
