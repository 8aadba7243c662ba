// SPDX-License-Identifier: MIT
import Audio
import MixCore

/// Takes all stems through the engine once and keeps what comes by at several places.
final class SessionRender {
  /// The places.
  struct Taps: OptionSet {
    let rawValue: Int
    /// The stems as they come in.
    static let sources = Taps(rawValue: 1)
    /// The tracks before their faders: everything but gain, pan, mute and solo.
    static let preFader = Taps(rawValue: 2)
    /// The tracks as they go into the sum.
    static let processed = Taps(rawValue: 4)
    /// The tracks as they go into the sum, each with the reverb that it alone makes.
    static let withOwnReverb = Taps(rawValue: 8)
    /// The reverb of all tracks.
    static let reverb = Taps(rawValue: 16)
  }

  private let stems: StemBlocks
  private let engine: MixEngine
  /// Has the faders at rest, for `Taps.preFader`.
  private let flatEngine: MixEngine?
  private let rooms: [OwnRoom]
  private let threads: Int
  private let signal: CancellationSignal

  /// A place for each track, of the one kind among `sources`, `preFader`, `processed` and `withOwnReverb` that
  /// was asked for.
  let tracks: [SampleSpool]
  /// The reverb, where it was asked for.
  let reverb: SampleSpool?
  /// The mix before its last gain and limiter.
  let master: SampleSpool
  /// What `master` measures.
  let measured: MeasuringStage
  /// What the sum of tracks and reverb measures, where a compressor makes the difference.
  private let summed: MeasuringStage?
  private let trackTap: Taps
  private let masterGainDB: Double

  init(
    plan: MixPlan, readers: [AudioReader], sampleRate: Int, tailSeconds: Double, taps: Taps,
    threads: Int, signal: CancellationSignal, spoolsNextTo path: String
  ) throws(MixdownError) {
    stems = try StemBlocks(readers, sampleRate: sampleRate, tailSeconds: tailSeconds)
    self.threads = threads
    self.signal = signal
    engine = try Self.engine(plan, sampleRate)
    flatEngine =
      taps.contains(.preFader) ? try Self.engine(Self.withoutFaders(plan), sampleRate) : nil
    rooms =
      taps.contains(.withOwnReverb)
      ? plan.tracks.map { OwnRoom(track: $0, reverb: plan.reverb, sampleRate: sampleRate) } : []
    trackTap = taps.subtracting(.reverb)
    var tracks: [SampleSpool] = []
    for _ in plan.tracks { tracks.append(try SampleSpool(nextTo: path)) }
    self.tracks = tracks
    reverb = taps.contains(.reverb) ? try SampleSpool(nextTo: path) : nil
    master = try SampleSpool(nextTo: path)
    measured = MeasuringStage(sampleRate: sampleRate)
    summed = plan.master.compressor == nil ? nil : MeasuringStage(sampleRate: sampleRate)
    masterGainDB = plan.master.gainDB
  }

  /// The gain that makes the sum of tracks and reverb as loud as `master`, in dB.
  var sumGainDB: Double {
    guard let summed else { return masterGainDB }
    let difference = measured.levels.integratedLUFS - summed.levels.integratedLUFS
    return difference.isFinite ? difference : masterGainDB
  }

  private static func engine(_ plan: MixPlan, _ rate: Int) throws(MixdownError) -> MixEngine {
    do {
      return try MixEngine(
        plan: plan, sampleRate: Double(rate), maximumFrameCount: MixRun.blockFrames,
        slotCount: Pipeline.depth, endsBeforeLoudness: true)
    } catch {
      throw MixdownError(code: .invalidOption, message: "The mix cannot be made: \(error).")
    }
  }

  /// The plan whose tracks come out as they reach their faders.
  private static func withoutFaders(_ plan: MixPlan) -> MixPlan {
    var plan = plan
    for index in plan.tracks.indices {
      plan.tracks[index].gainDB = 0
      plan.tracks[index].pan = 0
      plan.tracks[index].mute = false
      plan.tracks[index].solo = false
      plan.tracks[index].reverbSendDB = nil
    }
    return plan
  }

  /// What was odd about the stems.
  var warnings: [String] { stems.warnings }

  /// Renders everything.
  ///
  /// - Parameter progress: Called with the frames done so far.
  func run(progress: @escaping (_ framesDone: Int) -> Void) throws(MixdownError) {
    var pipeline = Pipeline()
    let read = stems.addSteps(to: &pipeline, reading: engine) { [self] track, slot in
      guard let flatEngine else { return }
      let (from, to) = (engine.input(track, slot: slot), flatEngine.input(track, slot: slot))
      to.left.update(from: from.left, count: from.frameCount)
      to.right.update(from: from.right, count: from.frameCount)
    }
    let processed = tracks.indices.map { track in
      pipeline.add(after: [read]) { [self] block in
        process(track, stems.frameCount(block), slot: block % Pipeline.depth)
      }
    }
    for track in tracks.indices {
      pipeline.add(after: [processed[track]]) { [self] block throws(MixdownError) in
        try keep(track, stems.frameCount(block), slot: block % Pipeline.depth)
      }
    }
    pipeline.add(after: processed) { [self] block throws(MixdownError) in
      try finish(stems.frameCount(block), slot: block % Pipeline.depth)
      progress(master.frameCount)
    }
    try pipeline.run(threads: threads, signal: signal) { [self] in stems.blockCount }
    measured.finish()
    summed?.finish()
  }

  private func process(_ track: Int, _ frameCount: Int, slot: Int) {
    engine.processTrack(track, frameCount: frameCount, slot: slot)
    flatEngine?.processTrack(track, frameCount: frameCount, slot: slot)
    if !rooms.isEmpty {
      rooms[track].process(
        engine.track(track, slot: slot).slice(from: 0, count: frameCount), slot: slot)
    }
  }

  private func finish(_ frameCount: Int, slot: Int) throws(MixdownError) {
    engine.finish(frameCount: frameCount, slot: slot)
    let block = AudioBuffer(engine.master.slice(from: 0, count: frameCount))
    measured.listen(block)
    summed?.listen(AudioBuffer(engine.preMaster.slice(from: 0, count: frameCount)))
    try master.write(block)
    try reverb?.write(AudioBuffer(engine.reverb.slice(from: 0, count: frameCount)))
  }

  private func keep(_ track: Int, _ frameCount: Int, slot: Int) throws(MixdownError) {
    func copy(_ block: StereoBlock) -> AudioBuffer {
      AudioBuffer(block.slice(from: 0, count: frameCount))
    }
    let block =
      switch trackTap {
      case .sources: copy(engine.input(track, slot: slot))
      case .preFader: copy((flatEngine ?? engine).track(track, slot: slot))
      case .withOwnReverb: rooms[track].output(slot: slot)
      default: copy(engine.track(track, slot: slot))
      }
    try tracks[track].write(block)
  }
}

/// The room with one track in it.
///
/// Since the room is linear, these add up to the room with all of them.
private final class OwnRoom {
  private let reverb: StereoReverb?
  private let sendGain: Float
  private let slots = (0..<Pipeline.depth).map { _ in Slot() }

  private final class Slot {
    var output = AudioBuffer(channelCount: 2, frameCount: 0)
  }

  /// (2, frames): a block of the track, and what the room answers.
  func output(slot: Int) -> AudioBuffer { slots[slot].output }

  init(track: Track, reverb plan: Reverb?, sampleRate: Int) {
    let send = track.reverbSendDB ?? -.infinity
    guard let plan, send > Track.reverbSend.range.lowerBound else {
      (reverb, sendGain) = (nil, 0)
      return
    }
    let reverb = StereoReverb(
      sampleRate: Double(sampleRate), maximumFrameCount: MixRun.blockFrames)
    reverb.set(plan)
    reverb.finishMoving()
    reverb.reset()
    self.reverb = reverb
    sendGain = Float(Decibels.amplitude(send))
  }

  func process(_ track: StereoBlock, slot: Int) {
    let dry = AudioBuffer(track)
    guard let reverb else {
      slots[slot].output = dry
      return
    }
    var wet = dry
    wet.withStereoBlock { block in
      for i in 0..<block.frameCount { block.left[i] *= sendGain }
      for i in 0..<block.frameCount { block.right[i] *= sendGain }
      reverb.process(block)
      for i in 0..<block.frameCount { block.left[i] += track.left[i] }
      for i in 0..<block.frameCount { block.right[i] += track.right[i] }
    }
    slots[slot].output = wet
  }
}
