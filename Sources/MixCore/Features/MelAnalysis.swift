// SPDX-License-Identifier: MIT

/// What follows from a finished mel spectrogram; it has to be finished, since the loudest band of the recording
/// decides what counts as silence in all others.
final class MelAnalysis {
  static let bandCount = 128
  static let coefficientCount = 13
  /// How many frames the onset strength comes late: one for the difference, two for half a window.
  private static let onsetDelay = 3

  private let cosines: Storage<Float>  // (13, 128)

  init() {
    // The discrete cosine transform II, orthonormal.
    cosines = Storage(count: Self.coefficientCount * Self.bandCount, repeating: 0)
    let count = Double(Self.bandCount)
    for k in 0..<Self.coefficientCount {
      let scale = ((k == 0 ? 1 : 2) / count).squareRoot()
      for n in 0..<Self.bandCount {
        let angle = Double.pi * Double(k) * (2 * Double(n) + 1) / (2 * count)
        cosines[k * Self.bandCount + n] = Float(scale * Elementary.cosine(angle))
      }
    }
  }

  /// Computes the cepstral coefficients, (frames, 13), and the onset strengths, (frames).
  ///
  /// - Parameter melPowers: (frames, 128).
  func analyse(_ melPowers: [Float]) -> (mfcc: [Float], onsets: [Float]) {
    let frameCount = melPowers.count / Self.bandCount
    var mfcc = [Float](repeating: 0, count: frameCount * Self.coefficientCount)
    var onsets = [Float](repeating: 0, count: frameCount)
    let floor = powerDecibels(largest(melPowers)) - decibelRange
    let rows = Storage<Float>(count: 2 * Self.bandCount, repeating: 0)
    let rises = Storage<Float>(count: Self.bandCount, repeating: 0)
    var (now, before) = (rows.pointer, rows.pointer + Self.bandCount)
    for frame in 0..<frameCount {
      for band in 0..<Self.bandCount {
        now[band] = max(powerDecibels(melPowers[frame * Self.bandCount + band]), floor)
      }
      for k in 0..<Self.coefficientCount {
        mfcc[frame * Self.coefficientCount + k] = dotProduct(
          now, cosines.pointer + k * Self.bandCount, count: Self.bandCount)
      }
      // librosa counts the centre of the window twice: what rises from frame t - 1 to t stands at t + 2.
      let place = frame - 1 + Self.onsetDelay
      if frame > 0, place < frameCount {
        for band in 0..<Self.bandCount { rises[band] = max(0, now[band] - before[band]) }
        onsets[place] = sum(rises.pointer, count: Self.bandCount) / Float(Self.bandCount)
      }
      (now, before) = (before, now)
    }
    return (mfcc, onsets)
  }

  private func largest(_ values: [Float]) -> Float {
    var largest: Float = 0
    for value in values { largest = max(largest, value) }
    return largest
  }
}
