// SPDX-License-Identifier: MIT
import Audio
import Testing

@Suite struct AudioBufferTests {
  let buffer = AudioBuffer(channelCount: 2, frameCount: 3, samples: [1, 2, 3, -4, -5, -6])

  @Test func aNewBufferIsSilent() {
    #expect(AudioBuffer(channelCount: 2, frameCount: 2).samples == [0, 0, 0, 0])
  }

  @Test func aChannelIsARunOfSamples() {
    #expect(Array(buffer[channel: 1]) == [-4, -5, -6])
    #expect(buffer.withChannel(0) { Array($0) } == [1, 2, 3])
  }

  @Test func thePeakIsTheLargestMagnitude() {
    #expect(buffer.peak == 6)
    #expect(AudioBuffer(channelCount: 1, frameCount: 0).peak == 0)
  }

  @Test func cuttingAndJoiningGiveTheSameBuffer() {
    let parts = [buffer.frames(0..<1), buffer.frames(1..<1), buffer.frames(1..<3)]
    #expect(parts[2].samples == [2, 3, -5, -6])
    #expect(AudioBuffer.joining(parts, channelCount: 2) == buffer)
  }
}
