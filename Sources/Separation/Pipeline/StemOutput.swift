// SPDX-License-Identifier: MIT
import Audio

/// Brings finished frames of all stems to the output's rate and exact length, and to the sink.
struct StemOutput {
  private let sourceCount: Int
  private let channelCount: Int
  private let scale: TrackScale
  private let trackRate: Int
  private let outputRate: Int
  private let sink: any StemSink
  private let signal: CancellationSignal
  private let resampler: Resampler?
  /// The frames given to the sink so far.
  private(set) var framesWritten = 0

  init(
    model: any SegmentModel, scale: TrackScale, outputRate: Int, trackRate: Int,
    sink: any StemSink, signal: CancellationSignal
  ) throws(SeparationError) {
    sourceCount = model.sources.count
    channelCount = model.channelCount
    self.scale = scale
    self.outputRate = outputRate
    self.trackRate = trackRate
    self.sink = sink
    self.signal = signal
    resampler = try Resampler.ifNeeded(
      from: model.sampleRate, to: outputRate, channelCount: sourceCount * channelCount)
  }

  /// Writes the frames of `sum` before `end`, divided by the number of passes, and forgets them.
  mutating func write(
    _ sum: inout FrameWindow, upTo end: Int, passCount: Int,
    takingMixtureFrom input: inout ModelInput
  ) throws(SeparationError) {
    let count = end - sum.start
    let rowCount = sourceCount * channelCount
    var samples = [Float](repeating: 0, count: rowCount * count)
    let passes = Float(passCount)
    for row in 0..<rowCount {
      sum.withRow(row) { held in
        for frame in 0..<count {
          samples[row * count + frame] = held[frame] / passes * scale.deviation + scale.mean
        }
      }
    }
    sum.discard(before: end)
    var block = AudioBuffer(channelCount: rowCount, frameCount: count, samples: samples)
    if let resampler { block = try resampler.next(block) }
    try give(block, limit: .max, input: &input)
  }

  /// Writes what the resampler still holds, so that the stems are as long as the track.
  mutating func finish(
    trackFrames: Int, takingMixtureFrom input: inout ModelInput
  ) throws(SeparationError) {
    let length = rescaledFrameCount(trackFrames, from: trackRate, to: outputRate)
    if let resampler {
      try give(resampler.lastBlock(), limit: length - framesWritten, input: &input)
    }
    // Two resamplings, each rounded to a whole frame, may end one frame early.
    if framesWritten < length {
      let rest = AudioBuffer(
        channelCount: sourceCount * channelCount, frameCount: length - framesWritten)
      try give(rest, limit: .max, input: &input)
    }
  }

  private mutating func give(
    _ block: AudioBuffer, limit: Int, input: inout ModelInput
  ) throws(SeparationError) {
    let count = min(block.frameCount, limit)
    guard count > 0 else { return }
    let stems = (0..<sourceCount).map { source in
      var samples: [Float] = []
      samples.reserveCapacity(channelCount * count)
      for channel in 0..<channelCount {
        let first = (source * channelCount + channel) * block.frameCount
        samples += block.samples[first..<first + count]
      }
      return AudioBuffer(channelCount: channelCount, frameCount: count, samples: samples)
    }
    try sink.write(stems, mixture: input.takeMixture(frameCount: count, signal: signal))
    framesWritten += count
  }
}

/// The length of a track after resampling: `count · to / from`, rounded.
func rescaledFrameCount(_ count: Int, from: Int, to: Int) -> Int {
  guard from != to else { return count }
  return Int((Double(count) * Double(to) / Double(from)).rounded())
}
