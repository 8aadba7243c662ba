// SPDX-License-Identifier: MIT

/// One call of `ffmpeg` that writes a file.
package enum FFmpegRun {
  /// Runs `ffmpeg` to its end, as a child without a shell, a terminal or our descriptors.
  ///
  /// Blocks. When `isCancelled` turns true the child is killed.
  /// - Parameters:
  ///   - arguments: What follows `ffmpeg -nostdin -hide_banner -loglevel error`.
  ///   - path: The file that errors are about.
  ///   - purpose: What is missing without `ffmpeg`: a clause that reads well after “the path is”.
  ///   - searchPath: Folders to look in; the environment's `PATH` by default.
  /// - Throws: ``AudioError`` with code `ffmpegMissing`, `io` or `cancelled`.
  package static func run(
    _ arguments: [String], path: String, purpose: String, searchPath: String? = nil,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) {
    guard let tools = FFmpegTools(searchPath: searchPath) else {
      throw AudioError(
        code: .ffmpegMissing, path: path,
        message: "is \(purpose), which needs ffmpeg; install ffmpeg (apt install ffmpeg)")
    }
    let child = try ChildProcess(
      executable: tools.ffmpeg,
      arguments: ["-nostdin", "-hide_banner", "-loglevel", "error"] + arguments, path: path,
      limits: .writing, isCancelled: isCancelled)
    _ = try child.readAll(limit: 0)
    guard try child.waitForExit() == 0 else {
      let reason = FFmpegTools.reason(fromLog: child.log, path: path)
      throw AudioError(code: .io, path: path, message: "cannot write it (ffmpeg: \(reason))")
    }
  }
}
