// SPDX-License-Identifier: MIT
import Foundation
import MixCore
import NeuralNetwork

/// What was learned from finished songs: networks for gains, and for vocals over a backing.
///
/// Of every network the model knows whether it was better on songs held out than the best that can be said without
/// listening. Where it was not, it is not asked.
public struct LearnedModel: Sendable {
  /// A song that a model has learned from, or that was held out.
  public struct Song: Sendable, Equatable, Codable {
    /// How it is called.
    public var name: String
    /// What tells its audio from others.
    public var fingerprint: String
    /// The loudness of the vocals against the backing in LU, where there are both.
    public var vocalsLU: Double?
    /// The range of the vocals' levels in LU.
    public var vocalRangeLU: Double?
    /// The reverberation time of the vocals in seconds, where it could be estimated.
    public var vocalDecaySeconds: Double?
  }

  /// What there is to say of a model, without its networks.
  public struct Card: Sendable, Equatable, Codable {
    /// How each task went.
    public var reports: [TaskReport]
    /// The songs for training.
    public var songs: [Song]
    /// The songs held out, which chose when to stop.
    public var heldOut: [Song]
    /// How it was learned.
    public var options: Learner.Options
    /// (outputs) by aspect: what the networks' 0 and 1 stand for.
    var means: [String: [Double]] = [:]
    var scales: [String: [Double]] = [:]
  }

  /// What there is to say of it.
  public let card: Card
  /// By task.
  private let tensors: [String: [[NamedTensor]]]

  private static let format = "tonmeister mix model 1"

  init(
    gains: GainNetwork, vocals: [VocalNetwork], reports: [TaskReport], songs: [Song],
    heldOut: [Song], options: Learner.Options
  ) {
    var card = Card(reports: reports, songs: songs, heldOut: heldOut, options: options)
    var tensors = ["gains": [gains.trunk.tensors, gains.head.tensors]]
    for network in vocals {
      tensors[network.aspect.rawValue] = [network.network.tensors]
      card.means[network.aspect.rawValue] = network.mean
      card.scales[network.aspect.rawValue] = network.scale
    }
    self.card = card
    self.tensors = tensors
  }

  /// Reads a model.
  ///
  /// - Parameter path: The file, or the folder that `tonmeister learn` wrote.
  /// - Throws: ``AutoMixError`` with the code `model`.
  public init(path: String) throws(AutoMixError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    let path =
      exists && isFolder.boolValue
      ? URL(filePath: path).appending(path: Self.fileName).path : path
    let file = try ModelFile(path: path, format: Self.format)
    card = try file.decode("card")
    var tensors: [String: [[NamedTensor]]] = [:]
    for name in ["gains"] + VocalAspect.allCases.map(\.rawValue) {
      tensors[name] = try file.groups(name)
    }
    self.tensors = tensors
    // Whether the networks are what they should be is known when they have been made once.
    _ = try gainNetwork()
    for aspect in VocalAspect.allCases { _ = try vocalNetwork(aspect) }
  }

  /// The name of the file in the folder of a model.
  public static let fileName = "model.safetensors"

  /// Writes the model as a safetensors file, which appears when it is complete.
  ///
  /// - Throws: ``AutoMixError`` with the code `output`.
  public func write(to path: String) throws(AutoMixError) {
    var writer = ModelFileWriter(format: Self.format)
    try writer.encode("card", card)
    for (name, groups) in tensors { writer.add(name, groups) }
    try writer.write(to: path)
  }

  /// Whether its gains were better than those by rules.
  public var isBetterThanRules: Bool { isBetter("gains") }

  /// What of vocals over a backing the rules decide, since nothing better was learned.
  public var unusedVocalTasks: [String] {
    VocalAspect.allCases.map(\.rawValue).filter { !isBetter($0) }
  }

  /// Whether a task was learned better than what can be said without listening.
  func isBetter(_ task: String) -> Bool {
    card.reports.contains { $0.task == task && $0.isBetter }
  }

  /// How far each stem should stand from the mean of all, in dB, with a mean of 0; whether or not that is better than
  /// the rules.
  func levels(_ stems: [StemAnalysis]) throws(AutoMixError) -> [Double] {
    let network = try gainNetwork()
    return try Self.run { () throws(NeuralNetworkError) in try network.levels(stems) }
  }

  /// The aspect of a vocal over its backing, whether or not that is better than a constant; nil where nothing is
  /// sung.
  func predict(
    _ aspect: VocalAspect, vocal: StemAnalysis, backing: StemAnalysis
  ) throws(AutoMixError) -> [Double]? {
    let network = try vocalNetwork(aspect)
    return try Self.run { () throws(NeuralNetworkError) in
      try network.predict(vocals: [vocal], backing: [backing])
    }
  }

  private func gainNetwork() throws(AutoMixError) -> GainNetwork {
    let groups = tensors["gains"] ?? []
    return try Self.run { () throws(NeuralNetworkError) in
      let network = try GainNetwork(seed: 0)
      try network.trunk.load(groups.first ?? [])
      try network.head.load(groups.last ?? [])
      return network
    }
  }

  private func vocalNetwork(_ aspect: VocalAspect) throws(AutoMixError) -> VocalNetwork {
    let network = try Self.run { () throws(NeuralNetworkError) in
      let network = try VocalNetwork(aspect, seed: 0)
      try network.network.load(tensors[aspect.rawValue]?.first ?? [])
      return network
    }
    guard let mean = card.means[aspect.rawValue], let scale = card.scales[aspect.rawValue],
      mean.count == aspect.outputCount, scale.count == aspect.outputCount
    else {
      throw AutoMixError(
        code: .model, message: "The model does not say the units of “\(aspect.rawValue)”.")
    }
    network.mean = mean
    network.scale = scale
    return network
  }

  private static func run<Value>(
    _ body: () throws(NeuralNetworkError) -> Value
  ) throws(AutoMixError) -> Value {
    do { return try body() } catch {
      throw AutoMixError(
        code: .model, message: "The networks of the model cannot be used: \(error.message)")
    }
  }
}
