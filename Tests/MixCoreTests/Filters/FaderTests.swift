// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Gain, pan, width and mid/side.
@Suite struct FaderTests {
  @Test func thePowerIsTheSameAtEveryPan() {
    for step in -10...10 {
      let (left, right) = Fader.gains(pan: Double(step) / 10)
      #expect(abs(left * left + right * right - 2) < 1e-14)
    }
    #expect(Fader.gains(pan: 0) == (1, 1))
    #expect(abs(Fader.gains(pan: -1).left - 2.0.squareRoot()) < 1e-15)
    #expect(Fader.gains(pan: 1).left < 1e-15)
  }

  @Test func aFaderAtUnityChangesNoBit() {
    let noise = Stereo.noise(1000, seed: 1)
    #expect(noise.processed(64, Fader(sampleRate: 48_000).process) == noise)
  }

  @Test func widthZeroIsMonoAndMidSideIsItsOwnInverse() {
    let noise = Stereo.noise(4000, seed: 2)
    let fader = Fader(sampleRate: 48_000)
    fader.set(gain: 1, width: 0)
    fader.finishMoving()
    let mono = noise.processed(64, fader.process)
    #expect(mono.left == mono.right)
    let there = noise.processed(64) {
      MidSide.encode($0)
      MidSide.decode($0)
    }
    #expect(largestDifference(there, noise) < 1e-7)
  }

  @Test func aChangeOfGainMovesInAStraightLineWhateverTheBlocks() {
    func render(_ size: Int) -> [Float] {
      let fader = Fader(sampleRate: 1000)
      fader.set(gain: 0)
      return Stereo(count: 40) { _ in 1 }.processed(size, fader.process).left
    }
    let reference = render(40)
    #expect(reference[0] == 1 && reference[10] == 0.5 && reference[20...].allSatisfy { $0 == 0 })
    for size in [1, 7, 16] { #expect(render(size) == reference) }
  }
}
