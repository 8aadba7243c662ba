// SPDX-License-Identifier: MIT
import Audio
import Testing

@Suite struct ResamplerTests {
  /// The reference is the sum of sines itself, sampled at the new rate.
  @Test(arguments: [
    (48_000, 44_100), (44_100, 48_000), (8_000, 44_100), (192_000, 44_100), (44_100, 8_000),
    (96_000, 48_000), (11_025, 44_100), (44_101, 44_100),
  ])
  func sinesKeepTheirShape(_ inputRate: Int, _ outputRate: Int) throws {
    let nyquist = Double(min(inputRate, outputRate)) / 2
    let frequencies = [0.011, 0.13, 0.37, 0.61, 0.88].map { $0 * nyquist }
    let input = sines(frequencies, sampleRate: inputRate, frameCount: inputRate)
    let output = try Resampler.resample(input, from: inputRate, to: outputRate)
    #expect(output.frameCount == outputRate)
    let expected = sines(frequencies, sampleRate: outputRate, frameCount: outputRate)
    // The ends, where the sines begin and stop, are not band-limited.
    let middle = outputRate / 5..<outputRate - outputRate / 5
    #expect(signalToNoiseDB(output, expected, frames: middle) > 100)
  }

  @Test func tonesBeyondTheNewRateVanish() throws {
    let input = sines([23_000], sampleRate: 48_000, frameCount: 48_000)
    let output = try Resampler.resample(input, from: 48_000, to: 44_100)
    #expect(output.frames(8_000..<36_000).peak < 1e-5)
  }

  @Test(arguments: [(48_000, 44_100), (44_100, 48_000), (8_000, 44_100), (192_000, 44_100)])
  func blocksOfAnySizeGiveTheSame(_ inputRate: Int, _ outputRate: Int) throws {
    let input = sines([440, 3_000], sampleRate: inputRate, frameCount: 50_000)
    let whole = try Resampler.resample(input, from: inputRate, to: outputRate)
    let resampler = try Resampler(inputRate: inputRate, outputRate: outputRate, channelCount: 2)
    var parts: [AudioBuffer] = []
    var start = 0
    for size in [1, 0, 7, 997, 4_096, 12_345, 50_000] {
      let end = min(input.frameCount, start + size)
      parts.append(resampler.process(input.frames(start..<end)))
      start = end
    }
    parts.append(resampler.finish())
    #expect(AudioBuffer.joining(parts, channelCount: 2) == whole)
  }

  @Test(arguments: [0, 1, 2, 3, 159, 160, 161, 1_000, 44_099, 100_001])
  func theLengthIsExact(_ frameCount: Int) throws {
    for (inputRate, outputRate) in [(48_000, 44_100), (44_100, 48_000), (8_000, 192_000)] {
      let input = sines([100], sampleRate: inputRate, frameCount: frameCount)
      let output = try Resampler.resample(input, from: inputRate, to: outputRate)
      let exact = Double(frameCount) * Double(outputRate) / Double(inputRate)
      #expect(output.frameCount == Int(exact.rounded()))
    }
  }

  @Test func equalRatesChangeNothing() throws {
    let input = sines([100], sampleRate: 44_100, frameCount: 1_000)
    #expect(try Resampler.resample(input, from: 44_100, to: 44_100) == input)
  }

  @Test func anImpulseStaysWhereItIs() throws {
    var input = AudioBuffer(channelCount: 1, frameCount: 48_000)
    input.samples[16_000] = 1
    let output = try Resampler.resample(input, from: 48_000, to: 44_100)
    let peak = output.samples.indices.max { output.samples[$0] < output.samples[$1] }
    #expect(peak == 14_700)
  }

  @Test func ratesOutOfRangeAreRefused() throws {
    let error = try audioError {
      try Resampler(inputRate: 0, outputRate: 44_100, channelCount: 2)
    }
    #expect(error.code == .unsupported)
    #expect(throws: AudioError.self) {
      try Resampler(inputRate: 44_100, outputRate: 400_000, channelCount: 2)
    }
  }

  @Test func noLengthOverflows() {
    #expect(Resampler.outputLength(.max, inputRate: 8_000, outputRate: 192_000) == .max)
    #expect(Resampler.outputLength(.max, inputRate: 192_000, outputRate: 8_000) == .max / 24)
    #expect(Resampler.outputLength(1 << 40, inputRate: 44_100, outputRate: 44_100) == 1 << 40)
    #expect(Resampler.outputLength(441, inputRate: 44_100, outputRate: 48_000) == 480)
    #expect(Resampler.outputLength(1, inputRate: 48_000, outputRate: 8_000) == 0)
    #expect(Resampler.outputLength(3, inputRate: 48_000, outputRate: 8_000) == 1)
  }
}
