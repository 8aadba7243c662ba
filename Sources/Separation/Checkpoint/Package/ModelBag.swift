// SPDX-License-Identifier: MIT

/// Several models whose outputs are averaged, as Demucs' `.yaml` files name them.
package struct ModelBag: Sendable, Equatable {
  /// The models' names, each that of a checkpoint.
  package let models: [String]
  /// How much each model counts for each source, (models, sources); `nil` where all count the same.
  let weights: [[Double]]?
  /// The length of a segment in seconds, where it is not the models' own.
  let segmentSeconds: Double?

  /// More bytes, models and sources than any bag has.
  package static let maximumByteCount = 1 << 16
  static let maximumModelCount = 256
  static let maximumSourceCount = 64

  package init(path: String) throws(SeparationError) {
    try self.init(.checkpoint(at: path), name: path)
  }

  /// - Parameter name: Of the file, for messages.
  init(_ file: MappedFile, name: String) throws(SeparationError) {
    guard file.bytes.count <= Self.maximumByteCount else {
      throw SeparationError(
        code: .limit, message: "\(name): a bag of models is not longer than 64 kB.")
    }
    do throws(BagError) {
      var parser = BagParser(withExtendedLifetime(file) { [UInt8](file.bytes) })
      let reader = BagReader(entries: try parser.parse())
      models = try reader.models()
      weights = try reader.weights(modelCount: models.count)
      segmentSeconds = try reader.segment()
    } catch {
      throw SeparationError(
        code: .malformed,
        message: "\(name), line \(error.line): not a bag of models: \(error.reason).")
    }
  }
}

/// Why a bag cannot be read, and where.
struct BagError: Error {
  let line: Int
  let reason: String
}

/// Gives the values of a bag their meaning.
private struct BagReader {
  let entries: [BagEntry]

  /// The value of a key, `nil` where it is absent or null.
  private func value(_ key: String) -> BagValue? {
    guard let entry = entries.first(where: { $0.key == key }) else { return nil }
    if case .plain("null") = entry.value.kind { return nil }
    return entry.value
  }

  func models() throws(BagError) -> [String] {
    var known: Set<String> = []
    for entry in entries {
      guard ["models", "weights", "segment"].contains(entry.key) else {
        throw BagError(line: entry.line, reason: "the key “\(entry.key.excerpt)” is unknown")
      }
      guard known.insert(entry.key).inserted else {
        throw BagError(line: entry.line, reason: "the key “\(entry.key)” is there twice")
      }
    }
    guard let value = value("models") else {
      throw BagError(line: 1, reason: "the key “models” is missing")
    }
    guard case .list(let items) = value.kind, (1...ModelBag.maximumModelCount).contains(items.count)
    else {
      throw BagError(
        line: value.line, reason: "“models” is not a list of 1 to \(ModelBag.maximumModelCount)")
    }
    var models: [String] = []
    for item in items { models.append(try model(item)) }
    return models
  }

  private func model(_ item: BagValue) throws(BagError) -> String {
    switch item.kind {
    case .quoted(let name) where CheckpointMetadata.isPlainName(name): return name
    case .plain(let name) where CheckpointMetadata.isPlainName(name):
      guard !["null", "true", "false"].contains(name), Double(name) == nil else {
        throw BagError(line: item.line, reason: "the model’s name \(name) has to be in quotes")
      }
      return name
    case .list: throw BagError(line: item.line, reason: "a model is a list")
    case .quoted(let name), .plain(let name):
      throw BagError(line: item.line, reason: "“\(name.excerpt)” is not a model’s name")
    }
  }

  func weights(modelCount: Int) throws(BagError) -> [[Double]]? {
    guard let value = value("weights") else { return nil }
    guard case .list(let rows) = value.kind, rows.count == modelCount else {
      throw BagError(
        line: value.line, reason: "“weights” does not have a list for each of \(modelCount) models")
    }
    var weights: [[Double]] = []
    for row in rows {
      guard case .list(let items) = row.kind,
        (1...ModelBag.maximumSourceCount).contains(items.count),
        items.count == weights.first?.count ?? items.count
      else {
        throw BagError(
          line: row.line, reason: "the weights of a model are not a list as long as the others")
      }
      var numbers: [Double] = []
      for item in items { numbers.append(try number(item)) }
      weights.append(numbers)
    }
    for source in 0..<(weights.first?.count ?? 0)
    where weights.reduce(0, { $0 + $1[source] }) == 0 {
      throw BagError(
        line: value.line, reason: "the weights of the source \(source + 1) add up to 0")
    }
    return weights
  }

  func segment() throws(BagError) -> Double? {
    guard let value = value("segment") else { return nil }
    let seconds = try number(value)
    guard seconds > 0 else { throw BagError(line: value.line, reason: "“segment” is not positive") }
    return seconds
  }

  /// A finite number that YAML 1.1 and 1.2 read alike: decimal, without leading zeros.
  private func number(_ value: BagValue) throws(BagError) -> Double {
    guard case .plain(let text) = value.kind else {
      throw BagError(line: value.line, reason: "a number is needed")
    }
    let digits = text.utf8.drop { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
    let isOctal =
      digits.count > 1 && digits.first == UInt8(ascii: "0")
      && (digits.dropFirst().first.map { (0x30...0x39).contains($0) } ?? false)
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }),
      !isOctal, let number = Double(text), number.isFinite
    else {
      throw BagError(line: value.line, reason: "“\(text.excerpt)” is not a decimal number")
    }
    return number
  }
}
