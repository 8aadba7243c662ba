// SPDX-License-Identifier: MIT
import Foundation

/// The constructor arguments of Hybrid Demucs and Hybrid Transformer Demucs that this program
/// supports, as a checkpoint holds them.
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

    /// Channels within the transformer, between layers of so many.
    func width(between channels: Int) -> Int { bottomChannels > 0 ? bottomChannels : channels }
  }

  let kind: Kind
  var sources = ["drums", "bass", "other", "vocals"]
  var channels = 48
  /// Channels of the time branch's first layer.
  var timeChannels = 48
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

  /// Channels within the residual branches of a layer of so many; 0 where that is none.
  func branchChannels(of channels: Int) -> Int { Int(Double(channels) / branchCompression) }

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

  /// Reads a package's class and arguments.
  ///
  /// Arguments that are not named here are ignored: they say how weights began or what training did,
  /// or they are left from older versions, and Demucs drops those too.
  ///
  /// - Parameter segmentSeconds: The segment that a bag asks for. Version 3 takes any; Demucs keeps the
  ///   transformer's own, for which it was trained, where the bag's is longer.
  init(_ package: ModelPackage, segmentSeconds: Double? = nil) throws(SeparationError) {
    guard let kind = Kind(rawValue: package.architecture) else {
      throw package.unsupported("its network is not one of Demucs")
    }
    self.init(kind)
    // Only the sources are ever given by position.
    guard package.arguments.count <= 1 else {
      throw package.unsupported("it has more than one argument without a name")
    }
    sources = try package.strings("sources", default: sources)
    if let first = package.arguments.first {
      guard case .list(let names) = first else {
        throw package.unsupported("its sources are not a list")
      }
      sources = names.map { if case .string(let name) = $0 { name } else { "" } }
    }
    channels = try package.integer("channels", default: channels)
    timeChannels = try package.integer("channels_time", default: 0)
    if timeChannels == 0 { timeChannels = channels }
    growth = try package.integer("growth", default: growth)
    transformLength = try package.integer("nfft", default: transformLength)
    depth = try package.integer("depth", default: depth)
    // Null is no embedding, as 0 is.
    frequencyEmbedding =
      package.namedArguments["freq_emb"] == .null
      ? 0 : try package.number("freq_emb", default: frequencyEmbedding)
    embeddingScale = try package.number("emb_scale", default: embeddingScale)
    kernel = try package.integer("kernel_size", default: kernel)
    timeStride = try package.integer("time_stride", default: timeStride)
    stride = try package.integer("stride", default: stride)
    context = try package.integer("context", default: context)
    encoderContext = try package.integer("context_enc", default: encoderContext)
    normStart = try package.integer("norm_starts", default: normStart)
    normGroups = try package.integer("norm_groups", default: normGroups)
    let mode = try package.integer("dconv_mode", default: 1)
    hasEncoderBranches = mode & 1 != 0
    hasDecoderBranches = mode & 2 != 0
    branchDepth = try package.integer("dconv_depth", default: branchDepth)
    branchCompression = try package.number("dconv_comp", default: branchCompression)
    sampleRate = try package.integer("samplerate", default: sampleRate)
    let seconds = try package.number("segment", default: Double(segmentFrames) / 44_100)
    guard (0.01...60).contains(seconds), (8_000...192_000).contains(sampleRate) else {
      throw package.unsupported("its segment or sample rate is out of range")
    }
    segmentFrames = Int(seconds * Double(sampleRate))
    if case .fraction(let numerator, let denominator) = package.namedArguments["segment"] {
      let (product, overflow) = numerator.multipliedReportingOverflow(by: sampleRate)
      if !overflow { segmentFrames = product / denominator }
    }
    if let segmentSeconds {
      guard (0.01...60).contains(segmentSeconds) else {
        throw package.unsupported("the segment of its bag is out of range")
      }
      let asked = Int((segmentSeconds * Double(sampleRate) + 1e-6).rounded(.down))
      // A transformer takes no more than it was trained for.
      if kind == .hybrid || asked <= segmentFrames { segmentFrames = asked }
    }

    // What the released models leave at these values.
    try package.require("audio_channels", .integer(2))
    try package.require("wiener_iters", .integer(0))
    try package.require("end_iters", .integer(0))
    try package.require("wiener_residual", .boolean(false))
    try package.require("cac", .boolean(true))
    try package.require("rewrite", .boolean(true))
    try package.require("multi_freqs", .list([]))
    switch kind {
    case .hybrid:
      attentionStart = try package.integer("dconv_attn", default: attentionStart)
      recurrenceStart = try package.integer("dconv_lstm", default: recurrenceStart)
      try package.require("hybrid", .boolean(true))
      try package.require("hybrid_old", .boolean(false))
    case .hybridTransformer:
      transformer = try Transformer(package)
    }
    if let why = problem { throw package.unsupported(why) }
  }

  /// Why a network of these sizes cannot be built.
  ///
  /// Bounds keep products of sizes within an integer.
  private var problem: String? {
    guard (1...64).contains(sources.count) else { return "there must be 1 to 64 sources" }
    guard (1...512).contains(channels), (1...512).contains(timeChannels),
      (1...8).contains(growth), (1...8).contains(depth)
    else { return "its channels, growth or depth are out of range" }
    guard (256...16_384).contains(transformLength), transformLength.nonzeroBitCount == 1 else {
      return "the length of its transform is not a power of two from 256 to 16384"
    }
    guard (2...32).contains(stride), stride % 2 == 0, kernel == 2 * stride else {
      return "its stride is not even, or its kernel is not twice as long"
    }
    guard [2, 4, 6, 8].contains(timeStride) else { return "its time stride is not 2, 4, 6 or 8" }
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
        (0.25...16).contains(transformer.hiddenScale),
        (2...1e9).contains(transformer.maximumPeriod),
        (-1000...1000).contains(transformer.positionWeight),
        (0...8192).contains(transformer.bottomChannels)
      else { return "its transformer is out of range" }
    }
    return nil
  }
}

extension DemucsConfiguration.Transformer {
  fileprivate init(_ package: ModelPackage) throws(SeparationError) {
    layers = try package.integer("t_layers", default: layers)
    heads = try package.integer("t_heads", default: heads)
    hiddenScale = try package.number("t_hidden_scale", default: hiddenScale)
    maximumPeriod = try package.number("t_max_period", default: maximumPeriod)
    positionWeight = try package.number("t_weight_pos_embed", default: positionWeight)
    crossFirst = try package.boolean("t_cross_first", default: crossFirst)
    bottomChannels = try package.integer("bottom_channels", default: bottomChannels)
    try package.require("t_emb", .string("sin"))
    try package.require("t_norm_in", .boolean(true))
    try package.require("t_norm_in_group", .boolean(false))
    try package.require("t_group_norm", .boolean(false))
    try package.require("t_norm_first", .boolean(true))
    try package.require("t_norm_out", .boolean(true))
    try package.require("t_layer_scale", .boolean(true))
    try package.require("t_gelu", .boolean(true))
    try package.require("t_sparse_self_attn", .boolean(false))
    try package.require("t_sparse_cross_attn", .boolean(false))
    try package.require("use_train_segment", .boolean(true))
  }
}

extension ModelPackage {
  /// Refuses any value of an argument but this one; one that is absent or null has it.
  ///
  /// Python takes 0 for false and 1 for true.
  fileprivate func require(_ key: String, _ only: PackageValue) throws(SeparationError) {
    if namedArguments[key] == only { return }
    switch (namedArguments[key] ?? .null, only) {
    case (.null, _), (.integer(0), .boolean(false)), (.integer(1), .boolean(true)),
      (.boolean(false), .integer(0)):
      return
    default: throw unsupported("its argument “\(key)” is not the one of the released models")
    }
  }

  fileprivate func unsupported(_ why: String) -> SeparationError {
    SeparationError(
      code: .unsupported, message: "\(tensors.name): the network cannot be built: \(why).")
  }
}
