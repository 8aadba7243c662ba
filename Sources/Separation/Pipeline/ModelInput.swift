// SPDX-License-Identifier: MIT
import Audio

/// Brings a track to the model's rate and holds the frames that the next segments look at.
struct ModelInput {
  private static let blockFrames = 1 << 15

  private let reader: any TrackReader
  private let resampler: Resampler?
  private var mixtureResampler: Resampler?
  private var window: FrameWindow  // (2) at the model's rate
  /// The mixture at the rate of the output, from the frame on that was not yet taken.
  private var mixture: FrameWindow?  // (2)

  /// The frames read so far at the track's own rate.
  private(set) var framesRead = 0
  /// The track's length at the model's rate, once its end has been read.
  private(set) var end: Int?

  /// - Parameter mixtureRate: The rate at which the mixture is to be kept, if it is to be.
  init(
    reader: any TrackReader, modelRate: Int, mixtureRate: Int?
  ) throws(SeparationError) {
    self.reader = reader
    window = FrameWindow(rowCount: 2)
    resampler = try Resampler.ifNeeded(from: reader.sampleRate, to: modelRate, channelCount: 2)
    if let mixtureRate {
      mixture = FrameWindow(rowCount: 2)
      mixtureResampler = try Resampler.ifNeeded(
        from: reader.sampleRate, to: mixtureRate, channelCount: 2)
    }
  }

  /// Reads until the window reaches `position` or the track ends.
  mutating func read(
    upTo position: Int, signal: CancellationSignal
  ) throws(SeparationError) {
    while end == nil, window.end < position {
      try signal.check()
      if let block = try reader.read(maximumFrames: Self.blockFrames) {
        framesRead += block.frameCount
        append(block)
      } else {
        if let resampler { window.append(resampler.finish()) }
        if let mixtureResampler { mixture?.append(mixtureResampler.finish()) }
        end = window.end
      }
    }
  }

  /// Forgets the frames before `position`.
  mutating func discard(before position: Int) { window.discard(before: position) }

  /// Copies frames of the track, silence beyond its ends, brought to the track's scale.
  ///
  /// - Parameters:
  ///   - audible: How many of the frames are of the track; silence follows.
  ///   - target: (2, count).
  func copy(
    from position: Int, count: Int, audible: Int, scale: TrackScale,
    to target: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<2 {
      window.copyRow(row, from: position, count: audible, to: target + row * count)
      (target + row * count + audible).update(repeating: 0, count: count - audible)
    }
    guard !scale.isIdentity else { return }
    // Silence beyond the ends stays 0, as Demucs pads after it has normalised.
    let first = min(max(window.start - position, 0), audible)
    let last = max(min(window.end - position, audible), first)
    for row in 0..<2 {
      for frame in row * count + first..<row * count + last {
        target[frame] = (target[frame] - scale.mean) / scale.deviation
      }
    }
  }

  /// Takes the next frames of the mixture at the rate of the output.
  mutating func takeMixture(
    frameCount: Int, signal: CancellationSignal
  ) throws(SeparationError) -> AudioBuffer? {
    guard let wanted = mixture.map({ $0.start + frameCount }) else { return nil }
    while end == nil, let held = mixture?.end, held < wanted {
      try read(upTo: window.end + 1, signal: signal)
    }
    guard let mixture else { return nil }
    var samples = [Float](repeating: 0, count: 2 * frameCount)
    samples.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      for row in 0..<2 {
        mixture.copyRow(
          row, from: mixture.start, count: frameCount, to: base + row * frameCount)
      }
    }
    self.mixture?.discard(before: wanted)
    return AudioBuffer(channelCount: 2, frameCount: frameCount, samples: samples)
  }

  private mutating func append(_ block: AudioBuffer) {
    if let resampler {
      window.append(resampler.process(block))
    } else {
      window.append(block)
    }
    guard mixture != nil else { return }
    if let mixtureResampler {
      mixture?.append(mixtureResampler.process(block))
    } else {
      mixture?.append(block)
    }
  }
}

extension FrameWindow {
  /// Appends a block of as many channels as the window has rows.
  mutating func append(_ block: AudioBuffer) {
    append(block.samples, frameCount: block.frameCount)
  }
}

extension Resampler {
  /// A resampler, or `nil` where the rates are the same.
  static func ifNeeded(
    from inputRate: Int, to outputRate: Int, channelCount: Int
  ) throws(SeparationError) -> Resampler? {
    guard inputRate != outputRate else { return nil }
    do {
      return try Resampler(
        inputRate: inputRate, outputRate: outputRate, channelCount: channelCount)
    } catch { throw .input(error) }
  }
}
