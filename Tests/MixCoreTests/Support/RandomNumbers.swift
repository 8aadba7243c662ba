// SPDX-License-Identifier: MIT
import MixCore

/// The same numbers in every run.
typealias RandomNumbers = SplitMix64

extension SplitMix64 {
  /// White noise, uniform in ±`amplitude`.
  mutating func noise(_ count: Int, amplitude: Double = 0.5) -> [Float] {
    (0..<count).map { _ in Float(Double.random(in: -amplitude...amplitude, using: &self)) }
  }
}
