// SPDX-License-Identifier: MIT
import CEBUR128

/// libebur128.
final class ReferenceMeter {
  private var state: UnsafeMutablePointer<ebur128_state>?

  init(channels: Int, sampleRate: Double) {
    let mode =
      EBUR128_MODE_I.rawValue | EBUR128_MODE_S.rawValue | EBUR128_MODE_LRA.rawValue
      | EBUR128_MODE_TRUE_PEAK.rawValue
    state = ebur128_init(UInt32(channels), UInt(sampleRate), Int32(mode))
    if channels == 5 {
      // Its default order is that of 5.1, with the low frequencies fourth.
      ebur128_set_channel(state, 3, Int32(EBUR128_LEFT_SURROUND.rawValue))
      ebur128_set_channel(state, 4, Int32(EBUR128_RIGHT_SURROUND.rawValue))
    }
  }

  deinit { ebur128_destroy(&state) }

  func add(_ signal: [[Float]]) {
    var interleaved: [Float] = []
    interleaved.reserveCapacity(signal.count * signal[0].count)
    for n in signal[0].indices { for channel in signal { interleaved.append(channel[n]) } }
    ebur128_add_frames_float(state, interleaved, signal[0].count)
  }

  var integrated: Double {
    var value = 0.0
    ebur128_loudness_global(state, &value)
    return value
  }

  var range: Double {
    var value = 0.0
    ebur128_loudness_range(state, &value)
    return value
  }

  var shortTerm: Double {
    var value = 0.0
    ebur128_loudness_shortterm(state, &value)
    return value
  }

  var momentary: Double {
    var value = 0.0
    ebur128_loudness_momentary(state, &value)
    return value
  }

  /// The largest true peak of the first two channels.
  var truePeak: Double {
    var (left, right) = (0.0, 0.0)
    ebur128_true_peak(state, 0, &left)
    ebur128_true_peak(state, 1, &right)
    return max(left, right)
  }
}
