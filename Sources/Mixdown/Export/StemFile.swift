// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// A stem file after Native Instruments: an MP4 with the mix as its first track, enabled, and four stems,
/// disabled, in the order drums, bass, other, vocals, and their names in `moov/udta/stem`.
struct StemFile {
  /// The rates that DJ programs expect, in Hz.
  static let sampleRates = [44_100, 48_000]
  /// The bit rate of each of the five streams in kbit/s.
  private static let bitrateKbps = 256
  /// The most bytes of a table of contents.
  private static let maximumMovieByteCount = 256 << 20

  let path: String
  let sampleRate: Int
  let isLossless: Bool
  let title: String
  let signal: CancellationSignal

  /// Refuses plans that make no stem file.
  static func check(_ plan: MixPlan, sampleRate: Int?) throws(MixdownError) {
    guard plan.tracks.count == 4 else {
      throw MixdownError(
        code: .plan,
        message: "A stem file holds four stems, and the plan has \(plan.tracks.count) "
          + "track\(plan.tracks.count == 1 ? "" : "s"); put them together into four, or choose "
          + "another format.")
    }
    if let sampleRate, !sampleRates.contains(sampleRate) {
      throw MixdownError(
        code: .invalidOption,
        message: "A stem file has a rate of 44100 or 48000 Hz, not \(sampleRate) Hz.")
    }
  }

  /// The rate for stems of which the highest has this one.
  static func sampleRate(for rate: Int) -> Int { rate % 11_025 == 0 ? 44_100 : 48_000 }

  /// The order in which the tracks are written: that of the convention where it is their names, and their
  /// own otherwise.
  static func order(_ names: [String]) -> [Int] {
    let roles = [
      ["drums", "drum"], ["bass"], ["other", "others", "melody", "instruments"],
      ["vocals", "vocal", "vox", "voice"],
    ]
    let places = roles.map { role in names.firstIndex { role.contains($0.lowercased()) } }
    let found = places.compactMap { $0 }
    return found.count == names.count ? found : Array(names.indices)
  }

  /// Writes the file under a temporary name.
  ///
  /// - Parameters:
  ///   - parts: The mix, then the stems, with a gain for each.
  ///   - progress: Called with the part that is done, 0…1.
  /// - Returns: The file, for which `finish()` is left, and how many samples of each part were beyond full
  ///   scale.
  func write(
    parts: [(spool: SampleSpool, gainDB: Double)], names: [String], progress: (Double) -> Void
  ) throws(MixdownError) -> (file: FileSink, clipped: [Int]) {
    let destination = try FileSink(path: path)
    let coded = try FileSink(path: path)
    // Files without names: nothing is left of them, however this ends.
    var inputs: [FileSink] = []
    var clipped: [Int] = []
    var done = 0
    let total = parts.reduce(0) { $0 + $1.spool.frameCount }
    for part in parts {
      let input = try FileSink(path: path)
      let encoder = WaveEncoder(
        sampleRate: sampleRate, sampleFormat: .float32, frameCount: part.spool.frameCount,
        gain: Float(Decibels.amplitude(part.gainDB)))
      clipped.append(
        try encoder.write(part.spool, to: input, signal: signal) { frames in
          done += frames
          progress(0.2 * Double(done) / Double(max(1, total)))
        })
      inputs.append(input)
    }
    try encode(inputs, names: ["mix"] + names, to: coded)
    inputs = []
    progress(0.9)
    try addManifest(StemManifest(names: names), from: coded, to: destination)
    progress(1)
    return (destination, clipped)
  }

  private static func link(_ file: FileSink) -> String {
    "file:/proc/\(getpid())/fd/\(file.descriptor)"
  }

  /// The coder called “fast” is, after FFmpeg's manual, the better one at rates like this.
  private func encode(
    _ inputs: [FileSink], names: [String], to output: FileSink
  ) throws(MixdownError) {
    var arguments: [String] = []
    for input in inputs {
      arguments += ["-protocol_whitelist", "file", "-f", "wav", "-i", Self.link(input)]
    }
    for index in inputs.indices { arguments += ["-map", "\(index):a:0"] }
    arguments +=
      isLossless
      ? ["-c:a", "alac", "-sample_fmt", "s32p"]
      : ["-c:a", "aac", "-aac_coder", "fast", "-b:a", "\(Self.bitrateKbps)k"]
    arguments += ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact"]
    for (index, name) in names.enumerated() {
      // What cannot be in an argument ends it.
      arguments += ["-metadata:s:a:\(index)", "handler_name=\(name.prefix { $0 != "\0" })"]
    }
    arguments += ["-metadata", "title=\(title)", "-f", "mp4", "-y", Self.link(output)]
    do throws(AudioError) {
      try FFmpegRun.run(
        arguments, path: path, purpose: "a stem file of \(isLossless ? "ALAC" : "AAC")",
        isCancelled: { [signal] in signal.isCancelled })
    } catch { throw .output(error) }
  }

  private func addManifest(
    _ manifest: StemManifest, from source: FileSink, to output: FileSink
  ) throws(MixdownError) {
    let box = MP4Box(type: "stem", payload: try manifest.bytes())
    try MP4Rewriter(
      source: source, output: output, path: path, maximumMovieByteCount: Self.maximumMovieByteCount,
      signal: signal
    ).run { movie in
      movie.enableOnlyFirstTrack()
      movie.addUserData(box)
    }
  }
}
