// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Does work that blocks on a thread of its own, and passes on what it tells.
///
/// - Parameters:
///   - report: Called by the calling task with the newest that was told.
///   - body: Tells how far it has come as often as it likes, and asks the signal whether to stop.
func reporting<Value: Sendable>(
  _ report: @Sendable (JobProgress) async -> Void,
  _ body:
    @escaping @Sendable (
      _ tell: @escaping @Sendable (JobProgress) -> Void, _ signal: CancellationSignal
    ) throws(ServiceError) -> Value
) async throws(ServiceError) -> Value {
  let channel = EventChannel<JobProgress, Value, ServiceError>()
  Thread.detachNewThread {
    channel.finish(
      Result { () throws(ServiceError) in try body({ channel.report($0) }, channel.signal) })
  }
  while true {
    switch await channel.next() {
    case .success(.progress(let progress)?): await report(progress)
    case .success(.finished(let value)?): return value
    case .success(nil): throw .cancelled
    case .failure(let error): throw error
    }
  }
}

/// Does work that blocks on a thread of its own; the signal tells it when the task was cancelled.
func blocking<Value: Sendable>(
  _ body: @escaping @Sendable (_ signal: CancellationSignal) throws(ServiceError) -> Value
) async throws(ServiceError) -> Value {
  try await onOwnThread(body)
}
