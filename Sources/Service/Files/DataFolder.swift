// SPDX-License-Identifier: MIT
import Foundation

/// The folder of everything that the service keeps.
///
/// - `jobs.sqlite`: the jobs.
/// - `uploads/DIGEST`: what clients sent, while jobs need it.
/// - `results/KEY/`: what was made; `result.json` is its table of contents, `derived/` what was made of it on
///   demand.
/// - `staging/PROCESS/`: what a process has not completed; `staging/PROCESS.lock` is locked while it lives, and what
///   others left is removed.
/// - `identity`: tells a folder that several processes share from others.
/// - `listeners/CLIENT/`: what is known of the tastes of a client's listeners.
///
/// No name in it comes from a client.
struct DataFolder: Sendable {
  /// What has to stay free: with less, nothing is taken in.
  static let reserveBytes = 256 << 20

  let url: URL
  /// This process, among those that use the folder.
  let id = JobID()

  init(url: URL) { self.url = url }

  var database: String { url.appending(path: "jobs.sqlite").path }
  var uploads: URL { url.appending(path: "uploads") }
  var results: URL { url.appending(path: "results") }
  var allStaging: URL { url.appending(path: "staging") }
  var staging: URL { allStaging.appending(path: id.description) }

  /// Makes what is missing, for nobody but the owner.
  ///
  /// - Throws: `unavailable`.
  func makeFolders() throws(ServiceError) {
    do {
      for folder in [url, uploads, results, allStaging] {
        try FileManager.default.createDirectory(
          at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
      }
    } catch {
      throw ServiceError(
        .unavailable,
        "\(url.path): the folder cannot be used; check its permissions, or name another with --data."
      )
    }
  }

  /// Takes the folder into use until the object that is returned is gone.
  ///
  /// - Parameter isShared: Whether other processes that share it may use it, too.
  /// - Throws: `unavailable` where another process has it that does not share it, or the other way round.
  func lock(isShared: Bool) throws(ServiceError) -> FolderLock {
    let path = url.appending(path: "lock").path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ServiceError(.unavailable, "\(path): \(String(cString: strerror(errno))).")
    }
    guard flock(descriptor, (isShared ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0 else {
      close(descriptor)
      throw ServiceError(
        .unavailable,
        "\(url.path): another service uses this folder; stop it, or name another with --data.")
    }
    guard let staging = StagingLock(of: id.description, in: allStaging) else {
      close(descriptor)
      throw ServiceError(
        .unavailable, "\(allStaging.path): nothing can be written there; check its permissions.")
    }
    return FolderLock(descriptor: descriptor, staging: staging)
  }

  /// What tells this folder from others; nil where it has none yet.
  var identity: String? {
    let text = try? String(contentsOf: identityFile, encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Whether the folder that others share is there, and not an empty place where it should be.
  var isThere: Bool { FileManager.default.fileExists(atPath: identityFile.path) }

  /// Whether nobody has kept anything in it yet.
  var isUnused: Bool {
    resultNames.isEmpty && uploadNames.isEmpty
      && !FileManager.default.fileExists(atPath: database)
  }

  private var identityFile: URL { url.appending(path: "identity") }

  /// Gives the folder an identity.
  func identify(_ identity: String) throws {
    try Data("\(identity)\n".utf8).write(to: identityFile, options: .atomic)
  }

  /// The upload of a digest.
  func upload(_ sha256: String) -> URL { uploads.appending(path: sha256) }

  /// The folder of a result.
  func result(folder key: ContentKey) -> URL { results.appending(path: key.description) }

  /// A new name in the folder of what is not complete.
  func newStaging() -> URL {
    // Should somebody have taken this process for dead.
    mkdir(staging.path, 0o700)
    return staging.appending(path: JobID().description)
  }

  /// The folder of a client's listeners.
  func listeners(of client: ClientID) -> URL {
    url.appending(path: "listeners").appending(path: client.description)
  }

  /// The result of a key; nil where it is not there.
  func result(_ key: ContentKey) -> JobResult? {
    let file = result(folder: key).appending(path: Self.contents)
    guard let data = try? Data(contentsOf: file) else { return nil }
    return try? JSONDecoder().decode(JobResult.self, from: data)
  }

  /// Completes a folder of results and gives it its name.
  ///
  /// - Returns: The result under that name: an earlier one, where there was one already.
  /// - Throws: `full`, `unavailable`.
  func publish(
    _ result: JobResult, in folder: URL, as key: ContentKey
  ) throws(ServiceError) -> JobResult {
    do {
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys]
      let file = folder.appending(path: Self.contents)
      try encoder.encode(result).write(to: file)
      try Self.flush(file)
      try Self.flush(folder)
    } catch {
      throw ServiceError(.full, "The result cannot be kept; free some space.")
    }
    if rename(folder.path, self.result(folder: key).path) == 0 {
      try? Self.flush(results)
      return result
    }
    if let earlier = self.result(key) { return earlier }
    throw ServiceError(.unavailable, "The result cannot be kept; check the data folder.")
  }

  /// The bytes that are free for us.
  var freeBytes: Int {
    var status = statvfs()
    guard statvfs(url.path, &status) == 0 else { return 0 }
    return Int(status.f_bavail) * Int(status.f_frsize)
  }

  private static let contents = "result.json"

  /// Brings a file or a folder to the disk.
  private static func flush(_ url: URL) throws {
    let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
  }
}
