// SPDX-License-Identifier: MIT
import Glibc

/// Finds the decoder for a file.
enum SampleSourceFactory {
  static func open(
    path: String, searchPath: String?, isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) -> any SampleSource {
    func fallback(after first: AudioError) throws(AudioError) -> any SampleSource {
      try self.fallback(
        after: first, path: path, searchPath: searchPath, isCancelled: isCancelled)
    }
    let file = try openRegularFile(path)
    if file.byteCount == 0 {
      throw AudioError(
        code: .empty, path: path, message: "is empty; export or download it again")
    }
    let signature = FileSignature(file)
    switch signature {
    case .soundFile(.mpeg):
      do {
        return try MPEGSource(file, path: path)
      } catch {
        return try fallback(after: error)
      }
    case .soundFile(let container):
      do {
        return try SoundFileSource(file, container: container, path: path)
      } catch {
        // Codecs that libsndfile lacks inside containers that it knows: MP3 in WAV, Speex in Ogg,
        // and FLAC behind another stream in Ogg, which it takes for damaged.
        guard error.code == .unsupported || container == .ogg else { throw error }
        return try fallback(after: error)
      }
    case .foreign(let name):
      guard let tools = FFmpegTools(searchPath: searchPath) else {
        throw AudioError(
          code: .ffmpegMissing, path: path,
          message: "is \(name) audio, which needs ffmpeg; install ffmpeg (apt install ffmpeg)")
      }
      return try FFmpegSource(path: path, tools: tools, isCancelled: isCancelled)
    case .unknown:
      // A stray byte before the first frame of an MP3, or a rarer format.
      return try fallback(after: notAudio(path))
    case .text:
      throw notAudio(path)
    }
  }

  /// Lets ffmpeg try, if it is there; says what was wrong before if it fails too.
  private static func fallback(
    after first: AudioError, path: String, searchPath: String?,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) -> any SampleSource {
    guard let tools = FFmpegTools(searchPath: searchPath) else { throw first }
    do {
      return try FFmpegSource(
        path: path, tools: tools, minimumProbeScore: 26, isCancelled: isCancelled)
    } catch {
      throw error.code == .cancelled ? error : first
    }
  }

  private static func notAudio(_ path: String) -> AudioError {
    AudioError(
      code: .notAudio, path: path,
      message: "is not audio (or a kind that is not known); choose an audio file")
  }

  /// Opens `path` for reading if it is an ordinary file; folders, pipes and devices are not.
  private static func openRegularFile(_ path: String) throws(AudioError) -> VirtualFile {
    // O_NONBLOCK: a named pipe must not make us wait for its other end.
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw .system(errno, path: path, action: "read it") }
    let file = VirtualFile(descriptor: descriptor)
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .system(errno, path: path, action: "read it")
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: return file
    case S_IFDIR:
      throw AudioError(
        code: .io, path: path, message: "is a folder; name an audio file in it")
    default:
      throw AudioError(
        code: .io, path: path, message: "is not an ordinary file; copy the audio to one")
    }
  }
}
