// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Looks at uploads before jobs are made of them.
struct InputProbe: Sendable {
  /// The longest that a look may take.
  private static let deadline = Duration.seconds(30)

  private let limits: ServiceLimits
  private let turnstile: Turnstile

  init(limits: ServiceLimits) {
    self.limits = limits
    turnstile = Turnstile(capacity: 4, waiting: limits.queueLength + 64)
  }

  /// What is known of an upload from its beginning.
  ///
  /// - Throws: `unsupported` where it is no audio, `invalid` where it has too many channels or is too long.
  func probe(_ upload: Upload.File, role: String) async throws(ServiceError) -> JobInput {
    let path = upload.file.url.path
    let format = try await turnstile.pass { () async throws(ServiceError) in
      try await withDeadline(Self.deadline, "Looking at the file") {
        () async throws(ServiceError) in
        try await blocking { (signal) throws(ServiceError) in
          do throws(AudioError) {
            return try AudioReader(path: path, isCancelled: { signal.isCancelled }).sourceFormat
          } catch { throw ServiceError(error) }
        }
      }
    }
    guard format.channelCount <= limits.channelCount else {
      throw ServiceError(
        .invalid,
        "\(role): the file has \(format.channelCount) channels; \(limits.channelCount) are taken.")
    }
    let seconds = format.frameCount.map { Double($0) / Double(format.sampleRate) }
    if let seconds, seconds > limits.audioSeconds {
      throw ServiceError(
        .invalid,
        "\(role): the file is \(Self.minutes(seconds)) minutes long; \(Self.minutes(limits.audioSeconds)) are taken."
      )
    }
    return JobInput(
      role: role, name: upload.name, sha256: upload.file.sha256, object: upload.file.object,
      byteCount: upload.file.byteCount, durationSeconds: seconds, sampleRate: format.sampleRate,
      channelCount: format.channelCount)
  }

  /// A length for a person.
  private static func minutes(_ seconds: Double) -> String {
    let tenths = (seconds / 6).rounded() / 10
    return tenths < 10 ? "\(tenths)" : "\(Int(seconds / 60))"
  }
}
