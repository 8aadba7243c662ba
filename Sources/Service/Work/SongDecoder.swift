// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// Decodes what a client sent, within the limits.
struct SongDecoder: Sendable {
  let limits: ServiceLimits

  private static let blockFrames = 1 << 16

  /// Decodes a file to WAV of 32-bit floats in stereo, at its own rate or another.
  ///
  /// - Parameter report: Told how many frames are done, and of how many as far as the header says.
  /// - Throws: `unsupported` where it is no audio, `invalid` where it is too long, `cancelled`.
  func decode(
    _ input: URL, to output: URL, name: String, sampleRate: Int? = nil, warnings: inout [String],
    isCancelled: @escaping @Sendable () -> Bool, report: (_ frames: Int, _ of: Int?) -> Void
  ) throws(ServiceError) -> JobResult.Audio {
    do throws(AudioError) {
      let reader = try AudioReader(path: input.path, isCancelled: isCancelled)
      let rate = sampleRate ?? reader.sourceFormat.sampleRate
      let ratio = Double(rate) / Double(reader.sourceFormat.sampleRate)
      let total = reader.sourceFormat.frameCount.map { Int(Double($0) * ratio) }
      let longest = Int(limits.audioSeconds * Double(rate))
      let stream = try StereoStream(reader: reader, sampleRate: rate)
      let writer = try AudioWriter(
        path: output.path, format: .wavFloat32, sampleRate: rate, channelCount: 2)
      var buffer = AudioBuffer(channelCount: 2, frameCount: Self.blockFrames)
      var frameCount = 0
      while true {
        if isCancelled() {
          throw AudioError(code: .cancelled, path: input.path, message: "was cancelled")
        }
        var count = 0
        try buffer.withFilledBlock { (block) throws(AudioError) in
          count = try stream.read(into: block)
        }
        if count == 0 { break }
        frameCount += count
        guard frameCount <= longest else { throw tooLong(input) }
        try writer.write(count == Self.blockFrames ? buffer : buffer.frames(0..<count))
        report(frameCount, total)
        if count < Self.blockFrames { break }
      }
      try writer.finish()
      warnings += stream.warnings.map { "The file \($0.message)." }
      return JobResult.Audio(
        name: name, file: output.lastPathComponent, sampleRate: rate, channelCount: 2,
        frameCount: frameCount)
    } catch { throw ServiceError(error) }
  }

  private func tooLong(_ input: URL) -> AudioError {
    AudioError(
      code: .limit, path: input.path,
      message: "is longer than \(Int(limits.audioSeconds / 60)) minutes, the most that is taken")
  }
}

extension AudioBuffer {
  /// Shows both channels of a stereo buffer to be filled.
  fileprivate mutating func withFilledBlock(
    _ body: (StereoBlock) throws(AudioError) -> Void
  ) throws(AudioError) {
    let count = frameCount
    try samples.withUnsafeMutableBufferPointer { (samples) throws(AudioError) in
      guard let base = samples.baseAddress else { return }
      try body(StereoBlock(left: base, right: base + count, frameCount: count))
    }
  }
}
