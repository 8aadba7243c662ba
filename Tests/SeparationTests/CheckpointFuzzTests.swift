// SPDX-License-Identifier: MIT
import Foundation
import MixCore
import Testing

@testable import Separation

/// Thousands of damaged files, the same ones at every run.
@Suite struct CheckpointFuzzTests {
  @Test func noDamageTrapsHangsOrFillsTheMemory() async {
    await #expect(processExitsWith: .success) {
      let files = try CheckpointFuzz.corpus()
      for file in files { try CheckpointFuzz.read(file) }
      let before = CheckpointFuzz.peakKilobytes
      var damage = Damage(files: files.map(\.bytes), seed: 1)
      for round in 0..<120 {
        for file in files {
          let damaged = file.with(damage.damaged(file.bytes))
          let time = try ContinuousClock().measure { try CheckpointFuzz.read(damaged) }
          #expect(time < .seconds(2), "\(file.name), round \(round)")
        }
      }
      // The largest file has 40 kB.
      #expect(CheckpointFuzz.peakKilobytes - before < 32 * 1024)
    }
  }
}

private enum CheckpointFuzz {
  struct File {
    let name: String
    let bytes: [UInt8]

    func with(_ bytes: [UInt8]) -> File { File(name: name, bytes: bytes) }
  }

  static func corpus() throws -> [File] {
    var files = try
      (CheckpointFiles.names()
      + CheckpointFiles.names(in: "hostile").map { "hostile/\($0)" })
      .map { File(name: $0, bytes: try CheckpointFiles.bytes($0)) }
    for name in files.map(\.name) where !name.hasPrefix("hostile") && name.hasSuffix(".th") {
      // More of the damage hits the structure where there are no values.
      guard name.contains("zip"), let end = files.first(where: { $0.name == name })?.bytes else {
        continue
      }
      let archive = try end.withUnsafeBytes { try ZipArchive($0, name: name) }
      for (entry, range) in archive.entries where entry.hasSuffix("data.pkl") {
        let file = CheckpointFiles.archive([("x/data.pkl", Array(end[range]))])
        files += (0..<10).map { File(name: "\(name).\($0).th", bytes: file) }
      }
    }
    let bag = Array(ModelBagTests.fineTuned.utf8) + Array("\nsegment: 44\n".utf8)
    files += (0..<20).map { File(name: "\($0).yaml", bytes: bag) }
    return files
  }

  /// Reads whatever the file gives, or gets the error of this module.
  static func read(_ file: File) throws {
    do throws(SeparationError) {
      if file.name.hasSuffix(".yaml") {
        _ = try ModelBag(MappedFile(bytes: file.bytes), name: file.name)
        return
      }
      let package =
        file.name.hasSuffix(".th")
        ? try ModelPackage(PyTorchCheckpoint(bytes: file.bytes, name: file.name))
        : try ModelPackage(Safetensors(bytes: file.bytes, name: file.name))
      for name in package.tensors.names {
        _ = package.tensors.withBytes(of: name, \.count)
        let shape = package.tensors.shape(of: name) ?? []
        // Values that are not numbers are an error, too.
        _ = try? package.tensors.values(of: name, shape: shape)
      }
    } catch {
      if error.message.isEmpty || error.message.utf8.count > 1000 { throw error }
    }
  }

  /// Peak resident memory of this process in kilobytes.
  static var peakKilobytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss
  }
}

/// Damages files as a transmission, an editor or an attacker would.
private struct Damage {
  let files: [[UInt8]]
  var generator: SplitMix64

  init(files: [[UInt8]], seed: UInt64) {
    self.files = files
    generator = SplitMix64(seed: seed)
  }

  /// Numbers at the edges of what fits.
  private static let edges: [[UInt8]] = [
    [0xff, 0xff, 0xff, 0xff], [0xff, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], [0xff, 0xff], [0xff], [0],
  ]

  mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...Int.random(in: 0...3, using: &generator) where !bytes.isEmpty {
      let place = Int.random(in: 0...(bytes.count - 1), using: &generator)
      let count = min(1 + Int.random(in: 0...31, using: &generator), bytes.count - place)
      switch Int.random(in: 0...7, using: &generator) {
      case 0: bytes[place] ^= 1 << Int.random(in: 0...7, using: &generator)
      case 1: bytes[place] = UInt8(Int.random(in: 0...255, using: &generator))
      case 2: bytes[place] = bytes[Int.random(in: 0...(bytes.count - 1), using: &generator)]
      case 3:
        let edge = Self.edges[Int.random(in: 0...(Self.edges.count - 1), using: &generator)]
        bytes.replaceSubrange(place..<min(bytes.count, place + edge.count), with: edge)
      case 4: bytes.removeSubrange(place..<place + count)
      case 5: bytes.insert(contentsOf: bytes[place..<place + count], at: place)
      case 6:
        let other = files[Int.random(in: 0...(files.count - 1), using: &generator)]
        let start = Int.random(in: 0...(other.count - 1), using: &generator)
        let part = other[start..<min(other.count, start + count)]
        bytes.replaceSubrange(place..<place + count, with: part)
      default:
        if Int.random(in: 0...3, using: &generator) == 0 { bytes.removeSubrange(place...) }
      }
    }
    return bytes
  }
}
