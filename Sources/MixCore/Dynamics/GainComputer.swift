// SPDX-License-Identifier: MIT

/// The static curve of a compressor after Giannoulis, Massberg and Reiss, "Digital Dynamic Range
/// Compressor Design" (JAES 60, 2012), equation 4, as gain reduction.
struct GainComputer {
  private let threshold: Float
  private let halfKnee: Float
  private let knee: Float
  private let kneeFactor: Float
  private let slope: Float

  init(thresholdDB: Double, ratio: Double, kneeDB: Double) {
    threshold = Float(thresholdDB)
    knee = Float(kneeDB)
    halfKnee = Float(kneeDB / 2)
    kneeFactor = kneeDB > 0 ? Float(1 / (2 * kneeDB)) : 0
    slope = Float(1 - 1 / ratio)
  }

  /// How many dB the gain goes down at a level in dB.
  @inline(__always)
  func reduction(_ level: Float) -> Float {
    let over = level - threshold
    // The knee's parabola runs from 0 to its width, then the straight line goes on.
    let start = over + halfKnee
    let positive: Float = start > 0 ? start : 0
    let within: Float = positive < knee ? positive : knee
    return slope * (within * within * kneeFactor + (positive - within))
  }
}

/// Levels of the louder channel.
enum LevelDetector {
  /// Writes 20 log10 of the larger magnitude of both channels, not below -140 dB.
  static func write(
    _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>,
    to levels: UnsafeMutablePointer<Float>, count: Int
  ) {
    for i in 0..<count {
      let l = abs(left[i])
      let r = abs(right[i])
      let larger: Float = l > r ? l : r
      let floored: Float = larger > 1e-7 ? larger : 1e-7
      levels[i] = fastLog2(floored) * decibelsPerOctave
    }
  }
}
