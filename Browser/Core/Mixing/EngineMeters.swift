// SPDX-License-Identifier: MIT

/// Level, loudness and gain reduction of tracks and master while an engine runs.
final class EngineMeters {
  /// The values of the master, in front of those of the tracks: momentary, short-term and integrated
  /// loudness, true peak, gain reduction of the limiter, peak, mean square.
  static let masterCount = 7
  /// The values of a track: peak, mean square, gain reduction of the compressor.
  static let trackCount = 3

  private let loudness: LoudnessMeter
  private let truePeak: TruePeakMeter
  private var levels: [Level]  // (tracks, then the master)
  private let values: Storage<Float>

  /// Peak and power since the last reading.
  private struct Level {
    var peak: Float = 0
    var sum: Float = 0
    var frameCount = 0

    mutating func listen(to block: StereoBlock) {
      for i in 0..<block.frameCount {
        let (l, r) = (block.left[i], block.right[i])
        let magnitude = max(abs(l), abs(r))
        if magnitude > peak { peak = magnitude }
        sum += l * l + r * r
      }
      frameCount += block.frameCount
    }

    var meanSquare: Float { frameCount > 0 ? sum / Float(2 * frameCount) : 0 }
  }

  init(trackCount: Int, sampleRate: Double, maximumFrameCount: Int) {
    loudness = LoudnessMeter(sampleRate: sampleRate)
    truePeak = TruePeakMeter(maximumFrameCount: maximumFrameCount)
    levels = [Level](repeating: Level(), count: trackCount + 1)
    values = Storage(count: Self.masterCount + Self.trackCount * trackCount, repeating: 0)
  }

  var integratedLUFS: Double { loudness.integratedLUFS }

  func reset() {
    loudness.reset()
    truePeak.reset()
    for index in levels.indices { levels[index] = Level() }
  }

  func listen(to engine: MixEngine, frameCount: Int) {
    for index in levels.indices.dropLast() {
      levels[index].listen(to: engine.track(index).slice(from: 0, count: frameCount))
    }
    let master = engine.master.slice(from: 0, count: frameCount)
    levels[levels.count - 1].listen(to: master)
    loudness.process(master)
    truePeak.process(master)
  }

  /// Fills the table and begins peaks and powers anew.
  func read(_ engine: MixEngine) -> UnsafeMutablePointer<Float> {
    let master = levels[levels.count - 1]
    values[0] = Float(loudness.momentaryLUFS)
    values[1] = Float(loudness.shortTermLUFS)
    values[2] = Float(loudness.integratedLUFS)
    values[3] = Float(truePeak.peakDB)
    values[4] = Float(engine.limiterReductionDB)
    values[5] = master.peak
    values[6] = master.meanSquare
    for index in levels.indices.dropLast() {
      let place = Self.masterCount + Self.trackCount * index
      values[place] = levels[index].peak
      values[place + 1] = levels[index].meanSquare
      values[place + 2] = Float(engine.reductionDB(track: index))
    }
    for index in levels.indices { levels[index] = Level() }
    return values.pointer
  }
}
