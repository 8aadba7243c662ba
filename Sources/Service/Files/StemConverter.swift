// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Writes audio of a result in another format.
struct StemConverter: Sendable {
  private static let blockFrames = 1 << 16

  /// Converts a file; blocks a thread of its own.
  ///
  /// - Throws: `full`, `failed`, `cancelled`. Nothing is left behind then.
  func convert(
    _ input: String, to output: String, format: DeliveryFormat
  ) async throws(ServiceError) {
    try await blocking { (signal) throws(ServiceError) in
      do throws(AudioError) {
        let reader = try AudioReader(path: input, isCancelled: { signal.isCancelled })
        let writer = try AudioWriter(
          path: output, format: format.file, sampleRate: reader.sourceFormat.sampleRate,
          channelCount: 2)
        while let block = try reader.read(maximumFrames: Self.blockFrames) {
          if signal.isCancelled {
            throw AudioError(code: .cancelled, path: input, message: "was cancelled")
          }
          try writer.write(block)
        }
        try writer.finish()
      } catch { throw ServiceError(error) }
    }
  }
}
