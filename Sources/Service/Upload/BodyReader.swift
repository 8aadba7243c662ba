// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// Reads the body of a request: not more than was allowed, not slower than was allowed, and all of it.
struct BodyReader {
  private var iterator: RequestBody.AsyncIterator
  private let pace: UploadPace
  private let limit: Int
  private let declared: Int?
  private let state: BodyState
  private(set) var byteCount = 0

  /// - Parameter limit: The most bytes.
  /// - Throws: `tooLarge` where the request says that it is, before anything is read.
  init(
    _ request: Request, state: BodyState, limit: Int, limits: ServiceLimits
  ) throws(ServiceError) {
    declared = request.headers[.contentLength].flatMap { Int($0) }
    self.limit = limit
    self.state = state
    pace = UploadPace(limits: limits)
    if let declared, declared > limit { throw Self.tooLarge(limit) }
    iterator = request.body.makeAsyncIterator()
  }

  /// The next bytes; nil at the end.
  ///
  /// - Throws: `tooLarge`, `timeout`, and `malformed` where the request ends early.
  mutating func next() async throws(ServiceError) -> ByteBuffer? {
    let buffer: ByteBuffer?
    do { buffer = try await iterator.next() } catch {
      throw error is CancellationError ? .cancelled : Self.endedEarly
    }
    guard let buffer else {
      if let declared, declared != byteCount { throw Self.endedEarly }
      state.isRead = true
      return nil
    }
    byteCount += buffer.readableBytes
    guard byteCount <= limit else { throw Self.tooLarge(limit) }
    try pace.check(byteCount: byteCount)
    return buffer
  }

  /// All of the body.
  mutating func all() async throws(ServiceError) -> [UInt8] {
    var bytes: [UInt8] = []
    while let buffer = try await next() { bytes += buffer.readableBytesView }
    return bytes
  }

  private static let endedEarly = ServiceError(
    .malformed, "The request ended before all of it was there; send it again.")

  private static func tooLarge(_ limit: Int) -> ServiceError {
    ServiceError(
      .tooLarge, "The request is larger than \(limit.megabytes), the most that is taken.")
  }
}
