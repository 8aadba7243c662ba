// SPDX-License-Identifier: MIT
import Foundation

extension DataFolder {
  /// Where things go before they are removed.
  private var trash: URL { url.appending(path: "trash") }

  /// The keys of the results that are there.
  var resultNames: [String] { Self.names(in: results) }

  /// The digests of the uploads that are there.
  var uploadNames: [String] { Self.names(in: uploads) }

  /// Something that was moved out of the way.
  struct Move: Sendable {
    let from: URL
    let to: URL
  }

  /// Moves results and uploads out of the way.
  ///
  /// - Parameter time: After which the rest is left for another time.
  /// - Returns: What was moved.
  @discardableResult
  func discard(
    results keys: [String], uploads digests: [String], within time: Duration = .seconds(60)
  ) -> [Move] {
    let deadline = ContinuousClock.now + time
    var moves: [Move] = []
    for (folder, names) in [(results, keys), (uploads, digests)] {
      for name in names where .now < deadline {
        let move = Move(
          from: folder.appending(path: name), to: trash.appending(path: JobID().description))
        // Another process may be emptying the trash.
        for _ in 0..<3 {
          mkdir(trash.path, 0o700)
          if rename(move.from.path, move.to.path) == 0 {
            moves.append(move)
            break
          }
        }
      }
    }
    return moves
  }

  /// Moves things back that are still there.
  func putBack(_ moves: [Move]) {
    for move in moves where !FileManager.default.fileExists(atPath: move.from.path) {
      rename(move.to.path, move.from.path)
    }
  }

  /// Removes what processes that have ended left incomplete.
  ///
  /// - Parameter age: The seconds for which a process has to be silent; 0 where there can be no other.
  func removeIncomplete(olderThan age: Double) {
    touchStaging()
    guard let now = StagingLock.change(of: staging.path + StagingLock.ending) else { return }
    var names: Set<String> = []
    for name in Self.names(in: allStaging) {
      names.insert(
        name.hasSuffix(StagingLock.ending)
          ? String(name.dropLast(StagingLock.ending.count)) : name)
    }
    for name in names where name != id.description {
      StagingLock.removeAbandoned(name, in: allStaging, olderThan: age, now: now)
    }
    emptyTrash()
  }

  /// Says that this process lives.
  func touchStaging() { utimes(staging.path + StagingLock.ending, nil) }

  /// Removes what was moved out of the way.
  func emptyTrash() { try? FileManager.default.removeItem(at: trash) }

  /// Notes that a result was used.
  func touch(_ key: ContentKey) { utimes(result(folder: key).path, nil) }

  /// Removes the results that were not used for the longest time until the rest takes no more than some bytes; what
  /// was used in the last minutes stays.
  func evict(above bytes: Int) {
    var used = usedBytes
    guard used > bytes else { return }
    let latest = Date(timeIntervalSinceNow: -600)
    let places = resultNames.compactMap { name -> (name: String, used: Date)? in
      let path = results.appending(path: name).path
      let attributes = try? FileManager.default.attributesOfItem(atPath: path)
      return (attributes?[.modificationDate] as? Date).map { (name, $0) }
    }
    for place in places.sorted(by: { $0.used < $1.used }) where place.used < latest {
      guard used > bytes else { break }
      used -= Self.byteCount(of: results.appending(path: place.name))
      discard(results: [place.name], uploads: [])
    }
    emptyTrash()
  }

  /// The bytes of all results and uploads.
  var usedBytes: Int { Self.byteCount(of: results) + Self.byteCount(of: uploads) }

  private static func names(in folder: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
  }

  private static func byteCount(of folder: URL) -> Int {
    let files = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.fileSizeKey, .isRegularFileKey])
    var sum = 0
    while let file = files?.nextObject() as? URL {
      let values = try? file.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
      if values?.isRegularFile == true { sum += values?.fileSize ?? 0 }
    }
    return sum
  }
}
