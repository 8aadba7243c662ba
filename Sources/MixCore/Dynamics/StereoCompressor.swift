// SPDX-License-Identifier: MIT

/// A feed-forward compressor with linked channels.
///
/// Peak detector in dB, static curve with a soft knee, and decoupled smoothing of the gain reduction
/// (Giannoulis, Massberg, Reiss 2012, equations 4 and 17): attack and release are the times in which
/// 1 - 1/e of a step is done. Without look-ahead and without latency.
public final class StereoCompressor {
  private let sampleRate: Double
  private let reductions: Storage<Float>
  private var curve = GainComputer(thresholdDB: 0, ratio: 1, kneeDB: 0)
  private var wet: LinearRamp
  private var dry: LinearRamp
  private var smoother = DecoupledSmoother()
  private var isOn = false

  /// The gain reduction at the end of the last block in dB, at least 0.
  public var reductionDB: Double { smoother.value }

  /// A compressor that does nothing yet.
  public init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    reductions = Storage(count: maximumFrameCount, repeating: 0)
    wet = LinearRamp(1, sampleRate: sampleRate)
    dry = LinearRamp(0, sampleRate: sampleRate)
  }

  /// Sets the values of a plan; nil switches off, with the gain coming back at the release that was set.
  public func set(_ plan: Compressor?) {
    guard let plan else {
      isOn = false
      curve = GainComputer(thresholdDB: 0, ratio: 1, kneeDB: 0)
      wet.move(to: 1)
      dry.move(to: 0)
      return
    }
    isOn = true
    curve = GainComputer(thresholdDB: plan.thresholdDB, ratio: plan.ratio, kneeDB: plan.kneeDB)
    smoother.set(
      attackMilliseconds: plan.attackMilliseconds, releaseMilliseconds: plan.releaseMilliseconds,
      sampleRate: sampleRate)
    wet.move(to: Float(plan.mix * Decibels.amplitude(plan.makeupDB)))
    dry.move(to: Float(1 - plan.mix))
  }

  /// Stands at the values of the plan at once.
  public func finishMoving() {
    wet.finish()
    dry.finish()
  }

  /// Forgets what it has heard.
  public func reset() { smoother.reset() }

  private var isIdle: Bool {
    !isOn && smoother.isAtRest && wet.rests(at: 1) && dry.rests(at: 0)
  }

  /// Compresses a block in place.
  public func process(_ block: StereoBlock) { process(block, key: block) }

  /// Compresses a block in place.
  ///
  /// - Parameter key: What drives the detector, with as many frames.
  public func process(_ block: StereoBlock, key source: StereoBlock) {
    if isIdle { return }
    precondition(block.frameCount <= reductions.count, "The block is too long.")
    let count = block.frameCount
    let values = reductions.pointer
    let curve = curve
    LevelDetector.write(source.left, source.right, to: values, count: count)
    for i in 0..<count { values[i] = curve.reduction(values[i]) }
    smoother.process(values, count: count)
    apply(block, values)
  }

  private func apply(_ block: StereoBlock, _ values: UnsafeMutablePointer<Float>) {
    let count = block.frameCount
    let (left, right) = (block.left, block.right)
    let perOctave = -1 / decibelsPerOctave
    if wet.remaining == 0, dry.remaining == 0 {
      let (w, d) = (wet.target, dry.target)
      for i in 0..<count { values[i] = d + w * fastExp2(values[i] * perOctave) }
    } else {
      for i in 0..<count {
        values[i] = dry.value(i) + wet.value(i) * fastExp2(values[i] * perOctave)
      }
      wet.advance(count)
      dry.advance(count)
    }
    for i in 0..<count { left[i] *= values[i] }
    for i in 0..<count { right[i] *= values[i] }
  }
}
