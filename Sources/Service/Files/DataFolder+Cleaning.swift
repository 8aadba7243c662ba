// SPDX-License-Identifier: MIT
import Foundation

extension DataFolder {
  /// Where things go before they are removed.
  private var trash: URL { url.appending(path: "trash") }

  /// Moves results and uploads that nothing refers to out of the way.
  func discard(exceptKeys keys: Set<String>, exceptUploads digests: Set<String>) {
    mkdir(trash.path, 0o700)
    for (folder, kept) in [(results, keys), (uploads, digests)] {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
      for name in names where !kept.contains(name) {
        rename(
          folder.appending(path: name).path, trash.appending(path: JobID().description).path)
      }
    }
  }

  /// Removes what was moved out of the way.
  func emptyTrash() { try? FileManager.default.removeItem(at: trash) }

  /// The bytes of all results and uploads.
  var usedBytes: Int { Self.byteCount(of: results) + Self.byteCount(of: uploads) }

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
