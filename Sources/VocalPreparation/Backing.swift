// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// The backing of a take: read in blocks, as often as it takes.
struct Backing {
  let path: String
  let isCancelled: @Sendable () -> Bool

  private static let blockFrames = 1 << 16

  /// What the steps need to know of a backing.
  struct Features {
    let onsets: OnsetEnvelope
    let key: KeyEstimate?
    let isSilent: Bool
    let warnings: [String]
  }

  /// Reads it once for what alignment and tuning need.
  func features(needsKey: Bool) throws(VocalPreparationError) -> Features {
    let onsets = OnsetEnvelopeExtractor()
    let spectrum = needsKey ? SpectralFeatureExtractor() : nil
    var peak: Float = 0
    let warnings = try read(at: OnsetEnvelope.sampleRate) { samples in
      onsets.process(samples)
      spectrum?.process(samples)
      for sample in samples { peak = max(peak, abs(sample)) }
    }
    return Features(
      onsets: onsets.finish(), key: peak > 1e-5 ? spectrum?.finish().key : nil,
      isSilent: peak <= 1e-5, warnings: warnings)
  }

  /// Reads it as mono at some rate; returns what was odd about the file.
  @discardableResult
  func read(at rate: Int, _ body: (UnsafeBufferPointer<Float>) -> Void)
    throws(VocalPreparationError) -> [String]
  {
    do throws(AudioError) {
      let reader = try AudioReader(path: path, isCancelled: isCancelled)
      let resampler = try Resampler(
        inputRate: reader.sourceFormat.sampleRate, outputRate: rate, channelCount: 1,
        quality: .high)
      while let block = try reader.read(maximumFrames: Self.blockFrames) {
        if isCancelled() {
          throw AudioError(code: .cancelled, path: path, message: "reading was cancelled")
        }
        let mono = AudioBuffer(
          channelCount: 1, frameCount: block.frameCount,
          samples: zip(block[channel: 0], block[channel: 1]).map { ($0 + $1) / 2 })
        resampler.process(mono).withChannel(0, body)
      }
      resampler.finish().withChannel(0, body)
      return reader.warnings.map(\.description)
    } catch { throw .input(error) }
  }
}
