// SPDX-License-Identifier: MIT

/// The processors of one track.
final class TrackChain {
  /// (frames): the stem, which the caller fills; as it was, made finite, while others use it as a key.
  let input: StereoBuffer
  /// (frames): the track as it goes into the sum.
  let output: StereoBuffer
  /// (frames): what goes into the reverb.
  let send: StereoBuffer

  private let sampleRate: Double
  private let passFilters: FilterCascade
  private let gate: StereoGate
  private let equalizer: FilterCascade
  private let deEsser: StereoDeEsser
  private let saturator: StereoSaturator
  private let fader: Fader
  private let sendGain: SendGain
  let compressor: StereoCompressor
  /// The track whose stem drives the compressor; nil for this one.
  var keyIndex: Int?

  init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    input = StereoBuffer(capacity: maximumFrameCount)
    output = StereoBuffer(capacity: maximumFrameCount)
    send = StereoBuffer(capacity: maximumFrameCount)
    passFilters = FilterCascade(capacity: 4, sampleRate: sampleRate)
    gate = StereoGate(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    equalizer = FilterCascade(capacity: 16, sampleRate: sampleRate)
    deEsser = StereoDeEsser(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    compressor = StereoCompressor(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    saturator = StereoSaturator(sampleRate: sampleRate)
    fader = Fader(sampleRate: sampleRate)
    sendGain = SendGain(sampleRate: sampleRate)
  }

  /// Sets the values of a plan; they are reached without clicks.
  ///
  /// - Parameter isAudible: Whether mute and solo let the track through.
  func set(_ track: Track, isAudible: Bool) {
    let high = track.highPass?.highPassSections(sampleRate: sampleRate) ?? []
    let low = track.lowPass?.lowPassSections(sampleRate: sampleRate) ?? []
    for index in 0..<2 {
      passFilters.set(index, index < high.count ? high[index] : .identity)
      passFilters.set(2 + index, index < low.count ? low[index] : .identity)
    }
    gate.set(track.gate)
    equalizer.set(track.equalizer.map { $0.coefficients(sampleRate: sampleRate) })
    deEsser.set(track.deEsser)
    compressor.set(track.compressor)
    saturator.set(track.saturation)
    let isSilent = !isAudible || track.gainDB <= Track.gain.range.lowerBound
    fader.set(
      gain: isSilent ? 0 : Decibels.amplitude(track.gainDB), pan: track.pan, width: track.width)
    sendGain.set(track.reverbSendDB.map(Self.amplitude) ?? 0)
  }

  private static func amplitude(_ sendDB: Double) -> Double {
    sendDB <= Track.reverbSend.range.lowerBound ? 0 : Decibels.amplitude(sendDB)
  }

  /// Stands at the values of the plan at once.
  func finishMoving() {
    passFilters.finishMoving()
    equalizer.finishMoving()
    deEsser.finishMoving()
    compressor.finishMoving()
    saturator.finishMoving()
    fader.finishMoving()
    sendGain.finishMoving()
  }

  func reset() {
    passFilters.reset()
    gate.reset()
    equalizer.reset()
    deEsser.reset()
    compressor.reset()
    saturator.reset()
    output.clear()
    send.clear()
  }

  /// Whether the last block had anything for the reverb.
  private(set) var hasSent = false

  /// Turns the input into output and send.
  func process(frameCount: Int, key: StereoBuffer?) {
    let block = output.block(frameCount)
    block.copy(input.block(frameCount))
    passFilters.process(block)
    gate.process(block)
    equalizer.process(block)
    // Sixteen bands at their limits would leave the range of numbers.
    if !equalizer.isIdle { block.makeFinite() }
    deEsser.process(block)
    if let key {
      compressor.process(block, key: key.block(frameCount))
    } else {
      compressor.process(block)
    }
    saturator.process(block)
    fader.process(block)
    block.makeFinite()
    hasSent = !sendGain.isSilent
    if hasSent { sendGain.write(block, to: send.block(frameCount)) }
  }
}
