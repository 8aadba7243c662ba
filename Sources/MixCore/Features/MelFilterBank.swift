// SPDX-License-Identifier: MIT

/// Triangular filters on the mel scale of Slaney's Auditory Toolbox (1998), each of equal area, as
/// `librosa.filters.mel` makes them.
final class MelFilterBank {
  let bandCount: Int

  private struct Band {
    var firstBin: Int
    var weightIndex: Int
    var count: Int
  }

  private var bands: [Band] = []
  private var weights: [Float] = []

  /// Filters from 0 Hz to half the sample rate over the `frameLength / 2 + 1` bins of a spectrum.
  init(bandCount: Int, sampleRate: Double, frameLength: Int) {
    self.bandCount = bandCount
    let edges = Self.edgesHz(bandCount: bandCount, sampleRate: sampleRate)
    for band in 0..<bandCount {
      let (low, middle, high) = (edges[band], edges[band + 1], edges[band + 2])
      var first = -1
      let start = weights.count
      for bin in 0...frameLength / 2 {
        let frequency = Double(bin) * sampleRate / Double(frameLength)
        let slope = min((frequency - low) / (middle - low), (high - frequency) / (high - middle))
        guard slope > 0 else { continue }
        if first < 0 { first = bin }
        weights.append(Float(slope * 2 / (high - low)))
      }
      bands.append(
        Band(firstBin: max(0, first), weightIndex: start, count: weights.count - start))
    }
  }

  /// (bandCount + 2): lower edge, middle and upper edge of band b are the values b, b + 1 and b + 2.
  static func edgesHz(bandCount: Int, sampleRate: Double) -> [Double] {
    let top = mel(sampleRate / 2)
    return (0...bandCount + 1).map { hertz(top * Double($0) / Double(bandCount + 1)) }
  }

  /// Sums the powers of the bins, (frameLength / 2 + 1), in bands, (bandCount).
  func apply(_ powers: UnsafePointer<Float>, into output: UnsafeMutablePointer<Float>) {
    weights.withUnsafeBufferPointer { weights in
      guard let weights = weights.baseAddress else { return }
      for (index, band) in bands.enumerated() {
        output[index] = dotProduct(
          powers + band.firstBin, weights + band.weightIndex, count: band.count)
      }
    }
  }

  private static let linearWidth = 200.0 / 3  // Hz per mel below 1 kHz
  private static let corner = 1000.0
  private static let logarithmicStep = Elementary.log(6.4) / 27

  private static func mel(_ hertz: Double) -> Double {
    hertz < corner
      ? hertz / linearWidth
      : corner / linearWidth + Elementary.log(hertz / corner) / logarithmicStep
  }

  private static func hertz(_ mel: Double) -> Double {
    let cornerMel = corner / linearWidth
    return mel < cornerMel
      ? mel * linearWidth : corner * Elementary.exp((mel - cornerMel) * logarithmicStep)
  }
}
