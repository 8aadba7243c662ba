// SPDX-License-Identifier: MIT
import NeuralNetwork

/// What a network can say of a vocal over its backing.
enum VocalAspect: String, CaseIterable, Codable, Sendable {
  /// The loudness of the vocal against that of the backing, in LU.
  case level
  /// The range of the levels of 100 ms, in LU.
  case range
  /// The gains that would bring an equalizer's bands back, in dB.
  case equalizer
  /// The reverberation time; as the logarithm of seconds.
  case decay

  /// The bands of the random equalizer: octaves as far as the mel spectrogram reaches.
  static let bandsHz = [63.0, 125, 250, 500, 1000, 2000, 4000, 8000]

  var outputCount: Int { self == .equalizer ? Self.bandsHz.count : 1 }

  /// Whether the vocals must not be seen, since a finished voice shows what is to be told, and a dry one does not.
  var hidesVocals: Bool { self == .level || self == .decay }
}

/// Predicts one aspect from the images of vocal and backing, (2, 64, 64); over a song, the mean of its blocks.
///
/// The trunk is that of Li, “Automatic vocal mixing using convolutional neural networks” (2022).
final class VocalNetwork {
  /// Four convolutions of 3 × 3 without padding; 64 × 2 × 2 values of each image are left.
  static let trunk: [TrainableNetwork.Layer] =
    [8, 16, 32, 64].flatMap {
      [.convolution(channels: $0, kernel: 3), .batchNorm, .relu, .maxPool(2)]
    } + [.flatten, .dropout(0.3)]

  let aspect: VocalAspect
  let network: TrainableNetwork
  /// (outputs): what the network's 0 and 1 stand for, in the units of the aspect.
  var mean: [Double]
  var scale: [Double]

  init(_ aspect: VocalAspect, seed: UInt64) throws(NeuralNetworkError) {
    self.aspect = aspect
    network = try TrainableNetwork(
      input: (2, MelImage.height, MelImage.width),
      layers: Self.trunk + [.linear(aspect.outputCount)], seed: seed)
    mean = [Double](repeating: 0, count: aspect.outputCount)
    scale = [Double](repeating: 1, count: aspect.outputCount)
  }

  /// (outputs): the mean over the blocks in which the vocal sounds; nil where there are none.
  ///
  /// - Parameters:
  ///   - vocals: What is sung, as one recording.
  ///   - bandsDB: (64): an equalizer on the vocals.
  ///   - framesDB: A gain for every frame of the vocals.
  func predict(
    vocals: [StemAnalysis], backing: [StemAnalysis], bandsDB: [Float]? = nil,
    framesDB: [Float]? = nil
  ) throws(NeuralNetworkError) -> [Double]? {
    let blocks = MelImage.activeBlocks(MelImage.powers(vocals))
    guard !blocks.isEmpty else { return nil }
    let (vocalsLUFS, backingLUFS) = (LearningSong.loudness(vocals), LearningSong.loudness(backing))
    var sums = [Double](repeating: 0, count: aspect.outputCount)
    for start in stride(from: 0, to: blocks.count, by: 16) {
      let batch = blocks[start..<min(blocks.count, start + 16)]
      var images = [Float](repeating: 0, count: batch.count * 2 * MelImage.count)
      images.withUnsafeMutableBufferPointer { images in
        for (item, frame) in batch.enumerated() {
          write(
            vocals, vocalsLUFS, backing, backingLUFS, from: frame, bandsDB: bandsDB,
            framesDB: framesDB.map { Undoing.block($0, from: frame) },
            into: images, item: item)
        }
      }
      let outputs = try network.forward(images, items: batch.count, isTraining: false)
      for (index, value) in outputs.enumerated() { sums[index % sums.count] += Double(value) }
    }
    return sums.indices.map { mean[$0] + scale[$0] * sums[$0] / Double(blocks.count) }
  }

  /// Writes both images of an item.
  func write(
    _ vocals: [StemAnalysis], _ vocalsLUFS: Double, _ backing: [StemAnalysis],
    _ backingLUFS: Double, from frame: Int, bandsDB: [Float]?, framesDB: [Float]?,
    into images: UnsafeMutableBufferPointer<Float>, item: Int
  ) {
    let first = item * 2 * MelImage.count
    if aspect.hidesVocals {
      for index in first..<first + MelImage.count { images[index] = -1 }
    } else {
      MelImage.write(
        vocals, from: frame, loudness: vocalsLUFS, bandsDB: bandsDB, framesDB: framesDB,
        into: .init(rebasing: images[first..<first + MelImage.count]))
    }
    MelImage.write(
      backing, from: frame, loudness: backingLUFS,
      into: .init(rebasing: images[first + MelImage.count..<first + 2 * MelImage.count]))
  }
}
