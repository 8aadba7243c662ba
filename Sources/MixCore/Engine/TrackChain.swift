// SPDX-License-Identifier: MIT

/// The processors of one track.
final class TrackChain {
  /// The longest part of a block that goes through the processors at once, so that it stays in the cache.
  static let run = 512

  /// What a block in the works goes through.
  struct Slot {
    /// (frames): the stem, which the caller fills; as it was, made finite, while others use it as a key.
    let input: StereoBuffer
    /// (frames): the track as it goes into the sum.
    let output: StereoBuffer
    /// (frames): what goes into the reverb.
    let send: StereoBuffer
  }

  let slots: [Slot]
  private let sent: Storage<Bool>  // (slots)

  private let sampleRate: Double
  /// The pass filters, then the equalizer: one cascade, which is quicker where no gate stands in between.
  private let filters: FilterCascade
  private static let (passFilters, equalizer) = (0..<4, 4..<20)
  private let gate: StereoGate
  private let deEsser: StereoDeEsser
  private let saturator: StereoSaturator
  private let fader: Fader
  private let sendGain: SendGain
  let compressor: StereoCompressor
  /// The track whose stem drives the compressor; nil for this one.
  var keyIndex: Int?

  init(sampleRate: Double, maximumFrameCount: Int, slotCount: Int) {
    self.sampleRate = sampleRate
    slots = (0..<slotCount).map { _ in
      Slot(
        input: StereoBuffer(capacity: maximumFrameCount),
        output: StereoBuffer(capacity: maximumFrameCount),
        send: StereoBuffer(capacity: maximumFrameCount))
    }
    sent = Storage(count: slotCount, repeating: false)
    let maximumFrameCount = min(maximumFrameCount, Self.run)
    filters = FilterCascade(capacity: Self.equalizer.upperBound, sampleRate: sampleRate)
    gate = StereoGate(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
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
      filters.set(index, index < high.count ? high[index] : .identity)
      filters.set(2 + index, index < low.count ? low[index] : .identity)
    }
    gate.set(track.gate)
    filters.set(
      track.equalizer.map { $0.coefficients(sampleRate: sampleRate) },
      from: Self.equalizer.lowerBound)
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
    filters.finishMoving()
    deEsser.finishMoving()
    compressor.finishMoving()
    saturator.finishMoving()
    fader.finishMoving()
    sendGain.finishMoving()
  }

  func reset() {
    filters.reset()
    gate.reset()
    deEsser.reset()
    compressor.reset()
    saturator.reset()
    for slot in slots {
      slot.output.clear()
      slot.send.clear()
    }
    sent.reset()
  }

  /// Whether the block in a slot had anything for the reverb.
  func hasSent(_ slot: Int) -> Bool { sent[slot] }

  /// Turns the input of a slot into output and send.
  func process(frameCount: Int, slot: Int, key: StereoBuffer?) {
    let place = slots[slot]
    place.output.block(frameCount).copy(place.input.block(frameCount))
    sent[slot] = false
    var start = 0
    while start < frameCount {
      let count = min(Self.run, frameCount - start)
      process(place, start, count, key: key)
      let send = place.send.block(frameCount).slice(from: start, count: count)
      if !sendGain.isSilent {
        if !sent[slot] { place.send.block(start).clear() }
        sent[slot] = true
        sendGain.write(place.output.block(frameCount).slice(from: start, count: count), to: send)
      } else if sent[slot] {
        send.clear()
      }
      start += count
    }
  }

  private func process(_ place: Slot, _ start: Int, _ count: Int, key: StereoBuffer?) {
    let block = place.output.block(start + count).slice(from: start, count: count)
    if gate.isIdle {
      filters.process(block)
    } else {
      filters.process(block, sections: Self.passFilters)
      gate.process(block)
      filters.process(block, sections: Self.equalizer)
    }
    // Sixteen bands at their limits would leave the range of numbers.
    if !filters.isIdle(Self.equalizer) { block.makeFinite() }
    deEsser.process(block)
    if let key {
      compressor.process(block, key: key.block(start + count).slice(from: start, count: count))
    } else {
      compressor.process(block)
    }
    saturator.process(block)
    fader.process(block)
    block.makeFinite()
  }
}
