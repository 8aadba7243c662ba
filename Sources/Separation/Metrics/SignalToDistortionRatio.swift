// SPDX-License-Identifier: MIT
public import Audio
import Foundation

/// Measures how close an estimated stem is to the true one, in decibels.
///
/// This is the definition of the Music Demixing challenge (Mitsufuji et al., "Music Demixing
/// Challenge 2021", equation 1), over all channels of the whole track:
/// `10·log10((Σs² + 1e-7) / (Σ(s − ŝ)² + 1e-7))`.
///
/// - Parameters:
///   - estimate: The estimated stem, (channels, frames).
///   - reference: The true stem, of the same shape.
/// - Returns: Decibels; higher is closer, 0 is as far as silence.
public func signalToDistortionRatio(estimate: AudioBuffer, reference: AudioBuffer) -> Double {
  var meter = SignalToDistortionMeter()
  meter.add(estimate: estimate, reference: reference)
  return meter.decibels
}

/// Sums up the signal-to-distortion ratio of a long track block by block.
public struct SignalToDistortionMeter: Sendable {
  private var signal = 0.0
  private var distortion = 0.0

  /// Starts with nothing measured.
  public init() {}

  /// Adds a block.
  ///
  /// - Precondition: Both have the same number of channels and frames.
  public mutating func add(estimate: AudioBuffer, reference: AudioBuffer) {
    precondition(
      estimate.channelCount == reference.channelCount
        && estimate.frameCount == reference.frameCount,
      "estimate and reference have the same shape")
    var signal = 0.0
    var distortion = 0.0
    estimate.samples.withUnsafeBufferPointer { estimate in
      reference.samples.withUnsafeBufferPointer { reference in
        for index in 0..<reference.count {
          let wanted = Double(reference[index])
          let difference = wanted - Double(estimate[index])
          signal += wanted * wanted
          distortion += difference * difference
        }
      }
    }
    self.signal += signal
    self.distortion += distortion
  }

  /// The ratio over all blocks so far, in decibels.
  public var decibels: Double {
    // Both sums get 1e-7, so that silence has a value.
    10 * log10((signal + 1e-7) / (distortion + 1e-7))
  }
}
