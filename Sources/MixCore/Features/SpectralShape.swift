// SPDX-License-Identifier: MIT

/// Where the energy of a magnitude spectrum lies, as the functions `spectral_*` of librosa.feature have it.
final class SpectralShape {
  private static let rollOffShare = 0.85
  private static let chunk = 16

  private let binHz: Float
  private let binCount: Int
  private let frequencies: Storage<Float>  // (bins) in Hz
  private let logarithms: Storage<Float>  // (bins)
  private let previous: Storage<Float>  // (bins): the magnitudes of the last frame
  private var hasPrevious = false

  init(sampleRate: Double, frameLength: Int) {
    binHz = Float(sampleRate / Double(frameLength))
    binCount = frameLength / 2 + 1
    frequencies = Storage(count: binCount, repeating: 0)
    logarithms = Storage(count: binCount, repeating: 0)
    previous = Storage(count: binCount, repeating: 0)
    for bin in 0..<binCount {
      frequencies[bin] = Float(Double(bin) * sampleRate / Double(frameLength))
    }
  }

  /// The mean frequency, weighted by the magnitudes, and the root of the mean squared distance from it, in Hz;
  /// zeros for silence.
  func centroidAndBandwidth(_ magnitudes: UnsafePointer<Float>) -> (Float, Float) {
    let total = sum(magnitudes, count: binCount)
    guard total >= Float.leastNormalMagnitude else { return (0, 0) }
    let f = UnsafePointer(frequencies.pointer)
    let centroid = dotProduct(magnitudes, f, count: binCount) / total
    let spread = sum(
      count: binCount,
      {
        let distance = loadLanes(f + $0) - centroid
        return loadLanes(magnitudes + $0) * (distance * distance)
      }, { magnitudes[$0] * (f[$0] - centroid) * (f[$0] - centroid) })
    return (centroid, (spread / total).squareRoot())
  }

  /// The first frequency at and below which lie 85 % of the sum of the magnitudes, in Hz.
  func rollOff(_ magnitudes: UnsafePointer<Float>) -> Float {
    var total = 0.0
    var start = 0
    while start < binCount {
      total += Double(sum(magnitudes + start, count: min(Self.chunk, binCount - start)))
      start += Self.chunk
    }
    let threshold = Self.rollOffShare * total
    var below = 0.0
    start = 0
    while start + Self.chunk < binCount {
      let next = below + Double(sum(magnitudes + start, count: Self.chunk))
      if next >= threshold { break }
      below = next
      start += Self.chunk
    }
    while start < binCount - 1 {
      below += Double(magnitudes[start])
      if below >= threshold { break }
      start += 1
    }
    return frequencies[start]
  }

  /// Geometric over arithmetic mean of the powers: 1 for a flat spectrum and silence, 0 for a tone.
  ///
  /// Powers count as 1e-10 at least.
  func flatness(_ powers: UnsafePointer<Float>) -> Float {
    let logs = logarithms.pointer
    for bin in 0..<binCount { logs[bin] = fastLog2(max(powers[bin], 1e-10)) }
    let count = Float(binCount)
    let floor = SIMD4<Float>(repeating: 1e-10)
    let arithmetic = sum(
      count: binCount,
      {
        let lanes = loadLanes(powers + $0)
        return lanes.replacing(with: floor, where: lanes .< floor)
      }, { max(powers[$0], 1e-10) })
    return fastExp2(max(-120, sum(logs, count: binCount) / count)) / (arithmetic / count)
  }

  /// The root of the summed squared differences from the magnitudes of the last frame, over the number of bins;
  /// 0 for the first frame.
  ///
  /// Lerch, An Introduction to Audio Content Analysis (2012), equation 3.25.
  func flux(_ magnitudes: UnsafePointer<Float>) -> Float {
    let old = UnsafePointer(previous.pointer)
    let change = sum(
      count: binCount,
      {
        let difference = loadLanes(magnitudes + $0) - loadLanes(old + $0)
        return difference * difference
      }, { (magnitudes[$0] - old[$0]) * (magnitudes[$0] - old[$0]) })
    previous.pointer.update(from: magnitudes, count: binCount)
    defer { hasPrevious = true }
    return hasPrevious ? change.squareRoot() / Float(binCount) : 0
  }
}
