// SPDX-License-Identifier: MIT
import Audio

extension BlindDecayEstimate {
  private static let longestSeconds = 300

  /// Looks for decays in the first five minutes of a file; nil where there are too few.
  ///
  /// The samples are held in memory. Works on a thread of its own and stops when the task is cancelled.
  ///
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  public static func reading(_ path: String) async throws(AutoMixError) -> BlindDecayEstimate? {
    try await onOwnThread { (signal) throws(AutoMixError) in
      do throws(AudioError) {
        let reader = try AudioReader(path: path, isCancelled: { signal.isCancelled })
        let rate = reader.sourceFormat.sampleRate
        var blocks: [AudioBuffer] = []
        var frameCount = 0
        while frameCount < longestSeconds * rate, let block = try reader.read(maximumFrames: 65_536)
        {
          frameCount += block.frameCount
          blocks.append(block.inStereo)
        }
        return BlindDecayEstimate(.joining(blocks, channelCount: 2), sampleRate: rate)
      } catch { throw .input(error) }
    }
  }
}
