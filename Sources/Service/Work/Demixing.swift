// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Separation

/// The whole way of a song in one request: it is sent, taken apart, and its stems come back in one JSON object.
struct Demixing: Sendable {
  let resources: Resources

  /// What stands for all stems.
  static let all = "all"

  /// Bytes that base64 takes without padding.
  private static let blockBytes = 3 << 16

  /// The settings for what is wanted.
  ///
  /// - Parameter source: `all`, or the name of one stem.
  /// - Throws: `invalid` where the standard model has no such stem.
  func settings(source: String) async throws(ServiceError) -> SeparationSettings {
    var settings = SeparationSettings()
    guard source != Self.all else { return settings }
    let stems = try await resources.models.separator(for: settings).stems
    guard stems.contains(source) else {
      throw ServiceError(
        .invalid,
        "“\(DisplayName.clean(source))” is no source; choose one of: all, "
          + "\(stems.joined(separator: ", ")).")
    }
    settings.twoStems = source
    return settings
  }

  /// Takes a song apart and gives the path of the answer: an object of complete WAV files of 16 bits in base64, by
  /// the names of the stems.
  ///
  /// - Throws: What the job throws; `cancelled` where `isCancelled` has stopped it.
  func answer(
    _ file: Upload.File, _ settings: SeparationSettings, client: ClientID,
    onJob: @Sendable (Job) -> Void = { _ in }
  ) async throws(ServiceError) -> (path: String, revision: String) {
    let standing = try await SeparationIntake(resources: resources)
      .submit(file, settings, client: client)
    if standing.job.state == .succeeded { resources.metrics.resultReused() }
    onJob(standing.job)
    let (job, result) = try await resources.finished(
      try await resources.queue.finished(standing.job.id))
    let format = try DeliveryFormat(format: "wav", encoding: "int16")
    var stems: [(name: String, path: String)] = []
    for stem in result.stems {
      stems.append((stem.name, try await resources.path(of: stem, in: format, of: job)))
    }
    let (members, partial) = (stems, resources.folder.newStaging().path)
    let path = try await resources.files.path(of: "demixing.json", in: job.key) {
      path throws(ServiceError) in
      try await blocking { (signal) throws(ServiceError) in
        do {
          try Self.write(members, to: path, by: partial) { signal.isCancelled }
        } catch let error as ServiceError {
          throw error
        } catch { throw ServiceError(.full, "There is no room for the answer; free some space.") }
      }
    }
    return (path, result.revision)
  }

  /// Writes the object under another name, and renames it when it is complete.
  private static func write(
    _ members: [(name: String, path: String)], to path: String, by partial: String,
    isCancelled: () -> Bool
  ) throws {
    guard FileManager.default.createFile(atPath: partial, contents: nil),
      let output = FileHandle(forWritingAtPath: partial)
    else { throw ServiceError(.full, "There is no room for the answer; free some space.") }
    defer { unlink(partial) }
    for (index, member) in members.enumerated() {
      let name = try JSONEncoder().encode(member.name)
      try output.write(contentsOf: Data((index == 0 ? "{" : ",").utf8) + name + Data(":\"".utf8))
      let input = try FileHandle(forReadingFrom: URL(filePath: member.path))
      while let block = try input.read(upToCount: blockBytes), !block.isEmpty {
        if isCancelled() { throw ServiceError.cancelled }
        try output.write(contentsOf: block.base64EncodedData())
      }
      try output.write(contentsOf: Data("\"".utf8))
    }
    try output.write(contentsOf: Data("}".utf8))
    try output.close()
    guard rename(partial, path) == 0 else {
      throw ServiceError(.gone, "The result was removed; send the song again.")
    }
  }
}
