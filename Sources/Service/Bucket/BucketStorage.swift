// SPDX-License-Identifier: MIT
import Foundation
import Synchronization

/// Keeps uploads and results in a bucket, and brings them into the data folder of this machine when they are needed.
///
/// - `uploads/DIGEST.ID`: what clients sent.
/// - `results/KEY/REVISION/`: what was made.
/// - `owner`: whose bucket it is.
///
/// Everything has another name each time, so that what is being removed is never what was just put in.
actor BucketStorage {
  private let bucket: Bucket
  private let folder: DataFolder
  private var bringing: [String: (task: Task<Result<Void, ServiceError>, Never>, waiting: Int)] =
    [:]

  init(bucket: Bucket, folder: DataFolder) {
    self.bucket = bucket
    self.folder = folder
  }

  /// Makes sure that the bucket is that of a database, and marks it where it is empty: what another database needs would be
  /// removed.
  ///
  /// - Parameter owner: What it is marked with.
  /// - Throws: `unavailable`.
  nonisolated func claim(for owner: String) async throws(ServiceError) {
    let place = folder.newStaging()
    defer { unlink(place.path) }
    let marked: String?
    do throws(ServiceError) {
      // The file goes with the object that stands for it.
      marked = withExtendedLifetime(try await bucket.get(Self.mark, to: place)) {
        try? String(contentsOf: $0.url, encoding: .utf8)
      }
    } catch {
      guard error.code == .gone else { throw error }
      guard try await bucket.list(below: "").objects.isEmpty else { throw Self.foreign }
      guard (try? Data(owner.utf8).write(to: place)) != nil else {
        throw ServiceError(.full, "There is no room in the data folder; free some space.")
      }
      try await bucket.put(place, as: Self.mark)
      return
    }
    guard marked == owner else { throw Self.foreign }
  }

  /// The object that says whose bucket it is.
  private static let mark = "owner"

  private static var foreign: ServiceError {
    ServiceError(
      .unavailable,
      "The bucket has the files of another database; name the right one with --store, or another bucket or prefix."
    )
  }

  /// Keeps what a client sent.
  nonisolated func keep(_ file: StagedFile) async throws(ServiceError) {
    try await bucket.put(file.url, as: Self.upload(file.object))
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
  /// - Throws: `gone`, `full`, `unavailable`, `cancelled`.
  func bring(_ input: JobInput) async throws(ServiceError) {
    let (bucket, folder) = (bucket, folder)
    let place = folder.upload(input.sha256)
    try await once(input.sha256, isThere: { FileManager.default.fileExists(atPath: place.path) }) {
      () async throws(ServiceError) in
      let file = try await bucket.get(
        Self.upload(input.object ?? input.sha256), to: folder.newStaging())
      guard file.sha256 == input.sha256 else {
        throw ServiceError(.unavailable, "The bucket gives another file than was put in.")
      }
      try file.keep(in: folder)
    }
  }

  /// Brings a result.
  ///
  /// - Throws: `gone`, `full`, `unavailable`, `cancelled`.
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
      for name in result.files {
        let file = try await bucket.get(
          "results/\(key)/\(result.revision)/\(name)", to: folder.newStaging())
        guard rename(file.url.path, place.appending(path: name).path) == 0 else {
          throw ServiceError(.full, "There is no room for the result; free some space.")
        }
      }
      folder.discard(results: [key.description], uploads: [])
      let published = try folder.publish(result, in: place, as: key)
      folder.emptyTrash()
      guard published.revision == result.revision else {
        throw ServiceError(.unavailable, "The result is just being replaced; try again.")
      }
    }
    folder.touch(key)
  }

  /// Does something once at a time, unless it is done already; it is given up when nobody waits for it any more.
  private func once(
    _ name: String, isThere: () -> Bool,
    _ body: @escaping @Sendable () async throws(ServiceError) -> Void
  ) async throws(ServiceError) {
    if isThere() { return }
    let task: Task<Result<Void, ServiceError>, Never>
    if let known = bringing[name]?.task {
      task = known
    } else {
      task = Task {
        do throws(ServiceError) { return .success(try await body()) } catch {
          return .failure(error)
        }
      }
      bringing[name] = (task, 0)
    }
    bringing[name]?.waiting += 1
    let result = await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      Task { await self.giveUp(name, task) }
    }
    if bringing[name]?.task == task { bringing[name] = nil }
    try result.get()
  }

  /// One who waited does not any more.
  private func giveUp(_ name: String, _ task: Task<Result<Void, ServiceError>, Never>) {
    guard bringing[name]?.task == task, let waiting = bringing[name]?.waiting else { return }
    bringing[name]?.waiting = waiting - 1
    if waiting <= 1 { task.cancel() }
  }

  /// Removes from the bucket what no job needs.
  ///
  /// - Parameter age: The seconds for which things stay in any case: they may belong to a job that is just being kept.
  /// - Returns: How many objects were removed.
  nonisolated func sweep(
    _ store: any JobStore, olderThan age: Double, batch: Int
  ) async throws(ServiceError) -> Int {
    var results: [String: [String]] = [:]
    for object in try await objects(below: "results/", olderThan: age) {
      let parts = object.name.split(separator: "/")
      if parts.count > 1 { results[String(parts[1]), default: []].append(object.name) }
    }
    let uploads = try await objects(below: "uploads/", olderThan: age)
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

  /// Old objects, by the bucket's own clock: one of ours that is wrong must not take away what was just put in.
  private nonisolated func objects(
    below name: String, olderThan age: Double
  ) async throws(ServiceError) -> [Bucket.Object] {
    let (objects, time) = try await bucket.list(below: name)
    guard let now = time else { return [] }
    return objects.filter { now.timeIntervalSince($0.modified) > age }
  }

  private static func upload(_ object: String) -> String { "uploads/\(object)" }

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
