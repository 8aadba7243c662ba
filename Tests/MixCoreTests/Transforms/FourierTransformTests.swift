// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Transforms against the sum that defines them.
@Suite struct FourierTransformTests {
  /// X[k] = Σ x[n] exp(-2πi kn / N).
  private func spectrum(_ real: [Float], _ imaginary: [Float]) -> [(Double, Double)] {
    let count = real.count
    let angles = (0..<count).map { -2 * Double.pi * Double($0) / Double(count) }
    let (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
    return (0..<count).map { k in
      var (x, y) = (0.0, 0.0)
      for n in 0..<count {
        let (c, s) = (cosines[k * n % count], sines[k * n % count])
        x += Double(real[n]) * c - Double(imaginary[n]) * s
        y += Double(real[n]) * s + Double(imaginary[n]) * c
      }
      return (x, y)
    }
  }

  @Test(arguments: (1...12).map { 1 << $0 })
  func complexTransformsAreTheirDefinition(count: Int) {
    var random = RandomNumbers(seed: UInt64(count))
    var (real, imaginary) = (random.noise(count), random.noise(count))
    let expected = spectrum(real, imaginary)
    FourierTransform(count: count).transform(&real, &imaginary)
    let tolerance = 1e-6 * Double(count).squareRoot()
    for k in 0..<count {
      #expect(abs(Double(real[k]) - expected[k].0) < tolerance)
      #expect(abs(Double(imaginary[k]) - expected[k].1) < tolerance)
    }
  }

  @Test(arguments: (4...12).map { 1 << $0 })
  func powersOfRealValuesAreTheirDefinition(count: Int) {
    var random = RandomNumbers(seed: UInt64(count))
    let samples = random.noise(count)
    let expected = spectrum(samples, [Float](repeating: 0, count: count))
    var powers = [Float](repeating: 0, count: count / 2 + 1)
    RealFourierTransform(count: count).powers(of: samples, into: &powers)
    for k in powers.indices {
      let power = expected[k].0 * expected[k].0 + expected[k].1 * expected[k].1
      #expect(abs(Double(powers[k]) - power) < 1e-5 * max(power, Double(count) / 12))
    }
  }
}
