// SPDX-License-Identifier: MIT
import Audio

/// Where a mixture comes from; it can be opened more than once.
enum TrackSource: Sendable {
  case file(path: String)
  case memory(AudioBuffer, sampleRate: Int)

  /// Opens the track at its beginning.
  func open(signal: CancellationSignal) throws(SeparationError) -> any TrackReader {
    switch self {
    case .file(let path): try FileTrackReader(path: path, signal: signal)
    case .memory(let buffer, let sampleRate):
      try MemoryTrackReader(buffer: buffer, sampleRate: sampleRate)
    }
  }
}

/// Reads a stereo track block by block.
protocol TrackReader: AnyObject {
  /// In hertz.
  var sampleRate: Int { get }
  /// The length in frames, where it is known before reading.
  var frameCount: Int? { get }
  /// What was odd about the track so far, one sentence each.
  var warnings: [String] { get }
  /// The next block, (2, frames); `nil` at the end.
  func read(maximumFrames: Int) throws(SeparationError) -> AudioBuffer?
}

/// Reads a file through ``AudioReader``.
final class FileTrackReader: TrackReader {
  private let reader: AudioReader

  init(path: String, signal: CancellationSignal) throws(SeparationError) {
    do {
      reader = try AudioReader(path: path, isCancelled: { signal.isCancelled })
    } catch {
      throw .input(error)
    }
  }

  var sampleRate: Int { reader.sourceFormat.sampleRate }
  var frameCount: Int? { reader.sourceFormat.frameCount }
  var warnings: [String] { reader.warnings.map(\.description) }

  func read(maximumFrames: Int) throws(SeparationError) -> AudioBuffer? {
    do { return try reader.read(maximumFrames: maximumFrames) } catch { throw .input(error) }
  }
}

/// Reads a buffer in memory; one channel is doubled.
final class MemoryTrackReader: TrackReader {
  let sampleRate: Int
  private let buffer: AudioBuffer
  private var position = 0
  private var nonFiniteSamples = 0

  init(buffer: AudioBuffer, sampleRate: Int) throws(SeparationError) {
    guard (1...2).contains(buffer.channelCount) else {
      throw SeparationError(
        code: .input,
        message: "A buffer of \(buffer.channelCount) channels cannot be separated; "
          + "give one or two.")
    }
    guard (8_000...192_000).contains(sampleRate) else {
      throw SeparationError(
        code: .input,
        message: "A sample rate of \(sampleRate) Hz is not supported; give 8000 to 192000 Hz.")
    }
    guard buffer.frameCount > 0 else {
      throw SeparationError(code: .input, message: "The buffer holds no audio; give a frame.")
    }
    self.buffer = buffer
    self.sampleRate = sampleRate
  }

  var frameCount: Int? { buffer.frameCount }
  var warnings: [String] {
    nonFiniteSamples == 0
      ? [] : ["\(nonFiniteSamples) samples were not finite and were taken as 0."]
  }

  func read(maximumFrames: Int) -> AudioBuffer? {
    let count = min(maximumFrames, buffer.frameCount - position)
    guard count > 0 else { return nil }
    var samples: [Float] = []
    samples.reserveCapacity(2 * count)
    for channel in 0..<2 {
      let first = min(channel, buffer.channelCount - 1) * buffer.frameCount + position
      for sample in buffer.samples[first..<first + count] {
        samples.append(sample.isFinite ? sample : 0)
        if !sample.isFinite { nonFiniteSamples += 1 }
      }
    }
    position += count
    return AudioBuffer(channelCount: 2, frameCount: count, samples: samples)
  }
}
