// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// A response that rooms are compared with.
struct ReverbTarget: Sendable {
  /// What counts of a reverberation time that is wholly wrong, in dB of the spectrogram.
  private static let timeWeight = 10.0
  private static let rangeDB: Float = 60

  private let levels: [Float]  // (2, frames, bands), dB, not below the floors
  private let floors: [Float]  // (bands)
  private let times: [Double?]
  private let frameCount: Int
  private let sampleRate: Int
  private let length: Int

  /// What a room is worth.
  struct Score: Sendable {
    /// What the search makes small: the distance of the spectrograms and that of the reverberation times.
    var fitness: Double
    /// The mean difference of the spectrograms in dB.
    var distanceDB: Double
    /// The gain at which they are nearest.
    var gainDB: Double
  }

  init(_ response: ImpulseResponse) {
    let image = ReverbImage(response.audio, sampleRate: response.sampleRate)
    sampleRate = response.sampleRate
    times = image.octaveTimes
    let loudest = 10 * Self.log(image.powers.max() ?? 0)
    floors = (0..<ReverbImage.bandCount).map { band in
      // What is 60 dB under the loudest moment of its octave, or noise, or far under everything, does not count.
      var most: Float = 0
      var noise = 0.0
      let tail = max(1, image.frameCount / 10)
      for channel in 0..<2 {
        for frame in 0..<image.frameCount {
          let power = image.power(channel, frame, band)
          most = max(most, power)
          if frame >= image.frameCount - tail { noise += Double(power) }
        }
      }
      let mean = Float(noise / Double(2 * tail))
      return max(10 * Self.log(most) - Self.rangeDB, loudest - 80, 10 * Self.log(mean) + 6)
    }
    // What lies behind the last audible frame is not rendered.
    var last = 0
    for channel in 0..<2 {
      for frame in 0..<image.frameCount {
        for band in 0..<ReverbImage.bandCount
        where 10 * Self.log(image.power(channel, frame, band)) > floors[band] {
          last = max(last, frame)
        }
      }
    }
    frameCount = min(image.frameCount, last + 10)
    length = response.audio.frameCount * frameCount / image.frameCount
    var levels: [Float] = []
    for channel in 0..<2 {
      for frame in 0..<frameCount {
        for band in 0..<ReverbImage.bandCount {
          levels.append(max(floors[band], 10 * Self.log(image.power(channel, frame, band))))
        }
      }
    }
    self.levels = levels
  }

  private static func log(_ power: Float) -> Float {
    Float(Decibels.level(power: Double(max(power, 1e-30))) / 10)
  }

  /// What a room answers to an impulse from the middle.
  static func render(_ room: Reverb, sampleRate: Int, frameCount: Int) -> AudioBuffer {
    let block = 512
    let reverb = StereoReverb(sampleRate: Double(sampleRate), maximumFrameCount: block)
    reverb.set(room)
    reverb.finishMoving()
    var audio = AudioBuffer(channelCount: 2, frameCount: frameCount)
    audio.withStereoBlock { audio in
      guard frameCount > 0 else { return }
      (audio.left[0], audio.right[0]) = (1, 1)
      for start in stride(from: 0, to: frameCount, by: block) {
        reverb.process(audio.slice(from: start, count: min(block, frameCount - start)))
      }
    }
    return audio
  }

  /// Compares a room whose gain is 0 dB.
  func score(_ room: Reverb) -> Score {
    let image = ReverbImage(
      Self.render(room, sampleRate: sampleRate, frameCount: length), sampleRate: sampleRate)
    let frames = min(frameCount, image.frameCount)
    let bands = ReverbImage.bandCount
    var own = [Float](repeating: -300, count: levels.count)
    var (sum, count) = (0.0, 0.0)
    for channel in 0..<2 {
      for frame in 0..<frames {
        for band in 0..<bands {
          let index = (channel * frameCount + frame) * bands + band
          own[index] = 10 * Self.log(image.power(channel, frame, band))
          // Gain is read where both sound.
          if levels[index] > floors[band], own[index] > -200 {
            let difference = Double(levels[index] - own[index])
            if abs(difference) < 120 {
              sum += difference
              count += 1
            }
          }
        }
      }
    }
    let gain = (count > 0 ? sum / count : 0).clamped(Reverb.gain.range)
    var distance = 0.0
    var cells = 0.0
    for index in levels.indices {
      let floor = floors[index % bands]
      let level = max(floor, own[index] + Float(gain))
      if level > floor || levels[index] > floor {
        distance += Double(abs(level - levels[index]))
        cells += 1
      }
    }
    distance /= max(1, cells)
    var (wrong, known) = (0.0, 0.0)
    for (time, wanted) in zip(image.octaveTimes, times) {
      guard let wanted else { continue }
      known += 1
      wrong += time.map { min(1, abs($0 - wanted) / wanted) } ?? 1
    }
    return Score(
      fitness: distance + Self.timeWeight * wrong / max(1, known), distanceDB: distance,
      gainDB: gain)
  }
}
