// SPDX-License-Identifier: MIT
import Audio
public import MixCore

/// Makes a raw vocal take ready to be mixed over its backing: in time, without noise and bleed, in tune.
///
/// ```swift
/// let preparation = VocalPreparation(options: .init(tune: 0.4))
/// let result = try preparation.prepare(
///   vocal: "take.wav", backing: "karaoke.mp3", to: "vocal.wav")
/// for line in result.because { print(line) }
/// ```
///
/// The take is held in memory, the backing read in blocks, up to four times. The same files and options give the same
/// samples.
public struct VocalPreparation: Sendable {
  /// What to do to a take.
  public struct Options: Sendable, Equatable {
    /// How late the take is, in seconds from -60 to 60; nil to find it out, within ±2 s.
    public var latencySeconds: Double?
    /// How much noise is reduced at most, in dB from 0, which is off, to 40.
    public var noiseReductionDB: Double
    /// How much bleed of the backing is reduced at most, in dB from 0, which is off, to 40.
    public var bleedReductionDB: Double
    /// How much of the way to the right note is gone, 0 to 1; 0.3 to 0.5 sounds natural.
    public var tune: Double
    /// How slowly the correction follows, in ms from 5 to 500.
    public var retuneMilliseconds: Double
    /// The key to tune to; nil to find it out from the backing.
    public var key: MusicalKey?

    /// Options, the standard ones unless told.
    public init(
      latencySeconds: Double? = nil, noiseReductionDB: Double = 12, bleedReductionDB: Double = 12,
      tune: Double = 0, retuneMilliseconds: Double = 50, key: MusicalKey? = nil
    ) {
      self.latencySeconds = latencySeconds
      self.noiseReductionDB = noiseReductionDB
      self.bleedReductionDB = bleedReductionDB
      self.tune = tune
      self.retuneMilliseconds = retuneMilliseconds
      self.key = key
    }

    /// Throws ``VocalPreparationError`` with the code `invalidOption` for what is out of range.
    public func check() throws(VocalPreparationError) {
      func check(_ value: Double, _ range: ClosedRange<Double>, _ name: String)
        throws(VocalPreparationError)
      {
        guard range ~= value else {
          throw VocalPreparationError(
            code: .invalidOption,
            message: "\(name) is \(value); give a number from \(Int(range.lowerBound)) to "
              + "\(Int(range.upperBound)).")
        }
      }
      try check(latencySeconds ?? 0, -60...60, "The latency in seconds")
      try check(noiseReductionDB, 0...40, "The noise reduction in dB")
      try check(bleedReductionDB, 0...40, "The bleed reduction in dB")
      try check(tune, 0...1, "The amount of tuning")
      try check(retuneMilliseconds, 5...500, "The retune time in milliseconds")
    }
  }

  /// What was found in a take and done to it.
  public struct Result: Sendable, Equatable {
    /// How late the take was, by which it was moved; 0 where that could not be told.
    public let latencySeconds: Double
    /// How sure that is, 0 to 1; 1 for a latency that was given.
    public let latencyConfidence: Double
    /// The level of the noise in dBFS; nil where there was none, or it was not looked for.
    public let noiseFloorDB: Double?
    /// The level of the backing in the take against the backing itself, in dB; nil where there was none, or it was
    /// not looked for.
    public let bleedDB: Double?
    /// The key tuned to; nil without tuning, or for all twelve notes.
    public let key: MusicalKey?
    /// The mean correction of the pitch in cents; nil without tuning, or where nothing had a pitch.
    public let meanCorrectionCents: Double?
    /// The length of the result.
    public let frameCount: Int
    /// The rate of the take and of the result, in Hz.
    public let sampleRate: Int
    /// What was odd, a sentence each.
    public let warnings: [String]
    /// What was found and done, a sentence for each step.
    public let because: [String]
  }

  /// How far a preparation has come.
  public struct Progress: Sendable, Equatable {
    /// The steps, in order.
    public enum Step: String, Sendable, CaseIterable {
      /// The steps, in order.
      case reading, alignment, noise, bleed, tuning, writing
    }

    /// The step that begins.
    public let step: Step
    /// The share of steps that are done, 0 to 1.
    public var share: Double {
      Double(Step.allCases.firstIndex(of: step) ?? 0) / Double(Step.allCases.count)
    }
  }

  /// What to do.
  public let options: Options

  /// A preparation with options, which are checked when it is used.
  public init(options: Options = Options()) { self.options = options }

  /// Prepares a take; blocks until it is done.
  ///
  /// - Parameters:
  ///   - path: The take, a local file of any format that ``AudioReader`` knows, 100 ms to 30 minutes long.
  ///   - backing: Its backing; another sample rate does not matter.
  ///   - output: The file to write, WAV with 32-bit floats at the take's rate, of one channel if the take has one, of
  ///     two otherwise. It appears when it is complete.
  ///   - isCancelled: Asked for every frame.
  ///   - report: Told when a step begins.
  /// - Throws: ``VocalPreparationError`` with any code but those of programs. Nothing is left behind then.
  public func prepare(
    vocal path: String, backing: String, to output: String,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled },
    report: (Progress) -> Void = { _ in }
  ) throws(VocalPreparationError) -> Result {
    try options.check()
    try OutputCheck.check(output, inputs: [path, backing])
    var run = PreparationRun(
      options: options, backing: Backing(path: backing, isCancelled: isCancelled),
      isCancelled: isCancelled)
    report(Progress(step: .reading))
    var take = try Take(path: path, isCancelled: isCancelled)
    try run.prepare(&take, path: path) { report(Progress(step: $0)) }
    report(Progress(step: .writing))
    try take.write(to: output, isCancelled: isCancelled)
    return run.result(take)
  }
}
