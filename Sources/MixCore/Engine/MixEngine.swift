// SPDX-License-Identifier: MIT

/// Turns stems into a mix after a plan, block by block.
///
/// The caller fills the input of every track, processes the block, and reads what it wants:
///
/// ```swift
/// let engine = try MixEngine(plan: plan, sampleRate: 48_000)
/// while … {
///   for track in plan.tracks.indices { fill(engine.input(track), frameCount) }
///   engine.process(frameCount: frameCount)
///   write(engine.master.slice(from: 0, count: frameCount))
/// }
/// ```
///
/// The same stems and the same plan give the same samples, whatever the sizes of the blocks (up to rounding
/// in the last bits, where the room is silent for seconds). Nothing is allocated after `init` but in
/// `update`. An engine belongs to one thread at a time, with two exceptions: `begin` and `processTrack` of
/// different tracks may run at the same time, and so may the steps of different blocks, each in a slot of its
/// own, as long as each step takes the blocks in their order.
///
/// To begin in the middle of a song, `reset`, then process the seconds before the place
/// (`preRollSeconds` makes the difference inaudible) and throw their output away.
public final class MixEngine {
  /// The sample rates that processors are stable at, in Hz.
  public static let sampleRates = 8_000.0...192_000.0
  /// The longest block, in frames.
  public static let maximumFrameCountLimit = 65_536
  /// The most blocks in the works at the same time.
  public static let maximumSlotCount = 16

  /// Why an engine could not be made or changed.
  public enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
    /// The sample rate is outside `sampleRates`.
    case sampleRate(Double)
    /// The block size is below 1 or above `maximumFrameCountLimit`.
    case maximumFrameCount(Int)
    /// There is no slot, or more than `maximumSlotCount`.
    case slotCount(Int)
    /// A new plan has other tracks than the engine was made for.
    case otherTracks

    /// What is wrong, in words.
    public var description: String {
      switch self {
      case .sampleRate(let rate):
        "a sample rate of \(JSONNumber(rate).literal) Hz; 8000 to 192000 are supported"
      case .maximumFrameCount(let count):
        "blocks of \(count) frames; 1 to \(MixEngine.maximumFrameCountLimit) are supported"
      case .slotCount(let count):
        "\(count) slots; 1 to \(MixEngine.maximumSlotCount) are supported"
      case .otherTracks: "the new plan has other tracks; make a new engine for it"
      }
    }
  }

  /// The sample rate in Hz.
  public let sampleRate: Double
  /// The longest block in frames.
  public let maximumFrameCount: Int
  /// How many blocks can be in the works at the same time.
  public let slotCount: Int
  /// Whether the master ends before the loudness gain and the limiter.
  public let endsBeforeLoudness: Bool
  /// How many frames the master comes after the stems; tracks, reverb and pre-master come at once.
  ///
  /// To get all of the master, process as many frames of silence at the end and skip as many at the start.
  public var latencyFrames: Int { endsBeforeLoudness ? 0 : masterChain.limiter.latencyFrames }

  private var plan: MixPlan
  private let tracks: [TrackChain]
  private let room: StereoReverb
  private let roomBuffer: StereoBuffer
  private let preMasterBuffer: StereoBuffer
  private let masterBuffer: StereoBuffer
  private let masterChain: MasterChain

  /// Prepares everything.
  ///
  /// - Parameters:
  ///   - plan: The plan; values out of range are clamped.
  ///   - sampleRate: 8,000 to 192,000 Hz.
  ///   - maximumFrameCount: The longest block that will come; 512 is a good size for speed.
  ///   - slotCount: How many blocks can be in the works at the same time, 1 to `maximumSlotCount`.
  ///   - endsBeforeLoudness: Whether the master ends before the loudness gain and the limiter, for those who
  ///     measure it first and go on with a `Fader` and a `TruePeakLimiter` of their own.
  public init(
    plan: MixPlan, sampleRate: Double, maximumFrameCount: Int = 512, slotCount: Int = 1,
    endsBeforeLoudness: Bool = false
  ) throws(Failure) {
    guard Self.sampleRates.contains(sampleRate) else { throw .sampleRate(sampleRate) }
    guard maximumFrameCount >= 1, maximumFrameCount <= Self.maximumFrameCountLimit else {
      throw .maximumFrameCount(maximumFrameCount)
    }
    guard slotCount >= 1, slotCount <= Self.maximumSlotCount else { throw .slotCount(slotCount) }
    self.slotCount = slotCount
    self.endsBeforeLoudness = endsBeforeLoudness
    self.sampleRate = sampleRate
    self.maximumFrameCount = maximumFrameCount
    self.plan = plan.clamped()
    tracks = self.plan.tracks.map { _ in
      TrackChain(
        sampleRate: sampleRate, maximumFrameCount: maximumFrameCount, slotCount: slotCount)
    }
    room = StereoReverb(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    roomBuffer = StereoBuffer(capacity: maximumFrameCount)
    preMasterBuffer = StereoBuffer(capacity: maximumFrameCount)
    masterBuffer = StereoBuffer(capacity: maximumFrameCount)
    masterChain = MasterChain(sampleRate: sampleRate, maximumFrameCount: maximumFrameCount)
    apply()
    reset()
  }

  /// How many seconds before a place have to be processed so that what follows is as if the song had been
  /// processed from its start: the longest of the room and of the compressors' memory, to 60 dB.
  public var preRollSeconds: Double {
    var seconds = 0.2
    if let reverb = plan.reverb {
      let longest = max(
        reverb.decayLowSeconds, max(reverb.decayMidSeconds, reverb.decayHighSeconds))
      seconds += longest + reverb.preDelayMilliseconds / 1000
    }
    var memory = plan.master.limiter?.releaseMilliseconds ?? 0
    func remember(_ milliseconds: Double?) { memory = max(memory, milliseconds ?? 0) }
    remember(plan.master.compressor?.releaseMilliseconds)
    for track in plan.tracks {
      remember(track.compressor?.releaseMilliseconds)
      if let gate = track.gate { remember(gate.releaseMilliseconds + gate.holdMilliseconds) }
    }
    return seconds + 7 * memory / 1000
  }

  /// Changes to another plan with the same tracks, between blocks; values are reached within 20 ms.
  ///
  /// - Throws: `Failure.otherTracks` where the names of the tracks differ.
  public func update(_ plan: MixPlan) throws(Failure) {
    guard plan.tracks.count == self.plan.tracks.count else { throw .otherTracks }
    for (new, old) in zip(plan.tracks, self.plan.tracks) where !new.name.isSame(as: old.name) {
      throw .otherTracks
    }
    self.plan = plan.clamped()
    apply()
  }

  /// A gain before the limiter that brings the mix to its loudness, in dB; 0 at the start.
  ///
  /// The loudness of a plan can only be reached by whoever has heard the whole mix: process it once with a
  /// `LoudnessMeter` on the master, then again with this gain.
  public func setLoudnessGain(_ decibels: Double) {
    masterChain.setLoudnessGain(decibels.isNaN ? 0 : decibels)
  }

  /// Forgets everything heard and stands at the values of the plan at once.
  public func reset() {
    for track in tracks {
      track.finishMoving()
      track.reset()
    }
    room.finishMoving()
    room.reset()
    masterChain.finishMoving()
    masterChain.reset()
  }

  private func apply() {
    let hasSolo = plan.tracks.contains { $0.solo }
    for (index, track) in plan.tracks.enumerated() {
      tracks[index].set(track, isAudible: !track.mute && (!hasSolo || track.solo))
      let key = track.compressor?.sideChain
      tracks[index].keyIndex = key.flatMap { key in
        plan.tracks.firstIndex { $0.name.isSame(as: key) }
      }
    }
    room.set(plan.reverb)
    masterChain.set(plan.master)
  }

  // MARK: - Blocks

  /// Where the stem of a track goes before a block is processed: room for `maximumFrameCount` frames.
  public func input(_ track: Int, slot: Int = 0) -> StereoBlock {
    tracks[track].slots[slot].input.block(maximumFrameCount)
  }

  /// A track as it went into the sum.
  public func track(_ track: Int, slot: Int = 0) -> StereoBlock {
    tracks[track].slots[slot].output.block(maximumFrameCount)
  }

  /// What the room added to the sum.
  public var reverb: StereoBlock { roomBuffer.block(maximumFrameCount) }

  /// The sum of tracks and reverb.
  public var preMaster: StereoBlock { preMasterBuffer.block(maximumFrameCount) }

  /// The finished mix, `latencyFrames` late.
  public var master: StereoBlock { masterBuffer.block(maximumFrameCount) }

  /// The gain reduction of a track's compressor at the end of the last block, in dB.
  public func reductionDB(track: Int) -> Double { tracks[track].compressor.reductionDB }

  /// The gain reduction of the limiter in the last block, in dB.
  public var limiterReductionDB: Double { masterChain.limiter.reductionDB }

  /// Turns the inputs into all outputs.
  ///
  /// - Parameter frameCount: 1 to `maximumFrameCount`.
  public func process(frameCount: Int) {
    begin(frameCount: frameCount)
    for index in tracks.indices { processTrack(index, frameCount: frameCount) }
    finish(frameCount: frameCount)
  }

  /// First step of `process`, for those who spread the work over threads: makes the inputs finite.
  public func begin(frameCount: Int, slot: Int = 0) {
    for index in tracks.indices { begin(track: index, frameCount: frameCount, slot: slot) }
  }

  /// First step for one track.
  public func begin(track: Int, frameCount: Int, slot: Int = 0) {
    precondition(
      frameCount >= 0 && frameCount <= maximumFrameCount,
      "The block is longer than was prepared for.")
    tracks[track].slots[slot].input.block(frameCount).makeFinite()
  }

  /// Second step: one track; different tracks may be processed at the same time.
  public func processTrack(_ index: Int, frameCount: Int, slot: Int = 0) {
    let track = tracks[index]
    track.process(
      frameCount: frameCount, slot: slot,
      key: track.keyIndex.map { tracks[$0].slots[slot].input })
  }

  /// Third step, after all tracks: reverb, sum and master.
  public func finish(frameCount: Int, slot: Int = 0) {
    var start = 0
    while start < frameCount {
      let count = min(TrackChain.run, frameCount - start)
      finish(from: start, count: count, slot: slot)
      start += count
    }
  }

  private func finish(from start: Int, count: Int, slot: Int) {
    func part(_ buffer: StereoBuffer) -> StereoBlock {
      buffer.block(start + count).slice(from: start, count: count)
    }
    let (reverb, sum, master) = (part(roomBuffer), part(preMasterBuffer), part(masterBuffer))
    reverb.clear()
    sum.clear()
    for track in tracks {
      sum.add(part(track.slots[slot].output))
      if track.hasSent(slot) { reverb.add(part(track.slots[slot].send)) }
    }
    room.process(reverb)
    sum.add(reverb)
    master.copy(sum)
    if endsBeforeLoudness {
      masterChain.processBeforeLoudness(master)
    } else {
      masterChain.process(master)
    }
  }
}
