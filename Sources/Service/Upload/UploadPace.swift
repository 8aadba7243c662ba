// SPDX-License-Identifier: MIT

/// Tells when an upload is so slow that it must be one that is not meant to end.
struct UploadPace: Sendable {
  let limits: ServiceLimits
  private let began: ContinuousClock.Instant

  init(limits: ServiceLimits, began: ContinuousClock.Instant = .now) {
    self.limits = limits
    self.began = began
  }

  /// - Parameter byteCount: What has arrived so far.
  /// - Throws: `timeout`.
  func check(byteCount: Int, now: ContinuousClock.Instant = .now) throws(ServiceError) {
    let elapsed = now - began
    guard elapsed <= limits.uploadDuration else {
      throw ServiceError(
        .timeout,
        "The upload took longer than \(limits.uploadDuration.components.seconds) s; send it faster."
      )
    }
    guard elapsed > limits.uploadGrace else { return }
    let seconds = Double((elapsed - limits.uploadGrace) / .seconds(1))
    guard Double(byteCount) >= seconds * Double(limits.slowestUpload) else {
      throw ServiceError(
        .timeout,
        "The upload is slower than \(limits.slowestUpload) bytes per second, the least that is waited for."
      )
    }
  }
}
