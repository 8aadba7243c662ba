// SPDX-License-Identifier: MIT

/// Where sounds begin in a recording: how much the level of eight bands rises, every 2 ms.
///
/// The logarithmic spectral flux of Böck and Widmer (Maximum filter vibrato suppression for onset detection,
/// DAFx 2013, section 2), in bands, without the filter against vibrato.
public struct OnsetEnvelope: Sendable {
  /// The sample rate in Hz of what is analysed.
  public static let sampleRate = 22_050
  /// The samples from one value to the next.
  public static let hopLength = 44
  /// The seconds from one value to the next.
  public static let hopSeconds = Double(hopLength) / Double(sampleRate)

  static let bandCount = 8
  /// (9): where the bands begin and end, in Hz.
  static let edgesHz = [60.0, 200, 400, 800, 1_600, 3_200, 5_000, 7_500, 10_500]

  /// The number of values in each band.
  public let frameCount: Int
  /// (8, frames): the rises, of mean 0 and variance 1 in each band, or all 0 in a silent one.
  let rises: [Float]
  /// Whether anything ever begins.
  public let isSilent: Bool

  /// Over how many frames a rise is measured: 12 ms, about half the length of a frame.
  private static let rise = 6

  /// - Parameter powers: (frames, 8).
  init(powers: [Float]) {
    let bandCount = Self.bandCount
    let count = powers.count / bandCount
    frameCount = count
    var rises = [Float](repeating: 0, count: powers.count)
    var levels = [Float](repeating: 0, count: count)
    var isSilent = true
    for band in 0..<bandCount {
      var sum = 0.0
      for frame in 0..<count {
        levels[frame] = powers[frame * bandCount + band]
        sum += Double(levels[frame])
      }
      guard count > Self.rise, sum / Double(count) > 1e-9 else { continue }
      // What lies below the floor does not rise: hiss, or 50 dB under the mean.
      let floor = max(Float(1e-5 * sum / Double(count)), levels.sorted()[count / 10])
      for frame in 0..<count { levels[frame] = fastLog2(levels[frame] + floor) }
      var (mean, square) = (0.0, 0.0)
      for frame in Self.rise..<count {
        let value = max(0, levels[frame] - levels[frame - Self.rise])
        rises[band * count + frame] = value
        mean += Double(value)
        square += Double(value * value)
      }
      mean /= Double(count - Self.rise)
      let variance = square / Double(count - Self.rise) - mean * mean
      let scale = variance > 1e-9 ? Float(1 / variance.squareRoot()) : 0
      if scale > 0 { isSilent = false }
      // The first frames rise from nothing, which says where the file begins and no more: they stay 0.
      for frame in Self.rise..<count {
        rises[band * count + frame] = (rises[band * count + frame] - Float(mean)) * scale
      }
    }
    self.rises = rises
    self.isSilent = isSilent
  }
}

/// Computes an onset envelope from mono at 22,050 Hz, block by block.
///
/// The size of the blocks does not change the result. Of every 2 ms 32 bytes are kept: 1 MB a minute. Used by one
/// task at a time.
public final class OnsetEnvelopeExtractor {
  private static let frameLength = 512
  private static let capacity = 16 * frameLength

  private let transform = RealFourierTransform(count: frameLength)
  private let window: [Float] = periodicHann(frameLength)
  private let pending = Storage<Float>(count: capacity, repeating: 0)
  private var start = 0
  private var end = 0
  private let windowed = Storage<Float>(count: frameLength, repeating: 0)
  private let bins = Storage<Float>(count: frameLength / 2 + 1, repeating: 0)
  private let edges: [Int]  // (9): the first bin of each band
  private var powers: [Float] = []  // (frames, 8)

  /// An extractor that has heard nothing.
  public init() {
    edges = OnsetEnvelope.edgesHz.map {
      Int(($0 * Double(Self.frameLength) / Double(OnsetEnvelope.sampleRate)).rounded(.up))
    }
  }

  /// Listens to the next samples, which are finite.
  public func process(_ samples: UnsafeBufferPointer<Float>) {
    guard let base = samples.baseAddress else { return }
    var taken = 0
    while taken < samples.count {
      if end == Self.capacity {
        for i in start..<end { pending[i - start] = pending[i] }
        (start, end) = (0, end - start)
      }
      let count = min(samples.count - taken, Self.capacity - end)
      (pending.pointer + end).update(from: base + taken, count: count)
      end += count
      taken += count
      while end - start >= Self.frameLength {
        addFrame()
        start += OnsetEnvelope.hopLength
      }
    }
  }

  /// Computes the envelope; to be called once, at the end.
  public func finish() -> OnsetEnvelope { OnsetEnvelope(powers: powers) }

  private func addFrame() {
    let input = pending.pointer + start
    for i in 0..<Self.frameLength { windowed[i] = input[i] * window[i] }
    transform.powers(of: windowed.pointer, into: bins.pointer)
    for band in 0..<OnsetEnvelope.bandCount {
      let first = edges[band]
      powers.append(sum(bins.pointer + first, count: edges[band + 1] - first))
    }
  }
}
