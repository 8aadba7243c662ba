// SPDX-License-Identifier: MIT

/// Turns interleaved audio of up to eight channels into two.
///
/// One channel is duplicated and two are left alone. More follow ITU-R BS.775-3, annex 4, table 2:
/// L = L + 0.7071 C + 0.7071 Ls and R likewise, a single surround channel goes to both sides at
/// 0.5, and the low-frequency channel is left out. The sum is not scaled down: samples are floats,
/// so that nothing clips here, and dialogue keeps its level whatever the number of channels.
struct StereoDownmix: Sendable {
  static let maximumChannelCount = 8
  private static let halfPower = Float(0.5).squareRoot()  // 0.7071, -3 dB

  let channelCount: Int
  /// The gain of every source channel in the left result, (channels).
  let left: [Float]
  /// The gain of every source channel in the right result, (channels).
  let right: [Float]

  init(_ roles: [ChannelRole]) {
    channelCount = roles.count
    left = roles.map { Self.gains($0).left }
    right = roles.map { Self.gains($0).right }
  }

  private static func gains(_ role: ChannelRole) -> (left: Float, right: Float) {
    switch role {
    case .mono: (1, 1)
    case .left, .leftOfCentre: (1, 0)
    case .right, .rightOfCentre: (0, 1)
    case .centre: (halfPower, halfPower)
    case .lowFrequency: (0, 0)
    case .sideLeft, .backLeft, .topLeft: (halfPower, 0)
    case .sideRight, .backRight, .topRight: (0, halfPower)
    case .backCentre, .topCentre: (0.5, 0.5)
    case .unknown: (0.5, 0.5)
    }
  }

  /// Downmixes `frameCount` frames.
  ///
  /// - Parameters:
  ///   - input: (frames, channels), interleaved.
  ///   - left: room for `frameCount` samples.
  ///   - right: room for `frameCount` samples.
  func apply(
    _ input: UnsafePointer<Float>, frameCount: Int,
    left leftOutput: UnsafeMutablePointer<Float>, right rightOutput: UnsafeMutablePointer<Float>
  ) {
    switch channelCount {
    case 1:
      leftOutput.update(from: input, count: frameCount)
      rightOutput.update(from: input, count: frameCount)
    case 2:
      for frame in 0..<frameCount {
        leftOutput[frame] = input[2 * frame]
        rightOutput[frame] = input[2 * frame + 1]
      }
    default:
      for frame in 0..<frameCount {
        var sums = SIMD2<Float>()
        for channel in 0..<channelCount {
          let sample = input[frame * channelCount + channel]
          sums += sample * SIMD2(left[channel], right[channel])
        }
        leftOutput[frame] = sums.x
        rightOutput[frame] = sums.y
      }
    }
  }
}
