// SPDX-License-Identifier: MIT

/// The first echoes of a room: eight on each side, half of them from the other channel.
final class EarlyReflections {
  // Times in ms between 4 and 50, without a common divisor; the gains fall by 12 dB over them and have
  // a total power of 1.
  private static let leftTimes = [4.3, 11.1, 17.9, 22.3, 29.7, 35.1, 41.9, 47.3]
  private static let rightTimes = [5.9, 9.7, 15.3, 24.1, 27.1, 37.3, 40.1, 49.7]
  private static let signs: [Float] = [1, -1, 1, 1, -1, -1, 1, -1]

  private let leftDelays: [Int]
  private let rightDelays: [Int]
  private let leftGains: [Float]
  private let rightGains: [Float]

  /// The longest delay in frames.
  let maximumDelay: Int

  init(sampleRate: Double) {
    func delays(_ times: [Double]) -> [Int] { times.map { max(1, Int($0 * sampleRate / 1000)) } }
    func gains(_ times: [Double]) -> [Float] {
      let raw = times.map { Decibels.amplitude(-12 * $0 / 50) }
      let power = raw.reduce(0) { $0 + $1 * $1 }
      return raw.indices.map { Float(raw[$0] / power.squareRoot()) * Self.signs[$0] }
    }
    leftDelays = delays(Self.leftTimes)
    rightDelays = delays(Self.rightTimes)
    leftGains = gains(Self.leftTimes)
    rightGains = gains(Self.rightTimes)
    maximumDelay = max(leftDelays.max() ?? 1, rightDelays.max() ?? 1)
  }

  /// Adds `level` times the reflections to a block.
  ///
  /// - Parameters:
  ///   - left: The left channel's past; the run was just written to it.
  ///   - right: The same of the right channel.
  ///   - delay: The delay of the direct sound, in frames.
  func add(
    _ left: DelayLine, _ right: DelayLine, delay: Int, level: LinearRamp, offset: Int,
    to block: StereoBlock
  ) {
    for index in leftDelays.indices {
      // Odd echoes come from the other side.
      let (own, other) = index % 2 == 0 ? (left, right) : (right, left)
      add(
        own, delay + leftDelays[index], leftGains[index], level, offset, block.left,
        block.frameCount)
      add(
        other, delay + rightDelays[index], rightGains[index], level, offset, block.right,
        block.frameCount)
    }
  }

  private func add(
    _ line: DelayLine, _ delay: Int, _ gain: Float, _ level: LinearRamp, _ offset: Int,
    _ output: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    // The run is in the line already, so it lies `count` frames further back.
    let past = line.past(delay: delay + count)
    if level.remaining == 0 {
      let g = gain * level.target
      for i in 0..<count { output[i] += g * past[i] }
    } else {
      for i in 0..<count { output[i] += gain * level.value(offset + i) * past[i] }
    }
  }
}
