// SPDX-License-Identifier: MIT
import Foundation
import Separation

/// Makes jobs of songs that were sent, by whatever way.
struct SeparationIntake: Sendable {
  let resources: Resources

  /// Refuses settings that cannot be followed, before the song has been sent.
  ///
  /// - Throws: `invalid`.
  func check(_ settings: SeparationSettings) async throws(ServiceError) {
    guard settings.stems == nil || settings.twoStems == nil else {
      throw ServiceError(.invalid, "stems: stems and two-stems exclude each other.")
    }
    let separator = try await resources.models.separator(for: settings)
    do throws(SeparationError) {
      _ = try StemFiles.names(for: settings.selection, stems: separator.stems)
    } catch { throw ServiceError(error) }
  }

  /// Makes a job of a song that was read.
  func submit(
    _ file: Upload.File, _ settings: SeparationSettings, client: ClientID
  ) async throws(ServiceError) -> JobQueue.Standing {
    resources.metrics.uploaded(bytes: file.file.byteCount)
    let input = try await resources.probe.probe(file, role: "file")
    let model = try await resources.models.separator(for: settings).model
    let digest = try await resources.models.digest(of: model)
    let key = ContentKey(
      "separation 1",
      [
        input.sha256, settings.model, digest,
        settings.stems?.joined(separator: ",") ?? "all", settings.twoStems ?? "",
        settings.precision,
      ])
    var settings = settings
    settings.modelDigest = digest
    let job = Job(
      client: client, kind: .separation, key: key, settings: .separation(settings),
      inputs: [input], name: DisplayName.stem(of: file.name),
      audioSeconds: input.durationSeconds ?? 240, createdAt: Date())
    return try await resources.queue.submit(job, files: [file.file])
  }
}
