// SPDX-License-Identifier: MIT
import Audio
import AutoMix
import Foundation
import HTTPTypes
import Hummingbird
import MixCore
import Mixdown
import NIOCore
import Tonmeister

/// `…/meters` and `…/features`: what the audio of a job measures.
struct MeasurementResource: Sendable {
  let resources: Resources

  private struct Meters: Encodable {
    var original: MeasurementReport?
    var mix: MeasurementReport?
    var stems: [String: MeasurementReport]?
  }

  /// The features of a song with what learns a taste knows of it.
  private struct Features: Encodable {
    let report: FeatureReport
    let preference: [Float]

    private enum Key: String, CodingKey {
      case preference
    }

    func encode(to encoder: any Encoder) throws {
      try report.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(preference, forKey: .preference)
    }
  }

  func register(in routes: RouteTable) {
    routes.get("/v1/jobs/:id/meters") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      try RequestFields(query: request).finish()
      return try await document("meters.json", of: job) { (signal) throws(ServiceError) in
        try meters(job, result) { signal() }
      }
    }
    routes.get("/v1/jobs/:id/features") { request, context in
      let (job, result) = try await resources.finishedJob(context)
      try RequestFields(query: request).finish()
      let song = try Self.song(result)
      let path = resources.path(song, of: job)
      return try await document("features.json", of: job) { (signal) throws(ServiceError) in
        try Self.features(path) { signal() }
      }
    }
  }

  /// The audio that stands for the song as a whole.
  static func song(_ result: JobResult) throws(ServiceError) -> JobResult.Audio {
    guard let song = result.original ?? result.mix ?? result.stem("backing") else {
      throw ServiceError(.notFound, "This job has no song.")
    }
    return song
  }

  private func meters(
    _ job: Job, _ result: JobResult, isCancelled: @escaping @Sendable () -> Bool
  ) throws(ServiceError) -> ByteBuffer {
    func measure(_ audio: JobResult.Audio) throws(ServiceError) -> MeasurementReport {
      do throws(MixdownError) {
        var report = MeasurementReport(
          try FileMeasurement(path: resources.path(audio, of: job), isCancelled: isCancelled))
        report.file = audio.name
        return report
      } catch { throw ServiceError(error) }
    }
    var meters = Meters()
    if let original = result.original { meters.original = try measure(original) }
    if let mix = result.mix { meters.mix = try measure(mix) }
    if !result.stems.isEmpty {
      var stems: [String: MeasurementReport] = [:]
      for stem in result.stems { stems[stem.name] = try measure(stem) }
      meters.stems = stems
    }
    return JSONBody.encode(meters)
  }

  private static func features(
    _ path: String, isCancelled: @escaping @Sendable () -> Bool
  ) throws(ServiceError) -> ByteBuffer {
    do throws(MixdownError) {
      let file = try FileFeatures(path: path, keepsSeries: true, isCancelled: isCancelled)
      let song = SongFeatures(
        file.features.spectrum, seconds: file.seconds, sampleRate: Double(file.sampleRate))
      var report = FeatureReport(file, keepsFrames: false)
      // The document is shared by all who sent the song, under whatever name.
      report.file = "song"
      return JSONBody.encode(Features(report: report, preference: song.vector))
    } catch { throw ServiceError(error) }
  }

  /// A document that is made once and kept with the result.
  private func document(
    _ name: String, of job: Job,
    make:
      @escaping @Sendable (_ isCancelled: @escaping @Sendable () -> Bool) throws(ServiceError)
      -> ByteBuffer
  ) async throws(ServiceError) -> Response {
    let path = try await resources.files.path(of: name, in: job.key) { path throws(ServiceError) in
      try await blocking { (signal) throws(ServiceError) in
        let document = try make { signal.isCancelled }
        do {
          try Data(document.readableBytesView).write(to: URL(filePath: path), options: .atomic)
        } catch {
          throw ServiceError(.full, "There is no room for the measurement; free some space.")
        }
      }
    }
    guard let data = try? Data(contentsOf: URL(filePath: path)) else {
      throw ServiceError(.gone, "The result was removed; send the song again.")
    }
    return .json(text: String(decoding: data, as: UTF8.self))
  }
}
