// SPDX-License-Identifier: MIT

/// A downward expander with linked channels, hold and a limited range; at a high ratio it is a gate.
///
/// Below the threshold T the gain goes down by (T - level)(ratio - 1), at most by the range. The level is
/// that of a peak detector that falls with a time constant of 10 ms.
public final class StereoGate {
  private let sampleRate: Double
  private let values: Storage<Float>
  private let envelopePole: Float
  private var threshold: Float = -100
  private var slope: Float = 0
  private var range: Float = 0
  private var attack = 0.0
  private var release = 0.0
  private var holdFrames = 0
  private var holdLeft = 0
  private var envelope: Float = 0
  private var reduction = 0.0
  private var isOn = false

  /// The gain reduction at the end of the last block in dB, at least 0.
  public var reductionDB: Double { reduction }

  /// A gate that is open.
  public init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    values = Storage(count: maximumFrameCount, repeating: 0)
    envelopePole = Float(poleOfTimeConstant(milliseconds: 10, sampleRate: sampleRate))
  }

  /// Sets the values of a plan; nil switches off, with the gate opening at the attack that was set.
  public func set(_ plan: Gate?) {
    isOn = plan != nil
    guard let plan else {
      slope = 0
      return
    }
    threshold = Float(plan.thresholdDB)
    slope = Float(plan.ratio - 1)
    range = Float(plan.rangeDB)
    attack = 1 - poleOfTimeConstant(milliseconds: plan.attackMilliseconds, sampleRate: sampleRate)
    release = 1 - poleOfTimeConstant(milliseconds: plan.releaseMilliseconds, sampleRate: sampleRate)
    holdFrames = Int(plan.holdMilliseconds * sampleRate / 1000)
  }

  /// Forgets what it has heard.
  public func reset() {
    envelope = 0
    reduction = 0
    holdLeft = 0
  }

  /// Whether it passes everything as it is.
  var isIdle: Bool { !isOn && reduction == 0 }

  /// Gates a block in place.
  public func process(_ block: StereoBlock) {
    if isIdle { return }
    precondition(block.frameCount <= values.count, "The block is too long.")
    let count = block.frameCount
    let (left, right, values) = (block.left, block.right, values.pointer)
    var level = envelope
    for i in 0..<count {
      let l = abs(left[i])
      let r = abs(right[i])
      let larger: Float = l > r ? l : r
      let falling = level * envelopePole
      level = larger > falling ? larger : falling
      values[i] = level
    }
    envelope = level < 1e-20 ? 0 : level
    let (threshold, slope, range) = (threshold, slope, range)
    for i in 0..<count {
      let floored: Float = values[i] > 1e-7 ? values[i] : 1e-7
      let under = (threshold - fastLog2(floored) * decibelsPerOctave) * slope
      let positive: Float = under > 0 ? under : 0
      values[i] = positive < range ? positive : range
    }
    var y = reduction
    var hold = holdLeft
    for i in 0..<count {
      let target = Double(values[i])
      if target <= y {
        y += (target - y) * attack
        if target == 0 { hold = holdFrames }
      } else if hold > 0 {
        hold -= 1
      } else {
        y += (target - y) * release
      }
      values[i] = fastExp2(Float(y) * (-1 / decibelsPerOctave))
    }
    reduction = y < 1e-7 ? 0 : y
    holdLeft = hold
    for i in 0..<count { left[i] *= values[i] }
    for i in 0..<count { right[i] *= values[i] }
  }
}
