// SPDX-License-Identifier: MIT

/// Does some work, and cancels it when it takes too long.
///
/// - Parameter what: What it is, for the error: “The job”.
/// - Throws: What the work throws; `failed` when it took too long.
func withDeadline<Value: Sendable>(
  _ duration: Duration, _ what: String,
  _ body: @escaping @Sendable () async throws(ServiceError) -> Value
) async throws(ServiceError) -> Value {
  let work = Task { () async -> Result<Value, ServiceError> in
    do throws(ServiceError) { return .success(try await body()) } catch { return .failure(error) }
  }
  let alarm = Task {
    try await Task.sleep(for: duration)
    work.cancel()
  }
  let result = await withTaskCancellationHandler {
    await work.value
  } onCancel: {
    work.cancel()
  }
  alarm.cancel()
  // The alarm that was not cancelled in time has rung.
  let isLate = (try? await alarm.value) != nil
  if isLate, case .failure(let error) = result, error.code == .cancelled {
    throw ServiceError(
      .failed, "\(what) took longer than \(duration.components.seconds) s and was given up.")
  }
  return try result.get()
}
