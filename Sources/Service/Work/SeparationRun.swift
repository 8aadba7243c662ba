// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Separation

/// Takes one song apart: decodes it, then separates what was decoded.
struct SeparationRun: Sendable {
  let job: Job
  let settings: SeparationSettings
  let folder: DataFolder
  let limits: ServiceLimits
  let models: ModelShelf

  /// The part of the work that decoding is.
  private static let decodingShare = 0.05

  func run(
    in place: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult {
    guard let input = job.inputs.first else {
      throw ServiceError(.failed, "The song of this job is missing.")
    }
    let separator = try await separator()
    var result = JobResult()
    let original = place.appending(path: "original.wav")
    let (audio, warnings) = try await decoded(
      folder.upload(input.sha256), to: original, report: report)
    result.precision = separator.precision.rawValue
    result.original = audio
    result.warnings = warnings
    let track = try await separate(original, by: separator, into: place, report: report)
    let names = try stems(of: separator)
    result.stems = names.map { name in
      JobResult.Audio(
        name: name, file: Self.file(of: name), sampleRate: track.sampleRate, channelCount: 2,
        frameCount: track.frameCount)
    }
    return result
  }

  /// The model, with the files that the key of the result stands for.
  private func separator() async throws(ServiceError) -> Separator {
    let separator: Separator
    do throws(ServiceError) { separator = try await models.separator(for: settings) } catch {
      guard error.code == .invalid else { throw error }
      throw ServiceError(
        .unavailable, "The model is not installed where the song is worked on; send it again.",
        detail: error.description)
    }
    let digest = try await models.digest(of: separator.model)
    guard settings.modelDigest == nil || settings.modelDigest == digest else {
      throw ServiceError(
        .unavailable,
        "The model has other files here than where the song was sent; send it again.")
    }
    return separator
  }

  /// The name of a stem's file; names of stems come from models, which may call them as they like.
  static func file(of stem: String) -> String {
    let isPlain = stem.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D: true
      default: false
      }
    }
    return
      "stem-\(isPlain && stem.utf8.count <= 64 ? stem : ContentKey("stem", [stem]).description).wav"
  }

  private func stems(of separator: Separator) throws(ServiceError) -> [String] {
    do throws(SeparationError) {
      return try StemFiles.names(for: settings.selection, stems: separator.stems)
    } catch { throw ServiceError(error) }
  }

  private func decoded(
    _ input: URL, to output: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> (JobResult.Audio, [String]) {
    let decoder = SongDecoder(limits: limits)
    return try await reporting(report) { (tell, signal) throws(ServiceError) in
      var warnings: [String] = []
      let audio = try decoder.decode(
        input, to: output, name: "original", warnings: &warnings,
        isCancelled: { signal.isCancelled }
      ) { frames, total in
        let share = total.map { min(1, Double(frames) / Double(max(1, $0))) } ?? 0
        tell(JobProgress(fraction: Self.decodingShare * share, stage: "decoding"))
      }
      return (audio, warnings)
    }
  }

  private func separate(
    _ song: URL, by separator: Separator, into place: URL,
    report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> SeparatedTrack {
    do throws(SeparationError) {
      var paths: [String: String] = [:]
      for name in try StemFiles.names(for: settings.selection, stems: separator.stems) {
        paths[name] = place.appending(path: Self.file(of: name)).path
      }
      let files = StemFiles(
        paths: paths, format: .wavFloat32, clipMode: .none, selection: settings.selection)
      for try await event in separator.separate(song, to: files) {
        switch event {
        case .progress(let step):
          await report(
            JobProgress(
              fraction: Self.decodingShare + (1 - Self.decodingShare) * (step.fraction ?? 0),
              stage: "separating", secondsLeft: step.secondsLeft))
        case .finished(let track): return track
        }
      }
    } catch { throw ServiceError(error) }
    throw .cancelled
  }
}
