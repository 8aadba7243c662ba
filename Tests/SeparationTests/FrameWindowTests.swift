// SPDX-License-Identifier: MIT
import Audio
import MixCore
import Testing

@testable import Separation

@Suite struct FrameWindowTests {
  @Test func aWindowHoldsWhatALongSignalHolds() {
    let signal = noise(channelCount: 2, frameCount: 5000, seed: 9)
    var window = FrameWindow(rowCount: 2, start: 0, capacity: 10)
    var generator = SplitMix64(seed: 4)
    while window.end < 5000 {
      let count = min(1 + Int.random(in: 0...300, using: &generator), 5000 - window.end)
      let block = signal.frames(window.end..<window.end + count)
      window.append(block.samples, frameCount: count)
      window.discard(before: window.end - min(200, window.end))
      var copied = [Float](repeating: 9, count: 250)
      let from = window.end - 220
      copied.withUnsafeMutableBufferPointer { copied in
        guard let base = copied.baseAddress else { return }
        window.copyRow(1, from: from, count: 250, to: base)
      }
      let expected = (from..<from + 250).map { frame in
        frame < window.start || frame >= window.end ? 0 : signal.samples[5000 + frame]
      }
      #expect(copied == expected)
    }
  }
}
