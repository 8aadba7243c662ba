// SPDX-License-Identifier: MIT
import Audio
import AutoMix
import MixCore
import Mixdown
import Separation
import VocalPreparation

/// Errors of the libraries as a client may see them: without the paths of our files.
extension ServiceError {
  /// A file that cannot be read.
  init(_ error: AudioError) {
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .diskFull: .full
      case .notAudio, .unsupported, .malformed, .empty, .ffmpegMissing: .unsupported
      case .limit: .invalid
      default: .failed
      }
    self.init(code, "The file \(error.message).")
  }

  init(_ error: SeparationError) {
    if let cause = error.cause {
      self.init(cause)
      return
    }
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .unknownModel, .unknownStem, .invalidOption, .unsupported: .invalid
      default: .failed
      }
    // Messages about checkpoints name their paths.
    self.init(code, error.message.contains("/") ? Self.unusableModel : error.message)
  }

  private static let unusableModel = "The model cannot be used so; see GET /v1/models."

  init(_ error: MixdownError) {
    if let cause = error.cause {
      self.init(cause)
      return
    }
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .plan, .invalidOption: .invalid
      case .output: .full
      default: .failed
      }
    self.init(
      code,
      error.message.contains("/") ? "The mix could not be made of these stems." : error.message)
  }

  init(_ error: AutoMixError) {
    if let cause = error.cause {
      self.init(cause)
      return
    }
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .invalidOption: .invalid
      default: .failed
      }
    self.init(code, error.message)
  }

  init(_ error: VocalPreparationError) {
    if let cause = error.cause {
      self.init(cause)
      return
    }
    let code: Code =
      switch error.code {
      case .cancelled: .cancelled
      case .invalidOption, .limit: .invalid
      default: .failed
      }
    self.init(code, error.message)
  }

  /// A document that cannot be understood.
  init(_ error: MixPlanError, in what: String) {
    self.init(error.code == .malformed ? .malformed : .invalid, "\(what): \(error)")
  }
}
