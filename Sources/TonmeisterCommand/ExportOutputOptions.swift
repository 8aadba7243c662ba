// SPDX-License-Identifier: MIT
import ArgumentParser
import Tonmeister

/// The flags that say where an export goes and how it is made.
struct ExportOutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: "The file to write; for “reaper” and “bwf” a folder, which is made where it is missing.")
  var out: String

  @Flag(
    help: """
      Let the tracks of a session hold the processed stems, with all faders at 0 dB, so that it sounds \
      like the mix in any DAW.
      """)
  var processed = false

  @Flag(help: "24-bit WAV; the standard of “bwf”.")
  var int24 = false

  @Flag(help: "32-bit float WAV; the standard of sessions.")
  var float32 = false

  @Flag(help: "Code a stem file without loss, as ALAC, and not as AAC at 256 kbit/s.")
  var alac = false

  @Option(help: "The sample rate in Hz; by default the highest of the stems.")
  var samplerate: Int?

  @Option(help: "Go on for so many seconds behind the longest stem, for the reverb.")
  var tail = 0.0

  @Option(name: .shortAndLong, help: "How many threads to use; 0: one per core.")
  var jobs = 0

  /// The options of the exporter.
  func options(
    _ format: SessionExporter.Format
  ) throws(CommandError) -> SessionExporter.Options {
    func refuse(_ isWrong: Bool, _ message: String) throws(CommandError) {
      if isWrong { throw CommandError(message: message) }
    }
    try refuse(int24 && float32, "--int24 and --float32 exclude each other.")
    try refuse(alac && format != .stemMP4, "--alac is for --format stem.mp4; leave it out.")
    try refuse(
      (int24 || float32) && format == .stemMP4,
      "--int24 and --float32 are for WAV; use --alac for a stem file without loss.")
    try refuse(
      processed && format != .dawproject && format != .reaper,
      "--processed is for sessions; the tracks of “\(format.rawValue)” are processed always.")
    var options = SessionExporter.Options()
    options.mix.sampleRate = samplerate
    options.mix.tailSeconds = tail
    options.mix.jobs = jobs
    options.isProcessed = processed
    options.sampleFormat = int24 ? .int24 : float32 ? .float32 : nil
    options.isLossless = alac
    options.applicationVersion = TonmeisterTool.configuration.version
    return options
  }
}
