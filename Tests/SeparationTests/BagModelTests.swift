// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Synchronization
import Testing

@testable import Separation

@Suite struct BagModelTests {
  private static let sources = ["drums", "bass", "other", "vocals"]
  private static let form = BagModel.Form(
    sources: sources, sampleRate: 8000, segmentFrames: 512, normalizesTrack: false)
  private static let identity = (0..<4).map { row in (0..<4).map { $0 == row ? 1.0 : 0 } }

  /// Gives every stem as the mixture times the factor of its network.
  private static func network(_ factor: Float, segmentFrames: Int = 512) -> FunctionModel {
    FunctionModel(sources: sources, segmentFrames: segmentFrames) { input, output in
      for source in 0..<4 {
        for sample in 0..<2 * segmentFrames {
          output[source * 2 * segmentFrames + sample] = factor * input[sample]
        }
      }
    }
  }

  /// A bag of networks with the factors 1, 2, 3, …, and those that were loaded, by their factor.
  private func separator(
    _ weights: [[Double]]?, count: Int = 4
  ) throws -> (separator: Separator, loaded: LoadedNetworks) {
    let loaded = LoadedNetworks()
    let bag = try BagModel(
      form: Self.form, weights: weights, name: "bag.yaml", count: count
    ) { (index) throws(SeparationError) in
      loaded.insert(index + 1)
      return Self.network(Float(index + 1))
    }
    return (try Separator(bag), loaded)
  }

  @Test func stemsAreWeightedMeans() async throws {
    let weights: [[Double]] = [[1, 1, 0, 0], [0, 1, 0, 3], [1, 0, 1, 1]]
    let mixture = noise(channelCount: 2, frameCount: 3000, seed: 4)
    let (separator, loaded) = try separator(weights, count: 3)
    let stems = try await separator.separate(mixture, sampleRate: 8000)
    // Sums of weight times factor, by sums of weights.
    for (source, factor) in zip(Self.sources, [4.0 / 2, 3.0 / 2, 3, 9.0 / 4] as [Float]) {
      let stem = try #require(stems[source])
      for (sample, expected) in zip(stem.samples, mixture.samples) {
        #expect(abs(sample - factor * expected) < 1e-5)
      }
    }
    #expect(loaded.numbers == [1, 2, 3])
  }

  @Test func withoutWeightsAllCountTheSame() async throws {
    let mixture = noise(channelCount: 2, frameCount: 3000, seed: 5)
    let stems = try await separator(nil).separator.separate(mixture, sampleRate: 8000)
    for source in Self.sources {
      let expected = AudioBuffer(
        channelCount: 2, frameCount: 3000, samples: mixture.samples.map { 2.5 * $0 })
      #expect(largestDifference(try #require(stems[source]), expected) < 1e-5)
    }
  }

  @Test(arguments: [
    (StemSelection.only(["vocals"]), [4]), (.two("bass", other: .none), [2]),
    (.two("bass", other: .minus), [2]), (.two("bass", other: .add), [1, 2, 3, 4]),
    (.only(["drums", "other"]), [1, 3]),
  ])
  func onlyTheNetworksOfTheWantedStemsRun(selection: StemSelection, needed: [Int]) async throws {
    let folder = try TemporaryFolder()
    let song = try folder.write(
      noise(channelCount: 2, frameCount: 3000, seed: 6), name: "song.wav", sampleRate: 8000)
    let (separator, loaded) = try separator(Self.identity)
    let files = try StemFiles(
      folder: folder.url.appending(path: "stems"), stems: separator.stems, format: .wavFloat32,
      clipMode: .none, selection: selection)
    for try await _ in separator.separate(song, to: files) {}
    #expect(loaded.numbers == needed)
    // The second song needs no more.
    for try await _ in separator.separate(song, to: files) {}
    #expect(loaded.count == needed.count)

    let (mixture, _) = try readAll(song.path)
    for (name, path) in files.paths {
      guard let index = Self.sources.firstIndex(of: name) else { continue }
      let expected = AudioBuffer(
        channelCount: 2, frameCount: mixture.frameCount,
        samples: mixture.samples.map { Float(index + 1) * $0 })
      #expect(largestDifference(try readAll(path).buffer, expected) < 1e-5)
    }
  }

  @Test func networksThatDoNotFitAreRefused() async throws {
    let bag = try BagModel(
      form: Self.form, weights: nil, name: "bag.yaml", count: 2
    ) { (index) throws(SeparationError) in
      Self.network(1, segmentFrames: [512, 256][index])
    }
    let separator = try Separator(bag)
    let error = await #expect(throws: SeparationError.self) {
      try await separator.separate(
        noise(channelCount: 2, frameCount: 900, seed: 7), sampleRate: 8000)
    }
    #expect(error?.code == .unsupported)
    #expect(throws: SeparationError.self) { try self.separator([[1, 1, 1, 1]]) }
    #expect(throws: SeparationError.self) {
      try self.separator([[1, 1, 1, 0]], count: 1)
    }
  }

  // MARK: - Files

  /// Real networks: the bag gives what its members give, in the memory that they share.
  @Test func aBagOfFilesGivesTheStemsOfItsMembers() async throws {
    let folder = try TemporaryFolder()
    for name in ["a1", "b2"] {
      try FileManager.default.copyItem(
        at: NetworkFixture.file("demucs-transformer"),
        to: folder.url.appending(path: "\(name).safetensors"))
    }
    try Data("models: ['a1', 'b2']\nweights: [[1., 0., 0., 1.], [0., 1., 1., 1.]]\n".utf8)
      .write(to: folder.url.appending(path: "bag.yaml"))
    let registry = ModelRegistry(
      repository: folder.url, installed: InstalledModels(folder: folder.url))
    #expect(try registry.models().map(\.name.rawValue) == ["a1", "b2", "bag", "lite"])

    let song = noise(channelCount: 2, frameCount: 60_000, seed: 8)
    let one = try Separator(model: "a1", repository: folder.url)
    let bag = try Separator(model: "bag", repository: folder.url)
    #expect(bag.stems == one.stems)
    let expected = try await one.separate(song, sampleRate: 44_100)
    let stems = try await bag.separate(song, sampleRate: 44_100)
    for name in bag.stems {
      let difference = largestDifference(try #require(stems[name]), try #require(expected[name]))
      #expect(difference < 1e-6)
    }
  }

  /// The same network in both of Demucs' formats, which would take too long to run.
  @Test func bothFormatsOfDemucsLoadFromABag() throws {
    let repository = try TemporaryFolder()
    for (from, to) in [
      ("955717e8-c671ce94.th", "old-c671ce94.th"), ("955717e8.safetensors", "new.safetensors"),
    ] {
      try FileManager.default.copyItem(
        at: CheckpointFiles.folder.appending(path: from), to: repository.url.appending(path: to))
    }
    let bag = repository.url.appending(path: "bag.yaml")
    try Data("models: ['old', 'new']\nsegment: 44\n".utf8).write(to: bag)
    let description = try ModelRegistry(repository: repository.url).model(named: "bag")
    #expect(description.stems == Self.sources)
    let model = try description.load(threadsPerWorker: 1)
    // The transformer keeps the segment for which it was trained.
    #expect(model.segmentFrames == 343_980)
    _ = try model.restricted(to: [0])

    try Data("models: ['old', 'new']\nsegment: 5\n".utf8).write(to: bag)
    let shorter = try ModelRegistry(repository: repository.url).model(named: "bag")
    #expect(try shorter.load(threadsPerWorker: 1).segmentFrames == 220_500)
    try FileManager.default.moveItem(
      at: repository.url.appending(path: "old-c671ce94.th"),
      to: repository.url.appending(path: "old-00000000.th"))
    #expect(throws: SeparationError.self) {
      try Separator(model: "old", repository: repository.url)
    }
  }

  @Test func versionThreeTakesTheSegmentOfItsBag() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.copyItem(
      at: NetworkFixture.file("demucs-hybrid"), to: folder.url.appending(path: "a1.safetensors"))
    try Data("models: ['a1']\nsegment: 0.5\n".utf8)
      .write(to: folder.url.appending(path: "bag.yaml"))
    let registry = ModelRegistry(repository: folder.url)
    #expect(try registry.model(named: "bag").load(threadsPerWorker: 1).segmentFrames == 22_050)
    // 601/441 s, as its own arguments say.
    #expect(try registry.model(named: "a1").load(threadsPerWorker: 1).segmentFrames == 60_100)
  }

  @Test func aBagWithoutItsCheckpointIsTold() throws {
    let folder = try TemporaryFolder()
    try Data("models: ['a1']\n".utf8).write(to: folder.url.appending(path: "bag.yaml"))
    let error = #expect(throws: SeparationError.self) {
      try Separator(model: "bag", repository: folder.url)
    }
    #expect(error?.message.contains("a1.safetensors") == true)
  }
}

/// Which networks were loaded, in any order.
private final class LoadedNetworks: Sendable {
  private let state = Mutex<[Int]>([])
  func insert(_ number: Int) { state.withLock { $0.append(number) } }
  var numbers: [Int] { state.withLock { $0.sorted() } }
  var count: Int { state.withLock { $0.count } }
}
