// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Another key or tempo for a backing, by Rubber Band's command-line program.
///
/// ```swift
/// try BackingChange(semitones: -2, tempo: 0.95).apply("karaoke.mp3", to: "lower.wav")
/// ```
///
/// The program is `rubberband` in `PATH`, or what the environment's `TONMEISTER_RUBBERBAND` names. It runs as a child
/// process without a shell, on copies in a temporary folder.
public struct BackingChange: Sendable, Equatable {
  /// The largest change of key, in semitones to both sides.
  public static let largestSemitones = 12.0
  /// The tempi that can be had, 1 for the backing's own.
  public static let tempi = 0.5...2.0

  /// How much higher the backing is to be, in semitones from -12 to 12.
  public let semitones: Double
  /// How much quicker it is to be: 0.5 to 2, 1 for no change.
  public let tempo: Double

  /// Where the program is looked for; nil for the environment.
  var environment: [String: String]?
  /// How long the program may take: a minute, and this many times the length of the result.
  var patience = 20.0

  /// The longest backing that is changed, in seconds: 2 hours.
  private static let longestSeconds = 7_200
  private static let blockFrames = 1 << 16

  /// A change, which is checked when it is applied.
  public init(semitones: Double = 0, tempo: Double = 1) {
    self.semitones = semitones
    self.tempo = tempo
  }

  /// Whether nothing would change.
  public var isNone: Bool { semitones == 0 && tempo == 1 }

  /// The path of the program that would be used; nil where it is not installed.
  package static var program: String? { program(ProcessInfo.processInfo.environment) }

  /// The program's path; nil where it is not installed.
  static func program(_ environment: [String: String]) -> String? {
    if let named = environment["TONMEISTER_RUBBERBAND"], !named.isEmpty {
      return named.hasPrefix("/")
        ? (ProgramSearch.isProgram(named) ? named : nil)
        : ProgramSearch.find(named, searchPath: environment["PATH"] ?? "")
    }
    return ProgramSearch.find("rubberband", searchPath: environment["PATH"] ?? "")
  }

  /// Changes a file; blocks until it is done.
  ///
  /// - Parameters:
  ///   - path: A local file of any format that ``AudioReader`` knows.
  ///   - output: The file to write, stereo WAV with 32-bit floats at the same rate. It appears when it is complete.
  ///   - isCancelled: Asked while waiting; the program is ended then.
  /// - Throws: ``VocalPreparationError`` with the code `invalidOption`, `input`, `output`, `limit` (too long a file,
  ///   or a program that takes too long), `programMissing`, `programFailed` or `cancelled`. Nothing is left behind
  ///   then.
  public func apply(
    _ path: String, to output: String,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(VocalPreparationError) {
    guard abs(semitones) <= Self.largestSemitones, Self.tempi ~= tempo else {
      throw VocalPreparationError(
        code: .invalidOption,
        message: "The key can change by -12 to 12 semitones and the tempo to 50 to 200 %, not by "
          + "\(semitones) semitones to \(100 * tempo) %.")
    }
    try OutputCheck.check(output, inputs: [path])
    guard let program = Self.program(environment ?? ProcessInfo.processInfo.environment) else {
      throw VocalPreparationError(
        code: .programMissing,
        message: "Changing key or tempo needs Rubber Band's program “rubberband”, which was not "
          + "found; install it (apt install rubberband-cli) or name it in TONMEISTER_RUBBERBAND.")
    }
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-backing-\(UUID().uuidString)")
    do {
      try FileManager.default.createDirectory(
        at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      throw VocalPreparationError(
        code: .output, message: "Cannot make a temporary folder: \(error.localizedDescription)")
    }
    defer { try? FileManager.default.removeItem(at: folder) }
    let (input, result) = (
      folder.appending(path: "in.wav").path, folder.appending(path: "out.wav").path
    )
    let seconds = try Self.copy(
      path, to: input, limitSeconds: Self.longestSeconds, isCancelled: isCancelled)
    try run(
      program,
      ["--quiet", "--fine", "--tempo", "\(tempo)", "--pitch", "\(semitones)", input, result],
      path: path, seconds: 60 + patience * seconds / tempo, isCancelled: isCancelled)
    do throws(AudioError) {
      _ = try AudioReader(path: result, isCancelled: isCancelled)
    } catch {
      if error.code == .cancelled { throw .cancelled }
      throw VocalPreparationError(
        code: .programFailed,
        message: "\(path): \(program) wrote no audio; is it Rubber Band's program?", cause: error)
    }
    _ = try Self.copy(
      result, to: output, limitSeconds: 3 * Self.longestSeconds, isCancelled: isCancelled)
  }

  /// Changes a file on a thread of its own; stops when the task is cancelled.
  ///
  /// - Throws: Like ``apply(_:to:isCancelled:)``.
  public func applying(_ path: String, to output: String) async throws(VocalPreparationError) {
    let change = self
    try await onOwnThread { (signal) throws(VocalPreparationError) in
      try change.apply(path, to: output, isCancelled: { signal.isCancelled })
    }
  }

  /// Decodes a file to stereo WAV; returns its length in seconds.
  private static func copy(
    _ path: String, to output: String, limitSeconds: Int,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(VocalPreparationError) -> Double {
    let reader: AudioReader
    do { reader = try AudioReader(path: path, isCancelled: isCancelled) } catch {
      throw .input(error)
    }
    let rate = reader.sourceFormat.sampleRate
    let writer: AudioWriter
    do {
      writer = try AudioWriter(
        path: output, format: .wavFloat32, sampleRate: rate, channelCount: 2)
    } catch { throw .output(error) }
    var frames = 0
    while true {
      if isCancelled() { throw .cancelled }
      let block: AudioBuffer?
      do { block = try reader.read(maximumFrames: blockFrames) } catch { throw .input(error) }
      guard let block else { break }
      frames += block.frameCount
      guard frames <= limitSeconds * rate else {
        throw VocalPreparationError(
          code: .limit,
          message:
            "\(path): is longer than \(longestSeconds / 3600) hours, the longest backing that "
            + "can be changed.")
      }
      do { try writer.write(block) } catch { throw .output(error) }
    }
    do { try writer.finish() } catch { throw .output(error) }
    return Double(frames) / Double(rate)
  }

  /// Runs the program to its end.
  private func run(
    _ program: String, _ arguments: [String], path: String, seconds: Double,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(VocalPreparationError) {
    let end = ContinuousClock.now + .seconds(seconds)
    do throws(AudioError) {
      let child = try ChildProcess(
        executable: program, arguments: arguments, path: path, limits: .writing,
        isCancelled: { isCancelled() || ContinuousClock.now > end })
      _ = try child.readAll(limit: 0)
      let status = try child.waitForExit()
      guard status == 0 else {
        let line = child.log.split(whereSeparator: \.isNewline).last.map { ": \($0)" } ?? ""
        throw AudioError(
          code: .unsupported, path: path,
          message: "cannot be changed; rubberband ended with status \(status)\(line)")
      }
    } catch {
      if error.code == .cancelled, !isCancelled() {
        throw VocalPreparationError(
          code: .limit,
          message: "\(path): rubberband took more than \(Int(seconds)) s and was ended.")
      }
      if error.code == .cancelled { throw .cancelled }
      throw VocalPreparationError(
        code: .programFailed, message: error.description, cause: error)
    }
  }
}
