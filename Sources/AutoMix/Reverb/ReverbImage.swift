// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// The spectrogram of a response in half octaves, of the sum and of the difference of its channels.
struct ReverbImage {
  static let bandCount = 17
  private static let lowestHz = 44.2
  private static let length = 1024
  private static let hop = 256

  /// (2, frames, bands): powers of middle and side.
  let powers: [Float]
  let frameCount: Int
  let secondsPerFrame: Double

  /// Of (2, frames).
  init(_ audio: AudioBuffer, sampleRate: Int) {
    let (length, hop) = (Self.length, Self.hop)
    secondsPerFrame = Double(hop) / Double(sampleRate)
    let frames = max(1, audio.frameCount / hop)
    frameCount = frames
    let transform = RealFourierTransform(count: length)
    let window = (0..<length).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(length))) }
    let bandOfBin = (0...length / 2).map { bin -> Int in
      let frequency = max(1, Double(bin) * Double(sampleRate) / Double(length))
      let band = Int((Decibels.level(amplitude: frequency / Self.lowestHz) / 3.0103).rounded(.down))
      return band < 0 ? -1 : min(band, Self.bandCount)
    }
    var powers = [Float](repeating: 0, count: 2 * frames * Self.bandCount)
    var windowed = [Float](repeating: 0, count: length)
    var spectrum = [Float](repeating: 0, count: length / 2 + 1)
    let count = audio.frameCount
    audio.samples.withUnsafeBufferPointer { samples in
      for channel in 0..<2 {
        let sign: Float = channel == 0 ? 1 : -1
        for frame in 0..<frames {
          let start = frame * hop - length / 2
          for i in 0..<length {
            let place = start + i
            windowed[i] =
              place >= 0 && place < count
              ? (samples[place] + sign * samples[count + place]) * window[i] : 0
          }
          transform.powers(of: windowed, into: &spectrum)
          let first = (channel * frames + frame) * Self.bandCount
          for bin in 1..<length / 2 {
            let band = bandOfBin[bin]
            if band >= 0, band < Self.bandCount { powers[first + band] += spectrum[bin] }
          }
        }
      }
    }
    self.powers = powers
  }

  /// A power of middle (0) or side (1).
  func power(_ channel: Int, _ frame: Int, _ band: Int) -> Float {
    powers[(channel * frameCount + frame) * Self.bandCount + band]
  }

  /// The reverberation times of octaves, 88 Hz to 11 kHz, of middle and side together.
  var octaveTimes: [Double?] {
    stride(from: 2, to: Self.bandCount - 1, by: 2).map { band in
      let energies = (0..<frameCount).map { frame in
        (0..<2).reduce(0.0) { sum, channel in
          sum + Double(power(channel, frame, band)) + Double(power(channel, frame, band + 1))
        }
      }
      return DecayMeasurement.time(energies, secondsPerBin: secondsPerFrame)?.seconds
    }
  }
}
