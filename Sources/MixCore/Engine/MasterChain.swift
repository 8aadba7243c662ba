// SPDX-License-Identifier: MIT

/// The processors of the sum.
final class MasterChain {
  private let sampleRate: Double
  private let gain: Fader
  private let equalizer: FilterCascade
  private let width: Fader
  private let loudness: Fader
  let compressor: StereoCompressor
  let limiter: TruePeakLimiter

  init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    gain = Fader(sampleRate: sampleRate)
    equalizer = FilterCascade(capacity: 16, sampleRate: sampleRate)
    compressor = StereoCompressor(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    width = Fader(sampleRate: sampleRate)
    loudness = Fader(sampleRate: sampleRate)
    limiter = TruePeakLimiter(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
  }

  func set(_ master: Master) {
    gain.set(gain: Decibels.amplitude(master.gainDB))
    equalizer.set(master.equalizer.map { $0.coefficients(sampleRate: sampleRate) })
    compressor.set(master.compressor)
    width.set(gain: 1, width: master.width)
    limiter.set(master.limiter)
  }

  func setLoudnessGain(_ decibels: Double) {
    loudness.set(gain: Decibels.amplitude(min(max(decibels, -120), 120)))
  }

  func finishMoving() {
    gain.finishMoving()
    equalizer.finishMoving()
    compressor.finishMoving()
    width.finishMoving()
    loudness.finishMoving()
    limiter.finishMoving()
  }

  func reset() {
    equalizer.reset()
    compressor.reset()
    limiter.reset()
  }

  /// What comes before the loudness gain and the limiter.
  func processBeforeLoudness(_ block: StereoBlock) {
    gain.process(block)
    equalizer.process(block)
    block.makeFinite()
    compressor.process(block)
    width.process(block)
  }

  func process(_ block: StereoBlock) {
    processBeforeLoudness(block)
    loudness.process(block)
    block.makeFinite()
    limiter.process(block)
  }
}
