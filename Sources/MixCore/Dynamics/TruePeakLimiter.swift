// SPDX-License-Identifier: MIT

/// A look-ahead limiter that holds the true peak of both channels under a ceiling.
///
/// The gain that every peak of the four-fold oversampled signal needs is held over a window (its minimum),
/// comes back with the release, and is smoothed by the mean over the look-ahead. The window is longer than the
/// look-ahead by the reach of the interpolator, so that the gain is flat around a peak and what was
/// measured is what comes out. A signal below the ceiling keeps its bits.
///
/// The true peak is that of ITU-R BS.1770-4 with four-fold oversampling; finer interpolators can read 0.1 dB more on
/// music, and more on signals that are mostly near the Nyquist frequency.
public final class TruePeakLimiter {
  private static let lookAheadSeconds = 0.0015
  /// Gains are whole numbers of this part, so that their running sum is exact.
  private static let unit = 16_777_216.0

  private let sampleRate: Double
  private let attack: Int
  private let window: Int
  private let peaks: Storage<Float>
  private let left: InterSamplePeaks
  private let right: InterSamplePeaks
  private let leftPast: DelayLine
  private let rightPast: DelayLine

  // The minimum over the window: values that are smaller than all later ones, and their frames.
  private let minimumValues: Storage<Float>
  private let minimumFrames: Storage<Int>
  private let minimumMask: Int
  private var head = 0
  private var tail = 0
  private var frame = 0
  private let gains: Storage<Int32>  // the last `attack` gains
  private var gainIndex = 0
  private var gainSum: Int64
  private var held = 1.0
  private var ceiling: LinearRamp
  private var release = 1.0
  private var lowest: Float = 1

  /// How many frames the output comes late.
  public let latencyFrames: Int

  /// The largest gain reduction in the last block in dB, at least 0.
  public var reductionDB: Double { -Decibels.level(amplitude: Double(lowest)) }

  /// A limiter that lets everything through, late.
  public init(sampleRate: Double, maximumFrameCount: Int) {
    self.sampleRate = sampleRate
    attack = max(8, Int(Self.lookAheadSeconds * sampleRate))
    latencyFrames = attack + 11
    window = attack + 13
    peaks = Storage(count: maximumFrameCount, repeating: 0)
    left = InterSamplePeaks(maximumFrameCount: maximumFrameCount)
    right = InterSamplePeaks(maximumFrameCount: maximumFrameCount)
    leftPast = DelayLine(
      maximumDelay: latencyFrames + maximumFrameCount, maximumRun: maximumFrameCount)
    rightPast = DelayLine(
      maximumDelay: latencyFrames + maximumFrameCount, maximumRun: maximumFrameCount)
    var size = 1
    while size < window + 2 { size *= 2 }
    minimumMask = size - 1
    minimumValues = Storage(count: size, repeating: 1)
    minimumFrames = Storage(count: size, repeating: 0)
    gains = Storage(count: attack, repeating: Int32(Self.unit))
    gainSum = Int64(attack) * Int64(Self.unit)
    ceiling = LinearRamp(1e9, sampleRate: sampleRate)
  }

  /// Sets the values of a plan; nil lets everything through, still late.
  public func set(_ plan: Limiter?) {
    guard let plan else {
      ceiling.move(to: 1e9)
      ceiling.finish()
      return
    }
    // A thousandth of a dB of room for rounding.
    let target = Float(Decibels.amplitude(plan.ceilingDB - 0.001))
    let wasOff = ceiling.target > 1e8
    ceiling.move(to: target)
    if wasOff || target < ceiling.value(0) { ceiling.finish() }
    release = 1 - poleOfTimeConstant(milliseconds: plan.releaseMilliseconds, sampleRate: sampleRate)
  }

  /// Stands at the values of the plan at once.
  public func finishMoving() { ceiling.finish() }

  /// Forgets what it has heard.
  public func reset() {
    left.reset()
    right.reset()
    leftPast.reset()
    rightPast.reset()
    gains.reset()
    gainSum = Int64(attack) * Int64(Self.unit)
    gainIndex = 0
    held = 1
    head = 0
    tail = 0
    frame = 0
    lowest = 1
  }

  /// Limits a block in place; the output is that of `latencyFrames` before.
  public func process(_ block: StereoBlock) {
    precondition(block.frameCount <= peaks.count, "The block is too long.")
    let count = block.frameCount
    let peaks = peaks.pointer
    peaks.update(repeating: 0, count: count)
    let lowestCeiling = min(ceiling.value(0), ceiling.target)
    left.raise(peaks, block.left, count, above: lowestCeiling)
    right.raise(peaks, block.right, count, above: lowestCeiling)
    for i in 0..<count {
      let c = ceiling.value(i)
      peaks[i] = peaks[i] > c ? c / peaks[i] : 1
    }
    ceiling.advance(count)
    smooth(peaks, count)

    leftPast.write(block.left, count)
    rightPast.write(block.right, count)
    let left = leftPast.past(delay: latencyFrames + count)
    let right = rightPast.past(delay: latencyFrames + count)
    for i in 0..<count { block.left[i] = left[i] * peaks[i] }
    for i in 0..<count { block.right[i] = right[i] * peaks[i] }
  }

  /// Turns the gains that peaks need into those that are applied.
  private func smooth(_ values: UnsafeMutablePointer<Float>, _ count: Int) {
    let (queue, frames, mask) = (minimumValues.pointer, minimumFrames.pointer, minimumMask)
    let past = gains.pointer
    let scale = Float(1 / (Double(attack) * Self.unit))
    let full = Int64(attack) * Int64(Self.unit)
    var (head, tail, frame, index) = (head, tail, frame, gainIndex)
    var (sum, held) = (gainSum, held)
    lowest = 1
    for i in 0..<count {
      let needed = values[i]
      while tail != head, queue[(tail &- 1) & mask] >= needed { tail &-= 1 }
      queue[tail & mask] = needed
      frames[tail & mask] = frame
      tail &+= 1
      if frames[head & mask] &+ window <= frame { head &+= 1 }
      frame &+= 1

      let minimum = Double(queue[head & mask])
      if minimum <= held {
        held = minimum
      } else {
        held += (minimum - held) * release
        if minimum - held < 1e-7 { held = minimum }
      }
      let gain = Int32(held * Self.unit)
      sum += Int64(gain - past[index])
      past[index] = gain
      index = index &+ 1 == attack ? 0 : index &+ 1
      let applied: Float = sum == full ? 1 : Float(sum) * scale
      values[i] = applied
      if applied < lowest { lowest = applied }
    }
    (self.head, self.tail, self.frame, gainIndex) = (head, tail, frame, index)
    (gainSum, self.held) = (sum, held)
  }
}
