// SPDX-License-Identifier: MIT
import Audio
import CEBUR128
import Foundation

/// What libebur128 measures.
struct ReferenceLoudness {
  private(set) var integratedLUFS = 0.0
  private(set) var rangeLU = 0.0
  private(set) var truePeakDB = 0.0

  init(_ buffer: AudioBuffer, sampleRate: Int, channelCount: Int = 2) throws {
    let mode =
      EBUR128_MODE_I.rawValue | EBUR128_MODE_LRA.rawValue | EBUR128_MODE_TRUE_PEAK.rawValue
    var state = ebur128_init(UInt32(channelCount), UInt(sampleRate), Int32(mode))
    defer { ebur128_destroy(&state) }
    var interleaved: [Float] = []
    for frame in 0..<buffer.frameCount {
      for channel in 0..<channelCount {
        interleaved.append(buffer.samples[channel * buffer.frameCount + frame])
      }
    }
    ebur128_add_frames_float(state, interleaved, buffer.frameCount)
    ebur128_loudness_global(state, &integratedLUFS)
    ebur128_loudness_range(state, &rangeLU)
    var peak = 0.0
    for channel in 0..<channelCount {
      var value = 0.0
      ebur128_true_peak(state, UInt32(channel), &value)
      peak = max(peak, value)
    }
    truePeakDB = 20 * log10(peak)
  }
}
