// SPDX-License-Identifier: MIT
import Foundation

/// The constructor arguments of an SCNet, as its checkpoint's metadata hold them.
///
/// Defaults are those of the published network.
struct SCNetConfiguration: Sendable, Equatable {
  /// What the network's output is.
  enum Output: String, Sendable {
    /// Each source's spectrogram, as published.
    case spectrogram
    /// A complex mask for each source, by which the mixture's spectrogram is multiplied; real parts
    /// pass a softmax over the sources, imaginary parts lose their mean.
    case mask
  }

  var sources = ["drums", "bass", "other", "vocals"]
  var audioChannels = 2
  /// Channels at the input and after each encoder block.
  var dims = [4, 32, 64, 128]
  var transformLength = 4096
  var hop = 1024
  var windowLength = 4096
  var isNormalized = true
  /// Shares of the frequencies that belong to the low, the mid and the high band.
  var bandRatios = [0.175, 0.392, 0.433]
  var bandStrides = [1, 4, 16]
  var bandKernels = [3, 4, 16]
  /// Layers of the convolution module of each band.
  var convolutionDepths = [3, 2, 1]
  var compression = 4
  var convolutionKernel = 3
  var dualPathLayers = 6
  var expansion = 1
  var hasHannWindow = false
  /// The exponent of the mixture's magnitudes before the network sees them.
  var inputPower = 1.0
  var output = Output.spectrogram
  var segmentFrames = 485_100
  var sampleRate = 44_100

  init() {}

  /// The arguments that are known: those of the published network's constructor, then our own.
  private static let argumentNames: Set<String> = [
    "sources", "audio_channels", "dims", "nfft", "hop_size", "win_size", "normalized", "band_SR",
    "band_stride", "band_kernel", "conv_depths", "compress", "conv_kernel", "num_dplayer", "expand",
    "window", "input_power", "output",
  ]

  /// Reads `kwargs` (JSON), `segment` and `samplerate`.
  ///
  /// - Throws: `malformed`, or `unsupported` for an argument that is not known: a network of a later
  ///   kind must not be taken for one of this kind.
  init(metadata: [String: String], name: String) throws(SeparationError) {
    func fail(_ code: SeparationError.Code, _ why: String) -> SeparationError {
      SeparationError(code: code, message: "\(name): \(why).")
    }
    let json = try? JSONSerialization.jsonObject(with: Data((metadata["kwargs"] ?? "{}").utf8))
    guard let arguments = json as? [String: Any] else {
      throw fail(.malformed, "its “kwargs” are not a JSON object")
    }
    if let unknown = Set(arguments.keys).subtracting(Self.argumentNames).min() {
      throw fail(
        .unsupported,
        "the argument “\(unknown.prefix(40))” of its network is not known; update Tonmeister, or "
          + "convert the checkpoint without it")
    }
    func value<T>(_ key: String, _ standard: T) throws(SeparationError) -> T {
      guard let any = arguments[key] else { return standard }
      guard let value = any as? T else {
        throw fail(.malformed, "its argument “\(key)” is not of the right kind")
      }
      return value
    }
    func text(_ key: String) throws(SeparationError) -> Int? {
      guard let string = metadata[key] else { return nil }
      guard let number = Int(string) else {
        throw fail(.malformed, "its “\(key)” is not a whole number")
      }
      return number
    }
    sources = try value("sources", sources)
    audioChannels = try value("audio_channels", audioChannels)
    dims = try value("dims", dims)
    transformLength = try value("nfft", transformLength)
    hop = try value("hop_size", hop)
    windowLength = try value("win_size", windowLength)
    isNormalized = try value("normalized", isNormalized)
    bandRatios = try value("band_SR", bandRatios)
    bandStrides = try value("band_stride", bandStrides)
    bandKernels = try value("band_kernel", bandKernels)
    convolutionDepths = try value("conv_depths", convolutionDepths).map { abs(max($0, -100)) }
    compression = try value("compress", compression)
    convolutionKernel = try value("conv_kernel", convolutionKernel)
    dualPathLayers = try value("num_dplayer", dualPathLayers)
    expansion = try value("expand", expansion)
    inputPower = try value("input_power", inputPower)
    segmentFrames = try text("segment") ?? segmentFrames
    sampleRate = try text("samplerate") ?? sampleRate

    let window = try value("window", "rectangular")
    guard ["rectangular", "hann"].contains(window) else {
      throw fail(.unsupported, "its window “\(window.prefix(40))” is not supported")
    }
    hasHannWindow = window == "hann"
    let kind = try value("output", Output.spectrogram.rawValue)
    guard let output = Output(rawValue: kind) else {
      throw fail(.unsupported, "its output “\(kind.prefix(40))” is not supported")
    }
    self.output = output
    if let why = problem { throw fail(.unsupported, "the network cannot be built: \(why)") }
  }

  /// Why a network of these sizes cannot be built.
  ///
  /// The limits keep all later sizes far from overflow, and the largest tensor below 2 GB.
  private var problem: String? {
    if audioChannels != 2 { return "it is for \(audioChannels) audio channels; 2 are supported" }
    if !(1...64).contains(sources.count) { return "it has \(sources.count) sources" }
    if !(2...8).contains(dims.count) { return "it has \(dims.count - 1) blocks" }
    if dims[0] != 2 * audioChannels { return "its first width is not 4" }
    if !dims.allSatisfy((1...1024).contains) { return "a width is not from 1 to 1024" }
    if !(256...16384).contains(transformLength) || transformLength.nonzeroBitCount != 1 {
      return "its transform length is not a power of two from 256 to 16384"
    }
    if !(16...transformLength).contains(hop) {
      return "its hop is not from 16 to \(transformLength)"
    }
    if !(1...transformLength).contains(windowLength) { return "its window is too long" }
    let bands = [bandStrides.count, bandKernels.count, bandRatios.count, convolutionDepths.count]
    if bands != [3, 3, 3, 3] { return "it does not have three bands" }
    if !bandRatios.allSatisfy((0...1).contains) { return "a band's share is not from 0 to 1" }
    if bandRatios[0] + bandRatios[1] > 1 { return "the shares of its bands exceed 1" }
    if !bandStrides.allSatisfy((1...256).contains) { return "a band's stride is not from 1 to 256" }
    if !bandKernels.allSatisfy((1...256).contains) { return "a band's kernel is not from 1 to 256" }
    if !convolutionDepths.allSatisfy((0...32).contains) { return "a depth is not from 0 to 32" }
    if compression < 1 || dims.dropFirst().contains(where: { $0 < compression }) {
      return "its compression exceeds its width"
    }
    if !(1...31).contains(convolutionKernel) || convolutionKernel % 2 == 0 {
      return "its convolution kernel is not odd"
    }
    if !(0...64).contains(dualPathLayers) || dualPathLayers % 2 != 0 {
      return "it has \(dualPathLayers) dual-path layers; an even number is needed"
    }
    if !(1...8).contains(expansion) { return "its expansion is not from 1 to 8" }
    if !(0.01...2).contains(inputPower) { return "its input power is not from 0.01 to 2" }
    if !(transformLength...60 * 192_000).contains(segmentFrames) {
      return "its segment is not from \(transformLength) samples to a minute"
    }
    if !(8_000...192_000).contains(sampleRate) { return "its sample rate is out of range" }
    let frames = paddedFrames / hop + 1
    let widest = max(dims.max() ?? 0, 4 * sources.count)
    if frames > 4096 || (transformLength / 2 + 1) * frames * widest > 1 << 29 {
      return "a segment of \(segmentFrames) samples would need too much memory"
    }
    return bandProblem
  }

  /// Why the bands of some block cannot be sampled, or not brought back.
  private var bandProblem: String? {
    var bins = transformLength / 2 + 1
    for _ in 1..<dims.count {
      let bands = bands(of: bins)
      if bands.contains(where: { $0.input.isEmpty || $0.output.isEmpty }) {
        return "a band is empty"
      }
      if bands.contains(where: { $0.untrimmedCount < $0.input.count }) {
        return "a band's kernel does not fit its stride"
      }
      bins = bands.map(\.output.count).reduce(0, +)
    }
    return nil
  }

  /// Samples per channel after the padding that makes the number of frames even.
  var paddedFrames: Int {
    var padding = hop - segmentFrames % hop
    if (segmentFrames + padding) / hop % 2 == 0 { padding += hop }
    return segmentFrames + padding
  }

  /// How the frequencies of an encoder block's input fall into bands, and how many each band keeps.
  func bands(of bins: Int) -> [SCNetBand] {
    let low = Int((Double(bins) * bandRatios[0]).rounded(.up))
    let mid = Int((Double(bins) * (bandRatios[0] + bandRatios[1])).rounded(.up))
    var bands: [SCNetBand] = []
    var outputStart = 0
    for (index, range) in [0..<low, low..<max(low, mid), max(low, mid)..<max(low, mid, bins)]
      .enumerated()
    {
      let stride = bandStrides[index]
      let kernel = bandKernels[index]
      let padding = stride == 1 ? kernel - 1 : (stride - range.count % stride) % stride
      let room = range.count + padding - kernel
      let outputCount = room < 0 ? 0 : room / stride + 1
      bands.append(
        SCNetBand(
          input: range, output: outputStart..<outputStart + max(0, outputCount), kernel: kernel,
          stride: stride, paddingBefore: padding / 2, paddingAfter: padding - padding / 2))
      outputStart += max(0, outputCount)
    }
    return bands
  }
}

/// One band of an encoder block and of the decoder block opposite.
struct SCNetBand: Sendable, Equatable {
  /// Frequencies before sampling, and after.
  let input: Range<Int>
  let output: Range<Int>
  let kernel: Int
  let stride: Int
  let paddingBefore: Int
  let paddingAfter: Int

  /// Rows that the transposed convolution gives.
  var untrimmedCount: Int { (output.count - 1) * stride + kernel }

  /// Rows that it gives too many at the start.
  var trim: Int { (untrimmedCount - input.count) / 2 }
}
