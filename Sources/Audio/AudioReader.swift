// SPDX-License-Identifier: MIT
import Glibc

/// Decodes an audio file block by block, as stereo, at the file's own rate.
///
/// WAV, AIFF, FLAC, Ogg Vorbis, Opus and MP3 are decoded in the process; MP4, WebM, WMA and the
/// like by `ffmpeg`, which must be installed for them and is given nothing but the named local
/// file. What a file is follows from its contents, never from its name. One channel is duplicated;
/// three to eight are downmixed by ITU-R BS.775 without scaling, so that peaks may exceed ±1.
///
/// ```swift
/// let reader = try AudioReader(path: "song.flac")
/// while let block = try reader.read(maximumFrames: 44_100) {
///   print(block.frameCount, block.peak)
/// }
/// for warning in reader.warnings { print(warning) }
/// ```
///
/// Memory does not grow with the length of the file. A reader is used by one task at a time; reads
/// block on the disk or on `ffmpeg`, and throw ``AudioError/Code/cancelled`` if the task is
/// cancelled while waiting for `ffmpeg`. The file and the child process go with the reader.
public final class AudioReader {
  /// What a file says about itself.
  public struct SourceFormat: Sendable, Equatable {
    /// Frames per second, 8000 to 192000.
    public let sampleRate: Int
    /// Channels in the file, 1 to 8.
    public let channelCount: Int
    /// The number of frames as the header has it, or nil if it does not say.
    ///
    /// Good for a progress bar and nothing else: headers lie, and the length of files decoded by
    /// `ffmpeg` is an estimate. What was read counts.
    public let frameCount: Int?
    /// The container and codec, for people.
    public let codec: String
  }

  /// The most frames that one ``read(maximumFrames:)`` returns, whatever it is asked for.
  public static let largestBlock = 1 << 22

  /// Extensions of the files worth trying in a folder, in lower case without the dot.
  public static let fileExtensions: Set<String> = [
    "wav", "wave", "bwf", "rf64", "w64", "aif", "aiff", "aifc", "flac", "ogg", "oga", "opus",
    "mp2", "mp3", "au", "snd", "caf", "m4a", "m4b", "mp4", "m4v", "mov", "mkv", "mka", "webm",
    "wma", "wmv", "asf", "aac", "ac3", "amr", "ape", "wv", "tta", "tak", "mpc", "dsf", "flv",
    "avi",
  ]

  /// Samples larger than this cannot be meant: they are taken for 0, like NaN and infinity.
  static let largestMagnitude: Float = 4_294_967_296

  private static let blockFrameCount = 4_096

  /// The file as the caller named it.
  public let path: String
  /// What the file says about itself.
  public let sourceFormat: SourceFormat

  /// Shown the frames that are read, before they are downmixed: (frames, channels), interleaved.
  package var onRead: ((_ samples: UnsafePointer<Float>, _ frameCount: Int) -> Void)?
  /// (channels): what a channel of the file counts in the loudness of ITU-R BS.1770-4, table 3: 1 in front, 1.41
  /// behind, nothing for low-frequency effects.
  package let loudnessWeights: [Double]

  private let source: any SampleSource
  private let downmix: StereoDownmix
  private var block: [Float]  // (blockFrameCount, channels), interleaved
  private var pending = 0..<0  // frames of `block` not yet given out
  private var decodedFrameCount = 0
  private var nonFiniteCount = 0
  private var shortfall: String?
  private var isAtEnd = false

  /// Opens a file and decodes its first frames.
  ///
  /// - Parameters:
  ///   - path: A local file. Anything that looks like an address is still a file's name.
  ///   - searchPath: Folders to look for `ffmpeg` and `ffprobe` in, separated by colons; the
  ///     environment's `PATH` by default.
  ///   - isCancelled: Asked while waiting for `ffmpeg`; by default whether the task was cancelled.
  /// - Throws: ``AudioError`` with code `notFound`, `permission`, `empty` (no bytes or no frames),
  ///   `notAudio`, `malformed`, `unsupported` (rate, channel count or codec), `ffmpegMissing`,
  ///   `io` (folders and devices among others) or `cancelled`.
  public init(
    path: String, searchPath: String? = nil,
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(AudioError) {
    self.path = path
    source = try SampleSourceFactory.open(
      path: path, searchPath: searchPath, isCancelled: isCancelled)
    downmix = StereoDownmix(source.roles)
    loudnessWeights = source.roles.map(\.loudnessWeight)
    sourceFormat = SourceFormat(
      sampleRate: source.sampleRate, channelCount: source.roles.count,
      frameCount: source.declaredFrameCount, codec: source.codec)
    block = [Float](repeating: 0, count: Self.blockFrameCount * source.roles.count)
    try fillBlock()
    if pending.isEmpty {
      throw AudioError(
        code: .empty, path: path,
        message: "holds no audio that can be decoded; export or download it again")
    }
  }

  /// Decodes the next frames.
  ///
  /// - Parameter maximumFrames: The most frames wanted, 1 or more.
  /// - Returns: Stereo, (2, frames): exactly `maximumFrames` frames (at most ``largestBlock``)
  ///   except before the end, and nil at the end.
  /// - Throws: ``AudioError`` with code `io` or `cancelled`. A file that is damaged or ends early
  ///   does not throw but ends there, with a warning.
  public func read(maximumFrames: Int) throws(AudioError) -> AudioBuffer? {
    precondition(maximumFrames > 0, "a read asks for at least one frame")
    let wanted = min(maximumFrames, Self.largestBlock)
    var samples = [Float](repeating: 0, count: 2 * wanted)
    var filled = 0
    while filled < wanted {
      if pending.isEmpty { try fillBlock() }
      if pending.isEmpty { break }
      let count = min(pending.count, wanted - filled)
      block.withUnsafeBufferPointer { input in
        samples.withUnsafeMutableBufferPointer { output in
          guard let from = input.baseAddress, let to = output.baseAddress else { return }
          onRead?(from + pending.lowerBound * downmix.channelCount, count)
          downmix.apply(
            from + pending.lowerBound * downmix.channelCount, frameCount: count,
            left: to + filled, right: to + wanted + filled)
        }
      }
      pending = pending.dropFirst(count)
      filled += count
    }
    if filled == 0 { return nil }
    if filled < wanted {
      samples.replaceSubrange(filled..<wanted, with: EmptyCollection())
      samples.removeLast(wanted - filled)
    }
    return AudioBuffer(channelCount: 2, frameCount: filled, samples: samples)
  }

  /// What was odd about the file so far; complete once ``read(maximumFrames:)`` returned nil.
  public var warnings: [AudioWarning] {
    var list: [AudioWarning] = []
    if let shortfall {
      list.append(AudioWarning(kind: .truncated, path: path, message: shortfall))
    }
    if nonFiniteCount > 0 {
      let samples = nonFiniteCount == 1 ? "1 sample that is" : "\(nonFiniteCount) samples that are"
      list.append(
        AudioWarning(
          kind: .nonFiniteSamples(count: nonFiniteCount), path: path,
          message: "contains \(samples) not a number, or too large for one; treated as silence"))
    }
    return list
  }

  /// Decodes the next block once the last one has been given out.
  private func fillBlock() throws(AudioError) {
    guard !isAtEnd else { return }
    let channelCount = downmix.channelCount
    let count = try block.withUnsafeMutableBufferPointer { (buffer) throws(AudioError) in
      guard let base = buffer.baseAddress else { return 0 }
      let count = try source.read(into: base, frameCount: Self.blockFrameCount)
      for index in 0..<count * channelCount where !(abs(base[index]) <= Self.largestMagnitude) {
        base[index] = 0
        nonFiniteCount += 1
      }
      return count
    }
    pending = 0..<count
    decodedFrameCount += count
    if count == 0 {
      isAtEnd = true
      shortfall = source.shortfall(decodedFrameCount: decodedFrameCount)
    }
  }
}
