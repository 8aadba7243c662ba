// SPDX-License-Identifier: MIT
import Foundation
import NeuralNetwork
import Testing

@testable import Separation

/// Networks of Demucs against PyTorch; see `Tests/Fixtures/make_demucs_fixtures.py`.
@Suite struct HybridDemucsTests {
  @Test(
    arguments: ["transformer", "transformer-6", "transformer-plain", "hybrid", "hybrid-wide"],
    [1, 2])
  func aNetworkGivesWhatPyTorchGives(_ name: String, threads: Int) throws {
    let model = try NetworkFixture.demucs(name)
    let expected = try NetworkFixture.expected(of: "demucs-\(name)")
    // Twice in the same memory: nothing of the first segment may be left.
    let output = try SCNetTests.separate(model, times: 2, threads: threads)
    let error = SCNetTests.errors(output, frames: model.segmentFrames, step: 7, against: expected)
    #expect(error.relative < 1e-5)
  }

  /// The error of products in bfloat16 is at least 40 dB below the stems.
  @Test(arguments: ["transformer", "transformer-6", "hybrid"])
  func inBFloat16TheStemsAreNearThoseInFloat32(_ name: String) throws {
    let file = NetworkFixture.folder.appending(path: "demucs-\(name).safetensors")
    let package = try ModelPackage(Safetensors(path: file.path))
    let exact = try SCNetTests.separate(HybridDemucs(package: package))
    let coarse = try SCNetTests.separate(HybridDemucs(package: package, precision: .bfloat16))
    let error = SCNetTests.errors(coarse, frames: coarse.count, step: 1, against: exact).relative
    #expect(error < 1e-2)
    #expect(error > 1e-6)
  }

  /// A folder of networks of the released sizes, which are too large for the repository.
  static let fullSize = ProcessInfo.processInfo.environment["TONMEISTER_FULL_SIZE_NETWORKS"]
    .map { URL(filePath: $0) }

  @Test(.enabled(if: fullSize != nil), arguments: ["htdemucs", "htdemucs_6s", "hdemucs_mmi"])
  func aNetworkOfFullSizeGivesWhatPyTorchGives(_ name: String) throws {
    let folder = try #require(Self.fullSize)
    let model = try HybridDemucs(
      package: ModelPackage(NetworkFixture.checkpoint(name, in: folder)))
    let expected = try NetworkFixture.expected(of: name, in: folder)
    let output = try SCNetTests.separate(model)
    let error = SCNetTests.errors(
      output, frames: model.segmentFrames, step: 997, against: expected)
    #expect(error.relative < 1e-4)
  }

  private static func configuration(_ arguments: String) throws -> DemucsConfiguration {
    let checkpoint = try SafetensorsTests.checkpoint(
      metadata: ["klass": "demucs.htdemucs.HTDemucs", "kwargs": arguments])
    return try DemucsConfiguration(ModelPackage(checkpoint))
  }

  @Test(arguments: [
    #"{"cac": false}"#, #"{"wiener_iters": 2}"#, #"{"multi_freqs": [0.5]}"#, #"{"t_emb": "cape"}"#,
    #"{"channels": 0}"#, #"{"channels": 1e9}"#, #"{"nfft": 4095}"#, #"{"depth": 0}"#,
    #"{"depth": 99}"#, #"{"kernel_size": 7}"#, #"{"stride": 1, "kernel_size": 2}"#,
    #"{"t_layers": 0}"#, #"{"segment": 0}"#, #"{"segment": 1e300}"#, #"{"segment": "long"}"#,
    #"{"sources": []}"#, #"{"dconv_comp": 0}"#, #"{"norm_groups": 0}"#, #"{"rewrite": false}"#,
    #"{"growth": 1e300}"#, #"{"growth": 1.5}"#, #"{"t_max_period": 1e300}"#, "[]", "{",
    #"{"segment": {"_type": "fraction", "numerator": 39, "denominator": 0}}"#,
    #"{"growth": {"_type": "fraction", "numerator": 9, "denominator": 2}}"#,
  ])
  func argumentsThatMakeNoNetworkAreRefused(_ arguments: String) throws {
    let error = #expect(throws: SeparationError.self) { try Self.configuration(arguments) }
    #expect(error?.message.contains("test.safetensors") == true)
  }

  @Test func argumentsThatAreLeftOutAreTheClasss() throws {
    let plain = try Self.configuration("{}")
    #expect(plain == DemucsConfiguration(.hybridTransformer))
    let given = try Self.configuration(
      """
      {"channels_time": null, "growth": 2.0, "t_dropout": 0.1, "unheard_of": [1], "t_gelu": 1,
       "segment": {"_type": "fraction", "numerator": 10, "denominator": 1}}
      """)
    #expect(given == plain)
    #expect(try Self.configuration(#"{"segment": 0.57}"#).segmentFrames == 25_136)
  }

  /// What can only be seen when the layers are put together, and before any weight is read: there is
  /// none in these checkpoints.
  @Test(arguments: [
    ("HDemucs", #"{"depth": 4, "segment": 1}"#, "never join"),
    ("HDemucs", #"{"stride": 8, "kernel_size": 16, "segment": 1}"#, "do not meet"),
    ("HTDemucs", #"{"nfft": 256, "depth": 3}"#, "after the branches have joined"),
    ("HTDemucs", #"{"channels_time": 24}"#, "branches of different widths"),
    ("HTDemucs", #"{"t_heads": 7}"#, "384 channels and 7 heads"),
    ("HTDemucs", #"{"bottom_channels": 6, "t_heads": 2}"#, "6 channels and 2 heads"),
    ("HTDemucs", #"{"nfft": 256, "segment": 60, "depth": 1}"#, "too long for a transformer"),
    ("HTDemucs", #"{"channels": 4}"#, "would have no channels"),
    ("HTDemucs", #"{"nfft": 256, "stride": 6, "kernel_size": 12}"#, "do not fit each other"),
    ("HTDemucs", #"{"channels": 512, "segment": 60}"#, "too much memory"),
  ])
  func aNetworkThatDoesNotFitTogetherIsRefused(
    _ kind: String, _ arguments: String, _ why: String
  ) throws {
    let checkpoint = try SafetensorsTests.checkpoint(
      metadata: ["klass": "demucs.\(kind)", "kwargs": arguments])
    let error = #expect(throws: SeparationError.self) {
      try HybridDemucs(package: ModelPackage(checkpoint))
    }
    #expect(error?.message.contains(why) == true, "\(error?.message ?? "")")
  }
}
