// SPDX-License-Identifier: MIT

/// The true peak of a stereo signal after ITU-R BS.1770-4 Annex 2, four-fold oversampled at every rate.
public final class TruePeakMeter {
  private let left: InterSamplePeaks
  private let right: InterSamplePeaks
  private let peaks: Storage<Float>

  /// The largest magnitude so far, in between samples too; 1 is full scale.
  public private(set) var peak: Float = 0

  /// The true peak so far in dBTP; -infinity for silence.
  public var peakDB: Double {
    peak > 0 ? Decibels.level(amplitude: Double(peak)) : -.infinity
  }

  /// A meter that has heard nothing.
  public init(maximumFrameCount: Int) {
    left = InterSamplePeaks(maximumFrameCount: maximumFrameCount)
    right = InterSamplePeaks(maximumFrameCount: maximumFrameCount)
    peaks = Storage(count: maximumFrameCount, repeating: 0)
  }

  /// Forgets what it has heard.
  public func reset() {
    left.reset()
    right.reset()
    peak = 0
  }

  /// Listens to a block; the last six frames count with the next one.
  public func process(_ block: StereoBlock) {
    precondition(block.frameCount <= peaks.count, "The block is too long.")
    let values = peaks.pointer
    values.update(repeating: 0, count: block.frameCount)
    left.raise(values, block.left, block.frameCount, above: peak)
    right.raise(values, block.right, block.frameCount, above: peak)
    var largest = peak
    for i in 0..<block.frameCount { largest = values[i] > largest ? values[i] : largest }
    peak = largest
  }

  /// Counts the last frames too; to be called once, at the end.
  public func finish() {
    let rest = StereoBuffer(capacity: 2 * InterSamplePeaks.delay)
    var start = 0
    while start < rest.capacity {
      let count = min(peaks.count, rest.capacity - start)
      process(rest.block(count))
      start += count
    }
  }
}
