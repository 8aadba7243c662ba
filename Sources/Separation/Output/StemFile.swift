// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// One stem on its way into a file.
///
/// `rescale` needs the peak of the whole stem before the first sample can be written. The file is
/// therefore written as if nothing had to be scaled, while the samples also go to a spool on the
/// disk; only where the peak turns out to be too high is the file written again from the spool.
final class StemFile {
  private static let blockFrames = 1 << 16

  /// Where the file appears once it is complete.
  let path: String
  private let format: AudioFileFormat
  private let clipMode: ClipMode
  private let sampleRate: Int
  private let channelCount: Int
  private let signal: CancellationSignal
  private var writer: AudioWriter
  private var spool: FloatSpool?
  private var peak: Float = 0
  private var isFinished = false

  init(
    path: String, format: AudioFileFormat, clipMode: ClipMode, sampleRate: Int,
    channelCount: Int, signal: CancellationSignal
  ) throws(SeparationError) {
    self.path = path
    self.format = format
    self.clipMode = clipMode
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    self.signal = signal
    do {
      writer = try AudioWriter(
        path: path, format: format, sampleRate: sampleRate, channelCount: channelCount)
    } catch { throw .output(error) }
    if clipMode == .rescale {
      do throws(SeparationError) {
        spool = try FloatSpool(nextTo: path, channelCount: channelCount)
      } catch {
        writer.cancel()
        throw error
      }
    }
  }

  /// Takes the next block of the stem.
  func write(_ block: AudioBuffer) throws(SeparationError) {
    try signal.check()
    switch clipMode {
    case .none: try put(block)
    case .clamp: try put(block.mapSamples { min(max($0, -0.99), 0.99) })
    case .rescale:
      peak = max(peak, block.peak)
      try spool?.write(block)
      // Once the peak is too high this attempt is lost, and the spool is all that counts.
      if gain == 1 { try put(block) }
    }
  }

  /// Completes the temporary file, writing it again where the stem has to be scaled.
  func prepare() throws(SeparationError) {
    if gain != 1, let spool { try writeAgain(from: spool) }
    spool = nil
    do { try writer.prepare() } catch { throw .output(error) }
  }

  private func writeAgain(from spool: FloatSpool) throws(SeparationError) {
    writer.cancel()
    do {
      writer = try AudioWriter(
        path: path, format: format, sampleRate: sampleRate, channelCount: channelCount)
    } catch { throw .output(error) }
    try spool.rewind()
    let gain = gain
    while let block = try spool.read(maximumFrames: Self.blockFrames) {
      try signal.check()
      try put(block.mapSamples { $0 * gain })
    }
  }

  /// Makes the prepared file appear under its name.
  func finish() throws(SeparationError) {
    do { try writer.finish() } catch { throw .output(error) }
    isFinished = true
  }

  /// Removes what was written.
  func cancel() {
    spool = nil
    writer.cancel()
    if isFinished { unlink(path) }
  }

  private var gain: Float { 1 / max(1.01 * peak, 1) }

  private func put(_ block: AudioBuffer) throws(SeparationError) {
    do { try writer.write(block) } catch { throw .output(error) }
  }
}

extension AudioBuffer {
  fileprivate func mapSamples(_ change: (Float) -> Float) -> AudioBuffer {
    AudioBuffer(
      channelCount: channelCount, frameCount: frameCount, samples: samples.map(change))
  }
}
