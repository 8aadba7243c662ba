// SPDX-License-Identifier: MIT
import Glibc

/// Decodes the first audio stream of a file with an `ffmpeg` child process.
///
/// The child writes raw floats to a pipe. It cannot open anything but the named file, sees no
/// terminal, and is killed and reaped with this object.
final class FFmpegSource: SampleSource {
  let sampleRate: Int
  let roles: [ChannelRole]
  let declaredFrameCount: Int?
  let codec: String

  private let path: String
  private let absolutePath: String
  /// What the container says of this very stream.
  private let expectedFrameCount: Int?
  private let child: ChildProcess
  private var exitStatus: Int32?

  /// Starts `ffmpeg`.
  ///
  /// - Parameter minimumProbeScore: Files of which FFmpeg is less sure are refused.
  /// - Throws: ``AudioError`` with code `notAudio`, `unsupported`, `io` or `cancelled`.
  init(
    path: String, tools: FFmpegTools, minimumProbeScore: Int = 0,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) {
    self.path = path
    guard let resolved = realpath(path, nil) else {
      throw .system(errno, path: path, action: "read it")
    }
    absolutePath = String(cString: resolved)
    free(resolved)
    let probe = try Self.probe(
      path, absolutePath: absolutePath, tools: tools, isCancelled: isCancelled)
    guard probe.score >= minimumProbeScore else {
      throw AudioError(code: .notAudio, path: path, message: "is not audio; choose an audio file")
    }
    try FormatLimits.check(channelCount: probe.channelCount, path: path)
    try FormatLimits.check(sampleRate: Double(probe.sampleRate), path: path)
    let named = probe.roles.flatMap { $0.count == probe.channelCount ? $0 : nil }
    sampleRate = probe.sampleRate
    roles = named ?? ChannelRole.waveOrder(channelCount: probe.channelCount) ?? []
    codec = probe.codec
    func frames(_ seconds: Double) -> Int { Int((seconds * Double(probe.sampleRate)).rounded()) }
    declaredFrameCount = (probe.streamDuration ?? probe.fileDuration).map(frames)
      .flatMap(FormatLimits.declaredFrameCount)
    expectedFrameCount = probe.streamDuration.map(frames)
    child = try ChildProcess(
      executable: tools.ffmpeg,
      arguments: ["-nostdin", "-hide_banner", "-loglevel", "error"]
        + FFmpegTools.inputOptions(absolutePath)
        + [
          "-map", "0:a:0", "-vn", "-sn", "-dn", "-ar", "\(probe.sampleRate)",
          "-ac", "\(probe.channelCount)", "-c:a", "pcm_f32le", "-f", "f32le", "pipe:1",
        ],
      path: path, limits: .reading, isCancelled: isCancelled)
  }

  func read(into output: UnsafeMutablePointer<Float>, frameCount: Int) throws(AudioError) -> Int {
    if exitStatus != nil { return 0 }
    let frameByteCount = roles.count * MemoryLayout<Float>.size
    let wanted = frameCount * frameByteCount
    let got = try child.read(into: UnsafeMutableRawPointer(output), byteCount: wanted)
    if got < wanted { exitStatus = try child.waitForExit() }
    return got / frameByteCount
  }

  func shortfall(decodedFrameCount: Int) -> String? {
    let decoded = describeDuration(frameCount: decodedFrameCount, sampleRate: sampleRate)
    // A container's duration may include what is skipped at either end.
    if let expectedFrameCount, expectedFrameCount - decodedFrameCount > Self.slackFrameCount {
      let all = describeDuration(frameCount: expectedFrameCount, sampleRate: sampleRate)
      return "is cut short or damaged: only \(decoded) of \(all) could be decoded"
        + (child.log.isEmpty ? "" : " (ffmpeg: \(reason))")
    }
    if exitStatus ?? 0 != 0 || !child.log.isEmpty {
      return "is cut short or damaged: \(decoded) could be decoded (ffmpeg: \(reason))"
    }
    return nil
  }

  private static let slackFrameCount = 4_096

  private var reason: String {
    FFmpegTools.reason(fromLog: child.log, path: absolutePath)
  }

  private static func probe(
    _ path: String, absolutePath: String, tools: FFmpegTools,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) -> FFmpegProbe {
    let child = try ChildProcess(
      executable: tools.ffprobe,
      arguments: ["-v", "error"] + FFmpegTools.inputOptions(absolutePath)
        + [
          "-select_streams", "a:0", "-show_entries",
          "stream=codec_name,sample_rate,channels,channel_layout,duration"
            + ":format=duration,probe_score",
          "-of", "flat",
        ],
      path: path, limits: .reading, isCancelled: isCancelled)
    let output = try child.readAll(limit: 1 << 16)
    guard try child.waitForExit() == 0 else {
      let reason = FFmpegTools.reason(fromLog: child.log, path: absolutePath)
      throw AudioError(
        code: .notAudio, path: path,
        message: "is not audio that ffmpeg can read (\(reason)); choose an audio file")
    }
    guard let probe = FFmpegProbe(flat: String(decoding: output, as: UTF8.self)) else {
      throw AudioError(
        code: .notAudio, path: path, message: "has no audio track; choose an audio file")
    }
    return probe
  }
}
