// SPDX-License-Identifier: MIT
import MixCore

/// When there is singing in a take in whose pauses something else is heard: steady noise, or the backing.
///
/// What is expected of a pause is the noise of the take, octave by octave, and what of the backing its octaves lead
/// to expect. What is not 6 dB louder is none of the voice's. Where a take holds neither noise nor backing, or where its
/// pauses are silent, all that sounds in it is the voice.
struct VoiceActivity: Equatable {
  /// What is heard in the pauses.
  struct Background: Equatable {
    /// Steady noise.
    var noise = false
    /// The backing.
    var bleed = false

    /// Whether anything is.
    var isHeard: Bool { noise || bleed }
  }

  /// How much louder than what is expected of a pause singing is, as a ratio of powers.
  private static let margin: Float = 4
  /// Of all frames, which share at least is taken for pauses: what is expected of a pause is the middle of them.
  private static let quietShare = 0.1
  /// How much of a tenth of a second of the backing sounds on in the next one, in a small room.
  private static let decay: Float = 0.03
  /// Of all frames, which share has to be silent so that the pauses are.
  private static let silentShare = 0.1
  /// Below 88 Hz there is rumble and no singing.
  private static let firstBand = 2

  /// What is heard in the pauses.
  let background: Background
  /// (frames): whether there is singing in a tenth of a second.
  let frames: [Bool]

  /// - Parameters:
  ///   - vocal: The take.
  ///   - backing: Everything that can have been heard while it was recorded, in time with it.
  ///   - background: What is known to be heard in its pauses.
  init(_ vocal: BandLevels, backing: [BandLevels], background: Background) {
    let silence = 1e-5 * (vocal.weightedPowers.max() ?? 0)
    // What is before the first sound and behind the last one is no pause.
    let sounding = vocal.weightedPowers.indices.filter { vocal.weightedPowers[$0] > silence }
    let length = (sounding.last ?? 0) - (sounding.first ?? 0) + 1
    let hasSilentPauses = Double(length - sounding.count) >= Self.silentShare * Double(length)
    let background = hasSilentPauses ? Background() : background
    self.background = background
    var expected = [Float](repeating: 0, count: vocal.frameCount)
    var total = expected
    for band in Self.firstBand..<BandLevels.bandCount {
      let own = (0..<vocal.frameCount).map { vocal.power(frame: $0, band: band) }
      for frame in own.indices { total[frame] += own[frame] }
      if background.noise {
        let floor = Self.quiet(own.filter { $0 > 0 })
        for frame in own.indices { expected[frame] += floor }
      }
      if background.bleed {
        var heard = [Float](repeating: 0, count: own.count)
        for frame in own.indices {
          for part in backing { heard[frame] += part.power(frame: frame, band: band) }
          if frame > 0 { heard[frame] += Self.decay * heard[frame - 1] }
        }
        // Within 30 dB of its loudest moment.
        let least = 1e-3 * (heard.max() ?? 0)
        let transfer = Self.quiet(
          own.indices.filter { heard[$0] > least && own[$0] > 0 }.map { own[$0] / heard[$0] })
        for frame in own.indices { expected[frame] += transfer * heard[frame] }
      }
    }
    frames = total.indices.map {
      vocal.weightedPowers[$0] > silence && total[$0] > Self.margin * expected[$0]
    }
  }

  private static func quiet(_ values: [Float]) -> Float {
    values.isEmpty ? 0 : values.sorted()[Int(Double(values.count - 1) * quietShare)]
  }
}

extension VoiceActivity {
  /// Listens to the vocal of a plan beside its backing.
  ///
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  init(
    _ stem: StemAnalysis, in plan: MixPlan, song: AnalysedStems, sources: StemSources
  ) throws(AutoMixError) {
    let backing = plan.backingIndices.compactMap { song.audibleStem(plan.tracks[$0].name) }
    self.init(
      stem.bands, backing: backing.map(\.bands),
      background: try sources.background(
        of: stem.name, beside: backing.map(\.name), sampleRate: stem.sampleRate))
  }
}

extension StemSources {
  /// What is heard in the pauses of a take; see ``NoiseProfile`` and ``BleedReducer``.
  ///
  /// - Throws: ``AutoMixError`` with the code `input` or `cancelled`.
  fileprivate func background(
    of vocal: String, beside backing: [String], sampleRate: Int
  ) throws(AutoMixError) -> VoiceActivity.Background {
    let rate = Double(sampleRate)
    var (left, right): ([Float], [Float]) = ([], [])
    try read([vocal], sampleRate: sampleRate) { block in
      left += UnsafeBufferPointer(start: block.left, count: block.frameCount)
      right += UnsafeBufferPointer(start: block.right, count: block.frameCount)
    }
    func withTake<Result>(_ body: (StereoBlock) -> Result?) -> Result? {
      let count = left.count
      return left.withUnsafeMutableBufferPointer { left in
        right.withUnsafeMutableBufferPointer { right in
          guard let first = left.baseAddress, let second = right.baseAddress else { return nil }
          return body(StereoBlock(left: first, right: second, frameCount: count))
        }
      }
    }
    var result = VoiceActivity.Background()
    result.noise =
      withTake { NoiseProfile($0, sampleRate: rate, isCancelled: isCancelled) } != nil
    guard !backing.isEmpty else { return result }
    let reducer = BleedReducer(sampleRate: rate)
    func listen() throws(AutoMixError) {
      try read(backing, sampleRate: sampleRate) { block in
        let mono = (0..<block.frameCount).map { (block.left[$0] + block.right[$0]) / 2 }
        mono.withUnsafeBufferPointer { samples in
          _ = withTake { reducer.process(backing: samples, take: $0) }
        }
      }
    }
    try listen()
    guard withTake(reducer.endLevels) == true else { return result }
    try listen()
    result.bleed = withTake(reducer.endSpectra) != nil
    return result
  }
}
