// SPDX-License-Identifier: MIT

/// The dynamic range “DR” of the Pleasurize Music Foundation (TT Dynamic Range Meter, 2009), with the level and
/// the peak on the way.
///
/// Of every channel, in blocks of 3 s: the second largest peak over the root of the mean square, that of a
/// sine of full scale being 0 dB, of the loudest fifth of the blocks. The mean of the channels in dB, not rounded
/// to whole dB as the foundation prints it. A last, shorter block counts; a silent channel does not.
final class DynamicRangeMeter {
  private static let blockSeconds = 3.0
  private static let fewestBlocks = 3

  private let channelCount: Int
  private let blockFrames: Int
  private var framesOfBlock = 0
  private var frameCount = 0
  private var blockSums = SIMD2<Double>()
  private var blockPeaks = SIMD2<Float>()
  private var sums = SIMD2<Double>()
  private var peaks = SIMD2<Float>()
  private var blocks: [(meanSquare: SIMD2<Double>, peak: SIMD2<Float>)] = []

  init(sampleRate: Double, channelCount: Int) {
    self.channelCount = channelCount
    blockFrames = max(1, Int(Self.blockSeconds * sampleRate))
  }

  /// The mean square of all channels.
  var meanSquare: Double {
    let sum = sums[0] + (channelCount == 1 ? 0 : sums[1])
    return sum / Double(max(1, frameCount * channelCount))
  }

  /// The largest magnitude.
  var peak: Double { Double(channelCount == 1 ? peaks[0] : max(peaks[0], peaks[1])) }

  /// Listens to a block.
  func process(_ block: StereoBlock) {
    var start = 0
    while start < block.frameCount {
      let count = min(blockFrames - framesOfBlock, block.frameCount - start)
      add(block.left + start, count, channel: 0)
      if channelCount > 1 { add(block.right + start, count, channel: 1) }
      framesOfBlock += count
      start += count
      if framesOfBlock == blockFrames { endBlock() }
    }
  }

  /// Counts the last block too.
  func finish() {
    if framesOfBlock > 0 { endBlock() }
  }

  /// Nil below three blocks and for silence.
  var dynamicRangeDB: Double? {
    guard blocks.count >= Self.fewestBlocks else { return nil }
    var sum = 0.0
    var count = 0.0
    for channel in 0..<channelCount {
      guard let range = dynamicRange(channel) else { continue }
      sum += range
      count += 1
    }
    return count > 0 ? sum / count : nil
  }

  private func dynamicRange(_ channel: Int) -> Double? {
    var powers = blocks.map { $0.meanSquare[channel] }
    var peaks = blocks.map { $0.peak[channel] }
    powers.sort()
    peaks.sort()
    let loud = powers.suffix(max(1, blocks.count / 5))
    let power = 2 * loud.reduce(0, +) / Double(loud.count)
    let peak = Double(peaks[peaks.count - 2])
    guard power > 0, peak > 0 else { return nil }
    return Decibels.level(amplitude: peak) - Decibels.level(power: power)
  }

  private func endBlock() {
    blocks.append((blockSums / Double(framesOfBlock), blockPeaks))
    sums += blockSums
    peaks.replace(with: blockPeaks, where: blockPeaks .> peaks)
    frameCount += framesOfBlock
    framesOfBlock = 0
    blockSums = SIMD2()
    blockPeaks = SIMD2()
  }

  private func add(_ samples: UnsafePointer<Float>, _ count: Int, channel: Int) {
    var sums = SIMD4<Double>()
    var largest = SIMD4<Float>()
    var i = 0
    while i + 4 <= count {
      let x = loadLanes(samples + i)
      let wide = SIMD4<Double>(x)
      sums += wide * wide
      let magnitude = x.replacing(with: -x, where: x .< 0)
      largest.replace(with: magnitude, where: magnitude .> largest)
      i += 4
    }
    var sum = (sums[0] + sums[1]) + (sums[2] + sums[3])
    var peak = largest.max()
    while i < count {
      sum += Double(samples[i]) * Double(samples[i])
      peak = max(peak, abs(samples[i]))
      i += 1
    }
    blockSums[channel] += sum
    blockPeaks[channel] = max(blockPeaks[channel], peak)
  }
}
