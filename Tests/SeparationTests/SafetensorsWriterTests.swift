// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Testing

@testable import Separation

@Suite struct SafetensorsWriterTests {
  /// What the script of the fixture writes with the Python package.
  static let tensors = [
    NamedTensor(name: "b.weight", shape: [2, 3], values: [0, 1, -2.5, 1e-30, 3e30, 0.1]),
    NamedTensor(name: "step", shape: [], values: [7]),
    NamedTensor(name: "a\"ü/", shape: [1], values: [-1]),
    NamedTensor(name: "empty", shape: [0, 4], values: []),
  ]
  static let metadata = ["layers": "[\"convolution 8 3\"]\n\u{1}é\\"]

  @Test func theBytesAreThoseOfThePythonPackage() throws {
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/written.safetensors")
    let bytes = try SafetensorsWriter.bytes(Self.tensors, metadata: Self.metadata, name: "x")
    #expect(try [UInt8](Data(contentsOf: url)) == bytes)
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "network.safetensors").path
    let metadata = Self.metadata.merging(["epoch": "3", "": "/"]) { old, _ in old }
    for tensors in [[], Self.tensors] {
      try SafetensorsWriter.write(tensors, metadata: metadata, to: path)
      let file = try Safetensors(path: path)
      #expect(file.metadata == metadata)
      #expect(try file.namedTensors() == tensors.sorted { $0.name < $1.name })
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)

    let error = #expect(throws: SeparationError.self) {
      try SafetensorsWriter.write([], to: folder.path + "/missing/x")
    }
    #expect(error?.code == .output)
  }

  @Test(arguments: [
    [NamedTensor(name: "a", shape: [2], values: [1])],
    [NamedTensor(name: "a", shape: [-1, -1], values: [1])],
    [NamedTensor(name: "a", shape: [.max, 4], values: [])],
    [NamedTensor(name: "a", shape: [1], values: [.nan])],
    [NamedTensor(name: "__metadata__", shape: [], values: [1])],
    [NamedTensor](repeating: NamedTensor(name: "a", shape: [], values: [1]), count: 2),
  ])
  func whatCouldNotBeReadIsNotWritten(_ tensors: [NamedTensor]) {
    let error = #expect(throws: SeparationError.self) {
      try SafetensorsWriter.bytes(tensors, metadata: [:], name: "x")
    }
    #expect(error?.code == .malformed)
  }
}
