// SPDX-License-Identifier: MIT
import Audio

/// The mean and deviation by which Demucs normalises a whole track: `(x - mean) / deviation`.
///
/// They are those of the mono mix over the whole track, so a model that wants them costs a first
/// reading of the track; memory stays the same.
struct TrackScale: Equatable {
  var mean: Float
  /// The unbiased standard deviation plus 1e-8.
  var deviation: Float

  /// Leaves the track as it is.
  static let identity = TrackScale(mean: 0, deviation: 1)

  var isIdentity: Bool { self == .identity }

  /// Reads a whole track at the model's rate and measures it.
  static func measure(
    _ source: TrackSource, modelRate: Int, signal: CancellationSignal
  ) throws(SeparationError) -> TrackScale {
    var input = try ModelInput(
      reader: source.open(signal: signal), modelRate: modelRate, mixtureRate: nil)
    let blockFrames = 1 << 15
    var block = [Float](repeating: 0, count: 2 * blockFrames)
    var count = 0.0
    var sum = 0.0
    var squares = 0.0
    var position = 0
    while input.end.map({ position < $0 }) ?? true {
      try input.read(upTo: position + blockFrames, signal: signal)
      let frames = min(blockFrames, (input.end ?? .max) - position)
      block.withUnsafeMutableBufferPointer { block in
        guard let base = block.baseAddress else { return }
        input.copy(from: position, count: frames, audible: frames, scale: .identity, to: base)
      }
      for frame in 0..<frames {
        let mono = Double((block[frame] + block[frames + frame]) / 2)
        sum += mono
        squares += mono * mono
      }
      count += Double(frames)
      position += frames
      input.discard(before: position)
    }
    let mean = count > 0 ? sum / count : 0
    let variance = count > 1 ? max((squares - count * mean * mean) / (count - 1), 0) : 0
    return TrackScale(mean: Float(mean), deviation: Float(variance.squareRoot()) + 1e-8)
  }
}
