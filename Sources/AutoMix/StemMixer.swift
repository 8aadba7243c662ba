// SPDX-License-Identifier: MIT
public import Audio
public import MixCore

/// Mixes stems in memory, with gains that it finds by itself.
///
/// ```swift
/// let mixer = StemMixer(sampleRate: 44_100)
/// let mix = try mixer.mix(
///   ["drums": drums, "vocals": vocals], autoGain: true, highPass: ["vocals": 80])
/// print(mix.plan.tracks.map(\.gainDB))
/// ```
///
/// For files, and for everything else that a plan can say, there are ``AnalysedStems``, ``Advice`` and the mixer of
/// files.
public struct StemMixer: Sendable {
  /// How gains are found.
  public enum Model: Sendable, Equatable {
    /// By kind and loudness.
    case rules
    /// By a network that has learned from finished songs; by rules where there is none or it is no better.
    case cnn
  }

  /// A mix and how it came about.
  public struct Mix: Sendable, Equatable {
    /// (2, frames), as long as the longest stem; its largest sample is full scale.
    public var audio: AudioBuffer
    /// The plan that it was made after.
    public var plan: MixPlan
  }

  /// The rate of all stems in Hz, 8,000 to 192,000.
  public let sampleRate: Int

  /// What was learned, for the model `cnn`.
  public let learned: LearnedModel?

  /// Makes a mixer.
  public init(sampleRate: Int, learned: LearnedModel? = nil) {
    self.sampleRate = sampleRate
    self.learned = learned
  }

  /// Mixes stems.
  ///
  /// - Parameters:
  ///   - stems: By name; (1 or 2, frames), of any lengths.
  ///   - autoGain: Whether gains are found; without, stems are added up as they are.
  ///   - model: How gains are found.
  ///   - highPass: Corners in Hz by name, below which a stem is removed.
  ///   - lowPass: Corners in Hz by name, above which a stem is removed.
  /// - Throws: ``AutoMixError`` with the code `invalidOption`.
  public func mix(
    _ stems: [String: AudioBuffer], autoGain: Bool = true, model: Model = .rules,
    highPass: [String: Double] = [:], lowPass: [String: Double] = [:]
  ) throws(AutoMixError) -> Mix {
    let names = stems.keys.sorted()
    for name in (Array(highPass.keys) + Array(lowPass.keys)).sorted() where stems[name] == nil {
      throw invalid("There is no stem “\(name)” to filter; there are: \(names).")
    }
    guard !names.isEmpty, names.count <= MixPlan.maximumTrackCount else {
      throw invalid(
        "\(names.count) stems cannot be mixed; give 1 to \(MixPlan.maximumTrackCount).")
    }
    var plan = MixPlan()
    plan.tracks = names.map { Track(name: $0) }
    var analyses: [StemAnalysis] = []
    for name in names {
      guard let buffer = stems[name] else { continue }
      analyses.append(try StemAnalysis(buffer, sampleRate: sampleRate, name: name))
    }
    if autoGain {
      switch model {
      case .rules: plan = GainRules().advise(plan, for: AnalysedStems(analyses))
      case .cnn: plan = LearnedGains(learned).advise(plan, for: AnalysedStems(analyses))
      }
    }
    for (index, name) in names.enumerated() {
      plan.tracks[index].highPass = highPass[name].map { PassFilter(frequencyHz: $0) }
      plan.tracks[index].lowPass = lowPass[name].map { PassFilter(frequencyHz: $0) }
    }
    do {
      try plan.validate()
      return Mix(audio: try render(plan, names.compactMap { stems[$0]?.inStereo }), plan: plan)
    } catch {
      throw invalid("These stems cannot be mixed so: \(error).")
    }
  }

  private func invalid(_ message: String) -> AutoMixError {
    AutoMixError(code: .invalidOption, message: message)
  }

  /// mix / max|mix|.
  private func render(
    _ plan: MixPlan, _ stems: [AudioBuffer]
  ) throws(MixEngine.Failure) -> AudioBuffer {
    let block = 512
    let engine = try MixEngine(
      plan: plan, sampleRate: Double(sampleRate), maximumFrameCount: block,
      endsBeforeLoudness: true)
    let frameCount = stems.map(\.frameCount).max() ?? 0
    var mix: [AudioBuffer] = []
    for start in stride(from: 0, to: frameCount, by: block) {
      let count = min(block, frameCount - start)
      for (track, stem) in stems.enumerated() {
        let input = engine.input(track)
        for channel in 0..<2 {
          let output = channel == 0 ? input.left : input.right
          let there = max(0, min(count, stem.frameCount - start))
          stem.withChannel(channel) { samples in
            for i in 0..<there { output[i] = samples[start + i] }
          }
          for i in there..<count { output[i] = 0 }
        }
      }
      engine.process(frameCount: count)
      mix.append(AudioBuffer(engine.master.slice(from: 0, count: count)))
    }
    var audio = AudioBuffer.joining(mix, channelCount: 2)
    let peak = audio.peak
    if peak > 0 {
      for index in audio.samples.indices { audio.samples[index] /= peak }
    }
    return audio
  }
}
