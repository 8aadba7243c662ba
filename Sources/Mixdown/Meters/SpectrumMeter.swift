// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore

/// The mean power spectrum of a stereo signal.
///
/// After Welch (IEEE Transactions on Audio and Electroacoustics 15, 1967): Hann windows of about a sixth of a
/// second that overlap by half, both channels averaged.
struct SpectrumMeter {
  /// The level of one octave.
  struct Octave: Sendable, Equatable {
    /// The middle of the octave in Hz; its edges are √2 away.
    var centreHz: Double
    /// The root of the mean square in that octave in dBFS; -infinity for silence.
    var levelDB: Double
  }

  private let sampleRate: Double
  private let transform: FourierTransform
  private let window: [Float]
  private let windowPower: Double
  private var left: [Float] = []
  private var right: [Float] = []
  private var powers: [Double]  // (count / 2 + 1): sums over segments
  private var segmentCount = 0

  init(sampleRate: Int) {
    self.sampleRate = Double(sampleRate)
    var count = 1024
    while count * 6 < sampleRate { count *= 2 }
    transform = FourierTransform(count: count)
    window = (0..<count).map { Float(0.5 - 0.5 * cos(2 * .pi * Double($0) / Double(count))) }
    windowPower = window.reduce(0) { $0 + Double($1) * Double($1) }
    powers = [Double](repeating: 0, count: count / 2 + 1)
  }

  /// Listens to a block, (2, frames).
  mutating func listen(_ buffer: AudioBuffer) {
    left += buffer[channel: 0]
    right += buffer[channel: 1]
    var start = 0
    while left.count - start >= transform.count {
      let range = start..<start + transform.count
      add(left[range], right[range], window: window)
      start += transform.count / 2
    }
    left.removeFirst(start)
    right.removeFirst(start)
  }

  /// To be called at the end: a signal shorter than a window gets one of its own length.
  mutating func finish() {
    guard segmentCount == 0, !left.isEmpty else { return }
    let length = Double(left.count)
    let short = left.indices.map { Float(0.5 - 0.5 * cos(2 * .pi * (Double($0) + 0.5) / length)) }
    let rest = [Float](repeating: 0, count: transform.count - left.count)
    left += rest
    right += rest
    add(left[...], right[...], window: short + rest)
    let power = short.reduce(0) { $0 + Double($1) * Double($1) }
    for index in powers.indices { powers[index] *= windowPower / power }
  }

  private mutating func add(
    _ left: ArraySlice<Float>, _ right: ArraySlice<Float>, window: [Float]
  ) {
    var real = zip(left, window).map { $0 * $1 }
    var imaginary = zip(right, window).map { $0 * $1 }
    transform.transform(&real, &imaginary)
    let count = transform.count
    for k in 0...count / 2 {
      // Two real signals in one complex one: |L|² + |R|² = (|Z[k]|² + |Z[n - k]|²) / 2.
      let other = (count - k) % count
      let (a, b) = (Double(real[k]), Double(imaginary[k]))
      let (c, d) = (Double(real[other]), Double(imaginary[other]))
      powers[k] += (a * a + b * b + c * c + d * d) / 2
    }
    segmentCount += 1
  }

  /// The mean square of both channels in each bin, one-sided; (count / 2 + 1).
  var meanSquares: [Double] {
    guard segmentCount > 0 else { return powers }
    let count = transform.count
    let scale = 1 / (Double(segmentCount) * Double(count) * windowPower * 2)
    return powers.indices.map { powers[$0] * scale * ($0 == 0 || $0 == count / 2 ? 1 : 2) }
  }

  /// The levels of the octaves from 31.25 Hz to 16 kHz that lie below half the sample rate.
  var octaves: [Octave] {
    let values = meanSquares
    let binHz = sampleRate / Double(transform.count)
    return (-5...4).map { 1000 * pow(2, Double($0)) }
      .filter { $0 * 2.0.squareRoot() <= sampleRate / 2 || $0 < sampleRate / 2 }
      .map { centre in
        let power = sum(values, binHz, centre / 2.0.squareRoot(), centre * 2.0.squareRoot())
        return Octave(centreHz: centre, levelDB: power > 0 ? 10 * log10(power) : -.infinity)
      }
  }

  /// The spectrum in bands of a sixth of an octave, for a picture.
  var curve: [Octave] {
    let values = meanSquares
    let binHz = sampleRate / Double(transform.count)
    let step = pow(2, 1.0 / 12)
    return (-30...26).map { 1000 * pow(2, Double($0) / 6) }
      .filter { $0 * step < sampleRate / 2 }
      .map { centre in
        // Narrow bands may hold no bin: the nearest one stands for them.
        let nearest = values[min(values.count - 1, Int((centre / binHz).rounded()))]
        let width = centre * (step - 1 / step) / binHz
        let power = width < 2 ? nearest * width : sum(values, binHz, centre / step, centre * step)
        return Octave(centreHz: centre, levelDB: power > 0 ? 10 * log10(power) : -.infinity)
      }
  }

  private func sum(_ values: [Double], _ binHz: Double, _ low: Double, _ high: Double) -> Double {
    var power = 0.0
    for (index, value) in values.enumerated()
    where Double(index) * binHz >= low && Double(index) * binHz < high { power += value }
    return power
  }
}
