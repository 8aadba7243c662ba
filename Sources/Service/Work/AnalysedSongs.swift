// SPDX-License-Identifier: MIT
import Audio
import AutoMix
import Foundation
import MixCore
import Mixdown

/// Holds the analyses of the stems that plans were last asked for: proposing again takes no time then.
actor AnalysedSongs {
  /// What advisors and listeners need to know of a song.
  struct Song: Sendable {
    let stems: AnalysedStems
    let features: SongFeatures?
  }

  private static let capacity = 4

  private let turnstile: Turnstile
  private var songs: [(key: ContentKey, song: Song)] = []
  private var analysing: [ContentKey: Task<Result<Song, ServiceError>, Never>] = [:]

  init(limits: ServiceLimits) {
    turnstile = Turnstile(capacity: 1, waiting: limits.waitingConversions)
  }

  /// The analysis of a result's stems.
  ///
  /// - Parameters:
  ///   - files: The names of the stems and their files.
  ///   - song: The file of the song as a whole.
  /// - Throws: `unavailable` where too many are being made, `gone`, `failed`.
  func song(
    _ key: ContentKey, files: [(name: String, path: String)], song path: String
  ) async throws(ServiceError) -> Song {
    if let index = songs.firstIndex(where: { $0.key == key }) {
      let found = songs.remove(at: index)
      songs.append(found)
      return found.song
    }
    let task: Task<Result<Song, ServiceError>, Never>
    if let known = analysing[key] {
      task = known
    } else {
      let turnstile = turnstile
      task = Task {
        do throws(ServiceError) {
          return .success(
            try await turnstile.pass { () async throws(ServiceError) in
              try await Self.analyse(files, path)
            })
        } catch {
          return .failure(error)
        }
      }
      analysing[key] = task
    }
    let result = await task.value
    // The first of those who waited keeps it; by now somebody else may be analysing again.
    guard analysing[key] == task else { return try result.get() }
    analysing[key] = nil
    let found = try result.get()
    if songs.count >= Self.capacity { songs.removeFirst() }
    songs.append((key, found))
    return found
  }

  private static func analyse(
    _ files: [(name: String, path: String)], _ path: String
  ) async throws(ServiceError) -> Song {
    let stems: AnalysedStems
    do throws(AutoMixError) {
      stems = try await AnalysedStems.analysing(files)
    } catch { throw ServiceError(error) }
    return try await blocking { (signal) throws(ServiceError) in
      do throws(MixdownError) {
        let file = try FileFeatures(
          path: path, keepsSeries: true, isCancelled: { signal.isCancelled })
        return Song(
          stems: stems,
          features: SongFeatures(
            file.features.spectrum, seconds: file.seconds, sampleRate: Double(file.sampleRate)))
      } catch { throw ServiceError(error) }
    }
  }
}
