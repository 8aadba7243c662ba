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
  private let resamplers: [Resampler]  // one a stem, none where the rates are the same
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
    var resamplers: [Resampler] = []
    for _ in model.sources {
      let resampler = try Resampler.ifNeeded(
        from: model.sampleRate, to: outputRate, channelCount: model.channelCount)
      if let resampler { resamplers.append(resampler) }
    }
    self.resamplers = resamplers
  }

  /// Writes the frames of `sum` before `end`, divided by the number of passes, and forgets them.
  mutating func write(
    _ sum: inout FrameWindow, upTo end: Int, passCount: Int,
    takingMixtureFrom input: inout ModelInput
  ) throws(SeparationError) {
    let count = end - sum.start
    let passes = Float(passCount)
    var stems = (0..<sourceCount).map { source in
      var samples: [Float] = []
      samples.reserveCapacity(channelCount * count)
      for channel in 0..<channelCount {
        sum.withRow(source * channelCount + channel) { held in
          for frame in 0..<count {
            samples.append(held[frame] / passes * scale.deviation + scale.mean)
          }
        }
      }
      return AudioBuffer(channelCount: channelCount, frameCount: count, samples: samples)
    }
    sum.discard(before: end)
    if !resamplers.isEmpty {
      let unresampled = stems
      stems = concurrentMap(resamplers) { $0.process(unresampled[$1]) }
    }
    try give(stems, limit: .max, input: &input)
  }

  /// Writes what the resampler still holds, so that the stems are as long as the track.
  mutating func finish(
    trackFrames: Int, takingMixtureFrom input: inout ModelInput
  ) throws(SeparationError) {
    let length = Resampler.outputLength(
      trackFrames, inputRate: trackRate, outputRate: outputRate)
    if !resamplers.isEmpty {
      try give(
        concurrentMap(resamplers) { resampler, _ in resampler.finish() },
        limit: length - framesWritten, input: &input)
    }
    // Two resamplings, each rounded to a whole frame, may end one frame early.
    if framesWritten < length {
      let rest = AudioBuffer(channelCount: channelCount, frameCount: length - framesWritten)
      try give(
        Array(repeating: rest, count: sourceCount), limit: .max, input: &input)
    }
  }

  private mutating func give(
    _ stems: [AudioBuffer], limit: Int, input: inout ModelInput
  ) throws(SeparationError) {
    let count = min(stems[0].frameCount, limit)
    guard count > 0 else { return }
    let mixture = try input.takeMixture(frameCount: count, signal: signal)
    try sink.write(stems.map { $0.frames(0..<count) }, mixture: mixture)
    framesWritten += count
  }
}
