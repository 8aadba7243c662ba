// SPDX-License-Identifier: MIT
internal import CMpg123
import Glibc

/// Decodes MP3 (and layer II) with libmpg123.
///
/// libsndfile would use the same library, but stops at a length that is guessed when the file has
/// no Xing tag, and lets it print to standard error when a file is damaged.
final class MPEGSource: SampleSource {
  let sampleRate: Int
  let roles: [ChannelRole]
  let declaredFrameCount: Int?
  let codec: String

  private let path: String
  private let file: VirtualFile
  private let handle: MPEGHandle
  private var failure: String?

  /// Finds the first frame of `file`.
  ///
  /// - Throws: ``AudioError`` with code `malformed` or `unsupported`.
  init(_ file: VirtualFile, path: String) throws(AudioError) {
    self.path = path
    self.file = file
    guard let handle = MPEGHandle() else {
      throw AudioError(code: .limit, path: path, message: "not enough memory to decode it")
    }
    let pointer = handle.pointer
    // The end is not looked at: a length that is guessed from the file's size helps nobody.
    let flags = [
      MPG123_QUIET, MPG123_FORCE_FLOAT, MPG123_GAPLESS, MPG123_NO_PEEK_END, MPG123_SEEKBUFFER,
      MPG123_SKIP_ID3V2,
    ].reduce(0) { $0 | Int($1.rawValue) }
    mpg123_param2(pointer, Int32(MPG123_ADD_FLAGS.rawValue), flags, 0)
    mpg123_param2(
      pointer, Int32(MPG123_REMOVE_FLAGS.rawValue), Int(MPG123_AUTO_RESAMPLE.rawValue), 0)
    mpg123_param2(pointer, Int32(MPG123_RESYNC_LIMIT.rawValue), -1, 0)
    mpg123_replace_reader_handle(
      pointer,
      { context, buffer, count in
        Int(VirtualFile.from(context)?.read(buffer, Int64(count)) ?? -1)
      },
      { context, offset, whence in
        VirtualFile.from(context).map { lseek($0.descriptor, offset, whence) } ?? -1
      }, nil)
    var rate = 0
    var channelCount: Int32 = 0
    var encoding: Int32 = 0
    var info = mpg123_frameinfo2()
    guard
      mpg123_open_handle(pointer, Unmanaged.passUnretained(file).toOpaque()) == Self.ok,
      mpg123_getformat(pointer, &rate, &channelCount, &encoding) == Self.ok,
      encoding == Int32(MPG123_ENC_FLOAT_32.rawValue), mpg123_info2(pointer, &info) == Self.ok
    else {
      throw AudioError(
        code: .malformed, path: path,
        message: "is damaged and cannot be decoded: it has no complete MP3 frame; "
          + "export or download it again")
    }
    try FormatLimits.check(channelCount: Int(channelCount), path: path)
    try FormatLimits.check(sampleRate: Double(rate), path: path)
    sampleRate = rate
    roles = ChannelRole.waveOrder(channelCount: Int(channelCount)) ?? []
    codec = info.layer == 3 ? "MP3" : "MPEG audio layer \(info.layer)"
    let length = mpg123_length(pointer)
    declaredFrameCount = FormatLimits.declaredFrameCount(Int(length))
    self.handle = handle
  }

  func read(into output: UnsafeMutablePointer<Float>, frameCount: Int) throws(AudioError) -> Int {
    guard failure == nil else { return 0 }
    let frameByteCount = roles.count * MemoryLayout<Float>.size
    var byteCount = 0
    let result = mpg123_read(handle.pointer, output, frameCount * frameByteCount, &byteCount)
    if file.failure != 0 { throw .system(file.failure, path: path, action: "read it") }
    switch result {
    case Self.ok, MPG123_DONE.rawValue: break
    case MPG123_NEW_FORMAT.rawValue: failure = "its sample rate or channels change"
    default: failure = String(cString: mpg123_strerror(handle.pointer))
    }
    return byteCount / frameByteCount
  }

  func shortfall(decodedFrameCount: Int) -> String? {
    let decoded = describeDuration(frameCount: decodedFrameCount, sampleRate: sampleRate)
    if let declaredFrameCount {
      // Rubbish after the announced end does not matter.
      guard decodedFrameCount < declaredFrameCount else { return nil }
      let all = describeDuration(frameCount: declaredFrameCount, sampleRate: sampleRate)
      return "is cut short or damaged: only the first \(decoded) of \(all) could be decoded"
    }
    return failure.map { "is damaged: nothing after the first \(decoded) could be decoded (\($0))" }
  }

  private static let ok = MPG123_OK.rawValue
}

/// A decoder of libmpg123; frees it when it goes.
private struct MPEGHandle: ~Copyable {
  let pointer: OpaquePointer

  init?() {
    mpg123_init()
    guard let pointer = mpg123_new(nil, nil) else { return nil }
    self.pointer = pointer
  }

  deinit {
    mpg123_close(pointer)
    mpg123_delete(pointer)
  }
}
