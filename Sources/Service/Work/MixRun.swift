// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Mixdown

/// Mixes the stems of a job after a plan.
struct MixRun: Sendable {
  let job: Job
  let settings: MixSettings
  let folder: DataFolder
  let threads: Int

  func run(
    in place: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult {
    guard let sourceKey = job.sourceKey, let source = folder.result(sourceKey) else {
      throw ServiceError(.gone, "The stems of this mix were removed; send the song again.")
    }
    let session = try MixSession(
      plan: MixPlan(documentText: settings.plan), stems: source.stems,
      in: folder.result(folder: sourceKey))
    let format = try DeliveryFormat(format: settings.format, encoding: settings.encoding)
    let file = "mix.\(format.fileExtension)"
    do throws(MixdownError) {
      var options = Mixer.Options()
      options.jobs = threads
      options.normalization = Mixer.Normalization(rawValue: settings.normalize) ?? .loudness
      let mixer = try Mixer(plan: session.plan, stemPaths: session.paths, options: options)
      let files = MixFiles(mix: place.appending(path: file).path, format: format.file)
      for try await event in mixer.mix(to: files) {
        switch event {
        case .progress(let step):
          await report(
            JobProgress(
              fraction: step.fraction ?? 0, stage: "mixing", secondsLeft: step.secondsLeft))
        case .finished(let mix): return result(mix, file: file, format: format)
        }
      }
    } catch { throw ServiceError(error) }
    throw .cancelled
  }

  private func result(
    _ mix: MixdownResult, file: String, format: DeliveryFormat
  ) -> JobResult {
    let rate = format.file.fileSampleRate(for: mix.sampleRate)
    var result = JobResult()
    result.mix = JobResult.Audio(
      name: "mix", file: file, sampleRate: rate, channelCount: 2,
      frameCount: Int(Double(mix.frameCount) * Double(rate) / Double(mix.sampleRate)))
    func finite(_ value: Double) -> Double? { value.isFinite ? value : nil }
    result.levels = JobResult.Levels(
      integratedLUFS: finite(mix.levels.integratedLUFS), truePeakDB: finite(mix.levels.truePeakDB),
      gainDB: finite(mix.gainDB))
    result.warnings = mix.warnings.map { $0.withoutPaths([folder.url]) }
    return result
  }
}

/// A plan and the files of its tracks.
struct MixSession: Sendable {
  let plan: MixPlan
  let paths: [String]

  /// Finds the stem of each track by its name.
  ///
  /// - Throws: `invalid` where a track has none, or there is no track at all.
  init(plan: MixPlan, stems: [JobResult.Audio], in folder: URL) throws(ServiceError) {
    guard !plan.tracks.isEmpty else {
      throw ServiceError(.invalid, "plan: there are no tracks; name the stems of the job in it.")
    }
    var paths: [String] = []
    for track in plan.tracks {
      guard let stem = stems.first(where: { $0.name == track.name }) else {
        let known = stems.map(\.name).joined(separator: ", ")
        throw ServiceError(
          .invalid, "plan: the job has no stem “\(track.name)”; it has \(known).")
      }
      paths.append(folder.appending(path: stem.file).path)
    }
    self.plan = plan
    self.paths = paths
  }
}

extension MixPlan {
  /// Reads the plan of a request.
  ///
  /// - Throws: `malformed`, `invalid`.
  init(documentText text: String) throws(ServiceError) {
    do throws(MixPlanError) { try self.init(text: text) } catch {
      throw ServiceError(error, in: "plan")
    }
  }
}
