// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import VocalPreparation

/// Makes a take ready for its backing; both come out at one rate, beginning together, equally long.
struct PreparationRun: Sendable {
  let job: Job
  let settings: PreparationSettings
  let folder: DataFolder
  let limits: ServiceLimits

  func run(
    in place: URL, report: @escaping @Sendable (JobProgress) async -> Void
  ) async throws(ServiceError) -> JobResult {
    guard let take = job.inputs.first(where: { $0.role == "vocal" }),
      let backing = job.inputs.first(where: { $0.role == "backing" })
    else { throw ServiceError(.failed, "The files of this job are missing.") }
    let preparation = VocalPreparation(options: try settings.options())
    let (takeFile, backingFile) = (folder.upload(take.sha256), folder.upload(backing.sha256))
    let decoder = SongDecoder(limits: limits)
    return try await reporting(report) { (tell, signal) throws(ServiceError) in
      let isCancelled = { @Sendable in signal.isCancelled }
      var result = JobResult()
      tell(JobProgress(fraction: 0, stage: "decoding"))
      var audio = try decoder.decode(
        backingFile, to: place.appending(path: "backing.wav"), name: "backing",
        warnings: &result.warnings, isCancelled: isCancelled
      ) { _, _ in }
      let prepared = place.appending(path: "prepared.wav")
      do throws(VocalPreparationError) {
        let found = try preparation.prepare(
          vocal: takeFile.path, backing: place.appending(path: "backing.wav").path,
          to: prepared.path, isCancelled: isCancelled
        ) { tell(JobProgress(fraction: 0.1 + 0.8 * $0.share, stage: $0.step.rawValue)) }
        result.warnings += found.warnings.map { $0.withoutPaths([takeFile, place]) }
        result.because = found.because
      } catch { throw ServiceError(error) }
      tell(JobProgress(fraction: 0.9, stage: "writing"))
      var vocal = try decoder.decode(
        prepared, to: place.appending(path: "vocal.wav"), name: "vocal",
        sampleRate: audio.sampleRate, warnings: &result.warnings, isCancelled: isCancelled
      ) { _, _ in }
      try? FileManager.default.removeItem(at: prepared)
      let frameCount = max(audio.frameCount, vocal.frameCount)
      audio = try Padding.pad(audio, in: place, to: frameCount)
      vocal = try Padding.pad(vocal, in: place, to: frameCount)
      result.stems = [vocal, audio]
      return result
    }
  }
}

extension PreparationSettings {
  /// The options of the preparation.
  ///
  /// - Throws: `invalid` where a value is out of its range.
  func options() throws(ServiceError) -> VocalPreparation.Options {
    var wanted: MusicalKey?
    if let key {
      wanted = MusicalKey(name: key)
      guard wanted != nil else {
        throw ServiceError(
          .invalid, "key: “\(key)” is no key; write it as “A minor”, “F# major” or “Bb major”.")
      }
    }
    let options = VocalPreparation.Options(
      latencySeconds: latency.map { $0 / 1000 }, noiseReductionDB: denoise,
      bleedReductionDB: debleed, tune: tune, key: wanted)
    do throws(VocalPreparationError) { try options.check() } catch { throw ServiceError(error) }
    return options
  }
}

/// Makes stems equally long.
private enum Padding {
  private static let blockFrames = 1 << 16

  /// Appends silence to a file that is shorter.
  static func pad(
    _ audio: JobResult.Audio, in place: URL, to frameCount: Int
  ) throws(ServiceError) -> JobResult.Audio {
    guard audio.frameCount < frameCount else { return audio }
    let file = place.appending(path: audio.file).path
    do throws(AudioError) {
      let reader = try AudioReader(path: file)
      let writer = try AudioWriter(
        path: file, format: .wavFloat32, sampleRate: audio.sampleRate, channelCount: 2)
      while let block = try reader.read(maximumFrames: blockFrames) { try writer.write(block) }
      var missing = frameCount - audio.frameCount
      while missing > 0 {
        let count = min(missing, blockFrames)
        try writer.write(AudioBuffer(channelCount: 2, frameCount: count))
        missing -= count
      }
      try writer.finish()
    } catch { throw ServiceError(error) }
    return JobResult.Audio(
      name: audio.name, file: audio.file, sampleRate: audio.sampleRate,
      channelCount: audio.channelCount, frameCount: frameCount)
  }
}

extension String {
  /// The text without the paths of our files, and of those in our folders, in front.
  func withoutPaths(_ urls: [URL]) -> String {
    var text = self
    for url in urls {
      while let range = text.firstRange(of: url.path) {
        var end = range.upperBound
        while end < text.endIndex, text[end] != ":", text[end] != " " {
          end = text.index(after: end)
        }
        text.replaceSubrange(range.lowerBound..<end, with: "the file")
      }
    }
    return text
  }
}
