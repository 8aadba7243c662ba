// SPDX-License-Identifier: MIT

/// What a round through each of sixteen delay lines takes away: a gain with a low and a high shelf.
///
/// The gain of a line of d seconds is 10 ^ (-3 d / RT60) (Jot 1991) in each band. The shelves are
/// trapezoidal state-variable filters (A. Simper, "Solving the continuous SVF equations using trapezoidal
/// integration", 2013), whose gain at the ends of the spectrum is exact in single precision too, which a
/// decay of seconds depends on.
struct DecayFilter {
  typealias Lanes = SIMD16<Float>

  /// The factors of both shelves and the gain of the middle band.
  struct Coefficients {
    var low1 = Lanes()
    var low2 = Lanes()
    var low3 = Lanes()
    var lowBand = Lanes()
    var lowPass = Lanes()
    var high1 = Lanes()
    var high2 = Lanes()
    var high3 = Lanes()
    var highInput = Lanes()
    var highBand = Lanes()
    var highPass = Lanes()
    var gain = Lanes()

    /// `self` plus `share` times the way from there to `target`.
    func moved(to target: Coefficients, by share: Float) -> Coefficients {
      var c = self
      c.low1 += (target.low1 - low1) * share
      c.low2 += (target.low2 - low2) * share
      c.low3 += (target.low3 - low3) * share
      c.lowBand += (target.lowBand - lowBand) * share
      c.lowPass += (target.lowPass - lowPass) * share
      c.high1 += (target.high1 - high1) * share
      c.high2 += (target.high2 - high2) * share
      c.high3 += (target.high3 - high3) * share
      c.highInput += (target.highInput - highInput) * share
      c.highBand += (target.highBand - highBand) * share
      c.highPass += (target.highPass - highPass) * share
      c.gain += (target.gain - gain) * share
      return c
    }

    init() {}

    /// - Parameter delays: The sixteen delays in frames.
    init(_ plan: Reverb, delays: [Int], sampleRate: Double) {
      let damping = 2.0.squareRoot()
      func tangent(_ frequency: Double) -> Double {
        Elementary.tangent(Double.pi * min(frequency, 0.45 * sampleRate) / sampleRate)
      }
      let lowTangent = tangent(plan.crossoverLowHz)
      let highTangent = tangent(plan.crossoverHighHz)
      for (lane, delay) in delays.enumerated() {
        func gain(_ seconds: Double) -> Double {
          Decibels.amplitude(-60 * Double(delay) / (sampleRate * seconds))
        }
        let mid = gain(plan.decayMidSeconds)
        // Simper's A is the root of the shelf's gain.
        let a = (gain(plan.decayLowSeconds) / mid).squareRoot()
        var g = lowTangent / a.squareRoot()
        var first = 1 / (1 + g * (g + damping))
        low1[lane] = Float(first)
        low2[lane] = Float(g * first)
        low3[lane] = Float(g * g * first)
        lowBand[lane] = Float(damping * (a - 1))
        lowPass[lane] = Float(a * a - 1)
        let b = (gain(plan.decayHighSeconds) / mid).squareRoot()
        g = highTangent * b.squareRoot()
        first = 1 / (1 + g * (g + damping))
        high1[lane] = Float(first)
        high2[lane] = Float(g * first)
        high3[lane] = Float(g * g * first)
        highInput[lane] = Float(b * b)
        highBand[lane] = Float(damping * (1 - b) * b)
        highPass[lane] = Float(1 - b * b)
        self.gain[lane] = Float(mid)
      }
    }
  }

  private var lowState1 = Lanes()
  private var lowState2 = Lanes()
  private var highState1 = Lanes()
  private var highState2 = Lanes()

  /// Filters a run of frames in place.
  ///
  /// - Parameter rows: (frames, lines).
  mutating func process(
    _ rows: UnsafeMutablePointer<Float>, _ count: Int, _ coefficients: Coefficients
  ) {
    // Eight lines at a time: so much fits into the registers of any processor.
    let low = Self.process(
      rows, count, Half(coefficients, isLow: true), lowState1.lowHalf, lowState2.lowHalf,
      highState1.lowHalf, highState2.lowHalf)
    let high = Self.process(
      rows + 8, count, Half(coefficients, isLow: false), lowState1.highHalf, lowState2.highHalf,
      highState1.highHalf, highState2.highHalf)
    lowState1 = Lanes(lowHalf: low.0, highHalf: high.0)
    lowState2 = Lanes(lowHalf: low.1, highHalf: high.1)
    highState1 = Lanes(lowHalf: low.2, highHalf: high.2)
    highState2 = Lanes(lowHalf: low.3, highHalf: high.3)
  }

  private typealias Eight = SIMD8<Float>

  /// The coefficients of eight lines.
  private struct Half {
    let (low1, low2, low3, lowBand, lowPass): (Eight, Eight, Eight, Eight, Eight)
    let (high1, high2, high3, highInput): (Eight, Eight, Eight, Eight)
    let (highBand, highPass, gain): (Eight, Eight, Eight)

    init(_ c: Coefficients, isLow: Bool) {
      func half(_ lanes: Lanes) -> Eight { isLow ? lanes.lowHalf : lanes.highHalf }
      (low1, low2, low3) = (half(c.low1), half(c.low2), half(c.low3))
      (lowBand, lowPass) = (half(c.lowBand), half(c.lowPass))
      (high1, high2, high3) = (half(c.high1), half(c.high2), half(c.high3))
      (highInput, highBand, highPass) = (half(c.highInput), half(c.highBand), half(c.highPass))
      gain = half(c.gain)
    }
  }

  private static func process(
    _ rows: UnsafeMutablePointer<Float>, _ count: Int, _ c: Half,
    _ low1: Eight, _ low2: Eight, _ high1: Eight, _ high2: Eight
  ) -> (Eight, Eight, Eight, Eight) {
    var (low1, low2, high1, high2) = (low1, low2, high1, high2)
    let bytes = UnsafeMutableRawPointer(rows)
    for i in 0..<count {
      let input = bytes.loadUnaligned(fromByteOffset: 64 * i, as: Eight.self)
      let v3 = input - low2
      let v1 = c.low1 * low1 + c.low2 * v3
      let v2 = low2 + c.low2 * low1 + c.low3 * v3
      low1 = v1 + v1 - low1
      low2 = v2 + v2 - low2
      let middle = input + c.lowBand * v1 + c.lowPass * v2

      let w3 = middle - high2
      let w1 = c.high1 * high1 + c.high2 * w3
      let w2 = high2 + c.high2 * high1 + c.high3 * w3
      high1 = w1 + w1 - high1
      high2 = w2 + w2 - high2
      let output = c.gain * (c.highInput * middle + c.highBand * w1 + c.highPass * w2)
      bytes.storeBytes(of: output, toByteOffset: 64 * i, as: Eight.self)
    }
    return (low1, low2, high1, high2)
  }

  /// Forgets what is inaudible, before it becomes a subnormal number.
  mutating func settle() {
    Self.settle(&lowState1)
    Self.settle(&lowState2)
    Self.settle(&highState1)
    Self.settle(&highState2)
  }

  private static func settle(_ state: inout Lanes) {
    for lane in 0..<16 where !(abs(state[lane]) > 1e-18) { state[lane] = 0 }
  }
}
