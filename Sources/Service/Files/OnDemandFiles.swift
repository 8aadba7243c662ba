// SPDX-License-Identifier: MIT
import Foundation

/// Makes files of results when somebody asks for them, each once, and keeps them with the result.
actor OnDemandFiles {
  private let folder: DataFolder
  private let turnstile: Turnstile
  private var making: [String: Task<Result<Void, ServiceError>, Never>] = [:]

  init(folder: DataFolder, limits: ServiceLimits) {
    self.folder = folder
    turnstile = Turnstile(capacity: limits.conversions, waiting: limits.waitingConversions)
  }

  /// The path of a file that belongs to a result.
  ///
  /// It is made to its end also when the one who asked has gone: others may ask again.
  ///
  /// - Parameters:
  ///   - name: Of our own making.
  ///   - make: Makes the file, or leaves none behind.
  /// - Throws: `unavailable` where too many files are being made, and what `make` throws.
  func path(
    of name: String, in key: ContentKey,
    make: @escaping @Sendable (_ path: String) async throws(ServiceError) -> Void
  ) async throws(ServiceError) -> String {
    let derived = folder.result(folder: key).appending(path: "derived")
    let path = derived.appending(path: name).path
    if FileManager.default.fileExists(atPath: path) { return path }
    let task: Task<Result<Void, ServiceError>, Never>
    if let known = making[path] {
      task = known
    } else {
      let turnstile = turnstile
      task = Task {
        do throws(ServiceError) {
          try await turnstile.pass { () async throws(ServiceError) in
            guard mkdir(derived.path, 0o700) == 0 || errno == EEXIST else {
              throw ServiceError(.gone, "The result was removed; send the song again.")
            }
            try await make(path)
          }
          return .success(())
        } catch {
          return .failure(error)
        }
      }
      making[path] = task
    }
    let result = await task.value
    // By now somebody else may be making it again.
    if making[path] == task { making[path] = nil }
    try result.get()
    return path
  }
}
