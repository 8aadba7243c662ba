// SPDX-License-Identifier: MIT
import Foundation

/// The constructor arguments of Hybrid Demucs and Hybrid Transformer Demucs that this program
/// supports, as a checkpoint's metadata hold them.
///
/// Defaults are those of the published classes; a checkpoint that asks for anything else is refused.
struct DemucsConfiguration: Sendable, Equatable {
  /// Which of the two networks the arguments belong to.
  enum Kind: String, Sendable {
    /// Défossez, "Hybrid Spectrogram and Waveform Source Separation", arXiv 2111.03600.
    case hybrid = "HDemucs"
    /// Rouard, Massa and Défossez, "Hybrid Transformers for Music Source Separation",
    /// arXiv 2211.08553.
    case hybridTransformer = "HTDemucs"

    /// The class as PyTorch names it, with its modules or without.
    init?(className: String) {
      self.init(rawValue: className.split(separator: ".").last.map(String.init) ?? "")
    }
  }

  /// The layers between encoder and decoder.
  struct Transformer: Sendable, Equatable {
    var layers = 5
    var heads = 8
    /// Width of the feed-forward part, as a multiple of the channels.
    var hiddenScale = 4.0
    /// Longest wavelength of the position embedding, in units of 2π.
    var maximumPeriod = 10_000.0
    var positionWeight = 1.0
    /// Whether a cross-attention layer comes first.
    var crossFirst = false
    /// Channels within the transformer; 0 for those of the encoder.
    var bottomChannels = 0
  }

  let kind: Kind
  var sources = ["drums", "bass", "other", "vocals"]
  var channels = 48
  /// Channels of the time branch's first layer; `nil` for those of the frequency branch.
  var timeChannels: Int?
  var growth = 2
  var transformLength = 4096
  var depth: Int
  var kernel = 8
  var stride = 4
  var timeStride = 2
  /// Neighbours that a decoder layer looks at on either side.
  var context = 1
  var encoderContext = 0
  /// The first layer with group normalisation.
  var normStart = 4
  var normGroups = 4
  var hasEncoderBranches = true
  var hasDecoderBranches: Bool
  var branchDepth = 2
  var branchCompression: Double
  /// The first layer whose branches have attention, and an LSTM.
  var attentionStart: Int
  var recurrenceStart: Int
  /// Weight of the embedding of frequencies; 0 for none.
  var frequencyEmbedding = 0.2
  var embeddingScale = 10.0
  var transformer: Transformer?
  var sampleRate = 44_100
  var segmentFrames: Int

  var hop: Int { transformLength / 4 }

  /// The network's defaults.
  init(_ kind: Kind) {
    self.kind = kind
    let isHybrid = kind == .hybrid
    depth = isHybrid ? 6 : 4
    hasDecoderBranches = false
    branchCompression = isHybrid ? 4 : 8
    attentionStart = isHybrid ? 4 : .max
    recurrenceStart = isHybrid ? 4 : .max
    transformer = isHybrid ? nil : Transformer()
    segmentFrames = (isHybrid ? 40 : 10) * sampleRate
  }

  /// Reads the class and the arguments of its constructor.
  ///
  /// - Parameter segmentSeconds: The segment that a bag asks for. Version 3 takes any; the transformer
  ///   was trained for one, which Demucs keeps where the bag's is longer.
  init(_ package: ModelPackage, segmentSeconds: Double? = nil) throws(SeparationError) {
    guard let kind = Kind(className: package.className) else {
      throw SeparationError(
        code: .unsupported, message: "\(package.tensors.name): the checkpoint is not one of Demucs."
      )
    }
    self.init(kind)
    let arguments = try DemucsArguments(package)
    try read(arguments)
    if let segmentSeconds {
      let trained = segmentFrames
      segmentFrames = try frames(seconds: segmentSeconds, arguments)
      if kind == .hybridTransformer {
        guard segmentFrames >= trained else {
          throw arguments.unsupported("its bag asks for a shorter segment")
        }
        segmentFrames = trained
      }
    }
    if let why = problem {
      throw SeparationError(
        code: .unsupported,
        message: "\(package.tensors.name): the network cannot be built: \(why).")
    }
  }

  private mutating func read(_ arguments: DemucsArguments) throws(SeparationError) {
    sources = try arguments.value("sources", sources)
    channels = try arguments.value("channels", channels)
    timeChannels = try arguments.optional("channels_time")
    growth = Int(try arguments.value("growth", Double(growth)))
    transformLength = try arguments.value("nfft", transformLength)
    depth = try arguments.value("depth", depth)
    frequencyEmbedding = try arguments.value("freq_emb", frequencyEmbedding)
    embeddingScale = try arguments.value("emb_scale", embeddingScale)
    kernel = try arguments.value("kernel_size", kernel)
    timeStride = try arguments.value("time_stride", timeStride)
    stride = try arguments.value("stride", stride)
    context = try arguments.value("context", context)
    encoderContext = try arguments.value("context_enc", encoderContext)
    normStart = try arguments.value("norm_starts", normStart)
    normGroups = try arguments.value("norm_groups", normGroups)
    let mode = try arguments.value("dconv_mode", 1)
    hasEncoderBranches = mode & 1 != 0
    hasDecoderBranches = mode & 2 != 0
    branchDepth = try arguments.value("dconv_depth", branchDepth)
    branchCompression = try arguments.value("dconv_comp", branchCompression)
    sampleRate = try arguments.value("samplerate", sampleRate)
    let seconds = try arguments.value("segment", Double(segmentFrames) / 44_100)
    segmentFrames = try frames(seconds: seconds, arguments)

    // What the released models leave at these values.
    try arguments.require("audio_channels", 2)
    try arguments.require("wiener_iters", 0)
    try arguments.require("end_iters", 0)
    try arguments.require("wiener_residual", false)
    try arguments.require("cac", true)
    try arguments.require("rewrite", true)
    try arguments.requireNone("multi_freqs")

    switch kind {
    case .hybrid:
      attentionStart = try arguments.value("dconv_attn", attentionStart)
      recurrenceStart = try arguments.value("dconv_lstm", recurrenceStart)
      try arguments.require("hybrid", true)
      try arguments.require("hybrid_old", false)
    case .hybridTransformer:
      transformer = try readTransformer(arguments)
    }
  }

  private func frames(
    seconds: Double, _ arguments: DemucsArguments
  ) throws(SeparationError) -> Int {
    guard (0.01...600).contains(seconds), (8_000...192_000).contains(sampleRate) else {
      throw arguments.unsupported("its segment or sample rate is out of range")
    }
    // Seconds are a fraction such as 39/5, whose product with the rate is whole.
    return Int((seconds * Double(sampleRate) + 1e-6).rounded(.down))
  }

  private func readTransformer(
    _ arguments: DemucsArguments
  ) throws(SeparationError) -> Transformer {
    var result = Transformer()
    result.layers = try arguments.value("t_layers", result.layers)
    result.heads = try arguments.value("t_heads", result.heads)
    result.hiddenScale = try arguments.value("t_hidden_scale", result.hiddenScale)
    result.maximumPeriod = try arguments.value("t_max_period", result.maximumPeriod)
    result.positionWeight = try arguments.value("t_weight_pos_embed", result.positionWeight)
    result.crossFirst = try arguments.value("t_cross_first", result.crossFirst)
    result.bottomChannels = try arguments.value("bottom_channels", result.bottomChannels)
    try arguments.require("t_emb", "sin")
    try arguments.require("t_norm_in", true)
    try arguments.require("t_norm_in_group", false)
    try arguments.require("t_group_norm", false)
    try arguments.require("t_norm_first", true)
    try arguments.require("t_norm_out", true)
    try arguments.require("t_layer_scale", true)
    try arguments.require("t_gelu", true)
    try arguments.require("t_sparse_self_attn", false)
    try arguments.require("t_sparse_cross_attn", false)
    try arguments.require("use_train_segment", true)
    return result
  }

  /// Why a network of these sizes cannot be built.
  ///
  /// Bounds keep products of sizes within an integer.
  private var problem: String? {
    guard (1...64).contains(sources.count) else { return "there must be 1 to 64 sources" }
    guard (1...512).contains(channels), (1...512).contains(timeChannels ?? channels),
      (1...8).contains(growth), (1...8).contains(depth)
    else { return "its channels, growth or depth are out of range" }
    guard (256...16_384).contains(transformLength), transformLength.nonzeroBitCount == 1 else {
      return "the length of its transform is not a power of two from 256 to 16384"
    }
    guard (1...32).contains(stride), (1...8).contains(timeStride), kernel == 2 * stride else {
      return "its kernel is not twice its stride"
    }
    guard (0...4).contains(context), encoderContext == 0 else {
      return "the context of its layers is out of range"
    }
    guard normStart >= 0, (1...64).contains(normGroups) else {
      return "its normalisation is out of range"
    }
    guard (1...8).contains(branchDepth), (0.5...64).contains(branchCompression) else {
      return "its residual branches are out of range"
    }
    guard attentionStart >= 0, recurrenceStart >= 0 else { return "a layer's number is negative" }
    guard segmentFrames >= 2 * transformLength else { return "its segment is too short" }
    guard (0...100).contains(frequencyEmbedding), (0...1000).contains(embeddingScale) else {
      return "its frequency embedding is out of range"
    }
    if let transformer {
      guard (1...32).contains(transformer.layers), (1...64).contains(transformer.heads),
        (0.25...16).contains(transformer.hiddenScale), transformer.maximumPeriod > 1,
        (0...8192).contains(transformer.bottomChannels)
      else { return "its transformer is out of range" }
    }
    return nil
  }
}
