// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// The flags that choose files and their format.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The folder that receives MODEL/TRACK/STEM.EXT.")
  var out = "separated"

  @Option(
    help: "The path of a stem below OUT/MODEL, made of {track}, {trackext}, {stem} and {ext}.")
  var filename = FileNamePattern.standard

  @Flag(help: "24-bit WAV or FLAC instead of 16-bit.")
  var int24 = false

  @Flag(help: "32-bit float WAV.")
  var float32 = false

  @Flag(help: "FLAC instead of WAV.")
  var flac = false

  @Flag(help: "MP3 instead of WAV.")
  var mp3 = false

  @Option(help: "The bit rate of MP3 in kbit/s.")
  var mp3Bitrate = 320

  @Flag(help: "Ogg Vorbis instead of WAV.")
  var ogg = false

  @Flag(help: "Opus instead of WAV.")
  var opus = false

  @Option(
    help: """
      What to do with samples beyond full scale: “rescale” makes the whole stem softer, “clamp” \
      limits them, “none” leaves them. While it works, “rescale” needs about 1.4 MB of disk space \
      below OUT for every second of the song (four stems at 44.1 kHz), beside the stems.
      """)
  var clipMode = Choice(ClipMode.rescale)

  @Option(
    help: """
      The sample rate of the stems in Hz; by default that of the song. Opus is always written at \
      48000 Hz, and MP3 at 48000 Hz at most.
      """)
  var samplerate: Int?

  @Flag(help: "Leave out songs whose stems are all there.")
  var skipExisting = false

  func validate() throws {
    let containers = [(flac, "--flac"), (mp3, "--mp3"), (ogg, "--ogg"), (opus, "--opus")]
      .filter(\.0).map(\.1)
    guard containers.count <= 1 else {
      throw ValidationError("\(containers.joined(separator: " and ")) exclude each other.")
    }
    guard !(int24 && float32) else {
      throw ValidationError("--int24 and --float32 exclude each other.")
    }
    if float32, let container = containers.first {
      throw ValidationError("--float32 is for WAV and excludes \(container).")
    }
    if int24, let container = containers.first, !flac {
      throw ValidationError("--int24 is for WAV and FLAC and excludes \(container).")
    }
  }

  /// Throws where a value is none of those that there are.
  func checkValues() throws(CommandError) {
    try filename.validate()
    guard !out.isEmpty else {
      throw CommandError(message: "--out is empty; name the folder that receives the stems.")
    }
    let bitrates = AudioFileFormat.mp3BitratesKbps
    guard bitrates.contains(mp3Bitrate) else {
      let known = bitrates.map { "\($0)" }.joined(separator: ", ")
      throw CommandError(
        message: "--mp3-bitrate \(mp3Bitrate) is not one that MP3 has; choose one of: \(known).")
    }
  }

  /// The format that the flags ask for.
  var format: AudioFileFormat {
    if flac { return .flac(bitsPerSample: int24 ? 24 : 16) }
    if mp3 { return .mp3(bitrateKbps: mp3Bitrate) }
    if ogg { return .oggVorbis(quality: 0.7) }
    if opus { return .opus(bitrateKbps: 192) }
    if int24 { return .wav24 }
    return float32 ? .wavFloat32 : .wav16
  }
}
