// SPDX-License-Identifier: MIT
import Foundation

/// What the atom `stem` of a stem file says: names and colours of the stems, and a dynamics processor for
/// their sum, which is left off.
struct StemManifest: Encodable {
  struct Stem: Encodable {
    var name: String
    var color: String
  }

  struct Processing: Encodable {
    var compressor = Compressor()
    var limiter = Limiter()
  }

  struct Compressor: Encodable {
    var enabled = false
    var ratio = 3.0
    var output_gain = 0.5
    var release = 0.3
    var attack = 0.003
    var input_gain = 0.5
    var threshold = 0.0
    var hp_cutoff = 300.0
    var dry_wet = 50.0
  }

  struct Limiter: Encodable {
    var enabled = false
    var release = 0.05
    var threshold = 0.0
    var ceiling = -0.35
  }

  var version = 1
  var mastering_dsp = Processing()
  var stems: [Stem]

  /// The colours that DJ programs give to drums, bass, other and vocals.
  private static let colors = ["#009E73", "#D55E00", "#CC79A7", "#56B4E9"]

  init(names: [String]) {
    stems = zip(names, Self.colors).map { Stem(name: $0, color: $1) }
  }

  /// The JSON text.
  func bytes() throws(MixdownError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      return [UInt8](try encoder.encode(self))
    } catch {
      throw MixdownError(code: .plan, message: "The names of the stems cannot be written.")
    }
  }
}
