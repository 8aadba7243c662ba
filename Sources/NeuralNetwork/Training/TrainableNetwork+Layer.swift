// SPDX-License-Identifier: MIT

extension TrainableNetwork {
  /// A layer of the chain; its definition is that of PyTorch's layer in brackets.
  ///
  /// Its description, such as `convolution 16 3`, is also how it is encoded.
  public enum Layer: Sendable, Equatable {
    /// A square kernel, no padding, stride 1 (`Conv2d`).
    case convolution(channels: Int, kernel: Int)
    /// Of every channel over items and places (`BatchNorm2d`, `BatchNorm1d`).
    case batchNorm
    /// max(0, x) (`ReLU`)
    case relu
    /// Of square windows of this size that do not overlap (`MaxPool2d`).
    case maxPool(Int)
    /// The mean of every channel over its places (`AdaptiveAvgPool2d(1)`).
    case globalAveragePool
    /// Channels, rows, columns to one row of features (`Flatten`).
    case flatten
    /// Values become zero with this probability, 0 ≤ p < 1, while training (`Dropout`).
    case dropout(Float)
    /// From one row of features to this many (`Linear`).
    case linear(Int)
    /// Hyperbolic tangent (`Tanh`).
    case tanh
  }
}

extension TrainableNetwork.Layer: LosslessStringConvertible {
  public var description: String {
    switch self {
    case .convolution(let channels, let kernel): "convolution \(channels) \(kernel)"
    case .batchNorm: "batchNorm"
    case .relu: "relu"
    case .maxPool(let size): "maxPool \(size)"
    case .globalAveragePool: "globalAveragePool"
    case .flatten: "flatten"
    case .dropout(let probability): "dropout \(probability)"
    case .linear(let outputs): "linear \(outputs)"
    case .tanh: "tanh"
    }
  }

  public init?(_ description: String) {
    let words = description.split(separator: " ", omittingEmptySubsequences: false)
    switch (words[0], words.count) {
    case ("convolution", 3):
      guard let channels = Int(words[1]), let kernel = Int(words[2]) else { return nil }
      self = .convolution(channels: channels, kernel: kernel)
    case ("maxPool", 2):
      guard let size = Int(words[1]) else { return nil }
      self = .maxPool(size)
    case ("dropout", 2):
      guard let probability = Float(words[1]) else { return nil }
      self = .dropout(probability)
    case ("linear", 2):
      guard let outputs = Int(words[1]) else { return nil }
      self = .linear(outputs)
    case ("batchNorm", 1): self = .batchNorm
    case ("relu", 1): self = .relu
    case ("globalAveragePool", 1): self = .globalAveragePool
    case ("flatten", 1): self = .flatten
    case ("tanh", 1): self = .tanh
    default: return nil
    }
  }
}

extension TrainableNetwork.Layer: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let layer = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "There is no layer “\(text)”.")
    }
    self = layer
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
