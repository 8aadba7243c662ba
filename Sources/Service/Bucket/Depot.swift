// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Keeps uploads and results in a bucket, and brings them into the data folder of this machine when they are needed.
///
/// - `uploads/DIGEST`: what clients sent.
/// - `results/KEY/REVISION/`: what was made; each time under another name, so that what is being removed is never what is
///   being made.
actor Depot {
  /// What is younger may belong to a job that is just being kept.
  private static let grace = 3600.0

  private let bucket: Bucket
  private let folder: DataFolder
  private var bringing: [String: Task<Result<Void, ServiceError>, Never>] = [:]

  init(bucket: Bucket, folder: DataFolder) {
    self.bucket = bucket
    self.folder = folder
  }

  /// Keeps what a client sent.
  nonisolated func keep(_ file: StagedFile) async throws(ServiceError) {
    try await bucket.put(file.url, as: Self.upload(file.sha256))
  }

  /// Keeps a result that is complete in the data folder.
  nonisolated func keep(_ result: JobResult, as key: ContentKey) async throws(ServiceError) {
    let place = folder.result(folder: key)
    for file in result.files {
      try await bucket.put(
        place.appending(path: file), as: "results/\(key)/\(result.revision)/\(file)")
    }
  }

  /// Brings what a client sent.
  ///
  /// - Throws: `gone`, `full`, `unavailable`.
  func bring(upload sha256: String) async throws(ServiceError) {
    let (bucket, folder) = (bucket, folder)
    let place = folder.upload(sha256)
    try await once(sha256, isThere: { FileManager.default.fileExists(atPath: place.path) }) {
      () async throws(ServiceError) in
      let file = folder.newStaging()
      defer { unlink(file.path) }
      try await bucket.get(Self.upload(sha256), to: file)
      guard rename(file.path, place.path) == 0 else {
        throw ServiceError(.full, "There is no room for the upload; free some space.")
      }
    }
  }

  /// Brings a result.
  ///
  /// - Throws: `gone`, `full`, `unavailable`.
  func bring(_ result: JobResult, of key: ContentKey) async throws(ServiceError) {
    let (bucket, folder) = (bucket, folder)
    try await once(
      "\(key)", isThere: { folder.result(key)?.revision == result.revision }
    ) { () async throws(ServiceError) in
      let place = folder.newStaging()
      guard mkdir(place.path, 0o700) == 0 else {
        throw ServiceError(.full, "There is no room for the result; free some space.")
      }
      defer { try? FileManager.default.removeItem(at: place) }
      for file in result.files {
        try await bucket.get(
          "results/\(key)/\(result.revision)/\(file)", to: place.appending(path: file))
      }
      folder.discard(results: [key.description], uploads: [])
      _ = try folder.publish(result, in: place, as: key)
      folder.emptyTrash()
    }
    folder.touch(key)
  }

  /// Does something once at a time, unless it is done already.
  private func once(
    _ name: String, isThere: () -> Bool,
    _ body: @escaping @Sendable () async throws(ServiceError) -> Void
  ) async throws(ServiceError) {
    if isThere() { return }
    let task: Task<Result<Void, ServiceError>, Never>
    if let known = bringing[name] {
      task = known
    } else {
      task = Task {
        do throws(ServiceError) { return .success(try await body()) } catch {
          return .failure(error)
        }
      }
      bringing[name] = task
    }
    let result = await task.value
    if bringing[name] == task { bringing[name] = nil }
    try result.get()
  }

  /// Removes from the bucket what no job needs.
  ///
  /// - Returns: How many objects were removed.
  nonisolated func sweep(_ store: any JobStore, batch: Int) async throws(ServiceError) -> Int {
    let latest = Date(timeIntervalSinceNow: -Self.grace)
    var results: [String: [String]] = [:]
    for object in try await bucket.list(below: "results/") where object.modified < latest {
      let parts = object.name.split(separator: "/")
      if parts.count > 1 { results[String(parts[1]), default: []].append(object.name) }
    }
    let uploads = try await bucket.list(below: "uploads/").filter { $0.modified < latest }
      .map { String($0.name.dropFirst("uploads/".count)) }
    let unneeded = Unneeded()
    var rest = results.keys.sorted()[...]
    repeat {
      try await store.clean(
        results: Array(rest.prefix(batch)), uploads: rest.startIndex == 0 ? uploads : []
      ) {
        unneeded.add($0, $1)
      }
      rest = rest.dropFirst(batch)
    } while !rest.isEmpty
    var count = 0
    for name in unneeded.results.flatMap({ results[$0] ?? [] })
      + unneeded.uploads.map(Self.upload)
    {
      try await bucket.remove(name)
      count += 1
    }
    return count
  }

  private static func upload(_ sha256: String) -> String { "uploads/\(sha256)" }

  /// What no job needs.
  private final class Unneeded: Sendable {
    private let names = Mutex<(results: [String], uploads: [String])>(([], []))

    var results: [String] { names.withLock { $0.results } }
    var uploads: [String] { names.withLock { $0.uploads } }

    func add(_ results: [String], _ uploads: [String]) {
      names.withLock { names in
        names.results += results
        names.uploads += uploads
      }
    }
  }
}

extension JobResult {
  /// The names of its files, but for the table of contents.
  var files: [String] { (stems + [original, mix].compactMap(\.self)).map(\.file) }
}
