// SPDX-License-Identifier: MIT
import NeuralNetwork

/// Hybrid Demucs and Hybrid Transformer Demucs: two U-nets, one over the spectrogram and one over
/// the waveform, whose outputs are added.
///
///     spectrogram ─▶ encoder ▶ encoder ▶ … ─┐                  ┌─▶ … ▶ decoder ▶ decoder ─▶ spectrograms
///                       │         │         ├─▶ transformer ─▶─┤          │         │            │
///                       └─────────┼─────────┼──── skips ───────┼──────────┴─────────┘            +
///     waveform ────▶ encoder ▶ encoder ▶ … ─┘                  └─▶ … ▶ decoder ▶ decoder ─▶ waveforms
///
/// Hybrid Demucs (version 3; Défossez, arXiv 2111.03600) joins the branches in its deepest layers and
/// has nothing between encoder and decoder, which begins with the skips alone. Hybrid Transformer
/// Demucs (version 4; Rouard, Massa and Défossez, arXiv 2211.08553) keeps the branches apart and lets
/// a transformer mediate; its segments are always as long as in training. Released checkpoints load at their own sizes.
///
/// All activations are (frequencies, frames, channels); the time branch has one frequency.
struct HybridDemucs: NetworkModel {
  private(set) var configuration: DemucsConfiguration
  let plan: NetworkPlan
  private var transform: ShortTimeFourierTransform
  private var frequency: DemucsBranchLayers
  private var time: DemucsBranchLayers
  private let bottleneck: DemucsBottleneck?
  private var memory: Memory

  var sources: [String] { configuration.sources }
  var sampleRate: Int { configuration.sampleRate }
  var memoryCount: Int { memory.count }
  var channelCount: Int { 2 }
  var segmentFrames: Int { configuration.segmentFrames }
  var normalizesTrack: Bool { true }
  var isThreadable: Bool { true }
  var precision: Separator.Options.Precision {
    plan.precision == .bfloat16 ? .bfloat16 : .float32
  }
  var takesShortSegments: Bool { configuration.kind == .hybrid }

  /// Reads the sizes from the package's arguments and packs its weights.
  ///
  /// - Parameters:
  ///   - segmentSeconds: The segment that a bag asks for.
  ///   - precision: In which weights are multiplied, but for the recurrent layers, the ends of the
  ///     residual branches and the convolutions of 3 × 3, which stay in float32, as does attention.
  init(
    package: ModelPackage, segmentSeconds: Double? = nil, precision: Precision = .float32
  ) throws(SeparationError) {
    let configuration = try DemucsConfiguration(package, segmentSeconds: segmentSeconds)
    let weights = NetworkWeights(package.tensors)
    let plan = NetworkPlan(precision: precision)
    let transform = try Self.transform(configuration, in: plan)
    let levels = try DemucsLevel.levels(
      configuration: configuration,
      spectrogram: DemucsGrid(rows: transform.binCount, frames: transform.frameCount, channels: 4),
      name: package.tensors.name)
    (frequency, time) = try DemucsBranchLayers.make(
      weights, configuration: configuration, levels: levels, in: plan)
    if let transformer = configuration.transformer {
      bottleneck = try DemucsBottleneck(
        weights, configuration: transformer, frequency: frequency.deepest, time: time.deepest,
        in: plan)
    } else {
      bottleneck = nil
    }
    try weights.requireAllAsked()
    self.configuration = configuration
    self.plan = plan
    self.transform = transform
    memory = Memory(
      transform: transform, sources: configuration.sources.count, frequency: frequency, time: time,
      bottleneck: bottleneck)
    guard memory.count <= 1 << 30 else {
      throw SeparationError(
        code: .limit, message: "\(package.tensors.name): the network would need too much memory.")
    }
  }

  func resized(to frameCount: Int) throws(SeparationError) -> HybridDemucs {
    var copy = self
    copy.configuration.segmentFrames = frameCount
    let transform = try Self.transform(copy.configuration, in: plan)
    copy.transform = transform
    copy.frequency = frequency.resized(
      input: DemucsGrid(rows: transform.binCount, frames: transform.frameCount, channels: 4))
    copy.time = time.resized(input: DemucsGrid(rows: 1, frames: frameCount, channels: 2))
    copy.memory = Memory(
      transform: transform, sources: sources.count, frequency: copy.frequency, time: copy.time,
      bottleneck: bottleneck)
    guard takesShortSegments, copy.memory.count <= memory.count else {
      throw SeparationError(
        code: .limit, message: "The network was not made for segments of \(frameCount) samples.")
    }
    return copy
  }

  private static func transform(
    _ configuration: DemucsConfiguration, in plan: NetworkPlan
  ) throws(SeparationError) -> ShortTimeFourierTransform {
    do throws(NeuralNetworkError) {
      return try ShortTimeFourierTransform(
        sampleCount: configuration.segmentFrames, length: configuration.transformLength,
        hop: configuration.hop, windowLength: configuration.transformLength, window: .hann,
        isNormalized: true, framing: .betweenHops, in: plan)
    } catch {
      throw SeparationError(code: .unsupported, message: error.message)
    }
  }

  /// Networks of the same sizes lay their memory out alike.
  func isLaidOut(like other: HybridDemucs) -> Bool { configuration == other.configuration }

  func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    base: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let temporary = base + memory.temporary
    let spectrogram = base + memory.frequency[0]
    let waveform = base + memory.waveform
    transform.forward(
      input, inputStride: segmentFrames, inputCount: segmentFrames, padded: temporary, spectrogram,
      on: executor)
    let spectrogramScale = normalize(
      spectrogram, count: transform.binCount * transform.frameCount * 4, on: executor)
    for frame in 0..<segmentFrames {
      waveform[2 * frame] = input[frame]
      waveform[2 * frame + 1] = input[segmentFrames + frame]
    }
    let waveformScale = normalize(waveform, count: 2 * segmentFrames, on: executor)

    for (index, layer) in frequency.encoder.enumerated() {
      var injection: UnsafePointer<Float>?
      let before =
        index == 0 ? waveform : base + memory.timeSkips[min(index, time.encoder.count) - 1]
      if index < time.encoder.count {
        time.encoder[index].run(
          before, base + memory.timeSkips[index], temporary: temporary, on: executor)
      } else if index == time.encoder.count, let joint = time.joint {
        joint.encoder.run(before, row: 0, base + memory.injection, on: executor)
        injection = UnsafePointer(base + memory.injection)
      }
      layer.run(
        index == 0 ? spectrogram : base + memory.frequencySkips[index - 1], injection: injection,
        base + memory.frequencySkips[index], temporary: temporary, on: executor)
    }

    var x = base + memory.frequency[0]
    var y = base + memory.time[0]
    if let bottleneck {
      bottleneck.run(
        base + memory.frequencySkips[frequency.encoder.count - 1],
        base + memory.timeSkips[time.encoder.count - 1], x, y,
        wideFrequency: base + memory.frequency[1], wideTime: base + memory.time[1],
        temporary: temporary, on: executor)
    } else {
      x.update(repeating: 0, count: frequency.deepest.count)
    }

    var timeStep = 0
    for (step, layer) in frequency.decoder.enumerated() {
      let index = frequency.decoder.count - 1 - step
      let next = (step + 1) % 2
      x = layer.run(
        x, skip: base + memory.frequencySkips[index],
        base + (index == 0 ? memory.result : memory.frequency[next]), temporary: temporary,
        on: executor)
      if index == time.encoder.count, let joint = time.joint {
        // The gated signal of the layer where the branches part.
        y = joint.decoder.run(
          temporary, skip: nil, base + memory.time[0], temporary: temporary, on: executor)
      } else if index < time.encoder.count {
        timeStep += 1
        y = time.decoder[timeStep - 1].run(
          y, skip: base + memory.timeSkips[index], base + memory.time[timeStep % 2],
          temporary: temporary,
          on: executor)
      }
    }

    transform.inverse(
      x, signals: sources.count,
      preparation: .scale(Float(spectrogramScale.deviation), shift: Float(spectrogramScale.mean)),
      padded: temporary, output, outputCount: segmentFrames, on: executor)
    executor.addInterleaved(
      y, to: output, frames: segmentFrames, channels: 2 * sources.count, stride: segmentFrames,
      scale: Float(waveformScale.deviation), shift: Float(waveformScale.mean))
  }

  /// Brings `count` values to mean 0 and deviation 1, with a floor for silence.
  private func normalize(
    _ values: UnsafeMutablePointer<Float>, count: Int, on executor: Executor
  ) -> (mean: Double, deviation: Double) {
    let (mean, variance) = executor.moments(values, count: count)
    let deviation = (variance * Double(count) / Double(count - 1)).squareRoot()
    // The mean goes first: under a large offset the product of both would lose the signal's bits.
    executor.scale(values, values, count: count, by: 1, shift: Float(-mean))
    executor.scale(
      values, values, count: count, by: Float(1 / (1e-5 + deviation)), shift: 0)
    return (mean, deviation)
  }
}

extension HybridDemucs {
  /// Where everything lies in a worker's memory: the waveform, the encoders' outputs, for each
  /// branch two regions between which its state goes back and forth, and working memory.
  private struct Memory: Sendable {
    let frequencySkips: [Int]
    let timeSkips: [Int]
    let waveform: Int
    let injection: Int
    let frequency: [Int]
    /// The spectrograms of the stems.
    let result: Int
    let time: [Int]
    let temporary: Int
    let count: Int

    init(
      transform: ShortTimeFourierTransform, sources: Int, frequency: DemucsBranchLayers,
      time: DemucsBranchLayers, bottleneck: DemucsBottleneck?
    ) {
      var plan = ArenaPlan()
      timeSkips = time.encoder.map { plan.reserve($0.output.count) }
      waveform = plan.reserve(2 * transform.sampleCount)
      injection = plan.reserve(time.joint?.encoder.output.count ?? 0)

      var regions = [
        max(frequency.deepest.count, transform.binCount * transform.frameCount * 4),
        bottleneck?.wideFrequencyCount ?? 0,
      ]
      for (step, layer) in frequency.decoder.dropLast().enumerated() {
        regions[(step + 1) % 2] = max(regions[(step + 1) % 2], layer.outputCount)
      }
      // The last layer, whose output is the largest block of all, writes over its own inputs: it has
      // read them all before. They lie side by side.
      let last = max(0, frequency.decoder.count - 1) % 2
      var places = [0, 0]
      places[1 - last] = plan.reserve(regions[1 - last])
      let firstSkip = plan.reserve(frequency.encoder.first?.output.count ?? 0)
      let room = plan.count - firstSkip
      let needed = (frequency.decoder.last?.outputCount ?? 0) - room
      places[last] = plan.reserve(max(regions[last], needed))
      self.frequency = places
      result = firstSkip
      frequencySkips =
        [firstSkip] + frequency.encoder.dropFirst().map { plan.reserve($0.output.count) }

      regions = [
        max(time.deepest.count, time.joint?.decoder.outputCount ?? 0),
        bottleneck?.wideTimeCount ?? 0,
      ]
      for (step, layer) in time.decoder.enumerated() {
        regions[(step + 1) % 2] = max(regions[(step + 1) % 2], layer.outputCount)
      }
      self.time = regions.map { plan.reserve($0) }

      let layers = [frequency, time]
      temporary = plan.reserve(
        max(
          layers.flatMap { $0.encoder.map(\.temporaryCount) }.max() ?? 0,
          layers.flatMap { $0.decoder.map(\.temporaryCount) }.max() ?? 0,
          bottleneck?.temporaryCount ?? 0, 2 * sources * transform.paddedCount))
      count = plan.count
    }
  }
}
