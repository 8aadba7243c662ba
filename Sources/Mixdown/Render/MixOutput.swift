// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// The files of one mix: all of them appear together, or none.
final class MixOutput {
  /// The names of the files that are no track.
  static let reverbName = "reverb"
  static let preMasterName = "premaster"

  private let files: MixFiles
  private let mix: AudioWriter
  /// The tracks, the reverb and their sum, where they were asked for.
  private(set) var parts: [MixPart] = []
  private var madeFolder: String?
  private var dither: Dither?
  /// Whether the reverb gets a file of its own.
  let hasReverb: Bool
  /// The rate of the files.
  let sampleRate: Int
  /// How many samples were beyond full scale, where the format cannot hold them.
  private(set) var clippedSampleCount = 0

  var wantsParts: Bool { !parts.isEmpty }

  init(files: MixFiles, plan: MixPlan, sampleRate: Int) throws(MixdownError) {
    self.files = files
    self.sampleRate = sampleRate
    hasReverb = plan.reverb != nil
    switch files.format {
    case .wav16, .flac(bitsPerSample: 16): dither = Dither()
    default: dither = nil
    }
    do throws(AudioError) {
      mix = try AudioWriter(
        path: files.mix, format: files.format, sampleRate: sampleRate, channelCount: 2)
    } catch { throw .output(error) }
    guard let folder = files.stemsFolder else { return }
    do throws(MixdownError) {
      try open(Self.names(plan), in: folder)
    } catch {
      cancel()
      throw error
    }
  }

  /// The names of the processed stems, the reverb and their sum.
  private static func names(_ plan: MixPlan) throws(MixdownError) -> [String] {
    var names = plan.tracks.map(\.name)
    if plan.reverb != nil { names.append(reverbName) }
    names.append(preMasterName)
    var seen: Set<String> = []
    for name in names {
      guard !name.contains("/"), !name.hasPrefix("."), !name.unicodeScalars.contains("\0") else {
        throw MixdownError(
          code: .plan, message: "The track “\(name)” cannot name a file; rename it in the plan.")
      }
      guard name.utf8.count <= 200 else {
        throw MixdownError(
          code: .plan,
          message: "The track “\(name.prefix(20))…” has too long a name for a file; shorten it.")
      }
      guard seen.insert(name.lowercased()).inserted else {
        throw MixdownError(
          code: .plan,
          message: "Two of the stems to write would be called “\(name)”; rename the track.")
      }
    }
    return names
  }

  private func open(_ names: [String], in folder: String) throws(MixdownError) {
    if mkdir(folder, 0o777) == 0 {
      madeFolder = folder
    } else if errno != EEXIST {
      throw MixdownError(
        code: .output,
        message: "\(folder): cannot make the folder: \(String(cString: strerror(errno))); "
          + "choose another one.")
    }
    let mixPath = URL(filePath: files.mix).standardizedFileURL.path
    for name in names {
      let path = "\(folder)/\(name).wav"
      guard URL(filePath: path).standardizedFileURL.path != mixPath else {
        throw MixdownError(
          code: .invalidOption, message: "\(path): a stem would overwrite the mix; rename the mix.")
      }
      do throws(AudioError) {
        let writer = try AudioWriter(
          path: path, format: .wavFloat32, sampleRate: sampleRate, channelCount: 2)
        parts.append(MixPart(name: name, writer: writer))
      } catch { throw .output(error) }
    }
  }

  /// Writes a block of the mix.
  func write(_ block: AudioBuffer) throws(MixdownError) {
    var block = block
    if files.format != .wavFloat32, block.peak > 1 {
      for sample in block.samples where abs(sample) > 1 { clippedSampleCount += 1 }
    }
    dither?.apply(to: &block)
    do throws(AudioError) { try mix.write(block) } catch { throw .output(error) }
  }

  /// Gives all files their names.
  ///
  /// - Returns: The processed stems by name.
  func finish(signal: CancellationSignal) throws(MixdownError) -> [String: String] {
    do throws(AudioError) {
      try mix.prepare()
      for part in parts { try part.writer.prepare() }
    } catch { throw .output(error) }
    // From here on it is all or nothing: renaming is quick and no longer asks.
    try signal.check()
    do throws(AudioError) {
      for part in parts { try part.writer.finish() }
      try mix.finish()
    } catch { throw .output(error) }
    return Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.writer.path) })
  }

  /// Takes back everything begun.
  func cancel() {
    mix.cancel()
    for part in parts { part.writer.cancel() }
    if let madeFolder { rmdir(madeFolder) }
  }
}

/// A file beside the mix.
final class MixPart: BlockSink {
  let name: String
  let writer: AudioWriter

  init(name: String, writer: AudioWriter) {
    self.name = name
    self.writer = writer
  }

  func take(_ block: AudioBuffer) throws(MixdownError) {
    do throws(AudioError) { try writer.write(block) } catch { throw .output(error) }
  }
}
