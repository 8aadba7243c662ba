// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Tonmeister

/// The flags that say where a mix goes and in what format.
struct MixOutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: "The file of the mix; its ending chooses the format: wav, flac, mp3, ogg or opus.")
  var out: String?

  @Option(help: "A folder for the processed stems, which add up to the mix before the master.")
  var stemsOut: String?

  @Option(help: "Write the plan, with all changes by the flags, to this file.")
  var writePlan: String?

  @Flag(help: "24-bit WAV or FLAC instead of 16-bit (which is dithered).")
  var int24 = false

  @Flag(help: "32-bit float WAV.")
  var float32 = false

  @Option(help: "The bit rate of MP3 in kbit/s.")
  var mp3Bitrate = 320

  @Option(help: "The bit rate of Opus in kbit/s.")
  var opusBitrate = 192

  @Option(help: "The sample rate of the mix in Hz; by default the highest of the stems.")
  var samplerate: Int?

  @Option(help: "Go on for so many seconds behind the longest stem, for the reverb.")
  var tail = 0.0

  @Option(name: .shortAndLong, help: "How many threads to use; 0: one per core.")
  var jobs = 0

  /// What the flags say of the mix; they are as they were given.
  var options: Mixer.Options {
    var options = Mixer.Options()
    options.sampleRate = samplerate
    options.tailSeconds = tail
    options.jobs = jobs
    return options
  }

  /// The format that the ending of a file and the flags ask for.
  func format(of out: String) throws(CommandError) -> AudioFileFormat {
    guard !(int24 && float32) else {
      throw CommandError(message: "--int24 and --float32 exclude each other.")
    }
    let ending = URL(filePath: out).pathExtension.lowercased()
    if float32, ending != "wav", ending != "wave" {
      throw CommandError(message: "--float32 is for WAV; \(out) asks for “\(ending)”.")
    }
    if int24, ending != "wav", ending != "wave", ending != "flac" {
      throw CommandError(message: "--int24 is for WAV and FLAC; \(out) asks for “\(ending)”.")
    }
    switch ending {
    case "wav", "wave": return float32 ? .wavFloat32 : int24 ? .wav24 : .wav16
    case "flac": return .flac(bitsPerSample: int24 ? 24 : 16)
    case "mp3":
      let bitrates = AudioFileFormat.mp3BitratesKbps
      guard bitrates.contains(mp3Bitrate) else {
        let known = bitrates.map { "\($0)" }.joined(separator: ", ")
        throw CommandError(
          message: "--mp3-bitrate \(mp3Bitrate) is not one that MP3 has; choose one of: \(known).")
      }
      return .mp3(bitrateKbps: mp3Bitrate)
    case "ogg": return .oggVorbis(quality: 0.7)
    case "opus": return .opus(bitrateKbps: opusBitrate)
    default:
      throw CommandError(
        message: "--out \(out): the ending names no format; "
          + "choose .wav, .flac, .mp3, .ogg or .opus.")
    }
  }

  private func check(
    _ option: String, _ file: String, inputs: [String], out: String
  ) throws(CommandError) {
    let path = InputFiles.canonical(file)
    for other in inputs + [out] + (writePlan.map { [$0] } ?? [])
    where InputFiles.canonical(other) == path {
      throw CommandError(message: "\(option) would overwrite \(other); choose another name.")
    }
    if let stemsOut, path.hasPrefix(InputFiles.canonical(stemsOut) + "/") {
      throw CommandError(message: "\(option) lies in the folder of --stems-out; choose another.")
    }
    try TextFile.check(file, of: option)
  }

  /// Throws where the mix, the plan or a further file would overwrite an input or each other.
  func checkPaths(
    inputs: [String], out: String, further: (option: String, path: String)? = nil
  ) throws(CommandError) {
    if let further { try check(further.option, further.path, inputs: inputs, out: out) }
    try TextFile.check(out, of: "--out")
    let out = InputFiles.canonical(out)
    let written = writePlan.map { InputFiles.canonical($0) }
    let stems = stemsOut.map { InputFiles.canonical($0) + "/" }
    for path in inputs {
      let input = InputFiles.canonical(path)
      guard input != out else {
        throw CommandError(message: "\(path): the mix would overwrite it; choose another --out.")
      }
      guard input != written else {
        throw CommandError(
          message: "\(path): the plan would overwrite it; choose another --write-plan.")
      }
      if let stems, input.hasPrefix(stems) {
        throw CommandError(
          message: "\(path): it lies in the folder of --stems-out; choose another folder.")
      }
    }
    if let stems, stems == out + "/" {
      throw CommandError(message: "--stems-out and --out name the same place.")
    }
    if let written, written == out {
      throw CommandError(message: "--write-plan and --out name the same file.")
    }
    if let stems, let written, written.hasPrefix(stems), written.hasSuffix(".wav") {
      throw CommandError(message: "--write-plan would overwrite a processed stem; rename it.")
    }
    if let writePlan { try TextFile.check(writePlan, of: "--write-plan") }
  }
}
