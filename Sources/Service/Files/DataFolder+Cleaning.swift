// SPDX-License-Identifier: MIT
import Foundation

extension DataFolder {
  /// Where things go before they are removed.
  private var trash: URL { url.appending(path: "trash") }

  /// The keys of the results that are there.
  var resultNames: [String] { Self.names(in: results) }

  /// The digests of the uploads that are there.
  var uploadNames: [String] { Self.names(in: uploads) }

  /// Moves results and uploads out of the way.
  func discard(results keys: [String], uploads digests: [String]) {
    guard !keys.isEmpty || !digests.isEmpty else { return }
    mkdir(trash.path, 0o700)
    for (folder, names) in [(results, keys), (uploads, digests)] {
      for name in names {
        rename(
          folder.appending(path: name).path, trash.appending(path: JobID().description).path)
      }
    }
  }

  /// Removes what processes that have ended left incomplete.
  func removeIncomplete() {
    for name in Self.names(in: allStaging) {
      let place =
        name.hasSuffix(StagingLock.ending)
        ? String(name.dropLast(StagingLock.ending.count)) : name
      guard place != id.description, let lock = StagingLock(of: place, in: allStaging, isOld: true)
      else { continue }
      lock.remove()
    }
    emptyTrash()
  }

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
