// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Stems and a plan become a mix.
@Suite struct MixEngineTests {
  struct Mix {
    var tracks: [Stereo]
    var reverb: Stereo
    var preMaster: Stereo
    var master: Stereo
  }

  /// Renders stems of one length from a frame on; `body` sees the engine before each block.
  func render(
    _ engine: MixEngine, _ stems: [Stereo], from start: Int = 0, size: Int = 512,
    _ body: (MixEngine, Int) throws -> Void = { _, _ in }
  ) throws -> Mix {
    let empty = Stereo([], [])
    var mix = Mix(
      tracks: stems.map { _ in empty }, reverb: empty, preMaster: empty, master: empty)
    func append(_ block: StereoBlock, _ count: Int, _ result: inout Stereo) {
      result.left += UnsafeBufferPointer(start: block.left, count: count)
      result.right += UnsafeBufferPointer(start: block.right, count: count)
    }
    var frame = start
    while frame < stems[0].count {
      let count = min(size, stems[0].count - frame)
      try body(engine, frame)
      for (index, stem) in stems.enumerated() {
        let input = engine.input(index)
        for i in 0..<count {
          input.left[i] = stem.left[frame + i]
          input.right[i] = stem.right[frame + i]
        }
      }
      engine.process(frameCount: count)
      for index in stems.indices { append(engine.track(index), count, &mix.tracks[index]) }
      append(engine.reverb, count, &mix.reverb)
      append(engine.preMaster, count, &mix.preMaster)
      append(engine.master, count, &mix.master)
      frame += count
    }
    return mix
  }

  func stems(_ seconds: Double, rate: Double = 48_000) -> [Stereo] {
    (0..<4).map { index in
      var random = RandomNumbers(seed: UInt64(index))
      let count = Int(seconds * rate)
      let noise = random.noise(2 * count, amplitude: 0.3)
      let frequency = 110 * Double(index + 1)
      let left = (0..<count).map { n -> Float in
        let tone = 0.3 * sin(2 * .pi * frequency * Double(n) / rate)
        return Float(tone) + noise[n] * (n / 6000 % 2 == 0 ? 0 : 0.3)
      }
      return Stereo(left, (0..<count).map { left[$0] * 0.8 + noise[count + $0] * 0.1 })
    }
  }

  /// A plan with everything switched on.
  func fullPlan() -> MixPlan {
    var plan = MixPlan(trackNames: ["drums", "bass", "other", "vocals"])
    for index in 0..<4 {
      plan.tracks[index].gainDB = Double(index) - 2
      plan.tracks[index].pan = 0.3 * Double(index) - 0.5
      plan.tracks[index].highPass = PassFilter(frequencyHz: 40)
      plan.tracks[index].lowPass = PassFilter(frequencyHz: 15_000, slope: .decibels24)
      plan.tracks[index].equalizer = [
        EqualizerBand(.lowShelf, frequencyHz: 150, gainDB: 2),
        EqualizerBand(.bell, frequencyHz: 800, gainDB: -3, q: 2),
        EqualizerBand(.bell, frequencyHz: 3000, gainDB: 2, q: 1),
        EqualizerBand(.highShelf, frequencyHz: 9000, gainDB: 3),
      ]
      plan.tracks[index].compressor = Compressor()
      plan.tracks[index].reverbSendDB = -12
    }
    plan.tracks[0].gate = Gate()
    plan.tracks[2].compressor?.sideChain = "vocals"
    plan.tracks[3].deEsser = DeEsser()
    plan.tracks[1].saturation = Saturation()
    plan.master.equalizer = [EqualizerBand(.highShelf, frequencyHz: 10_000, gainDB: 1)]
    plan.master.compressor = Compressor()
    plan.master.gainDB = 6
    return plan
  }

  @Test func aSilentPlanSumsTheStemsBitForBit() throws {
    var plan = MixPlan()
    plan.tracks = ["a", "b", "c", "d"].map { Track(name: $0) }
    let stems = stems(0.5)
    let engine = try MixEngine(plan: plan, sampleRate: 48_000)
    let mix = try render(engine, stems)
    #expect(mix.tracks == stems)
    let sum = stems[0].left.indices.map { n in stems.reduce(Float(0)) { $0 + $1.left[n] } }
    #expect(mix.preMaster.left == sum)
    let late = engine.latencyFrames
    #expect(mix.master.left[late...].elementsEqual(sum[..<(sum.count - late)]))
  }

  @Test func tracksAndReverbNullAgainstTheSum() throws {
    let mix = try render(MixEngine(plan: fullPlan(), sampleRate: 48_000), stems(1))
    var rest = mix.preMaster
    for part in mix.tracks + [mix.reverb] {
      for n in rest.left.indices {
        rest.left[n] -= part.left[n]
        rest.right[n] -= part.right[n]
      }
    }
    #expect(rest.peak < 1e-6)
    #expect(levelDB(mix.reverb.left) > -60)
  }

  @Test func theSameStemsAndPlanGiveTheSameSamplesWhateverTheBlocks() throws {
    let stems = stems(0.6)
    func mix(_ size: Int) throws -> Mix {
      try render(MixEngine(plan: fullPlan(), sampleRate: 48_000), stems, size: size)
    }
    let reference = try mix(512)
    #expect(try mix(512).master == reference.master)
    for size in [1, 64, 333] {
      #expect(largestDifference(try mix(size).master, reference.master) < 2e-6)
    }
  }

  @Test func tracksMayBeProcessedInAnyOrder() throws {
    let stems = stems(0.2)
    let plan = fullPlan()
    let reference = try render(MixEngine(plan: plan, sampleRate: 48_000), stems)
    let engine = try MixEngine(plan: plan, sampleRate: 48_000)
    var master: [Float] = []
    for start in stride(from: 0, to: stems[0].count, by: 512) {
      let count = min(512, stems[0].count - start)
      for (index, stem) in stems.enumerated() {
        for i in 0..<count {
          engine.input(index).left[i] = stem.left[start + i]
          engine.input(index).right[i] = stem.right[start + i]
        }
      }
      engine.begin(frameCount: count)
      for index in stems.indices.reversed() { engine.processTrack(index, frameCount: count) }
      engine.finish(frameCount: count)
      master += UnsafeBufferPointer(start: engine.master.left, count: count)
    }
    #expect(master == reference.master.left)
  }

  @Test func theRenderMayBeginAnywhere() throws {
    let rate = 16_000.0
    let stems = stems(8, rate: rate)
    let whole = try render(MixEngine(plan: fullPlan(), sampleRate: rate), stems)
    let engine = try MixEngine(plan: fullPlan(), sampleRate: rate)
    _ = try render(engine, stems)
    engine.reset()
    let place = Int(6 * rate)
    let start = place - Int(engine.preRollSeconds * rate)
    try #require(start > 0)
    let part = try render(engine, stems, from: start)
    let tail = part.master.left[(place - start)...]
    let difference = zip(whole.master.left[place...], tail).map { $0 - $1 }
    #expect(levelDB(difference) < levelDB(tail) - 60)
  }

  @Test func aResetEngineIsANewOne() throws {
    let stems = stems(0.3)
    let engine = try MixEngine(plan: fullPlan(), sampleRate: 48_000)
    let first = try render(engine, stems)
    engine.reset()
    #expect(try render(engine, stems).master == first.master)
  }

  @Test func soloAndMuteLetThrough() throws {
    var plan = MixPlan(trackNames: ["a", "b", "c", "d"])
    plan.tracks[1].solo = true
    plan.tracks[2].solo = true
    plan.tracks[2].mute = true
    let stems = stems(0.1)
    let mix = try render(MixEngine(plan: plan, sampleRate: 48_000), stems)
    #expect(mix.preMaster == stems[1])
  }

  @Test func changesBetweenBlocksDoNotClick() throws {
    let rate = 48_000.0
    let sine = Stereo.sine(200, amplitude: 0.3, seconds: 1.5, sampleRate: rate)
    var plan = MixPlan(trackNames: ["a"])
    plan.master.limiter = nil
    let filter = FilterCascade(capacity: 2, sampleRate: rate)
    filter.set(
      PassFilter(frequencyHz: 3000, slope: .decibels24).highPassSections(sampleRate: rate))
    filter.finishMoving()
    let engine = try MixEngine(plan: plan, sampleRate: rate, maximumFrameCount: 480)
    let mix = try render(engine, [sine], size: 480) { engine, frame in
      switch frame {
      case 9600: plan.tracks[0].mute = true
      case 14_400: plan.tracks[0].mute = false
      case 19_200:
        plan.tracks[0].pan = -1
        plan.tracks[0].gainDB = 6
      case 24_000: plan.tracks[0].equalizer = [EqualizerBand(.bell, frequencyHz: 200, gainDB: -12)]
      case 28_800: plan.tracks[0].equalizer = []
      case 33_600: plan.tracks[0].highPass = PassFilter(frequencyHz: 400, slope: .decibels24)
      case 38_400:
        plan.tracks[0].reverbSendDB = 0
        plan.tracks[0].saturation = Saturation()
      case 48_000:
        plan.reverb = nil
        plan.tracks[0].saturation = nil
      default: return
      }
      try engine.update(plan)
    }
    var rest = mix.master
    rest.inBlocks(480, filter.process)
    // Saturation adds harmonics above 3 kHz of its own, at some -90 dB.
    #expect(levelDB(rest.left[9600...]) < -75)
    for start in stride(from: 9600, to: 72_000 - 480, by: 480) {
      #expect(levelDB(rest.left[start..<start + 480]) < -62, "frame \(start)")
    }
  }

  @Test func aPlanForOtherTracksIsRefused() throws {
    let engine = try MixEngine(plan: fullPlan(), sampleRate: 48_000)
    #expect(throws: MixEngine.Failure.otherTracks) {
      try engine.update(MixPlan(trackNames: ["a", "b", "c", "d"]))
    }
    #expect(throws: MixEngine.Failure.sampleRate(7999)) {
      try MixEngine(plan: fullPlan(), sampleRate: 7999)
    }
    #expect(throws: MixEngine.Failure.sampleRate(.infinity)) {
      try MixEngine(plan: fullPlan(), sampleRate: .infinity)
    }
    #expect(throws: MixEngine.Failure.maximumFrameCount(0)) {
      try MixEngine(plan: fullPlan(), sampleRate: 48_000, maximumFrameCount: 0)
    }
  }

  @Test func theLoudnessGainReachesItsTarget() throws {
    let stems = stems(6)
    let engine = try MixEngine(plan: fullPlan(), sampleRate: 48_000)
    func loudness(_ mix: Mix) -> Double {
      let meter = LoudnessMeter(sampleRate: 48_000)
      var master = mix.master
      master.inBlocks(512, meter.process)
      return meter.integratedLUFS
    }
    let before = try loudness(render(engine, stems))
    engine.setLoudnessGain(-20 - before)
    engine.reset()
    #expect(abs(try loudness(render(engine, stems)) + 20) < 0.3)
  }

  @Test(arguments: sampleRates)
  func anyPlanAndAnyInputGiveFiniteOutputBelowTheCeiling(_ rate: Double) throws {
    for seed in 0..<12 {
      var maker = RandomPlan(seed: UInt64(seed), goesBeyond: true)
      var plan = maker.make()
      let names = ["a", "b", "c"]
      while plan.tracks.count < 3 { plan.tracks.append(Track()) }
      plan.tracks.removeLast(plan.tracks.count - 3)
      for index in 0..<3 { plan.tracks[index].name = names[index] }
      plan.master.limiter = Limiter()
      let engine = try MixEngine(plan: plan, sampleRate: rate, maximumFrameCount: 256)
      var stems = (0..<3).map { Stereo.noise(6000, seed: UInt64($0), amplitude: 2) }
      let tiny = Float(bitPattern: 700)
      let odd: [Float] = [.nan, .infinity, -.infinity, 3e38, tiny, -0.0, -tiny]
      for n in stride(from: 100, to: 4000, by: 37) {
        stems[0].left[n] = odd[n % odd.count]
        stems[1].right[n] = odd[n % odd.count]
      }
      for n in 4000..<5000 { stems[2].left[n] = Float(bitPattern: 7000) }
      let mix = try render(engine, stems, size: 256) { engine, frame in
        if frame == 2560 {
          var other = maker.make()
          other.tracks = plan.tracks
          other.master.limiter = Limiter()
          try engine.update(other)
        }
      }
      for part in mix.tracks + [mix.reverb, mix.preMaster, mix.master] {
        #expect(part.isFinite)
        #expect(
          part.left.allSatisfy { !$0.isSubnormal } && part.right.allSatisfy { !$0.isSubnormal })
      }
      #expect(20 * log10(Double(mix.master.peak)) <= -1)
    }
  }

  @Test func afterTheInputEverythingBecomesSilent() throws {
    var plan = fullPlan()
    plan.reverb?.decayLowSeconds = 0.3
    plan.reverb?.decayMidSeconds = 0.3
    plan.reverb?.decayHighSeconds = 0.2
    var stems = stems(10, rate: 8000)
    for index in 0..<4 {
      for n in 4000..<80_000 {
        stems[index].left[n] = 0
        stems[index].right[n] = 0
      }
    }
    let mix = try render(MixEngine(plan: plan, sampleRate: 8000), stems)
    #expect(mix.master.left.suffix(1000).allSatisfy { $0 == 0 })
    #expect(mix.reverb.left.suffix(1000).allSatisfy { $0 == 0 })
  }
}
