// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// The flags for a vocal over its backing.
struct VocalOptions: ParsableArguments {
  @Option(help: "A dry vocal, to be mixed over --backing; in place of stems.")
  var vocal: String?

  @Option(help: "The backing track that it was sung to.")
  var backing: String?

  @Option(
    help: "A voice that the singer followed, in time with the backing; stays 18 dB under the vocal."
  )
  var guideVocal: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "How late the vocal was recorded; found out within ±2 s if not given. 0 leaves it.",
      valueName: "ms"))
  var latency: Double?

  @Option(help: ArgumentHelp("Reduce noise by at most so much; 0 is off.", valueName: "dB"))
  var denoise = 12.0

  @Option(
    help: ArgumentHelp(
      "Reduce the backing that the microphone heard by at most so much; 0 is off.", valueName: "dB")
  )
  var debleed = 12.0

  @Option(help: "Correct the pitch, 0 (off) to 1 (every note); 0.3 to 0.5 sounds natural.")
  var tune = 0.0

  @Option(
    help: "The key to tune to, such as “A minor” or “F# major”; by default that of the backing.")
  var key: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Move the key of the backing by so many semitones, -12 to 12 (needs rubberband).",
      valueName: "semitones"))
  var keyChange = 0.0

  @Option(
    help: ArgumentHelp(
      "Play the backing at so much of its tempo, 50 to 200 (needs rubberband).",
      valueName: "percent"))
  var tempo = 100.0

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "The loudness of the vocal against the backing; -3 if nothing was learned.", valueName: "LU"))
  var level: Double?

  @Option(
    help: ArgumentHelp(
      "The range to which the vocal's levels of 100 ms are compressed; 14 if nothing was learned.",
      valueName: "LU"))
  var range: Double?

  @Option(
    help: ArgumentHelp(
      "The same as a loudness range (EBU Tech 3342), in place of --range.", valueName: "LU"))
  var loudnessRange: Double?

  @Option(help: "Keep the prepared vocal, in time, clean and tuned, as a WAV of this name.")
  var vocalOut: String?

  /// Whether any of the flags that need --vocal was given.
  private var isUsed: Bool {
    guideVocal != nil || latency != nil || denoise != 12 || debleed != 12 || tune != 0
      || key != nil || keyChange != 0 || tempo != 100 || level != nil || range != nil
      || loudnessRange != nil || vocalOut != nil
  }

  /// Checks what belongs together.
  func check(hasStems: Bool) throws {
    switch (vocal, backing) {
    case (nil, nil):
      guard !isUsed else {
        throw ValidationError("The flags for vocals are for --vocal with --backing; add them.")
      }
      guard hasStems else {
        throw ValidationError("Name the stems, or a --vocal and its --backing.")
      }
    case (_?, _?):
      guard !hasStems else {
        throw ValidationError(
          "Give either stems, or --vocal with --backing; a third track can be a --guide-vocal.")
      }
      if let vocalOut, !vocalOut.lowercased().hasSuffix(".wav") {
        throw ValidationError(
          "--vocal-out \(vocalOut): the take is kept as WAV; end the name in .wav.")
      }
      guard range == nil || loudnessRange == nil else {
        throw ValidationError("--range and --loudness-range exclude each other.")
      }
    default:
      throw ValidationError("--vocal and --backing belong together; name both.")
    }
  }

  /// The files that are read.
  var inputs: [String] { [vocal, backing, guideVocal].compactMap { $0 } }

  /// What to do to the take.
  func preparation() throws(CommandError) -> VocalPreparation.Options {
    var wanted: MusicalKey?
    if let key {
      guard let known = MusicalKey(name: key) else {
        throw CommandError(
          message: "--key \(key): write a key as “A minor”, “F# major” or “Bb major”.")
      }
      wanted = known
    }
    return VocalPreparation.Options(
      latencySeconds: latency.map { $0 / 1000 }, noiseReductionDB: denoise,
      bleedReductionDB: debleed, tune: tune, key: wanted)
  }

  /// What the vocal is to become, where a person says so.
  func change(_ targets: inout VocalTargets) throws(CommandError) {
    func check(_ value: Double, _ range: ClosedRange<Double>, _ option: String) throws(CommandError)
    {
      guard range ~= value else {
        throw CommandError(
          message:
            "\(option) \(value): give \(Int(range.lowerBound)) to \(Int(range.upperBound)) LU.")
      }
    }
    if let level {
      try check(level, -40...20, "--level")
      targets.loudnessLU = level
      targets.because["loudnessLU"] = "as asked"
    }
    if let range {
      try check(range, 1...40, "--range")
      (targets.levelRangeDB, targets.usesLoudnessRange) = (range, false)
      targets.because["levelRangeDB"] = "as asked"
    }
    if let loudnessRange {
      try check(loudnessRange, 1...40, "--loudness-range")
      (targets.levelRangeDB, targets.usesLoudnessRange) = (loudnessRange, true)
      targets.because["levelRangeDB"] = "as asked"
    }
  }
}
