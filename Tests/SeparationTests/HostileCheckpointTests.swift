// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

/// Files that attack their reader; PyTorch wrote them, so it would do what they say.
@Suite struct HostileCheckpointTests {
  /// The kind of error, and what its message has to name.
  private static let expected: [String: (code: SeparationError.Code, text: String)] = [
    "system": (.unsupported, "posix.system"),
    "system-in-state": (.unsupported, "posix.system"),
    "eval": (.unsupported, "__builtin__.eval"),
    "getattr": (.unsupported, "__builtin__.getattr"),
    "object": (.unsupported, "demucs.plain.Plain"),
    "set": (.unsupported, "__builtin__.set"),
    "complex": (.unsupported, "__builtin__.complex"),
    "complex-tensor": (.unsupported, "torch.ComplexFloatStorage"),
    "bytearray": (.unsupported, "__builtin__.bytearray"),
    "called-class": (.unsupported, "torch.FloatStorage"),
    "quantized": (.unsupported, "quantised"),
    "quantized-class": (.unsupported, "diffq.diffq.DiffQuantizer"),
    "bomb": (.limit, "memory"),
    "text-bomb": (.limit, "memory"),
    "loop": (.malformed, "nested"),
    "deep": (.malformed, "nested"),
    "huge-shape": (.malformed, "“a”"),
    "huge-stride": (.malformed, "“a”"),
    "huge-offset": (.malformed, "“a”"),
    "negative-offset": (.malformed, "“a”"),
    "negative-shape": (.malformed, "“a”"),
    "negative-stride": (.malformed, "“a”"),
    "repeated": (.malformed, "“a”"),
    "outside": (.malformed, "“a”"),
    "rank": (.malformed, "“a”"),
    "number-in-state": (.malformed, "“a”"),
    "no-state": (.malformed, "state"),
    "list": (.malformed, "dictionary"),
    "function-as-class": (.malformed, "klass"),
    "storage-count-zip": (.malformed, "“a”"),
    "compressed-zip": (.unsupported, "compressed"),
    "big-endian-zip": (.unsupported, "big-endian"),
    "no-pickle-zip": (.malformed, "data.pkl"),
    "two-pickles-zip": (.malformed, "data.pkl"),
    "no-storage-zip": (.malformed, "“a”"),
    "short-storage-zip": (.malformed, "“a”"),
    "more-pickle-zip": (.malformed, "more follows"),
    "duplicate-zip": (.malformed, "twice"),
    "entry-offset-zip": (.malformed, "data.pkl"),
    "entry-offset-other-zip": (.malformed, "data.pkl"),
    "entry-size-zip": (.malformed, "data.pkl"),
    "entry-large-zip": (.malformed, "data.pkl"),
    "entry-encrypted-zip": (.unsupported, "encrypted"),
    "name-length-zip": (.malformed, "directory"),
    "directory-offset-zip": (.malformed, "directory"),
    "directory-size-zip": (.malformed, "directory"),
    "directory-count-zip": (.malformed, "directory"),
    "directory-place-zip": (.malformed, "directory"),
    "storage-count-legacy": (.malformed, "storage"),
    "more-legacy": (.malformed, "more follows"),
    "version-legacy": (.unsupported, "version"),
    "big-endian-legacy": (.unsupported, "big-endian"),
  ]

  @Test func everyFileIsRefusedWithTheNameOfWhatItHolds() throws {
    var seen: Set<String> = []
    for name in try CheckpointFiles.names(in: "hostile") {
      let stem = String(name.dropLast(".th".count))
      let family = stem.replacing("-zip", with: "").replacing("-legacy", with: "")
      let key = Self.expected[stem] == nil ? family : stem
      let (code, text) = try #require(Self.expected[key], "\(name)")
      seen.insert(key)
      let error = #expect(throws: SeparationError.self, "\(name)") {
        try ModelPackage(path: CheckpointFiles.path("hostile/\(name)"))
      }
      #expect(error?.code == code, "\(name): \(error?.message ?? "")")
      #expect(error?.message.contains(text) == true, "\(name): \(error?.message ?? "")")
      #expect(error?.message.contains(name) == true)
    }
    #expect(seen == Set(Self.expected.keys))
  }

  @Test(arguments: ["kinds-zip-2.th", "kinds-legacy-2.th", "kinds-legacy-4.th"])
  func aFileThatIsCutOffIsRefused(_ name: String) throws {
    let whole = try CheckpointFiles.bytes(name)
    for count in 0..<whole.count {
      let error = #expect(throws: SeparationError.self) {
        try ModelPackage(PyTorchCheckpoint(bytes: Array(whole[..<count]), name: name))
      }
      #expect(error?.code == .malformed)
    }
  }

  @Test(arguments: PickleOpcode.refused.keys.sorted() + [0xff])
  func anOpcodeThatIsNotKnownIsNamed(_ opcode: UInt8) {
    let error = #expect(throws: SeparationError.self) {
      try CheckpointFiles.checkpoint(pickle: [0x80, 2, opcode])
    }
    #expect(error?.code == .unsupported)
    let name = PickleOpcode.refused[opcode] ?? "0xff"
    #expect(error?.message.contains("opcode \(name),") == true)
  }

  @Test func everyOpcodeIsEitherReadOrNamed() {
    // Those of Lib/pickletools.py, of which there are 68.
    let read = (UInt8.min...UInt8.max).filter { PickleOpcode(rawValue: $0) != nil }
    #expect(read.allSatisfy { PickleOpcode.refused[$0] == nil })
    #expect(read.count + PickleOpcode.refused.count == 68)
  }

  @Test(arguments: [
    ".", "a.", "e.", "s.", "u.", "t.", "R.", "b.", "Q.", "q\u{0}.", "(.", "((.", "(a.", "h\u{0}.",
    "j\u{0}\u{0}\u{0}\u{0}.", "c", "cos", "cos\n", "NN.", "(N.", "N(s.", "N)R.", "NNR.", ")Q.",
    "N}s.", "}(Nu.", "NNs.", "X\u{7f}\u{7f}\u{7f}\u{7f}", "U\u{7f}a.", "K", "J\u{0}", "G\u{0}", "",
    "N",
    "]a.", "(]t", "B\u{7f}\u{7f}\u{7f}\u{7f}", "C\u{7f}a",
    "cfractions\nFraction\n)R.", "cfractions\nFraction\n(K\u{1}K\u{0}tR.",
    "cfractions\nFraction\n(U\u{1}/tR.", "cfractions\nFraction\n(U\u{3}1/0tR.",
    "cfractions\nFraction\n(U\u{5}1/2/3tR.", "ctorch._utils\n_rebuild_tensor_v2\n)R.",
    "ctorch._utils\n_rebuild_tensor_v2\n(NNNNtR.", "ctorch._utils\n_rebuild_parameter\n(NtR.",
    "(U\u{7}storageNtQ.", "(U\u{7}storageNNNNtQ.", "(U\u{6}moduleNtQ.", "(U\u{1}xNtQ.",
  ])
  func aPickleThatMakesNoSenseIsRefused(_ pickle: String) {
    let error = #expect(throws: SeparationError.self) {
      try CheckpointFiles.checkpoint(pickle: Array(pickle.utf8))
    }
    #expect(error?.code == .malformed || error?.code == .unsupported)
  }

  @Test func numbersOfEveryLengthAreRead() throws {
    let numbers: [([UInt8], Int)] = [
      ([0x8a, 0], 0), ([0x8a, 1, 0xff], -1), ([0x8a, 2, 0xff, 0x7f], 32767),
      ([0x8a, 3, 0, 0, 0x80], -8_388_608), ([0x4a, 0xfe, 0xff, 0xff, 0xff], -2),
      ([0x4d, 0xff, 0xff], 65535), ([0x8a, 8, 0, 0, 0, 0, 0, 0, 0, 0x80], .min),
    ]
    for (bytes, expected) in numbers {
      let checkpoint = try CheckpointFiles.checkpoint(pickle: bytes + [0x2e])
      var reader = checkpoint.makeReader()
      #expect(try reader.value(checkpoint.root) == .integer(expected))
    }
  }

  @Test func aPickleThatIsTooLongIsRefused() {
    let pickle = [UInt8](repeating: PickleOpcode.emptyTuple.rawValue, count: 17 << 20)
    let error = #expect(throws: SeparationError.self) {
      try CheckpointFiles.checkpoint(pickle: pickle)
    }
    #expect(error?.code == .limit)
  }

  @Test(
    arguments: [[], [0x50], Array("PK\u{3}\u{4}".utf8), [0x80, 2, 0x8a, 10], [0x80, 4, 0x95]]
      as [[UInt8]])
  func aFileOfAnotherKindIsRefused(_ bytes: [UInt8]) {
    let error = #expect(throws: SeparationError.self) {
      try PyTorchCheckpoint(bytes: bytes, name: "x.th")
    }
    #expect(error?.code == .malformed)
  }
}
