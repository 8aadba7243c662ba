// SPDX-License-Identifier: MIT

/// Turns down the band above a frequency while that band is loud.
///
/// The band is a Butterworth high-pass of second order. With h its output, b that of the band-pass of the
/// same poles and g the gain, the output is the input + (g - 1) h + (√g - 1) b, a high shelf of gain g that
/// changes nothing, in phase neither, while g is 1. Knee 3 dB, attack 1 ms, release 60 ms.
public final class StereoDeEsser {
  private let sampleRate: Double
  private let highPass: FilterCascade
  private let bandPass: FilterCascade
  private let high: StereoBuffer
  private let band: StereoBuffer
  private let values: Storage<Float>
  private var curve = GainComputer(thresholdDB: 0, ratio: 1, kneeDB: 0)
  private var range: Float = 0
  private var smoother = DecoupledSmoother()
  private var isOn = false

  /// The gain reduction of the band at the end of the last block in dB, at least 0.
  public var reductionDB: Double { smoother.value }

  /// A de-esser that does nothing yet.
  public init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    highPass = FilterCascade(capacity: 1, sampleRate: sampleRate)
    bandPass = FilterCascade(capacity: 1, sampleRate: sampleRate)
    high = StereoBuffer(capacity: maximumFrameCount)
    band = StereoBuffer(capacity: maximumFrameCount)
    values = Storage(count: maximumFrameCount, repeating: 0)
    smoother.set(attackMilliseconds: 1, releaseMilliseconds: 60, sampleRate: sampleRate)
  }

  /// Sets the values of a plan; nil switches off, with the gain coming back at the release.
  public func set(_ plan: DeEsser?) {
    guard let plan else {
      isOn = false
      curve = GainComputer(thresholdDB: 0, ratio: 1, kneeDB: 0)
      return
    }
    let wasIdle = !isOn && smoother.value == 0
    isOn = true
    curve = GainComputer(thresholdDB: plan.thresholdDB, ratio: plan.ratio, kneeDB: 3)
    range = Float(plan.rangeDB)
    let q = 0.5.squareRoot()
    highPass.set(0, .highPass(frequency: plan.frequencyHz, q: q, sampleRate: sampleRate))
    bandPass.set(0, .bandPass(frequency: plan.frequencyHz, q: q, sampleRate: sampleRate))
    if wasIdle { finishMoving() }
  }

  /// Stands at the values of the plan at once.
  public func finishMoving() {
    highPass.finishMoving()
    bandPass.finishMoving()
  }

  /// Forgets what it has heard.
  public func reset() {
    highPass.reset()
    bandPass.reset()
    smoother.reset()
  }

  /// Changes a block in place.
  public func process(_ block: StereoBlock) {
    if !isOn, smoother.isAtRest { return }
    precondition(block.frameCount <= values.count, "The block is too long.")
    let count = block.frameCount
    let (left, right, values) = (block.left, block.right, values.pointer)
    let high = high.block(count)
    let band = band.block(count)
    high.copy(block)
    band.copy(block)
    highPass.process(high)
    bandPass.process(band)
    LevelDetector.write(high.left, high.right, to: values, count: count)
    let (curve, range) = (curve, range)
    for i in 0..<count {
      let reduction = curve.reduction(values[i])
      values[i] = reduction < range ? reduction : range
    }
    smoother.process(values, count: count)
    // The root of the gain, first.
    for i in 0..<count { values[i] = fastExp2(values[i] * (-0.5 / decibelsPerOctave)) }
    for i in 0..<count {
      let root = values[i]
      left[i] += (root * root - 1) * high.left[i] + (root - 1) * band.left[i]
    }
    for i in 0..<count {
      let root = values[i]
      right[i] += (root * root - 1) * high.right[i] + (root - 1) * band.right[i]
    }
  }
}
