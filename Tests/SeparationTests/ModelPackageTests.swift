// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

/// Checkpoints against the same values as safetensors.
@Suite struct ModelPackageTests {
  private func expectEqual(_ package: ModelPackage, _ reference: ModelPackage) throws {
    #expect(package.className == reference.className)
    #expect(package.architecture == reference.architecture)
    #expect(package.arguments == reference.arguments)
    #expect(package.namedArguments == reference.namedArguments)
    #expect(package.tensors.names == reference.tensors.names)
    for name in reference.tensors.names {
      let shape = try #require(reference.tensors.shape(of: name))
      #expect(package.tensors.shape(of: name) == shape)
      let format = reference.tensors.format(of: name)
      #expect(package.tensors.format(of: name) == format)
      if let bytes = package.tensors.withBytes(of: name, Array.init) {
        #expect(bytes == reference.tensors.withBytes(of: name, Array.init), "\(name)")
      }
      guard let format, TensorEntry.Format(rawValue: format) != nil else { continue }
      let expected = try reference.tensors.values(of: name, shape: shape)
      #expect(try package.tensors.values(of: name, shape: shape) == expected, "\(name)")
    }
  }

  @Test(arguments: ["zip-2", "zip-4", "legacy-2", "legacy-4"])
  func everyKindOfTensorAndArgumentIsReadAsPyTorchWroteIt(_ kind: String) throws {
    let reference = try ModelPackage(path: CheckpointFiles.path("kinds.safetensors"))
    let package = try ModelPackage(path: CheckpointFiles.path("kinds-\(kind).th"))
    #expect(package.tensors.names.count == 21)
    try expectEqual(package, reference)
    // What lies in another order has no bytes to give, only values.
    #expect(package.tensors.withBytes(of: "transposed", Array.init) == nil)
    #expect(package.tensors.withBytes(of: "steps", Array.init) == nil)
    #expect(package.tensors.withBytes(of: "shared.view", \.count) == 32)
    #expect(package.tensors.withBytes(of: "ones", \.count) == 16)
    #expect(package.tensors.withBytes(of: "int64", Array.init)?.prefix(2) == [7, 0])
  }

  @Test func aPackageOfDemucsIsReadAndItsNameVerified() throws {
    let names = try CheckpointFiles.names()
    let name = try #require(names.first { $0.hasPrefix("955717e8-") })
    let package = try ModelPackage(path: CheckpointFiles.path(name))
    try expectEqual(package, ModelPackage(path: CheckpointFiles.path("955717e8.safetensors")))
    #expect(package.className == "demucs.htdemucs.HTDemucs")
    #expect(package.architecture == "HTDemucs")
    #expect(package.tensors.format(of: "freq_emb.embedding.weight") == "F16")
    #expect(package.namedArguments["segment"] == .fraction(numerator: 39, denominator: 5))
    #expect(try package.number("segment", default: 10) == 7.8)
    #expect(
      try package.strings("sources", default: []) == ["drums", "bass", "other", "vocals"])
    #expect(try package.integer("nfft", default: 4096) == 256)
    #expect(try package.number("t_hidden_scale", default: 4) == 1)
    #expect(try package.integer("absent", default: 7) == 7)
    for wrong in ["sources", "t_hidden_scale", "segment"] {
      #expect(throws: SeparationError.self) { try package.boolean(wrong, default: false) }
    }
    #expect(throws: SeparationError.self) { try package.integer("segment", default: 1) }
    #expect(throws: SeparationError.self) { try package.strings("nfft", default: []) }

    let folder = try TemporaryFolder()
    var bytes = try CheckpointFiles.bytes(name)
    let copy = folder.url.appending(path: name)
    try Data(bytes).write(to: copy)
    _ = try ModelPackage(path: copy.path)
    bytes[bytes.count / 2] ^= 1
    try Data(bytes).write(to: copy)
    let error = #expect(throws: SeparationError.self) { try ModelPackage(path: copy.path) }
    #expect(error?.code == .malformed)
    #expect(error?.message.contains("SHA-256") == true)
    _ = try ModelPackage(path: copy.path, verifiesChecksum: false)
  }

  @Test(arguments: [
    ("/a-b/955717e8-8726e21a.th", "955717e8", "8726e21a"), ("955717e8.th", "955717e8", nil),
    ("my-model.th", "my-model", nil), ("a-b-00000000.th", "a-b", "00000000"),
    ("a-8726E21A.th", "a-8726E21A", nil), ("a-8726e21.th", "a-8726e21", nil),
    ("a-8726e21a.safetensors", "a-8726e21a", nil), ("-8726e21a.th", "", "8726e21a"),
  ])
  func aNameMayEndWithAChecksum(_ path: String, _ model: String, _ checksum: String?) {
    let name = CheckpointFileName(path: path)
    #expect(name.model == model)
    #expect(name.checksum == checksum)
  }

  private func package(_ metadata: [String: String]) throws -> ModelPackage {
    try ModelPackage(SafetensorsTests.checkpoint(metadata: metadata))
  }

  @Test func theHubsMetadataAreTheArguments() throws {
    let package = try package([
      "klass": "demucs.hdemucs.HDemucs", "args": #"[["a", "b"], 2, true, null, 1.5]"#,
      "kwargs": #"{"s": {"_type": "fraction", "numerator": 39, "denominator": 5}, "t": [{}]}"#,
      "licence": "none",
    ])
    #expect(package.architecture == "HDemucs")
    #expect(
      package.arguments == [
        .list([.string("a"), .string("b")]), .integer(2), .boolean(true), .null, .number(1.5),
      ])
    #expect(
      package.namedArguments == [
        "s": .fraction(numerator: 39, denominator: 5), "t": .list([.dictionary([:])]),
      ])
    #expect(package.metadata["licence"] == "none")
    #expect(try self.package(["klass": "SCNet"]).namedArguments.isEmpty)
  }

  @Test(arguments: [
    [:], ["klass": ""], ["klass": "A", "kwargs": "["], ["klass": "A", "kwargs": "[]"],
    ["klass": "A", "args": "{}"], ["klass": "A", "args": "1"],
    ["klass": "A", "args": String(repeating: "[", count: 40) + String(repeating: "]", count: 40)],
    ["klass": "A", "args": String(repeating: "[", count: 100_000)],
    ["klass": "A", "kwargs": #"{"s": {"_type": "fraction", "numerator": 39, "denominator": 0}}"#],
    ["klass": "A", "kwargs": #"{"s": {"_type": "fraction", "numerator": 39}}"#],
    ["klass": "A", "args": #"["\#(String(repeating: "x", count: 1 << 20))"]"#],
  ])
  func metadataThatAreNoArgumentsAreRefused(_ metadata: [String: String]) {
    let error = #expect(throws: SeparationError.self) { try package(metadata) }
    #expect(error?.code == .malformed)
  }

  @Test func aQuantisedModelOfTheHubIsRefused() {
    let error = #expect(throws: SeparationError.self) {
      try package(["klass": "demucs.hdemucs.HDemucs", "structure": "{}"])
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("quantised") == true)
  }
}
