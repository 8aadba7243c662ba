// SPDX-License-Identifier: MIT
public import Audio
import Foundation
public import MixCore

/// Mixes stems after a plan into files.
///
/// ```swift
/// let mixer = try Mixer(
///   plan: MixPlan(trackNames: ["drums", "vocals"]), stemPaths: ["drums.wav", "vocals.flac"])
/// for try await event in mixer.mix(to: MixFiles(mix: "mix.wav")) {
///   if case .finished(let mix) = event { print(mix.levels.integratedLUFS) }
/// }
/// ```
///
/// Stems begin together, are resampled to the rate of the mix, and are silent behind their ends. Memory does
/// not depend on their length. The same stems and the same plan give the same samples, for any number of
/// threads. A mixer is immutable and may be used by many tasks at once.
public struct Mixer: Sendable {
  /// How the level of the mix is found.
  public enum Normalization: String, Sendable, CaseIterable {
    /// The largest sample becomes full scale: mix / max|mix|. The limiter of the plan is left out.
    case peak
    /// The integrated loudness that the plan asks for, where it does, held under the plan's limiter.
    case loudness
    /// The mix stays as loud as it is, under the plan's limiter where it has one.
    case none
  }

  /// What is not in the plan.
  public struct Options: Sendable, Equatable {
    /// The rate of the mix in Hz, 8000 to 192000; nil for the highest rate of the stems.
    public var sampleRate: Int?
    /// How the level of the mix is found.
    public var normalization = Normalization.loudness
    /// How long the mix goes on behind the longest stem, in seconds, for the reverb; 0 to 60.
    public var tailSeconds = 0.0
    /// How many threads work; 0 for one per core.
    public var jobs = 0

    /// The standard options.
    public init() {}

    /// Throws where a value is out of its range.
    ///
    /// - Throws: ``MixdownError`` with the code `invalidOption`.
    public func validate() throws(MixdownError) {
      func invalid(_ message: String) -> MixdownError {
        MixdownError(code: .invalidOption, message: message)
      }
      if let sampleRate, !(8_000...192_000).contains(sampleRate) {
        throw invalid("A sample rate of \(sampleRate) Hz is not supported; give 8000 to 192000 Hz.")
      }
      guard (0...60).contains(tailSeconds) else {
        throw invalid("A tail of \(tailSeconds) s is not supported; give 0 to 60 s.")
      }
      guard (0...1024).contains(jobs) else {
        throw invalid("\(jobs) threads are not supported; give 0 to 1024.")
      }
    }
  }

  /// The plan.
  public let plan: MixPlan
  /// The files of the stems, in the order of the plan's tracks.
  public let stemPaths: [String]
  /// What is not in the plan.
  public let options: Options

  /// Checks the plan and the options; no file is opened yet.
  ///
  /// - Parameter stemPaths: A file for each track of the plan, in its order.
  /// - Throws: ``MixdownError`` with the code `plan` or `invalidOption`.
  public init(
    plan: MixPlan, stemPaths: [String], options: Options = Options()
  ) throws(MixdownError) {
    do { try plan.validate() } catch { throw .plan(error) }
    guard !stemPaths.isEmpty else {
      throw MixdownError(code: .invalidOption, message: "There are no stems; name a file.")
    }
    guard plan.tracks.count == stemPaths.count else {
      throw MixdownError(
        code: .plan,
        message: "The plan has \(plan.tracks.count) tracks for \(stemPaths.count) stems; "
          + "give a stem for each track.")
    }
    try options.validate()
    self.plan = plan
    self.stemPaths = stemPaths
    self.options = options
  }

  /// Mixes into files, which appear under their names when all of them are complete.
  ///
  /// Where the level has to be found first, the mix before its last gain waits in a file without a name beside
  /// the mix: 8 bytes a frame.
  public func mix(to files: MixFiles) -> MixdownEvents {
    MixdownEvents { [self] channel in
      let run = MixRun(mixer: self, files: files, signal: channel.signal) { channel.report($0) }
      let thread = Thread {
        channel.finish(Result { () throws(MixdownError) in try run.run() })
      }
      thread.name = "mixer"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }
}

/// Where a mix goes.
public struct MixFiles: Sendable, Equatable {
  /// The file of the mix.
  public var mix: String
  /// The format of the mix; 16 bits are dithered.
  public var format: AudioFileFormat
  /// A folder for the processed stems, which is made where it is missing; nil for none.
  ///
  /// It receives each track as it goes into the sum, `reverb.wav`, and `premaster.wav`, which is their sum; all
  /// as 32-bit float WAV.
  public var stemsFolder: String?

  /// Names the files.
  public init(mix: String, format: AudioFileFormat = .wav16, stemsFolder: String? = nil) {
    self.mix = mix
    self.format = format
    self.stemsFolder = stemsFolder
  }
}
