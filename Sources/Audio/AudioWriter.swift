// SPDX-License-Identifier: MIT
internal import CSndfile

/// Writes an audio file that appears only when it is complete.
///
/// The audio goes to a hidden temporary file in the destination's folder; ``finish()`` flushes it
/// to the disk and renames it. A writer that is cancelled, fails or goes away unfinished leaves
/// nothing behind and an earlier file of that name untouched.
///
/// Integer and lossy formats clip at full scale; ±1 is 32768 in 16 bits, as in reading, so that
/// 16-bit audio comes back unchanged. NaN is written as 0. Used by one task at a time.
public final class AudioWriter {
  /// The file to write, as the caller named it.
  public let path: String
  /// The format being written.
  public let format: AudioFileFormat
  /// The rate of the frames given to ``write(_:)``, in Hz.
  public let sampleRate: Int
  /// The rate of the file, in Hz; see ``AudioFileFormat/fileSampleRate(for:)``.
  public let fileSampleRate: Int
  /// The number of channels of the frames and of the file.
  public let channelCount: Int

  private let destination: DestinationFile
  private var encoder: SoundFileEncoder?
  private let resampler: Resampler?
  private var isPrepared = false

  /// Creates the temporary file.
  ///
  /// - Parameters:
  ///   - path: The file to write; its folder must exist. A file of that name is replaced in the
  ///     end.
  ///   - sampleRate: 8000 to 192000 Hz.
  ///   - channelCount: 1 to 8, for MP3 1 or 2.
  /// - Throws: ``AudioError`` with code `notFound` (no such folder), `permission`, `diskFull`,
  ///   `unsupported` (rate, channel count, or a number within `format`) or `io`.
  public init(
    path: String, format: AudioFileFormat, sampleRate: Int, channelCount: Int
  ) throws(AudioError) {
    try FormatLimits.check(sampleRate: Double(sampleRate), path: path)
    try FormatLimits.check(channelCount: channelCount, path: path)
    self.path = path
    self.format = format
    self.sampleRate = sampleRate
    self.channelCount = channelCount
    let fileSampleRate = format.fileSampleRate(for: sampleRate)
    self.fileSampleRate = fileSampleRate
    resampler =
      fileSampleRate == sampleRate
      ? nil
      : try Resampler(
        inputRate: sampleRate, outputRate: fileSampleRate, channelCount: channelCount)
    let encoding = try SoundFileEncoding(
      format, sampleRate: fileSampleRate, channelCount: channelCount, path: path)
    destination = try DestinationFile(path: path)
    do {
      encoder = try SoundFileEncoder(encoding, destination: destination)
    } catch {
      destination.discard()
      throw error
    }
  }

  deinit {
    cancel()
  }

  /// Encodes frames, (channels, frames).
  ///
  /// - Throws: ``AudioError`` with code `diskFull`, `permission` or `io`. The temporary file is
  ///   removed then, and everything after that throws too.
  public func write(_ buffer: AudioBuffer) throws(AudioError) {
    precondition(buffer.channelCount == channelCount, "the channel count may not change")
    guard let encoder else { throw closedError }
    do {
      try encoder.write(resampler?.process(buffer) ?? buffer)
    } catch {
      cancel()
      throw error
    }
  }

  /// Completes the file and brings it to the disk, but keeps its temporary name.
  ///
  /// ``finish()`` is then quick: several files can appear together, or none of them.
  ///
  /// - Throws: Like ``write(_:)``. Nothing is left behind then.
  public func prepare() throws(AudioError) {
    guard let encoder else { throw closedError }
    do {
      if let resampler { try encoder.write(resampler.finish()) }
      self.encoder = nil
      try encoder.close()
      try destination.flush()
      isPrepared = true
    } catch {
      cancel()
      throw error
    }
  }

  /// Completes the file and gives it its name.
  ///
  /// - Throws: Like ``write(_:)``. Nothing is left behind then.
  public func finish() throws(AudioError) {
    if !isPrepared { try prepare() }
    isPrepared = false
    do {
      try destination.commit()
    } catch {
      cancel()
      throw error
    }
  }

  /// Gives the file up and removes the temporary; does nothing after ``finish()``.
  public func cancel() {
    encoder = nil
    isPrepared = false
    destination.discard()
  }

  private var closedError: AudioError {
    AudioError(code: .cancelled, path: path, message: "cannot write it: it was already closed")
  }
}
