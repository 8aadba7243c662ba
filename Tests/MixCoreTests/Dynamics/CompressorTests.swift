// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// The compressor against the formulas of its paper.
@Suite struct CompressorTests {
  struct Settings: Sendable {
    var threshold: Double
    var ratio: Double
    var knee: Double
  }

  static let settings = [
    Settings(threshold: -20, ratio: 4, knee: 0), Settings(threshold: -30, ratio: 2, knee: 12),
    Settings(threshold: -10, ratio: 100, knee: 6), Settings(threshold: -40, ratio: 1, knee: 24),
  ]

  /// Equation 4 of Giannoulis, Massberg and Reiss: the level at the output.
  func output(_ x: Double, _ s: Settings) -> Double {
    if 2 * (x - s.threshold) < -s.knee { return x }
    if s.knee > 0, 2 * abs(x - s.threshold) <= s.knee {
      return x + (1 / s.ratio - 1) * pow(x - s.threshold + s.knee / 2, 2) / (2 * s.knee)
    }
    return s.threshold + (x - s.threshold) / s.ratio
  }

  func plan(_ s: Settings, attack: Double = 10, release: Double = 100) -> Compressor {
    var plan = Compressor()
    plan.thresholdDB = s.threshold
    plan.ratio = s.ratio
    plan.kneeDB = s.knee
    plan.attackMilliseconds = attack
    plan.releaseMilliseconds = release
    return plan
  }

  @Test(arguments: settings)
  func theStaticCurveIsThatOfThePaper(_ s: Settings) {
    for level in stride(from: -60.0, through: 0, by: 1.5) {
      let compressor = StereoCompressor(sampleRate: 8000, maximumFrameCount: 512)
      compressor.set(plan(s, attack: 0.1, release: 5))
      compressor.finishMoving()
      let input = Stereo(count: 4000) { _ in pow(10, level / 20) }
      let steady = Double(input.processed(512, compressor.process).left[3999])
      #expect(abs(20 * log10(steady) - output(level, s)) < 1e-4)
    }
  }

  @Test(arguments: [8000.0, 48_000, 192_000], [(0.5, 20.0), (20, 200), (100, 2000)])
  func attackAndReleaseTakeTheirTime(_ rate: Double, _ times: (Double, Double)) {
    let s = Settings(threshold: -40, ratio: 100, knee: 0)
    let compressor = StereoCompressor(sampleRate: rate, maximumFrameCount: 256)
    compressor.set(plan(s, attack: times.0, release: times.1))
    compressor.finishMoving()
    // Quiet, then loud until all is settled, then quiet: the reduction, read off the output.
    let loud = Int(rate * (times.0 * 12) / 1000)
    let soft = Int(rate * (times.1 * 5 + times.0 * 5) / 1000)
    let quiet = 1e-4
    let input = Stereo(count: loud + soft) { $0 < loud ? 0.5 : quiet }
    let result = input.processed(256, compressor.process).left
    let reduction = zip(result, input.left).map { -20 * log10(Double($0) / Double($1)) }
    let full = (-6.0206 + 40) * 0.99
    #expect(abs(reduction[loud - 1] - full) < 0.001 * full + 0.001)
    // The reduction jumps in the detector, so it rises as 1 - e^(-t / attack).
    let attackFrames = times.0 * rate / 1000
    let reached = reduction.firstIndex { $0 >= full * (1 - exp(-1)) } ?? 0
    #expect(abs(Double(reached + 1) - attackFrames) <= max(1, 0.005 * attackFrames))
    // Then two poles in a row: the decoupled detector (equation 17).
    let a = times.0 / 1000
    let r = times.1 / 1000
    for share in [0.5, 1.0, 2] {
      let t = share * r
      let expected = full * (r * exp(-t / r) - a * exp(-t / a)) / (r - a)
      let frame = loud + Int((t * rate).rounded())
      #expect(abs(reduction[frame] - expected) < 0.01 * full)
    }
  }

  @Test func belowTheThresholdNoBitIsChanged() {
    let noise = Stereo.noise(5000, seed: 1, amplitude: 0.05)
    let compressor = StereoCompressor(sampleRate: 48_000, maximumFrameCount: 512)
    compressor.set(plan(Settings(threshold: -20, ratio: 8, knee: 6)))
    #expect(noise.processed(512, compressor.process) == noise)
  }

  @Test func theKeyDrivesTheDetectorAndTheLouderChannelLinksBoth() {
    let compressor = StereoCompressor(sampleRate: 8000, maximumFrameCount: 8000)
    compressor.set(plan(Settings(threshold: -20, ratio: 100, knee: 0), attack: 1))
    compressor.finishMoving()
    var key = Stereo([Float](repeating: 0, count: 8000), [Float](repeating: 1, count: 8000))
    var block = Stereo(count: 8000) { _ in 0.01 }
    key.inBlocks(8000) { key in block.inBlocks(8000) { compressor.process($0, key: key) } }
    #expect(abs(20 * log10(Double(block.left[7999]) / 0.01) + 19.8) < 1e-3)
    #expect(block.left == block.right)
  }

  @Test func makeupAndMixAreApplied() {
    let compressor = StereoCompressor(sampleRate: 8000, maximumFrameCount: 512)
    var plan = plan(Settings(threshold: -20, ratio: 4, knee: 0), attack: 1)
    plan.makeupDB = 6
    plan.mix = 0.25
    compressor.set(plan)
    compressor.finishMoving()
    let result = Stereo(count: 4000) { _ in 1 }.processed(512, compressor.process)
    let expected = 0.75 + 0.25 * pow(10, (6.0 - 15) / 20)
    #expect(abs(Double(result.left[3999]) - expected) < 1e-5)
  }

  @Test func switchingOffEndsInNoBitChanged() {
    let compressor = StereoCompressor(sampleRate: 8000, maximumFrameCount: 512)
    var full = plan(Settings(threshold: -40, ratio: 10, knee: 0))
    full.makeupDB = 12
    compressor.set(full)
    let noise = Stereo.noise(40_000, seed: 5)
    var frame = 0
    let result = noise.processed(500) {
      if frame == 10_000 { compressor.set(nil) }
      frame += $0.frameCount
      compressor.process($0)
    }
    #expect(result.left[9000] != noise.left[9000])
    #expect(result.left.suffix(10_000).elementsEqual(noise.left.suffix(10_000)))
  }

  @Test func blocksOfAnySizeGiveTheSameSamples() {
    func render(_ size: Int) -> Stereo {
      let compressor = StereoCompressor(sampleRate: 48_000, maximumFrameCount: 4000)
      compressor.set(plan(Settings(threshold: -30, ratio: 4, knee: 6)))
      return Stereo.noise(4000, seed: 8).processed(size, compressor.process)
    }
    let reference = render(4000)
    for size in [1, 64, 999] { #expect(render(size) == reference) }
  }
}
