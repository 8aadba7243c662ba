// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import MixCore

/// Our elementary functions against the C library's.
@Suite struct ElementaryTests {
  @Test func exponentialAndLogarithmAreThoseOfTheLibrary() {
    var random = RandomNumbers(seed: 1)
    for _ in 0..<20_000 {
      let x = Double.random(in: -50...50, using: &random)
      #expect(abs(Elementary.exp(x) / exp(x) - 1) < 1e-15)
      let y = exp(x)
      #expect(abs(Elementary.log(y) - x) < 2e-15 * max(1, abs(x)))
    }
    #expect(Elementary.exp(0) == 1)
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.exp(-1e9) < 1e-300)
  }

  @Test func sineCosineAndTangentAreThoseOfTheLibrary() {
    var random = RandomNumbers(seed: 2)
    for _ in 0..<20_000 {
      let x = Double.random(in: -10...10, using: &random)
      let (sine, cosine) = Elementary.sineCosine(x)
      #expect(abs(sine - sin(x)) < 1e-15)
      #expect(abs(cosine - cos(x)) < 1e-15)
      let angle = Double.random(in: 0...1.5, using: &random)
      #expect(
        abs(Elementary.tangent(angle) - tan(angle)) <= 2e-15 * max(1, tan(angle) * tan(angle)))
    }
  }

  @Test func theFastFunctionsAreCloseEnoughForLevels() {
    #expect(fastLog2(1) == 0)
    #expect(fastExp2(0) == 1)
    var x: Float = 1e-7
    while x < 1e5 {
      #expect(abs(Double(fastLog2(x)) - log2(Double(x))) < 2e-6)
      x *= 1.01
    }
    for i in -1200...1200 {
      let y = Float(i) / 10
      #expect(abs(Double(fastExp2(y)) / exp2(Double(y)) - 1) < 3e-7)
    }
  }

  @Test func levelsAndAmplitudesAreInverse() {
    #expect(abs(Decibels.amplitude(-6) - 0.501187233627272) < 1e-15)
    #expect(Decibels.amplitude(0) == 1)
    #expect(abs(Decibels.level(amplitude: 0.5) + 6.020599913279624) < 1e-14)
    #expect(abs(Decibels.level(power: 0.5) + 3.010299956639812) < 1e-14)
  }
}
