// SPDX-License-Identifier: MIT
import Foundation

@testable import MixCore

/// Two channels that a test holds.
struct Stereo: Equatable {
  var left: [Float]
  var right: [Float]

  init(_ left: [Float], _ right: [Float]) {
    self.left = left
    self.right = right
  }

  /// The same samples in both channels.
  init(both samples: [Float]) { self.init(samples, samples) }

  init(count: Int, _ body: (Int) -> Double) { self.init(both: (0..<count).map { Float(body($0)) }) }

  var count: Int { left.count }
  var isFinite: Bool { left.allSatisfy(\.isFinite) && right.allSatisfy(\.isFinite) }
  var peak: Float { max(left.map(abs).max() ?? 0, right.map(abs).max() ?? 0) }

  /// Shows the samples to `body` in blocks of `size`.
  mutating func inBlocks(_ size: Int, _ body: (StereoBlock) -> Void) {
    left.withUnsafeMutableBufferPointer { left in
      right.withUnsafeMutableBufferPointer { right in
        guard let l = left.baseAddress, let r = right.baseAddress else { return }
        var start = 0
        while start < left.count {
          let count = min(size, left.count - start)
          body(StereoBlock(left: l + start, right: r + start, frameCount: count))
          start += count
        }
      }
    }
  }

  /// The samples after `body` in blocks of `size`.
  func processed(_ size: Int = 512, _ body: (StereoBlock) -> Void) -> Stereo {
    var result = self
    result.inBlocks(size, body)
    return result
  }

  static func noise(_ count: Int, seed: UInt64, amplitude: Double = 0.5) -> Stereo {
    var random = RandomNumbers(seed: seed)
    return Stereo(
      random.noise(count, amplitude: amplitude), random.noise(count, amplitude: amplitude))
  }

  static func sine(
    _ frequency: Double, amplitude: Double, seconds: Double, sampleRate: Double
  ) -> Stereo {
    Stereo(count: Int(seconds * sampleRate)) {
      amplitude * sin(2 * .pi * frequency * Double($0) / sampleRate)
    }
  }
}

/// The largest difference of two signals.
func largestDifference(_ a: [Float], _ b: [Float]) -> Double {
  zip(a, b).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
}

func largestDifference(_ a: Stereo, _ b: Stereo) -> Double {
  max(largestDifference(a.left, b.left), largestDifference(a.right, b.right))
}

/// The root of the mean square in dB.
func levelDB(_ samples: some Sequence<Float>) -> Double {
  var sum = 0.0
  var count = 0.0
  for sample in samples {
    sum += Double(sample) * Double(sample)
    count += 1
  }
  return 10 * log10(max(sum / max(count, 1), 1e-30))
}

/// The sample rates that everything has to work at.
let sampleRates: [Double] = [8000, 11025, 22050, 44100, 48000, 96000, 192_000]
