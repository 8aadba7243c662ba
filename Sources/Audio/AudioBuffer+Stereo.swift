// SPDX-License-Identifier: MIT
package import MixCore

extension AudioBuffer {
  /// A copy of a block, (2, frames).
  package init(_ block: StereoBlock) {
    let samples = [Float](unsafeUninitializedCapacity: 2 * block.frameCount) { buffer, count in
      if let base = buffer.baseAddress {
        base.initialize(from: block.left, count: block.frameCount)
        (base + block.frameCount).initialize(from: block.right, count: block.frameCount)
      }
      count = 2 * block.frameCount
    }
    self.init(channelCount: 2, frameCount: block.frameCount, samples: samples)
  }

  /// Shows the samples of a stereo buffer, which may be changed.
  package mutating func withStereoBlock(_ body: (StereoBlock) -> Void) {
    precondition(channelCount == 2, "the buffer is not stereo")
    let count = frameCount
    samples.withUnsafeMutableBufferPointer { samples in
      guard let base = samples.baseAddress else { return }
      body(StereoBlock(left: base, right: base + count, frameCount: count))
    }
  }

  /// The buffer with its first two channels, or its only one twice.
  package var inStereo: AudioBuffer {
    if channelCount == 2 { return self }
    let second = channelCount == 1 ? 0 : 1
    return AudioBuffer(
      channelCount: 2, frameCount: frameCount,
      samples: Array(self[channel: 0]) + self[channel: second])
  }
}
