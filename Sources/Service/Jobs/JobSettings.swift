// SPDX-License-Identifier: MIT
import Foundation
import Mixdown
import Separation
import VocalPreparation

/// How a job is done.
enum JobSettings: Codable, Sendable, Equatable {
  case separation(SeparationSettings)
  case preparation(PreparationSettings)
  case mix(MixSettings)
}

/// How a song is taken apart.
struct SeparationSettings: Codable, Sendable, Equatable {
  var model = "lite"
  /// The stems that are wanted; nil for all.
  var stems: [String]?
  /// One stem, and everything else as another.
  var twoStems: String?
  var precision = "auto"
  /// Stands for the files of the model, as they were when the song was sent.
  var modelDigest: String?

  /// The stems as the separator is told.
  var selection: StemSelection {
    if let twoStems { return .two(twoStems, other: .add) }
    if let stems { return .only(stems) }
    return .all
  }
}

/// How a take is prepared; names and standards are those of the command line.
struct PreparationSettings: Codable, Sendable, Equatable {
  /// In milliseconds; nil to find it out.
  var latency: Double?
  var denoise = 12.0
  var debleed = 12.0
  var tune = 0.0
  var key: String?
}

/// How a mix is made.
struct MixSettings: Codable, Sendable, Equatable {
  /// The job whose stems are mixed.
  var job: String
  /// The plan as JSON text.
  var plan: String
  var format = "wav"
  var encoding = "int16"
  var normalize = "loudness"
}
