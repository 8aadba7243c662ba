// SPDX-License-Identifier: MIT
import Foundation
public import Separation

/// What became of one file of a fetched model.
public struct FileCheck: Sendable, Equatable {
  /// How a file is.
  public enum Status: String, Sendable {
    /// It is what was fetched.
    case intact
    /// It has other bytes.
    case damaged
    /// It is not there or cannot be read.
    case missing
  }

  /// The file's name.
  public var name: String
  /// How it is.
  public var status: Status
}

extension ModelStorage {
  /// Reads all files of a model and compares their SHA-256 with those of the download.
  ///
  /// - Throws: `notInstalled`, or `damaged` where the list of files is.
  public func verify(_ name: ModelName) throws(ModelStoreError) -> [FileCheck] {
    let folder = try folder(of: name)
    guard let manifest = ModelManifest(in: folder) else {
      throw ModelStoreError(
        code: .damaged,
        message: "\(folder.path): \(ModelManifest.fileName) is missing or damaged; fetch the model "
          + "again after “tonmeister models remove \(name)”.")
    }
    var checks: [FileCheck] = []
    for file in manifest.files {
      let path = folder.appending(path: file.name).path
      let status: FileCheck.Status
      do throws(ModelStoreError) {
        status = try FileDigest.sha256(ofFileAt: path) == file.sha256 ? .intact : .damaged
      } catch {
        guard error.code != .cancelled else { throw error }
        status = .missing
      }
      checks.append(FileCheck(name: file.name, status: status))
    }
    return checks
  }
}
