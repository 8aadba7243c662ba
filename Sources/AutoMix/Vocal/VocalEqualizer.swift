// SPDX-License-Identifier: MIT
public import MixCore

/// Makes the vocal heard: a high-pass, a de-esser where sibilants stand out, and bands where the backing covers it.
///
/// Octave by octave, while there is singing, the vocal is compared with the backing as loud as it will stand against
/// it, as Li (2022) does after Hafezi and Reiss, "Autonomous multitrack equalization based on masking reduction" (JAES
/// 63, 2015), only gentler: where an octave matters to the vocal and the backing covers it, the backing is carved,
/// most of all from 2 to 5 kHz, and the vocal raised by less; where it matters to the backing and not to the vocal,
/// the vocal is cut. At most four bands a track, of 4 dB, with a quality of 1. What an equalizer does already is
/// counted, so that asking twice changes little.
public struct VocalEqualizer: Advisor {
  private static let largestBandCount = 4
  private static let largestGain = 8.0
  private static let smallestGain = 0.75
  private static let q = 1.0
  /// The octaves around 2 and 4 kHz.
  private static let presence: Set<Int> = [6, 7]
  private let targets: VocalTargets

  /// Makes the advisor.
  public init(_ targets: VocalTargets = VocalTargets()) { self.targets = targets }

  /// Sets high-pass and de-esser where there is none, and adds bands to equalizers.
  public func advise(_ plan: MixPlan, for song: AnalysedStems) -> MixPlan {
    guard let vocal = plan.index(of: VocalAdvice.vocal),
      let stem = song.audibleStem(VocalAdvice.vocal)
    else { return plan }
    var plan = plan
    if plan.tracks[vocal].highPass == nil { plan.tracks[vocal].highPass = Self.highPass(stem) }
    if plan.tracks[vocal].deEsser == nil { plan.tracks[vocal].deEsser = Self.deEsser(stem) }
    if let bands = targets.equalizer {
      plan.tracks[vocal].equalizer = bands.prefix(Self.largestBandCount).map { band in
        var band = band
        band.gainDB = band.gainDB.clamped(-Self.largestGain...Self.largestGain)
        band.because["gain"] = targets.because["equalizer"] ?? band.because["gain"]
        return band
      }
      return plan
    }
    balance(&plan, vocal, stem, song)
    return plan
  }

  // MARK: - Lows and sibilants

  /// From 75 Hz for a voice with much around 125 Hz to 100 Hz for one with nothing there.
  static func highPass(_ stem: StemAnalysis) -> PassFilter {
    let powers = stem.meanBandPowers
    let voice = powers[2...6].reduce(0, +)
    let share = Decibels.level(power: max(powers[2], 1e-12) / max(voice, 1e-12))
    var filter = PassFilter(
      frequencyHz: (75 + 25 * ((-8 - share) / 20).clamped(0...1)).rounded())
    filter.because["frequency"] =
      "around 125 Hz the voice has \(share.signed) dB of its power; below is no singing"
    return filter
  }

  /// Sibilants are moments whose highs are as loud as the voice itself; nil where they are rare or soft.
  static func deEsser(_ stem: StemAnalysis) -> DeEsser? {
    let bands = stem.bands
    let gate = BandLevels.gate(bands.weightedPowers)
    var highs: [Double] = []
    for frame in 0..<bands.frameCount where bands.weightedPowers[frame] > gate {
      highs.append(Double(bands.power(frame: frame, band: 8) + bands.power(frame: frame, band: 9)))
    }
    highs.sort()
    guard highs.count >= 20 else { return nil }
    let loud = Decibels.level(power: max(highs[highs.count * 95 / 100], 1e-12) / 2)
    let distance = loud - stem.soundingDB
    // Sibilants of balanced vocals lie some 12 dB under the mean of the voice.
    let excess = min(6, distance + 12)
    guard excess >= 1 else { return nil }
    var deEsser = DeEsser()
    deEsser.frequencyHz = 5500
    deEsser.ratio = 4
    deEsser.rangeDB = (excess * 10).rounded() / 10
    // Peaks of noise stand 9 dB over its level; a ratio of 4 takes three quarters of what is over the threshold.
    deEsser.thresholdDB = (((loud + 9 - excess / 0.75) * 10).rounded() / 10)
      .clamped(DeEsser.threshold.range)
    deEsser.because["threshold"] =
      "sibilants \(distance.signed) dB to the voice; the loudest come down by \(excess.short) dB"
    return deEsser
  }

  // MARK: - Masking

  private func balance(
    _ plan: inout MixPlan, _ vocal: Int, _ stem: StemAnalysis, _ song: AnalysedStems
  ) {
    let backing = plan.backingIndices.filter { song.audibleStem(plan.tracks[$0].name) != nil }
    guard !backing.isEmpty, let own = song.index(plan.tracks[vocal]) else { return }
    func weighted(_ track: Int) -> [Double] {
      guard let index = song.index(plan.tracks[track]) else { return [] }
      let gain = plan.tracks[track].gainDB
      return Self.equalized(Array(song.powers(of: index, while: own)), plan.tracks[track])
        .enumerated().map {
          $0.element * PartialLoudnessAdvisor.ear[$0.offset] * Decibels.amplitude(2 * gain)
        }
    }
    let parts = backing.map(weighted)
    let sum = (0..<BandLevels.bandCount).map { band in
      parts.reduce(1e-12) { $0 + ($1.isEmpty ? 0 : $1[band]) }
    }
    var voice = weighted(vocal).map { $0 + 1e-12 }
    // As loud against the backing as it will stand.
    let distance = Decibels.level(power: voice.reduce(0, +) / sum.reduce(0, +))
    let shift = Decibels.amplitude(2 * (targets.loudnessLU - distance))
    voice = voice.map { $0 * shift }
    let covering = zip(sum, voice).map { Decibels.level(power: $0 / $1) }
    let essential = Set(sum.indices.sorted { sum[$0] > sum[$1] }.prefix(3))
    let vocalRank = voice.indices.sorted { voice[$0] > voice[$1] }
    let vocalEssential = Set(vocalRank.prefix(4))
    let largest = voice.max() ?? 1

    var carved: [Int: Double] = [:]
    var shaped: [Int: Double] = [:]
    for band in 3...8 {
      let isPresence = Self.presence.contains(band)
      let matters = voice[band] > largest * (isPresence ? 0.001 : 0.01)
      if matters {
        // In presence the vocal should stand a little above.
        let excess = covering[band] + (isPresence ? 3 : 0)
        let share = essential.contains(band) && !isPresence ? 0.15 : 0.35
        let cut = (share * excess).clamped(0...(isPresence ? 4 : 3))
        if cut >= Self.smallestGain { carved[band] = -cut }
        let boost = (0.25 * (covering[band] - cut)).clamped(0...3)
        if isPresence || band == 5, boost >= Self.smallestGain { shaped[band] = boost }
      } else if essential.contains(band), !vocalEssential.contains(band), covering[band] > 0 {
        shaped[band] = -min(3, 0.25 * covering[band])
      }
    }
    if !vocalEssential.contains(2), essential.contains(2), covering[2] > 3 {
      shaped[2] = -min(4, 0.25 * covering[2])
    }
    for track in backing {
      add(carved, to: &plan.tracks[track], "covers the vocal")
    }
    add(shaped, to: &plan.tracks[vocal], nil)
  }

  private func add(_ gains: [Int: Double], to track: inout Track, _ reason: String?) {
    let ranked = gains.sorted { (abs($0.value), $1.key) > (abs($1.value), $0.key) }
    let room = max(0, Self.largestBandCount - track.equalizer.count)
    for (index, gain) in ranked.prefix(room).sorted(by: { $0.key < $1.key }) {
      let frequency = BandLevels.centresHz[index]
      var band = EqualizerBand(
        .bell, frequencyHz: frequency, gainDB: (gain * 10).rounded() / 10, q: Self.q)
      band.because["gain"] =
        (reason
          ?? (gain > 0 ? "the backing covers it" : "matters to the backing, not to the voice"))
        + " around \(Int(frequency)) Hz"
      track.equalizer.append(band)
    }
  }

  /// (10): the powers behind a track's high-pass and equalizer, by their gain in the middle of the octaves.
  private static func equalized(_ powers: [Double], _ track: Track) -> [Double] {
    let rate = 96_000.0
    let sections =
      track.equalizer.map { $0.coefficients(sampleRate: rate) }
      + (track.highPass?.highPassSections(sampleRate: rate) ?? [])
    return powers.enumerated().map { band, power in
      sections.reduce(power) { power, section in
        let gain = section.magnitude(frequency: BandLevels.centresHz[band], sampleRate: rate)
        return power * gain * gain
      }
    }
  }
}
