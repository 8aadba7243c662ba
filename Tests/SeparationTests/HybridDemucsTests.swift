// SPDX-License-Identifier: MIT
import Audio
import Foundation
import NeuralNetwork
import Testing

@testable import Separation

/// Networks of Demucs against PyTorch; see `Tests/Fixtures/make_demucs_fixtures.py`.
@Suite struct HybridDemucsTests {
  @Test(arguments: ["transformer", "transformer-6", "hybrid"], [1, 2])
  func aNetworkGivesWhatPyTorchGives(_ name: String, threads: Int) throws {
    let file = try #require(SCNetTests.folder).appending(path: "demucs-\(name).safetensors")
    let checkpoint = try Safetensors(path: file.path)
    let model = try HybridDemucs(package: ModelPackage(checkpoint))
    let shape = try #require(checkpoint.shape(of: "expected"))
    let expected = try checkpoint.values(of: "expected", shape: shape)
    // Twice in the same memory: nothing of the first segment may be left.
    let output = SCNetTests.separate(model, times: 2, threads: threads)
    let error = SCNetTests.errors(output, frames: model.segmentFrames, step: 7, against: expected)
    #expect(error.relative < 1e-5)
  }

  /// Lengths that do and do not divide into chunks, and one shorter than a segment.
  @Test(arguments: ["transformer", "transformer-6", "hybrid"])
  func aTrackIsSeparatedAsDemucsDoes(_ name: String) async throws {
    let folder = try #require(SCNetTests.folder)
    let checkpoint = try Safetensors(
      path: folder.appending(path: "demucs-\(name).safetensors").path)
    let model = try HybridDemucs(package: ModelPackage(checkpoint))
    let tracks = checkpoint.tensorNames.filter { $0.hasPrefix("separated.") }
    #expect(tracks.count == 4)
    for track in tracks {
      let frames = try #require(Int(track.dropFirst("separated.".count)))
      let shape = try #require(checkpoint.shape(of: track))
      let expected = try checkpoint.values(of: track, shape: shape)
      let mixture = AudioBuffer(
        channelCount: 2, frameCount: frames, samples: SCNetTests.noise(frames: frames))
      var options = Separator.Options()
      options.shifts = 0
      let separator = try Separator(model, options: options)
      let stems = try await separator.separate(mixture, sampleRate: 44_100)
      let output = try model.sources.flatMap { try #require(stems[$0]).samples }
      let error = SCNetTests.errors(output, frames: frames, step: 14, against: expected)
      #expect(error.relative < 1e-4, "\(frames) frames")
    }
  }

  /// The error of products in bfloat16 is at least 40 dB below the stems.
  @Test(arguments: ["transformer", "transformer-6", "hybrid"])
  func inBFloat16TheStemsAreNearThoseInFloat32(_ name: String) throws {
    let file = try #require(SCNetTests.folder).appending(path: "demucs-\(name).safetensors")
    let package = try ModelPackage(Safetensors(path: file.path))
    let exact = SCNetTests.separate(try HybridDemucs(package: package))
    let coarse = SCNetTests.separate(try HybridDemucs(package: package, precision: .bfloat16))
    let error = SCNetTests.errors(coarse, frames: coarse.count, step: 1, against: exact).relative
    #expect(error < 1e-2)
    #expect(error > 1e-6)
  }

  /// A folder of networks of the released sizes, which are too large for the repository.
  static let fullSize = ProcessInfo.processInfo.environment["TONMEISTER_FULL_SIZE_NETWORKS"]
    .map { URL(filePath: $0) }

  @Test(.enabled(if: fullSize != nil), arguments: ["htdemucs", "htdemucs_6s", "hdemucs_mmi"])
  func aNetworkOfFullSizeGivesWhatPyTorchGives(_ name: String) throws {
    let file = try #require(Self.fullSize).appending(path: "\(name).safetensors")
    let checkpoint = try Safetensors(path: file.path)
    let model = try HybridDemucs(package: ModelPackage(checkpoint))
    let shape = try #require(checkpoint.shape(of: "expected"))
    let expected = try checkpoint.values(of: "expected", shape: shape)
    let output = SCNetTests.separate(model)
    let error = SCNetTests.errors(
      output, frames: model.segmentFrames, step: 997, against: expected)
    #expect(error.relative < 1e-4)
  }

  private static func configuration(_ arguments: String) throws -> DemucsConfiguration {
    let checkpoint = try SafetensorsTests.file(
      tensors: [:], metadata: ["klass": "demucs.htdemucs.HTDemucs", "kwargs": arguments], bytes: 0)
    return try DemucsConfiguration(
      ModelPackage(Safetensors(bytes: checkpoint, name: "test.safetensors")))
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

  /// What can only be seen when the layers are put together.
  @Test(arguments: [
    #"{"klass": "demucs.hdemucs.HDemucs", "kwargs": "{\"depth\": 4, \"segment\": 1}"}"#,
    #"{"klass": "HTDemucs", "kwargs": "{\"t_heads\": 7}"}"#,
    #"{"klass": "HTDemucs", "kwargs": "{\"nfft\": 256, \"segment\": 60, \"depth\": 1}"}"#,
    #"{"klass": "HTDemucs", "kwargs": "{\"channels\": 4}"}"#,
  ])
  func aNetworkThatDoesNotFitTogetherIsRefused(_ metadata: String) throws {
    let strings = try JSONDecoder().decode([String: String].self, from: Data(metadata.utf8))
    let checkpoint = try SafetensorsTests.file(tensors: [:], metadata: strings, bytes: 0)
    #expect(throws: SeparationError.self) {
      try HybridDemucs(
        package: ModelPackage(Safetensors(bytes: checkpoint, name: "test")))
    }
  }
}
