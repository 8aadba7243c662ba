// SPDX-License-Identifier: MIT

/// Where the loudspeaker of one channel stands.
enum ChannelRole: Sendable, Equatable {
  case mono
  case left, right, centre
  case lowFrequency
  case sideLeft, sideRight
  case backLeft, backRight, backCentre
  case leftOfCentre, rightOfCentre
  case topLeft, topRight, topCentre
  case unknown
}

extension ChannelRole {
  /// The weight in the loudness of ITU-R BS.1770-4, table 3.
  var loudnessWeight: Double {
    switch self {
    case .lowFrequency: 0
    case .sideLeft, .sideRight, .backLeft, .backRight, .backCentre: 1.41
    default: 1
    }
  }

  /// The order of WAV (`WAVE_FORMAT_EXTENSIBLE`) and FLAC for 1 to 8 channels without a map.
  ///
  /// FLAC's format description fixes these; for WAV, where a file without a channel mask says
  /// nothing, the same order is the common reading (four channels are quadraphonic).
  static func waveOrder(channelCount: Int) -> [ChannelRole]? {
    switch channelCount {
    case 1: [.mono]
    case 2: [.left, .right]
    case 3: [.left, .right, .centre]
    case 4: [.left, .right, .backLeft, .backRight]
    case 5: [.left, .right, .centre, .backLeft, .backRight]
    case 6: [.left, .right, .centre, .lowFrequency, .backLeft, .backRight]
    case 7: [.left, .right, .centre, .lowFrequency, .backCentre, .sideLeft, .sideRight]
    case 8:
      [.left, .right, .centre, .lowFrequency, .backLeft, .backRight, .sideLeft, .sideRight]
    default: nil
    }
  }

  /// The order of Ogg Vorbis and Opus (Vorbis I specification, 4.3.9; RFC 7845, 5.1.1.2).
  static func vorbisOrder(channelCount: Int) -> [ChannelRole]? {
    switch channelCount {
    case 1: [.mono]
    case 2: [.left, .right]
    case 3: [.left, .centre, .right]
    case 4: [.left, .right, .backLeft, .backRight]
    case 5: [.left, .centre, .right, .backLeft, .backRight]
    case 6: [.left, .centre, .right, .backLeft, .backRight, .lowFrequency]
    case 7: [.left, .centre, .right, .sideLeft, .sideRight, .backCentre, .lowFrequency]
    case 8:
      [.left, .centre, .right, .sideLeft, .sideRight, .backLeft, .backRight, .lowFrequency]
    default: nil
    }
  }

  /// The channels of a layout as FFmpeg names it ("5.1(side)"), or nil for an unlisted one.
  static func ffmpegLayout(_ name: String) -> [ChannelRole]? {
    switch name {
    case "mono": [.mono]
    case "stereo", "downmix": [.left, .right]
    case "2.1": [.left, .right, .lowFrequency]
    case "3.0": [.left, .right, .centre]
    case "3.0(back)": [.left, .right, .backCentre]
    case "4.0": [.left, .right, .centre, .backCentre]
    case "quad": [.left, .right, .backLeft, .backRight]
    case "quad(side)": [.left, .right, .sideLeft, .sideRight]
    case "3.1": [.left, .right, .centre, .lowFrequency]
    case "4.1": [.left, .right, .centre, .lowFrequency, .backCentre]
    case "5.0": [.left, .right, .centre, .backLeft, .backRight]
    case "5.0(side)": [.left, .right, .centre, .sideLeft, .sideRight]
    case "5.1": [.left, .right, .centre, .lowFrequency, .backLeft, .backRight]
    case "5.1(side)": [.left, .right, .centre, .lowFrequency, .sideLeft, .sideRight]
    case "6.0": [.left, .right, .centre, .backCentre, .sideLeft, .sideRight]
    case "6.1": [.left, .right, .centre, .lowFrequency, .backCentre, .sideLeft, .sideRight]
    case "6.1(back)":
      [.left, .right, .centre, .lowFrequency, .backLeft, .backRight, .backCentre]
    case "7.0": [.left, .right, .centre, .backLeft, .backRight, .sideLeft, .sideRight]
    case "7.1":
      [.left, .right, .centre, .lowFrequency, .backLeft, .backRight, .sideLeft, .sideRight]
    case "7.1(wide)":
      [.left, .right, .centre, .lowFrequency, .backLeft, .backRight, .leftOfCentre, .rightOfCentre]
    default: nil
    }
  }
}
