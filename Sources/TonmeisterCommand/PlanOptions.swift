// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// The flags that change the plan.
struct PlanOptions: ParsableArguments {
  @Option(help: "The mix plan, a JSON file; by default every stem is taken as it is.")
  var plan: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Let only this track sound (may be repeated).", valueName: "track"))
  var solo: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Silence this track (may be repeated).", valueName: "track"))
  var mute: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("The fader of a track in dB: bass=-2.", valueName: "track=dB"))
  var gain: [TrackValue] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "The place of a track, -1 left to 1 right: other=0.3.", valueName: "track=place"))
  var pan: [TrackValue] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Remove what is below a frequency: vocals=80.", valueName: "track=Hz"))
  var highPass: [TrackValue] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Remove what is above a frequency: drums=8000.", valueName: "track=Hz"))
  var lowPass: [TrackValue] = []

  @Option(
    help: """
      How the mix gets its level. “loudness”: the plan's loudness, or -14 LUFS, under the plan's \
      limiter, or one at -1 dBTP. “peak”: the largest sample becomes full scale, without a limiter. \
      “none”: as it is, under the limiter of the plan file where that has one. By default what the plan \
      file says, and “loudness” without one.
      """)
  var normalize: Choice<Mixer.Normalization>?

  @Option(
    parsing: .unconditional,
    help: "The integrated loudness to reach, in LUFS; means --normalize loudness.")
  var loudness: Double?

  @Option(
    parsing: .unconditional, help: "The highest true peak, in dBTP, with --normalize loudness.")
  var ceiling: Double?

  /// The plan, with everything that the flags say, and how the level is found.
  ///
  /// - Parameter proposal: Changes the plan before the flags do, for its tracks and their files.
  func resolve(
    stems: [StemArgument],
    proposal: (MixPlan, [(name: String, path: String)]) async throws -> MixPlan
  ) async throws -> (plan: MixPlan, stemPaths: [String], normalization: Mixer.Normalization) {
    var plan = MixPlan()
    var paths = stems.map(\.path)
    try Self.check(stems)
    if let file = self.plan {
      plan = try Self.read(file)
      // A plan for the master alone takes all stems as they are.
      if plan.tracks.isEmpty { plan.tracks = stems.map { Track(name: $0.track) } }
      paths = try Self.match(plan, file: file, stems: stems)
    } else {
      plan = MixPlan(trackNames: stems.map(\.track))
      plan.master.loudnessLUFS = nil
      plan.master.limiter = nil
    }
    plan = try await proposal(plan, Array(zip(plan.tracks.map(\.name), paths)))
    try change(&plan)
    if plan.reverb == nil, plan.tracks.contains(where: { $0.reverbSendDB != nil }) {
      Console(json: true).warning(
        "the plan sends into a reverb and has none, so nothing is heard of it; add \"reverb\": {}")
    }
    let normalization = try level(&plan)
    do {
      try plan.validate()
    } catch {
      throw CommandError(message: "The plan with these flags cannot be used: \(error).")
    }
    return (plan, paths, normalization)
  }

  private func change(_ plan: inout MixPlan) throws(CommandError) {
    func index(_ name: String, _ option: String) throws(CommandError) -> Int {
      guard let index = plan.tracks.firstIndex(where: { $0.name == name }) else {
        let known = plan.tracks.map(\.name).joined(separator: ", ")
        throw CommandError(
          message: "\(option): there is no track “\(name)”; choose among: \(known).")
      }
      return index
    }
    if !solo.isEmpty {
      for index in plan.tracks.indices { plan.tracks[index].solo = false }
      for name in solo { plan.tracks[try index(name, "--solo")].solo = true }
    }
    for name in mute { plan.tracks[try index(name, "--mute")].mute = true }
    // What was said about other values is no reason for these.
    for entry in gain {
      let index = try index(entry.track, "--gain")
      plan.tracks[index].gainDB = try value(entry, Track.gain.range, "--gain", "dB")
      plan.tracks[index].because["gain"] = nil
    }
    for entry in pan {
      let index = try index(entry.track, "--pan")
      plan.tracks[index].pan = try value(entry, Track.pan.range, "--pan", "")
      plan.tracks[index].because["pan"] = nil
    }
    for entry in highPass {
      let index = try index(entry.track, "--high-pass")
      plan.tracks[index].highPass = plan.tracks[index].highPass ?? PassFilter()
      plan.tracks[index].highPass?.frequencyHz = entry.value
      plan.tracks[index].highPass?.because["frequency"] = nil
    }
    for entry in lowPass {
      let index = try index(entry.track, "--low-pass")
      plan.tracks[index].lowPass = plan.tracks[index].lowPass ?? PassFilter()
      plan.tracks[index].lowPass?.frequencyHz = entry.value
      plan.tracks[index].lowPass?.because["frequency"] = nil
    }
  }

  private func value(
    _ entry: TrackValue, _ range: ClosedRange<Double>, _ option: String, _ unit: String
  ) throws(CommandError) -> Double {
    guard range.contains(entry.value) else {
      throw CommandError(
        message: "\(option) \(entry.track)=\(entry.value): give \(Int(range.lowerBound)) to "
          + "\(Int(range.upperBound)) \(unit)".trimmingCharacters(in: .whitespaces) + ".")
    }
    return entry.value
  }

  private func level(_ plan: inout MixPlan) throws(CommandError) -> Mixer.Normalization {
    var choice = try normalize?.value(of: "--normalize")
    if loudness != nil || ceiling != nil {
      guard choice == nil || choice == .loudness else {
        throw CommandError(
          message: "--loudness and --ceiling are for --normalize loudness; leave them out.")
      }
      choice = .loudness
    }
    switch choice ?? (self.plan == nil ? .loudness : nil) {
    case .loudness:
      plan.master.loudnessLUFS =
        loudness ?? plan.master.loudnessLUFS ?? Master.loudness.standard
      if loudness != nil { plan.master.because["loudness"] = nil }
      plan.master.limiter = plan.master.limiter ?? Limiter()
      if let ceiling {
        plan.master.limiter?.ceilingDB = ceiling
        plan.master.limiter?.because["ceiling"] = nil
      }
      return .loudness
    case .peak: return .peak
    case .some(.none):
      plan.master.loudnessLUFS = nil
      return .none
    case nil: return .loudness
    }
  }

  /// Reads a plan.
  static func read(_ file: String) throws(CommandError) -> MixPlan {
    let data: Data
    do {
      data = try Data(contentsOf: URL(filePath: file))
    } catch {
      throw CommandError(message: "\(file): the plan cannot be read; check the name.")
    }
    do throws(MixPlanError) {
      let plan = try MixPlan(utf8: [UInt8](data))
      let unknown = plan.unknownKeys
      if !unknown.isEmpty {
        let some = unknown.prefix(5).joined(separator: ", ")
        Console(json: true).warning(
          "\(file): has no effect, since this version does not know it: \(some)"
            + (unknown.count > 5 ? " and \(unknown.count - 5) more" : ""))
      }
      return plan
    } catch {
      throw CommandError(message: "\(file): \(error.description)")
    }
  }

  private static func check(_ stems: [StemArgument]) throws(CommandError) {
    var names: Set<String> = []
    for stem in stems where stem.path.isEmpty {
      throw CommandError(message: "\(stem.track)=: name the file behind the equals sign.")
    }
    for stem in stems where !names.insert(stem.track).inserted {
      throw CommandError(
        message: "\(stem.path): there are two stems called “\(stem.track)”; "
          + "name one otherwise, as in \(stem.track)2=\(stem.path).")
    }
    guard stems.count <= MixPlan.maximumTrackCount else {
      throw CommandError(
        message: "\(stems.count) stems are too many; \(MixPlan.maximumTrackCount) can be mixed.")
    }
  }

  /// The stems in the order of the plan's tracks, which are matched by name.
  static func match(
    _ plan: MixPlan, file: String, stems: [StemArgument]
  ) throws(CommandError) -> [String] {
    // A file cannot have every name that a track can.
    func isCalled(_ track: Track, _ name: String) -> Bool {
      track.name == name || SessionExporter.fileName(of: track.name) == name
    }
    for stem in stems where !plan.tracks.contains(where: { isCalled($0, stem.track) }) {
      let known = plan.tracks.map(\.name).joined(separator: ", ")
      throw CommandError(
        message: "\(stem.path): the plan \(file) has no track “\(stem.track)”; it has: \(known). "
          + "Say which it is, as in TRACK=\(stem.path).")
    }
    var paths: [String] = []
    for track in plan.tracks {
      guard
        let stem = stems.first(where: { $0.track == track.name })
          ?? stems.first(where: { isCalled(track, $0.track) })
      else {
        throw CommandError(
          message: "The plan \(file) has a track “\(track.name)”, for which there is no stem; "
            + "add “\(track.name)=FILE”, or take the track out.")
      }
      paths.append(stem.path)
    }
    return paths
  }
}
