// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

@Suite struct SafetensorsTests {
  /// A file with this header, followed by `bytes` bytes that count up from 0.
  static func file(header: String, length: UInt64? = nil, bytes: Int) -> [UInt8] {
    let text = Array(header.utf8)
    let count = length ?? UInt64(text.count)
    return (0..<8).map { UInt8(truncatingIfNeeded: count >> (8 * $0)) } + text
      + (0..<bytes).map { UInt8(truncatingIfNeeded: $0) }
  }

  static func file(tensors: [String: Any], metadata: [String: String], bytes: Int) throws
    -> [UInt8]
  {
    var object = tensors
    object["__metadata__"] = metadata
    let text = try JSONSerialization.data(withJSONObject: object)
    return file(header: String(decoding: text, as: UTF8.self), bytes: bytes)
  }

  /// A checkpoint without tensors.
  static func checkpoint(
    metadata: [String: String], name: String = "test.safetensors"
  ) throws -> Safetensors {
    try Safetensors(bytes: file(tensors: [:], metadata: metadata, bytes: 0), name: name)
  }

  static func tensor(_ type: String, _ shape: [Int], _ offsets: [Int]) -> [String: Any] {
    ["dtype": type, "shape": shape, "data_offsets": offsets]
  }

  @Test func allThreeFormatsAreRead() throws {
    var bytes = try Self.file(
      tensors: [
        "a": Self.tensor("F32", [2], [0, 8]), "b": Self.tensor("F16", [1, 3], [8, 14]),
        "c": Self.tensor("BF16", [1], [14, 16]), "empty": Self.tensor("F32", [0, 5], [16, 16]),
        "scalar": Self.tensor("F32", [], [16, 20]),
      ], metadata: ["klass": "SCNet"], bytes: 0)
    bytes += [0, 0, 0x80, 0x3f, 0, 0, 0x20, 0xc1]  // 1, -10
    bytes += [0x00, 0x3c, 0x00, 0xc0, 0x01, 0x00]  // 1, -2, 2^-24
    bytes += [0x40, 0x40]  // 3
    bytes += [0, 0, 0, 0x3f]  // 0.5
    let file = try Safetensors(bytes: bytes, name: "x")
    #expect(try file.values(of: "a", shape: [2]) == [1, -10])
    #expect(try file.values(of: "b", shape: [1, 3]) == [1, -2, 0x1p-24])
    #expect(try file.values(of: "c", shape: [1]) == [3])
    #expect(try file.values(of: "empty", shape: [0, 5]) == [])
    #expect(try file.values(of: "scalar", shape: []) == [0.5])
    #expect(file.metadata == ["klass": "SCNet"])
    #expect(file.tensorNames == ["a", "b", "c", "empty", "scalar"])
  }

  @Test func everyFloat16IsConvertedExactly() {
    for bits in UInt16.min...UInt16.max {
      let expected = Float(Float16(bitPattern: bits))
      let value = Float(float16Bits: bits)
      #expect(
        expected.isNaN ? value.isNaN : value.bitPattern == expected.bitPattern, "\(bits)")
    }
  }

  @Test func anErrorNamesFileAndTensor() throws {
    let bytes = try Self.file(
      tensors: [
        "layer.weight": Self.tensor("F32", [2], [0, 8]),
        "layer.count": Self.tensor("I64", [1], [8, 16]),
        "layer.bias": Self.tensor("F32", [1], [16, 20]),
      ], metadata: [:], bytes: 16)
    let file = try Safetensors(bytes: bytes + [0, 0, 0xc0, 0x7f], name: "model.safetensors")
    for (tensor, shape) in [
      ("layer.weight", [3]), ("layer.weight", [2, 1]), ("layer.count", [1]), ("absent", [1]),
      ("layer.bias", [1]),
    ] {
      let error = #expect(throws: SeparationError.self) {
        try file.values(of: tensor, shape: shape)
      }
      #expect(error?.code == .malformed)
      #expect(error?.message.contains("model.safetensors") == true)
      #expect(error?.message.contains(tensor) == true)
    }
  }

  @Test func aFileThatIsNotThereIsAnError() {
    #expect(throws: SeparationError.self) { try Safetensors(path: "/nonexistent/a.safetensors") }
    #expect(throws: SeparationError.self) { try Safetensors(path: "/") }
  }

  @Test(arguments: [
    "", "{", "[]", "7", "null", "\u{0}", #"{"a": 7}"#, #"{"a": {}}"#, #"{"__metadata__": 1}"#,
    #"{"__metadata__": {"a": 1}}"#,
    // Types
    #"{"a": {"dtype": "F31", "shape": [2], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": 32, "shape": [2], "data_offsets": [0, 8]}}"#,
    // Shapes
    #"{"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [-1, -2], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2.5], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": ["2"], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [4611686018427387904, 4, 2], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [9007199254740992, 9007199254740992], "data_offsets": [0, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,2], "data_offsets": [0, 8]}}"#,
    // Offsets
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [-8, 0]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 1e400]}}"#,
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [18446744073709551608, 18446744073709551616]}}"#,
    // Overlap, gap, rest
    #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}, "b": {"dtype": "F32", "shape": [1], "data_offsets": [4, 8]}}"#,
    #"{"a": {"dtype": "F16", "shape": [2], "data_offsets": [0, 4]}, "b": {"dtype": "F16", "shape": [1], "data_offsets": [6, 8]}}"#,
    #"{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}"#,
    #"{}"#,
  ])
  func aWrongHeaderIsAnError(_ header: String) {
    let error = #expect(throws: SeparationError.self) {
      try Safetensors(bytes: Self.file(header: header, bytes: 8), name: "bad.safetensors")
    }
    #expect(error?.code == .malformed)
  }

  @Test(arguments: [0, 1, 3, UInt64(Int64.max), UInt64.max, UInt64.max - 7, 100_000_001, 90])
  func aWrongHeaderLengthIsAnError(_ length: UInt64) {
    let header = #"{"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}"#
    #expect(throws: SeparationError.self) {
      try Safetensors(bytes: Self.file(header: header, length: length, bytes: 8), name: "bad")
    }
  }

  @Test func noDamageToAFileTraps() throws {
    let whole = try Self.file(
      tensors: [
        "a": Self.tensor("F32", [2], [0, 8]), "b": Self.tensor("F16", [1, 3], [8, 14]),
        "c": Self.tensor("BF16", [1], [14, 16]),
      ], metadata: ["klass": "SCNet"], bytes: 16)
    for count in 0..<whole.count {
      #expect(throws: SeparationError.self) {
        try Safetensors(bytes: Array(whole[..<count]), name: "cut")
      }
    }
    var state: UInt64 = 42
    func random(_ count: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % count
    }
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0...random(3) {
        let place = random(bytes.count)
        bytes[place] = random(2) == 0 ? UInt8(random(256)) : bytes[random(bytes.count)]
      }
      guard let file = try? Safetensors(bytes: bytes, name: "damaged") else { continue }
      for name in file.tensorNames {
        _ = try? file.values(of: name, shape: file.shape(of: name) ?? [])
      }
    }
  }
}
