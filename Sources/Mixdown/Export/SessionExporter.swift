// SPDX-License-Identifier: MIT
import Audio
public import Foundation
public import MixCore

/// Turns stems and a plan into what other programs go on with: a DAW session, a stem file for DJs, or
/// broadcast WAV files.
///
/// ```swift
/// let exporter = try SessionExporter(
///   plan: plan, stemPaths: ["drums.wav", "vocals.wav"], format: .dawproject)
/// let export = try await exporter.export(to: "song.dawproject")
/// for note in export.notes { print(note) }
/// ```
///
/// Stems begin together, are resampled to the rate of the project, and are silent behind their ends, as in a
/// ``Mixer``. Memory does not depend on their length. The same stems, plan and options give the same bytes.
public struct SessionExporter: Sendable {
  /// What is written.
  public enum Format: String, Sendable, CaseIterable {
    /// DAWproject 1.0: one file with audio, mixer and devices.
    case dawproject
    /// A REAPER project: a folder with the project and its audio.
    case reaper
    /// A stem file after Native Instruments: one MP4 with the mix and four stems.
    case stemMP4 = "stem.mp4"
    /// Broadcast WAV files with loudness metadata: a folder with the mix and a file for each track.
    case bwf
  }

  /// How samples are stored in WAV files.
  public enum SampleFormat: Sendable {
    /// 32-bit floats, which nothing clips in.
    case float32
    /// 24-bit integers, clipped at full scale.
    case int24
  }

  /// What is not in the plan.
  public struct Options: Sendable, Equatable {
    /// Rate, tail, threads, and how the level of the mix is found.
    public var mix = Mixer.Options()
    /// Whether the tracks of a session hold the processed stems, with all faders at 0 dB.
    public var isProcessed = false
    /// How samples are stored; nil for floats in sessions and 24 bits in broadcast WAV.
    public var sampleFormat: SampleFormat?
    /// Whether a stem file is coded without loss (ALAC) and not as AAC.
    public var isLossless = false
    /// The name of the song; nil for that of the file.
    public var title: String?
    /// When the export was made, for broadcast WAV.
    public var date = Date()
    /// The version of the program, for sessions.
    public var applicationVersion = "1"

    /// The standard options.
    public init() {}
  }

  /// The plan.
  public let plan: MixPlan
  /// The files of the stems, in the order of the plan's tracks.
  public let stemPaths: [String]
  /// What is written.
  public let format: Format
  /// What is not in the plan.
  public let options: Options

  /// Checks plan and options; no file is opened yet.
  ///
  /// - Parameter stemPaths: A file for each track of the plan, in its order.
  /// - Throws: ``MixdownError`` with the code `plan` or `invalidOption`.
  public init(
    plan: MixPlan, stemPaths: [String], format: Format, options: Options = Options()
  ) throws(MixdownError) {
    _ = try Mixer(plan: plan, stemPaths: stemPaths, options: options.mix)
    if format == .stemMP4 {
      try StemFile.check(plan, sampleRate: options.mix.sampleRate)
    }
    self.plan = plan
    self.stemPaths = stemPaths
    self.format = format
    self.options = options
  }

  /// The name that the file of a track gets, without its ending.
  public static func fileName(of track: String) -> String { FileNames.safe(track) }

  /// Writes the export; what was there under its names is replaced when all of it is complete.
  ///
  /// Blocks a thread of its own, not the caller's. When the task is cancelled it stops within a second, and
  /// nothing is left behind.
  /// - Parameters:
  ///   - path: A file for `dawproject` and `stem.mp4`, a folder for `reaper` and `bwf`, which is made where
  ///     it is missing.
  ///   - progress: Called on the thread of the export, some ten times a second and more.
  /// - Throws: ``MixdownError`` with the code `input`, `output`, `invalidOption` or `cancelled`.
  public func export(
    to path: String, progress: @escaping @Sendable (MixdownProgress) -> Void = { _ in }
  ) async throws(MixdownError) -> SessionExport {
    let signal = CancellationSignal()
    let result = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let thread = Thread { [self] in
          let run = ExportRun(exporter: self, path: path, signal: signal, report: progress)
          continuation.resume(
            returning: Result { () throws(MixdownError) in try run.run() })
        }
        thread.name = "exporter"
        thread.stackSize = 8 << 20
        thread.start()
      }
    } onCancel: {
      signal.cancel()
    }
    return try result.get()
  }
}

/// A finished export.
public struct SessionExport: Sendable, Equatable {
  /// What was written: the file to open.
  public var path: String
  /// All files that were written.
  public var files: [String]
  /// The names of the tracks, in their order.
  public var tracks: [String]
  /// The rate of the audio in Hz.
  public var sampleRate: Int
  /// The length of the audio in frames.
  public var frameCount: Int
  /// The gain that brings the mix to its level, in dB.
  public var gainDB: Double
  /// What the format cannot carry, and how to go on, a sentence each.
  public var notes: [String]
  /// What was odd, a sentence each.
  public var warnings: [String]
  /// The seconds on the clock that the export took.
  public var elapsedSeconds = 0.0

  /// The seconds of audio.
  public var seconds: Double { Double(frameCount) / Double(sampleRate) }
}
