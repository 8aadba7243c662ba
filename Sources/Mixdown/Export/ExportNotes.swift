// SPDX-License-Identifier: MIT
import MixCore

/// Says what of a plan an export does not carry, so that nothing is lost in silence.
struct ExportNotes {
  let plan: MixPlan
  let format: SessionExporter.Format
  let isProcessed: Bool
  /// Whether the mix has a limiter in the end.
  let hasLimiter: Bool

  /// A sentence for each.
  var sentences: [String] {
    switch format {
    case .dawproject: (isProcessed ? [] : dawProjectTracks) + dawProjectMaster + reverb
    case .reaper: (isProcessed ? [] : reaperTracks) + reaperMaster + reverb
    case .stemMP4: stemFile
    case .bwf: []
    }
  }

  private var dawProjectTracks: [String] {
    let remedy = "use --processed for tracks that sound as in the mix"
    var notes: [String] = []
    func add(_ what: String, _ isIn: (Track) -> Bool) {
      if let names = names(isIn) {
        notes.append("DAWproject has no \(what), which is left out (\(names)); \(remedy).")
      }
    }
    add("de-esser") { $0.deEsser != nil }
    add("saturation") { $0.saturation != nil }
    add("stereo width") { $0.width != 1 }
    add("knee for compressors") { ($0.compressor?.kneeDB ?? 0) != 0 }
    add("mix for compressors") { ($0.compressor?.mix ?? 1) != 1 }
    add("side chain for compressors") { $0.compressor?.sideChain != nil }
    add("hold time for gates") { ($0.gate?.holdMilliseconds ?? 0) != 0 }
    if let names = names({ $0.gainDB > Decibels.level(amplitude: 2) }) {
      notes.append(
        "Faders of DAWproject end at +6 dB; the rest is in the output gain of a device (\(names)).")
    }
    return notes + panLaw(remedy)
  }

  private var dawProjectMaster: [String] {
    var lost: [String] = []
    if plan.master.width != 1 { lost.append("stereo width") }
    if let compressor = plan.master.compressor {
      if compressor.kneeDB != 0 { lost.append("knee of the compressor") }
      if compressor.mix != 1 { lost.append("mix of the compressor") }
    }
    guard !lost.isEmpty else { return [] }
    return ["DAWproject cannot carry this of the master: \(lost.joined(separator: ", "))."]
  }

  private var reaperTracks: [String] {
    var notes: [String] = []
    let isPrinted = { (track: Track) in
      track.highPass != nil || track.lowPass != nil || track.gate != nil
        || !track.equalizer.isEmpty || track.deEsser != nil || track.compressor != nil
        || track.saturation != nil || track.width != 1
    }
    if let names = names(isPrinted) {
      notes.append(
        "Effects are printed into the audio, since a project cannot carry their settings (\(names)); "
          + "gain, pan, mute, solo and sends are REAPER's.")
    }
    return notes + panLaw("use --processed for tracks that sound as in the mix")
  }

  private var reaperMaster: [String] {
    var lost: [String] = []
    if !plan.master.equalizer.isEmpty { lost.append("equalizer") }
    if plan.master.compressor != nil { lost.append("compressor") }
    if plan.master.width != 1 { lost.append("stereo width") }
    if hasLimiter { lost.append("limiter") }
    guard !lost.isEmpty else { return [] }
    return [
      "The master is as loud as the mix, but has not its \(lost.joined(separator: ", ")); put them on "
        + "REAPER's master, or turn it down where it is beyond full scale."
    ]
  }

  private var stemFile: [String] {
    var master: [String] = []
    if !plan.master.equalizer.isEmpty { master.append("equalizer") }
    if plan.master.compressor != nil { master.append("compressor") }
    if plan.master.width != 1 { master.append("stereo width") }
    if hasLimiter { master.append("limiter") }
    guard !master.isEmpty else { return [] }
    return [
      "The stems are as loud as in the mix, but without the \(master.joined(separator: ", ")) of its "
        + "master, which only their sum can go through."
    ]
  }

  private var reverb: [String] {
    guard plan.hasSends else { return [] }
    if isProcessed { return ["The reverb is printed to a track of its own."] }
    return [
      "The reverb is printed to a track of its own; the sends lead to a muted channel, "
        + "“\(Session.SendChannel.name)”, for another reverb."
    ]
  }

  private func panLaw(_ remedy: String) -> [String] {
    guard let names = names({ $0.pan != 0 }) else { return [] }
    return [
      "Pans keep their place, but every DAW has its own pan law, and levels may differ by up to 3 dB "
        + "(\(names)); \(remedy)."
    ]
  }

  private func names(_ isIn: (Track) -> Bool) -> String? {
    let names = plan.tracks.filter(isIn).map(\.name)
    return names.isEmpty ? nil : names.joined(separator: ", ")
  }
}
