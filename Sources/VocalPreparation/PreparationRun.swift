// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// One take on its way through the steps.
struct PreparationRun {
  let options: VocalPreparation.Options
  let backing: Backing
  let isCancelled: @Sendable () -> Bool

  private var latency = (seconds: 0.0, confidence: 0.0)
  private var noiseFloorDB: Double?
  private var bleedDB: Double?
  private var key: MusicalKey?
  private var meanCorrectionCents: Double?
  private var warnings: [String] = []
  private var because: [String] = []

  init(
    options: VocalPreparation.Options, backing: Backing,
    isCancelled: @escaping @Sendable () -> Bool
  ) {
    self.options = options
    self.backing = backing
    self.isCancelled = isCancelled
  }

  /// What to tell in the end.
  func result(_ take: Take) -> VocalPreparation.Result {
    VocalPreparation.Result(
      latencySeconds: latency.seconds, latencyConfidence: latency.confidence,
      noiseFloorDB: noiseFloorDB, bleedDB: bleedDB, key: key,
      meanCorrectionCents: meanCorrectionCents, frameCount: take.frameCount,
      sampleRate: take.sampleRate, warnings: warnings, because: because)
  }

  /// Takes all steps in order.
  mutating func prepare(
    _ take: inout Take, path: String, report: (VocalPreparation.Progress.Step) -> Void
  ) throws(VocalPreparationError) {
    warnings += take.warnings
    report(.alignment)
    let needsKey = options.tune > 0 && options.key == nil
    let features = try backing.features(needsKey: needsKey)
    warnings += features.warnings
    if features.isSilent { warnings.append("\(backing.path): the backing is silent.") }
    let isSilent = take.isSilent
    if isSilent { warnings.append("\(path): the take is silent; there is nothing to prepare.") }
    try align(&take, features, isSilent: isSilent)
    guard !isSilent else { return }
    report(.noise)
    try reduceNoise(&take)
    report(.bleed)
    if features.isSilent {
      because.append("No bleed was looked for: the backing is silent.")
    } else {
      try reduceBleed(&take)
    }
    report(.tuning)
    try tune(&take, features.key)
  }

  private func checkCancelled() throws(VocalPreparationError) {
    if isCancelled() { throw .cancelled }
  }

  // MARK: Alignment

  private mutating func align(
    _ take: inout Take, _ features: Backing.Features, isSilent: Bool
  ) throws(VocalPreparationError) {
    if let seconds = options.latencySeconds {
      latency = (seconds, 1)
    } else {
      guard !isSilent, !features.isSilent else {
        because.append("The take stays where it is: without sound there is nothing to align.")
        return
      }
      let onsets = try onsets(take)
      try checkCancelled()
      let estimate = LatencyEstimate(take: onsets, backing: features.onsets)
      guard let estimate, estimate.confidence >= LatencyEstimate.trustedConfidence else {
        latency = (0, estimate?.confidence ?? 0)
        because.append("The take stays where it is: how late it is could not be told.")
        warnings.append(
          "How late the take is could not be told from where sounds begin in it and in the "
            + "backing (confidence \(text(latency.confidence, 2))"
            + "); it stays where it is. Give the latency if it is not in time.")
        return
      }
      latency = (estimate.seconds, estimate.confidence)
    }
    let frames = Int((latency.seconds * Double(take.sampleRate)).rounded())
    guard frames < take.frameCount else {
      throw VocalPreparationError(
        code: .invalidOption,
        message: "The latency of \(latency.seconds) s is longer than the take of "
          + "\(text(take.seconds, 1)) s; give a smaller one.")
    }
    take.moveEarlier(frames)
    let source =
      options.latencySeconds == nil ? "confidence \(text(latency.confidence, 2))" : "as given"
    because.append(
      frames == 0
        ? "The take is in time with the backing (\(source))."
        : "The take is \(milliseconds(abs(latency.seconds))) "
          + "\(frames > 0 ? "late and was moved earlier" : "early and was moved later") (\(source))."
    )
  }

  private func onsets(_ take: Take) throws(VocalPreparationError) -> OnsetEnvelope {
    let extractor = OnsetEnvelopeExtractor()
    let resampler: Resampler
    do {
      resampler = try Resampler(
        inputRate: take.sampleRate, outputRate: OnsetEnvelope.sampleRate, channelCount: 1,
        quality: .high)
    } catch { throw .input(error) }
    try take.inBlocks { (block) throws(VocalPreparationError) in
      try checkCancelled()
      resampler.process(block).withChannel(0, extractor.process)
    }
    resampler.finish().withChannel(0, extractor.process)
    return extractor.finish()
  }

  // MARK: Noise

  private mutating func reduceNoise(_ take: inout Take) throws(VocalPreparationError) {
    let reduction = options.noiseReductionDB
    guard reduction > 0 else {
      because.append("Noise reduction is off.")
      return
    }
    let (rate, isCancelled) = (Double(take.sampleRate), isCancelled)
    let profile = take.withBlock { block in
      let profile = NoiseProfile(block, sampleRate: rate, isCancelled: isCancelled)
      profile?.reduce(block, sampleRate: rate, reductionDB: reduction, isCancelled: isCancelled)
      return profile
    }
    try checkCancelled()
    guard let profile = profile ?? nil else {
      because.append("No steady noise was found in the pauses, and nothing was done about any.")
      return
    }
    noiseFloorDB = profile.floorDB
    because.append(
      "The noise in the pauses, at \(text(profile.floorDB, 1)) dBFS, was reduced by up to "
        + "\(text(reduction, 0)) dB.")
  }

  // MARK: Bleed

  private mutating func reduceBleed(_ take: inout Take) throws(VocalPreparationError) {
    let reduction = options.bleedReductionDB
    guard reduction > 0 else {
      because.append("Bleed reduction is off.")
      return
    }
    let reducer = BleedReducer(sampleRate: Double(take.sampleRate))
    let rate = take.sampleRate
    func pass() throws(VocalPreparationError) {
      try backing.read(at: rate) { samples in
        take.withBlock { reducer.process(backing: samples, take: $0) }
      }
      try checkCancelled()
    }
    try pass()
    guard take.withBlock(reducer.endLevels) == true else { return noBleed() }
    try pass()
    guard let bleed = take.withBlock(reducer.endSpectra) ?? nil else { return noBleed() }
    reducer.beginReduction(reductionDB: reduction)
    try pass()
    take.withBlock(reducer.endReduction)
    bleedDB = bleed.levelDB
    because.append(
      "The backing is heard in the take, \(text(-bleed.levelDB, 1)) dB under its own level, and was "
        + "reduced by up to \(text(reduction, 0)) dB.")
  }

  private mutating func noBleed() {
    because.append("The backing is not heard in the take, and nothing was done about it.")
  }

  // MARK: Tuning

  private mutating func tune(_ take: inout Take, _ estimate: KeyEstimate?)
    throws(VocalPreparationError)
  {
    guard options.tune > 0 else {
      because.append("Tuning is off.")
      return
    }
    key = options.key ?? estimate?.key
    let (rate, isCancelled, options, key) = (Double(take.sampleRate), isCancelled, options, key)
    let cents = take.withBlock { block in
      let track = PitchTrack(block, sampleRate: rate, isCancelled: isCancelled)
      let correction = PitchCorrection(
        track, key: key, amount: options.tune, retuneMilliseconds: options.retuneMilliseconds)
      PitchShifter(track, correction).process(block, isCancelled: isCancelled)
      return correction.meanCents
    }
    try checkCancelled()
    meanCorrectionCents = cents ?? nil
    if key == nil {
      warnings.append("The backing has no key that could be told; the take is tuned to semitones.")
    } else if options.key == nil, let estimate,
      estimate.correlation - estimate.secondCorrelation < 0.05
    {
      warnings.append(
        "The key of the backing may be \(estimate.key.name) or \(estimate.secondKey.name); the take "
          + "is tuned to \(estimate.key.name). Give the key if that is wrong.")
    }
    guard let cents = meanCorrectionCents else {
      because.append("Nothing in the take has a pitch; nothing was tuned.")
      return
    }
    let scale = key.map { "\($0.name)\(options.key == nil ? ", the key of the backing" : "")" }
    because.append(
      "The voice was tuned to \(scale ?? "semitones"), by \(text(cents, 0)) cents on average "
        + "(\(text(100 * options.tune, 0)) % of the way).")
  }

  // MARK: Words

  private func text(_ value: Double, _ digits: Int) -> String {
    let text = String(format: "%.\(digits)f", value)
    // No negative zero.
    return text.hasPrefix("-") && !text.contains { ("1"..."9") ~= $0 }
      ? String(text.dropFirst()) : text
  }

  private func milliseconds(_ seconds: Double) -> String { "\(text(1000 * seconds, 0)) ms" }
}
