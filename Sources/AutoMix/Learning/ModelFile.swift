// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Separation

/// Reads what a ``ModelFileWriter`` wrote: networks by group, with texts.
struct ModelFile {
  private let path: String
  private let file: Safetensors

  /// - Throws: ``AutoMixError`` with the code `model` where there is no such file, or it is of another format.
  init(path: String, format: String) throws(AutoMixError) {
    self.path = path
    do { file = try Safetensors(path: path) } catch {
      throw AutoMixError(code: .model, message: error.message)
    }
    guard file.metadata["format"] == format else {
      throw malformed("it is no file of the format “\(format)”")
    }
  }

  private func malformed(_ why: String) -> AutoMixError {
    AutoMixError(code: .model, message: "\(path): \(why); learn it anew, or name another file.")
  }

  func text(_ key: String) -> String? { file.metadata[key] }

  func decode<Value: Decodable>(_ key: String) throws(AutoMixError) -> Value {
    guard let text = file.metadata[key],
      let value = try? JSONDecoder().decode(Value.self, from: Data(text.utf8))
    else { throw malformed("“\(key)” is missing or damaged") }
    return value
  }

  /// The tensors of the networks of a group, in the order in which they were added.
  func groups(_ name: String) throws(AutoMixError) -> [[NamedTensor]] {
    let names: [[String]] = try decode("tensors.\(name)")
    var groups: [[NamedTensor]] = []
    for (index, names) in names.enumerated() {
      var tensors: [NamedTensor] = []
      for tensor in names {
        let key = "\(name).\(index).\(tensor)"
        guard let shape = file.shape(of: key) else { throw malformed("“\(key)” is missing") }
        do {
          tensors.append(
            NamedTensor(name: tensor, shape: shape, values: try file.values(of: key, shape: shape)))
        } catch { throw AutoMixError(code: .model, message: error.message) }
      }
      groups.append(tensors)
    }
    return groups
  }
}

/// Writes networks and texts as a safetensors file.
struct ModelFileWriter {
  private var metadata: [String: String]
  private var tensors: [NamedTensor] = []

  init(format: String) { metadata = ["format": format] }

  mutating func set(_ key: String, _ text: String) { metadata[key] = text }

  mutating func encode(_ key: String, _ value: some Encodable) throws(AutoMixError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
      metadata[key] = String(decoding: try encoder.encode(value), as: UTF8.self)
    } catch {
      throw AutoMixError(code: .model, message: "“\(key)” cannot be written as JSON: \(error).")
    }
  }

  /// Adds the networks of a group.
  mutating func add(_ name: String, _ groups: [[NamedTensor]]) {
    let names = groups.map { $0.map(\.name) }
    metadata["tensors.\(name)"] =
      (try? JSONEncoder().encode(names)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    for (index, group) in groups.enumerated() {
      tensors += group.map {
        NamedTensor(name: "\(name).\(index).\($0.name)", shape: $0.shape, values: $0.values)
      }
    }
  }

  /// - Throws: ``AutoMixError`` with the code `output`.
  func write(to path: String) throws(AutoMixError) {
    do { try SafetensorsWriter.write(tensors, metadata: metadata, to: path) } catch {
      throw AutoMixError(code: .output, message: "\(error)")
    }
  }
}
