// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Separation

/// Whole networks against PyTorch; see `Tests/Fixtures/make_network_fixtures.py`.
@Suite struct SCNetTests {
  /// The script's `noise`. (2, frames)
  static func noise(frames: Int) -> [Float] {
    var state: UInt32 = 1
    return (0..<2).flatMap { channel in
      (0..<frames).map { frame in
        state = state &* 1_664_525 &+ 1_013_904_223
        let level = Float(1 + (frame / 1024 + channel) % 7) / 8
        return (Float(state >> 8) / 16_777_216 - 0.5) * level
      }
    }
  }

  static func separate(
    _ model: some SegmentModel, times: Int = 1, threads: Int = 1
  ) throws -> [Float] {
    let input = noise(frames: model.segmentFrames)
    var output = [Float](
      repeating: .nan, count: model.sources.count * model.channelCount * model.segmentFrames)
    let workspace = try model.makeWorkspace(threadCount: threads)
    for _ in 0..<times {
      workspace.process(input: input, output: &output, frameCount: model.segmentFrames)
    }
    #expect(workspace.failure == nil)
    return output
  }

  /// ‖a − b‖ / ‖b‖ and max |a − b| over every `step`th sample of each channel.
  static func errors(
    _ output: [Float], frames: Int, step: Int, against expected: [Float]
  ) -> (relative: Double, largest: Double) {
    let picked = stride(from: 0, to: output.count, by: frames).flatMap { start in
      stride(from: start, to: start + frames, by: step).map { output[$0] }
    }
    guard picked.count == expected.count else { return (.infinity, .infinity) }
    var difference = 0.0
    var power = 0.0
    var largest = 0.0
    for (a, b) in zip(picked, expected) {
      largest = max(largest, abs(Double(a) - Double(b)))
      difference += (Double(a) - Double(b)) * (Double(a) - Double(b))
      power += Double(b) * Double(b)
    }
    return ((difference / power).squareRoot(), largest)
  }

  @Test(arguments: ["published", "mask", "sizes"], [1, 2])
  func aNetworkGivesWhatPyTorchGives(_ name: String, threads: Int) throws {
    let model = try NetworkFixture.scnet(name, threadsPerWorker: threads)
    let expected = try NetworkFixture.expected(of: "scnet-\(name)")
    // Twice in the same memory: nothing of the first segment may be left.
    let output = try Self.separate(model, times: 2)
    let error = Self.errors(output, frames: model.segmentFrames, step: 3, against: expected)
    #expect(error.relative < 1e-5)
  }

  /// Whether the kernels are compiled without optimisation, which makes a whole segment take minutes.
  static let isDebug = {
    #if DEBUG
      true
    #else
      false
    #endif
  }()

  @Test(.disabled(if: isDebug, "slow without optimisation"))
  func theShippedNetworkGivesWhatPyTorchGives() throws {
    let lite = try #require(EmbeddedModel.lite)
    let checkpoint = try Safetensors(path: lite.path)
    let model = try SCNet(checkpoint: checkpoint, threadsPerWorker: 1)
    let reference = try NetworkFixture.checkpoint("lite-expected")
    #expect(
      try sha256(of: lite) == reference.metadata["sha256"],
      "lite has changed: run Tests/Fixtures/make_network_fixtures.py")
    let shape = try #require(reference.shape(of: "expected"))
    let expected = try reference.values(of: "expected", shape: shape)
    let output = try Self.separate(model)
    let error = Self.errors(output, frames: model.segmentFrames, step: 997, against: expected)
    #expect(error.relative < 1e-4)
    #expect(error.largest < 1e-5)  // of full scale
  }

  @Test func aSecondWorkerGivesTheSameBits() throws {
    let model = try NetworkFixture.scnet("mask")
    let results = try (0..<2).map { _ in try Self.separate(model) }
    #expect(results[0] == results[1])
  }

  @Test(arguments: ["published", "mask"], [Float(0), 1e-30, 0.5])
  func aConstantStaysFinite(_ name: String, level: Float) throws {
    let model = try NetworkFixture.scnet(name)
    let input = [Float](repeating: level, count: 2 * model.segmentFrames)
    var output = [Float](repeating: .nan, count: 8 * model.segmentFrames)
    try model.makeWorkspace(threadCount: 1).process(
      input: input, output: &output, frameCount: model.segmentFrames)
    #expect(output.allSatisfy { $0.isFinite && (level > 0.1 || abs($0) < 1e-3) })
  }

  /// Whoever exports a network with an argument of a later kind shall not get wrong stems.
  @Test func anUnknownArgumentIsNamed() throws {
    let error = #expect(throws: SeparationError.self) {
      try SCNetConfiguration(metadata: ["kwargs": #"{"dims": [4, 8], "gate": 2}"#], name: "x.st")
    }
    #expect(error?.code == .unsupported)
    #expect(error?.message.contains("x.st") == true)
    #expect(error?.message.contains("“gate”") == true)
  }

  /// The constructor's arguments as the published configurations (`conf/config.yaml`) spell them.
  @Test func theArgumentsOfThePublishedNetworksAreKnown() throws {
    let arguments = """
      {"sources": ["drums", "bass", "other", "vocals"], "audio_channels": 2,
       "dims": [4, 64, 128, 256], "nfft": 4096, "hop_size": 1024, "win_size": 4096,
       "normalized": true, "band_SR": [0.225, 0.372, 0.403], "band_stride": [1, 4, 16],
       "band_kernel": [3, 4, 16], "conv_depths": [3, 2, 1], "compress": 4, "conv_kernel": 3,
       "num_dplayer": 6, "expand": 1}
      """
    let configuration = try SCNetConfiguration(metadata: ["kwargs": arguments], name: "large")
    #expect(configuration.dims == [4, 64, 128, 256])
    #expect(configuration.bandRatios == [0.225, 0.372, 0.403])
  }

  @Test(arguments: [
    #"{"dims": [4]}"#, #"{"dims": [4, 0]}"#, #"{"dims": [4, 8, 100000000]}"#, #"{"dims": 7}"#,
    #"{"nfft": 4095}"#, #"{"nfft": 1e300}"#, #"{"hop_size": 0}"#, #"{"hop_size": -1024}"#,
    #"{"win_size": 0}"#, #"{"audio_channels": 1}"#, #"{"sources": []}"#, #"{"sources": [1]}"#,
    #"{"band_SR": [0.9, 0.9, 0.1]}"#, #"{"band_SR": [0, 0, 1]}"#, #"{"band_stride": [0, 4, 16]}"#,
    #"{"band_kernel": [3, 4]}"#, #"{"conv_depths": [1, 1, -9223372036854775808]}"#,
    #"{"compress": 0}"#, #"{"compress": 64}"#, #"{"conv_kernel": 2}"#, #"{"num_dplayer": 3}"#,
    #"{"expand": 0}"#, #"{"input_power": 0}"#, #"{"input_power": "x"}"#, #"{"window": "kaiser"}"#,
    #"{"output": "audio"}"#, #"{"hop_size": 16}"#, #"{"band_kernel": [3, 9, 18]}"#, "[]", "{", "",
  ])
  func argumentsThatMakeNoNetworkAreRefused(_ arguments: String) throws {
    let checkpoint = try SafetensorsTests.checkpoint(metadata: ["kwargs": arguments])
    let error = #expect(throws: SeparationError.self) {
      try SCNet(checkpoint: checkpoint, threadsPerWorker: 1)
    }
    // The arguments are refused, not the lack of tensors.
    #expect(error?.message.contains("is missing") == false)
  }
}

/// The checksum as coreutils compute it, in hexadecimal.
private func sha256(of file: URL) throws -> String {
  let process = Process()
  process.executableURL = URL(filePath: "/usr/bin/env")
  process.arguments = ["sha256sum", file.path]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return String(String(decoding: data, as: UTF8.self).prefix { $0 != " " })
}
