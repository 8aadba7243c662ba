// SPDX-License-Identifier: MIT
internal import CChildLimits
import Glibc

/// A child process whose output is read through a pipe, without a shell.
///
/// It gets no standard input, a small environment, none of our descriptors, and a process group of
/// its own, so that Ctrl-C reaches us alone. It is killed and reaped with this object. Used by one
/// task at a time.
package final class ChildProcess {
  /// The end of what the child wrote to standard error.
  package private(set) var log = ""

  private static let maximumLogLength = 4_096
  /// How often a waiting read looks whether it was cancelled.
  private static let pollMilliseconds: Int32 = 100

  private let path: String
  private let isCancelled: @Sendable () -> Bool
  private var identifier: pid_t = 0
  private let output: Pipe
  private let errors: Pipe
  private var errorsEnded = false

  /// Starts `executable`, an absolute path.
  ///
  /// - Parameters:
  ///   - path: The audio file that errors are about.
  ///   - limits: What it may take; they hold from a moment after its start.
  ///   - isCancelled: Asked while waiting; once true, reading throws.
  /// - Throws: ``AudioError`` with code `io`.
  package init(
    executable: String, arguments: [String], path: String, limits: ChildLimits,
    isCancelled: @escaping @Sendable () -> Bool
  ) throws(AudioError) {
    self.path = path
    self.isCancelled = isCancelled
    output = try Pipe(path: path)
    errors = try Pipe(path: path)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output.writeEnd, 1)
    posix_spawn_file_actions_adddup2(&actions, errors.writeEnd, 2)
    // Sockets of a server are inheritable, and none of a decoder's business.
    _ = child_limits_close_others(&actions)

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGPIPE)
    sigaddset(&signals, SIGINT)
    sigaddset(&signals, SIGTERM)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
    posix_spawnattr_setflags(&attributes, Int16(flags))

    let failure = withCStrings([executable] + arguments) { argumentPointers in
      withCStrings(Self.environment()) { environmentPointers in
        posix_spawn(
          &identifier, executable, &actions, &attributes, argumentPointers, environmentPointers)
      }
    }
    output.closeWriteEnd()
    errors.closeWriteEnd()
    guard failure == 0 else {
      identifier = 0
      throw AudioError(
        code: .io, path: path,
        message: "cannot start \(executable): \(String(cString: strerror(failure)))")
    }
    // Fails only where the child has ended already, or has smaller limits from its parents.
    _ = child_limits_set(
      identifier, limits.addressSpaceBytes, limits.processorSeconds, limits.fileBytes)
  }

  deinit {
    guard identifier > 0 else { return }
    kill(identifier, SIGKILL)
    reap()
  }

  /// Reads up to `byteCount` bytes of standard output; fewer only at its end.
  ///
  /// - Throws: ``AudioError`` with code `cancelled` or `io`.
  func read(into buffer: UnsafeMutableRawPointer, byteCount: Int) throws(AudioError) -> Int {
    var filled = 0
    while filled < byteCount {
      let got = Glibc.read(output.readEnd, buffer + filled, byteCount - filled)
      if got > 0 {
        filled += got
      } else if got == 0 {
        break
      } else if errno == EAGAIN {
        try waitForData()
      } else if errno != EINTR {
        throw .system(errno, path: path, action: "read it")
      }
    }
    return filled
  }

  /// Reads all of standard output, keeping its first `limit` bytes.
  package func readAll(limit: Int) throws(AudioError) -> [UInt8] {
    var collected: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 4_096)
    while true {
      let count = try block.withUnsafeMutableBufferPointer { (bytes) throws(AudioError) in
        guard let base = bytes.baseAddress else { return 0 }
        return try read(into: UnsafeMutableRawPointer(base), byteCount: bytes.count)
      }
      collected.append(contentsOf: block[..<min(count, limit - collected.count)])
      if count < block.count { return collected }
    }
  }

  /// Waits until the child has ended, which it does soon after its output ended.
  ///
  /// - Returns: Its exit status, or 128 and the signal that ended it.
  package func waitForExit() throws(AudioError) -> Int32 {
    while !errorsEnded { try waitForData(onlyErrors: true) }
    guard identifier > 0 else { return 0 }
    let status = reap()
    let signal = status & 0x7F
    return signal == 0 ? status >> 8 & 0xFF : 128 + signal
  }

  @discardableResult
  private func reap() -> Int32 {
    var status: Int32 = 0
    while waitpid(identifier, &status, 0) < 0 && errno == EINTR {}
    identifier = 0
    return status
  }

  /// Waits until there is output or its end, and takes what arrives on standard error.
  private func waitForData(onlyErrors: Bool = false) throws(AudioError) {
    while true {
      if isCancelled() {
        throw AudioError(code: .cancelled, path: path, message: "reading was cancelled")
      }
      // A negative descriptor is skipped by poll.
      var events = [
        pollfd(fd: onlyErrors ? -1 : output.readEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: errorsEnded ? -1 : errors.readEnd, events: Int16(POLLIN), revents: 0),
      ]
      guard poll(&events, 2, Self.pollMilliseconds) > 0 else { continue }
      if events[1].revents != 0 { takeErrors() }
      if events[0].revents != 0 || onlyErrors { return }
    }
  }

  private func takeErrors() {
    var block = [UInt8](repeating: 0, count: 1_024)
    let count = Glibc.read(errors.readEnd, &block, block.count)
    if count > 0 {
      let text = log + String(decoding: block[..<count], as: UTF8.self)
      log = String(text.suffix(Self.maximumLogLength))
    } else if count == 0 || errno != EAGAIN && errno != EINTR {
      errorsEnded = true
    }
  }

  /// What the programs need; not `FFREPORT`, which would write files.
  private static func environment() -> [String] {
    let names: [String] = ["PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH"]
    let kept = names.compactMap { name in
      getenv(name).map { "\(name)=\(String(cString: $0))" }
    }
    return kept + ["LC_ALL=C.UTF-8", "AV_LOG_FORCE_NOCOLOR=1"]
  }
}

/// A pipe whose ends are not inherited; reading does not block.
///
/// A pair of sockets, as those can be made uninheritable at once: with `pipe` and `fcntl` a child
/// that another thread starts in between would keep the pipe open.
private final class Pipe {
  let readEnd: Int32
  private(set) var writeEnd: Int32

  init(path: String) throws(AudioError) {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
      throw .system(errno, path: path, action: "start its decoder")
    }
    readEnd = ends[0]
    writeEnd = ends[1]
    _ = fcntl(readEnd, F_SETFL, O_NONBLOCK)
  }

  deinit {
    close(readEnd)
    closeWriteEnd()
  }

  func closeWriteEnd() {
    if writeEnd >= 0 { close(writeEnd) }
    writeEnd = -1
  }
}

/// Calls `body` with a null-terminated array of C strings.
private func withCStrings<Result>(
  _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { copies.forEach { free($0) } }
  return body(copies + [nil])
}
