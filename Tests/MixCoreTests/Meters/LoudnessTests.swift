// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Loudness after the cases of EBU Tech 3341 and 3342, ours and libebur128's side by side.
@Suite struct LoudnessTests {
  static let rates: [Double] = [44_100, 48_000, 96_000]

  func listen(
    _ meter: LoudnessMeter, _ signal: [[Float]], step: Int = 4096, _ body: (Int) -> Void = { _ in }
  ) {
    var start = 0
    let count = signal[0].count
    while start < count {
      let length = min(step, count - start)
      var pointers: [UnsafePointer<Float>] = []
      func visit(_ index: Int) {
        guard index < signal.count else {
          return meter.process(channels: pointers, frameCount: length)
        }
        signal[index].withUnsafeBufferPointer {
          guard let base = $0.baseAddress else { return }
          pointers.append(base + start)
          visit(index + 1)
        }
      }
      visit(0)
      start += length
      body(start)
    }
  }

  @Test(arguments: EBUCase.integrated, rates)
  func integratedLoudnessIsThatOfTheStandard(_ item: EBUCase, _ rate: Double) {
    let signal = item.signal(rate)
    let meter = LoudnessMeter(
      sampleRate: rate,
      channelWeights: signal.count == 5
        ? LoudnessMeter.surroundWeights : LoudnessMeter.stereoWeights)
    let reference = ReferenceMeter(channels: signal.count, sampleRate: rate)
    listen(meter, signal)
    reference.add(signal)
    #expect(abs(meter.integratedLUFS - item.expected) <= 0.1)
    #expect(abs(reference.integrated - item.expected) <= 0.1)
    #expect(abs(meter.integratedLUFS - reference.integrated) < 0.02)
    if item.name == "3341-1" || item.name == "3341-2" {
      #expect(abs(meter.momentaryLUFS - item.expected) <= 0.1)
      #expect(abs(meter.shortTermLUFS - item.expected) <= 0.1)
      #expect(abs(meter.shortTermLUFS - reference.shortTerm) < 0.001)
    }
  }

  @Test(arguments: EBUCase.range, rates)
  func theLoudnessRangeIsThatOfTheStandard(_ item: EBUCase, _ rate: Double) {
    let signal = item.signal(rate)
    let meter = LoudnessMeter(sampleRate: rate)
    let reference = ReferenceMeter(channels: 2, sampleRate: rate)
    listen(meter, signal)
    reference.add(signal)
    #expect(abs(meter.rangeLU - item.expected) <= 1)
    #expect(abs(reference.range - item.expected) <= 1)
    #expect(abs(meter.rangeLU - reference.range) <= 0.2)
  }

  @Test(arguments: rates)
  func steadyPatternsReadSteadily(_ rate: Double) {
    // 3341-9: short-term after 3 s; 3341-12: momentary after 1 s.
    let nine = LoudnessMeter(sampleRate: rate)
    var worst = 0.0
    listen(nine, EBUCase.tones(EBUCase.repeated([(-20, 1.34), (-30, 1.66)], 5), rate), step: 480) {
      if Double($0) > 3.02 * rate { worst = max(worst, abs(nine.shortTermLUFS + 23)) }
    }
    #expect(worst <= 0.1)
    let twelve = LoudnessMeter(sampleRate: rate)
    worst = 0
    listen(
      twelve, EBUCase.tones(EBUCase.repeated([(-20, 0.18), (-30, 0.22)], 25), rate), step: 480
    ) {
      if Double($0) > rate { worst = max(worst, abs(twelve.momentaryLUFS + 23)) }
    }
    #expect(worst <= 0.1)
  }

  @Test(arguments: rates)
  func theMaximaOfBurstsAreFoundWhereverTheyBegin(_ rate: Double) {
    // 3341-10 and 13: bursts of 3 s and 400 ms after silence of growing length.
    for i in 0..<20 {
      let ten = LoudnessMeter(sampleRate: rate)
      listen(
        ten,
        EBUCase.tones([(-.infinity, Double(i) * 0.15), (-23, 3), (-.infinity, 1)], rate))
      #expect(abs(ten.maximumShortTermLUFS + 23) <= 0.1)
      let thirteen = LoudnessMeter(sampleRate: rate)
      listen(
        thirteen,
        EBUCase.tones([(-.infinity, Double(i) * 0.02), (-23, 0.4), (-.infinity, 1)], rate))
      #expect(abs(thirteen.maximumMomentaryLUFS + 23) <= 0.1)
    }
  }

  @Test(arguments: rates)
  func theMaximaRiseWithEveryBurst(_ rate: Double) {
    // 3341-11 and 14: bursts that become louder by 1 dB.
    for (burst, base) in [(3.0, 0.15), (0.4, 0.02)] {
      let meter = LoudnessMeter(sampleRate: rate)
      for i in 0..<20 {
        let level = Double(i - 38)
        listen(
          meter,
          EBUCase.tones(
            [(-.infinity, Double(i) * base), (level, burst), (-.infinity, 1)], rate))
        let found = burst == 3 ? meter.maximumShortTermLUFS : meter.maximumMomentaryLUFS
        #expect(abs(found - level) <= 0.1)
      }
    }
  }

  @Test(arguments: EBUCase.truePeak, rates)
  func theTruePeakIsThatOfTheStandard(_ item: EBUCase, _ rate: Double) {
    let signal = item.signal(rate)
    let meter = TruePeakMeter(maximumFrameCount: 1000)
    var stereo = Stereo(signal[0], signal[1])
    stereo.inBlocks(1000, meter.process)
    meter.finish()
    #expect(meter.peakDB - item.expected <= 0.2 && meter.peakDB - item.expected >= -0.4)
    let reference = ReferenceMeter(channels: 2, sampleRate: rate)
    reference.add(signal)
    let level = 20 * log10(reference.truePeak)
    #expect(level - item.expected <= 0.2 && level - item.expected >= -0.4)
    if rate < 96_000 { #expect(abs(meter.peakDB - level) < 0.001) }
  }

  @Test(arguments: sampleRates)
  func noiseReadsAsInLibebur128AtEveryRate(_ rate: Double) {
    // Noise whose level changes, so that gates and percentiles matter.
    var random = RandomNumbers(seed: 7)
    var signal: [[Float]] = [[], []]
    for second in 0..<12 {
      let amplitude = pow(10, -Double((second * 7) % 24) / 20) * 0.5
      for channel in 0..<2 { signal[channel] += random.noise(Int(rate), amplitude: amplitude) }
    }
    let meter = LoudnessMeter(sampleRate: rate)
    let reference = ReferenceMeter(channels: 2, sampleRate: rate)
    listen(meter, signal, step: 777)
    reference.add(signal)
    #expect(abs(meter.integratedLUFS - reference.integrated) < 0.02)
    // Its filter for momentary and short-term loudness is the same; its hop is not ours.
    #expect(abs(meter.shortTermLUFS - reference.shortTerm) < 0.01)
    #expect(abs(meter.momentaryLUFS - reference.momentary) < 0.01)
    if rate < 96_000 {
      let peaks = TruePeakMeter(maximumFrameCount: 512)
      var stereo = Stereo(signal[0], signal[1])
      stereo.inBlocks(512, peaks.process)
      #expect(abs(Double(peaks.peak) - reference.truePeak) < 2e-6)
    }
  }

  @Test func silenceAndShortSignalsHaveNoLoudness() {
    let meter = LoudnessMeter(sampleRate: 48_000)
    #expect(meter.integratedLUFS == -.infinity && meter.rangeLU == 0)
    listen(meter, [[Float](repeating: 0, count: 200_000), [Float](repeating: 0, count: 200_000)])
    #expect(meter.integratedLUFS == -.infinity && meter.momentaryLUFS == -.infinity)
    #expect(meter.rangeLU == 0)
  }
}
