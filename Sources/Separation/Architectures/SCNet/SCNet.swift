// SPDX-License-Identifier: MIT
import NeuralNetwork

/// SCNet, the sparse compression network for music source separation.
///
/// Tong et al., "SCNet: Sparse Compression Network for Music Source Separation", ICASSP 2024
/// (arXiv 2401.13276). Published checkpoints load at their own sizes.
///
///     spectrogram ─▶ encoder ▶ encoder ▶ encoder ─▶ dual-path LSTMs, every second one
///          │            │         │         │        on the Fourier transform along time
///          │ mask       │ skip    │         │                     │
///     spectrograms ◀─ decoder ◀ decoder ◀ decoder ◀───────────────┘
///
/// All activations are (frequencies, frames, channels): a band of frequencies is a part of memory,
/// and channels are the fast axis of every product.
struct SCNet: NetworkModel {
  let configuration: SCNetConfiguration
  let plan: NetworkPlan
  private let layers: Layers
  private let memory: SCNetMemory

  private struct Layers: Sendable {
    let transform: ShortTimeFourierTransform
    let encoder: [SCNetEncoderBlock]
    let dualPath: [SCNetDualPath]
    let conversion: RealFourierTransform
    let decoder: [SCNetDecoderBlock]
  }

  var sources: [String] { configuration.sources }
  var sampleRate: Int { configuration.sampleRate }
  var memoryCount: Int { memory.count }
  var channelCount: Int { configuration.audioChannels }
  var segmentFrames: Int { configuration.segmentFrames }

  /// Reads the sizes from the checkpoint's metadata and packs its weights.
  ///
  /// - Parameter threadsPerWorker: Threads that work on one segment.
  init(checkpoint: Safetensors, threadsPerWorker: Int) throws(SeparationError) {
    let configuration = try SCNetConfiguration(
      metadata: checkpoint.metadata, name: checkpoint.name)
    let weights = NetworkWeights(checkpoint.tensors)
    let plan = NetworkPlan(threadCount: threadsPerWorker)
    let transform = try weights.make { () throws(NeuralNetworkError) in
      try ShortTimeFourierTransform(
        sampleCount: configuration.paddedFrames, length: configuration.transformLength,
        hop: configuration.hop, windowLength: configuration.windowLength,
        window: configuration.hasHannWindow ? .hann : .rectangular,
        isNormalized: configuration.isNormalized, in: plan)
    }
    let frames = transform.frameCount

    var encoder: [SCNetEncoderBlock] = []
    var bins = transform.binCount
    for index in 0..<configuration.dims.count - 1 {
      let block = try SCNetEncoderBlock(
        weights["encoder"][index], configuration: configuration, index: index, inputBins: bins,
        frames: frames, in: plan)
      encoder.append(block)
      bins = block.outputBins
    }

    let width = configuration.dims[configuration.dims.count - 1]
    var dualPath: [SCNetDualPath] = []
    for index in 0..<configuration.dualPathLayers {
      let isTransformed = index % 2 == 1
      dualPath.append(
        try SCNetDualPath(
          weights["separation_net.dp_modules"][index], bins: bins,
          frames: isTransformed ? frames / 2 + 1 : frames,
          channels: isTransformed ? 2 * width : width, expansion: configuration.expansion, in: plan)
      )
    }
    let lowestBins = bins
    let conversion = try weights.make { () throws(NeuralNetworkError) in
      try RealFourierTransform(rows: lowestBins, frames: frames, channels: width, in: plan)
    }

    var decoder: [SCNetDecoderBlock] = []
    for (index, block) in encoder.reversed().enumerated() {
      let isLast = index == encoder.count - 1
      decoder.append(
        try SCNetDecoderBlock(
          weights["decoder"][index], opposite: block,
          outputChannels: block.inputChannels * (isLast ? configuration.sources.count : 1),
          frames: frames, in: plan))
    }
    try weights.requireAllAsked()
    self.configuration = configuration
    self.plan = plan
    layers = Layers(
      transform: transform, encoder: encoder, dualPath: dualPath, conversion: conversion,
      decoder: decoder)
    memory = SCNetMemory(
      configuration: configuration, transform: transform, encoder: encoder, dualPath: dualPath,
      decoder: decoder)
  }

  func run(
    _ input: UnsafePointer<Float>, _ output: UnsafeMutablePointer<Float>,
    base: UnsafeMutablePointer<Float>, on executor: Executor
  ) {
    let mixture = base + memory.mixture  // (bins, frames, 4)
    var x = base + memory.first
    var y = base + memory.second
    layers.transform.forward(
      input, inputStride: segmentFrames, inputCount: segmentFrames, padded: y, mixture, on: executor
    )
    let count = layers.transform.binCount * layers.transform.frameCount * 4
    if configuration.inputPower == 1 {
      x.update(from: mixture, count: count)
    } else {
      executor.compress(mixture, x, count: count / 2, power: Float(configuration.inputPower))
    }
    let (mean, variance) = executor.moments(x, count: count)
    let deviation = (variance * Double(count) / Double(count - 1)).squareRoot()
    let factor = 1 / (1e-5 + deviation)
    executor.scale(x, x, count: count, by: Float(factor), shift: Float(-mean * factor))

    for (index, block) in layers.encoder.enumerated() {
      block.run(x, skip: base + memory.skips[index], output: x, temporary: y, on: executor)
    }
    for (index, layer) in layers.dualPath.enumerated() {
      layer.run(x, temporary: y, on: executor)
      if index % 2 == 0 {
        layers.conversion.forward(x, y, on: executor)
      } else {
        layers.conversion.inverse(x, y, on: executor)
      }
      swap(&x, &y)
    }
    for (block, skip) in zip(layers.decoder, memory.skips.reversed()) {
      block.run(x, skip: base + skip, output: y, on: executor)
      swap(&x, &y)
    }

    // x: (bins, frames, sources, 4)
    if configuration.output == .mask {
      executor.share(x, positions: count / 4, sources: sources.count)
    }
    layers.transform.inverse(
      x, signals: sources.count,
      preparation: configuration.output == .mask
        ? .multiply(mixture) : .scale(Float(deviation), shift: Float(mean)),
      padded: y, output, outputCount: segmentFrames, on: executor)
  }
}

/// Where everything lies in a worker's memory: the mixture's spectrogram, each encoder block's
/// output for the decoder, and two regions between which the network's state goes back and forth.
struct SCNetMemory: Sendable {
  let mixture: Int
  let skips: [Int]
  let first: Int
  let second: Int
  let count: Int

  init(
    configuration: SCNetConfiguration, transform: ShortTimeFourierTransform,
    encoder: [SCNetEncoderBlock], dualPath: [SCNetDualPath], decoder: [SCNetDecoderBlock]
  ) {
    let frames = transform.frameCount
    let spectrogram = transform.binCount * frames * 4
    // The same steps as in SCNet.run, noting what each needs of the regions x and y.
    var x = spectrogram
    var y = 2 * transform.paddedCount
    for block in encoder {
      x = max(x, block.outputBins * frames * block.outputChannels)
      y = max(y, block.temporaryCount)
    }
    if let last = encoder.last, !dualPath.isEmpty {
      let converted = last.outputBins * (frames / 2 + 1) * 2 * last.outputChannels
      x = max(x, converted)
      y = max(y, converted, dualPath.map(\.temporaryCount).max() ?? 0)
      x = max(x, dualPath.map(\.temporaryCount).max() ?? 0)
    }
    for block in decoder {
      x = max(x, block.inputBins * frames * block.channels)
      y = max(
        y, block.inputBins * frames * 2 * block.channels,
        block.outputBins * frames * block.outputChannels)
      swap(&x, &y)
    }
    y = max(y, configuration.sources.count * 2 * transform.paddedCount)
    if decoder.count % 2 != 0 { swap(&x, &y) }

    var plan = ArenaPlan()
    mixture = plan.reserve(spectrogram)
    skips = encoder.map { plan.reserve($0.outputBins * frames * $0.outputChannels) }
    first = plan.reserve(x)
    second = plan.reserve(y)
    count = plan.count
  }
}
