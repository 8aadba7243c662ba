// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import Mixdown

@Suite struct SessionExporterTests {
  /// Four stems of different rates and lengths, a plan in which every step changes something, and what the
  /// mixer makes of them.
  private struct Song {
    static let names = ["vocals", "drums", "bass", "other"]
    let place: Place
    let plan: MixPlan
    let paths: [String]
    var options = SessionExporter.Options()

    init(rate: Int = 48_000, change: (inout MixPlan) -> Void = { _ in }) throws {
      place = try Place()
      var plan = MixerTests.plan(Self.names)
      plan.tracks[1].mute = true
      plan.tracks[2].saturation = Saturation()
      plan.tracks[3].width = 0.6
      change(&plan)
      self.plan = plan
      var paths: [String] = []
      for (index, name) in Self.names.enumerated() {
        let stemRate = index == 1 ? 44_100 : rate
        paths.append(
          try place.stem(
            "\(name).wav",
            music(stemRate - 3000 * index, seed: UInt64(index), rate: Double(stemRate)),
            sampleRate: stemRate))
      }
      self.paths = paths
      options.mix.tailSeconds = 0.5
    }

    func export(
      _ format: SessionExporter.Format, _ name: String,
      _ change: (inout SessionExporter.Options) -> Void = { _ in }
    ) async throws -> SessionExport {
      var options = options
      change(&options)
      return try await SessionExporter(
        plan: plan, stemPaths: paths, format: format, options: options
      ).export(to: place.path(name))
    }

    /// The mix and, in the folder `parts`, its tracks, reverb and their sum.
    func mix() async throws -> MixdownResult {
      try await Mixer(plan: plan, stemPaths: paths, options: options.mix)
        .result(
          MixFiles(
            mix: place.path("reference.wav"), format: .wavFloat32,
            stemsFolder: place.path("parts")))
    }

    /// The audio of an archive by path.
    func audio(_ archive: String) throws -> [String: AudioBuffer] {
      let zip = try StoredZip([UInt8](try Data(contentsOf: place.url.appending(path: archive))))
      var buffers: [String: AudioBuffer] = [:]
      for member in zip.members where member.name.hasSuffix(".wav") {
        try Data(member.bytes).write(to: place.url.appending(path: "member.wav"))
        buffers[member.name] = try place.read("member.wav").buffer
      }
      return buffers
    }
  }

  private func sum(_ buffers: [AudioBuffer]) -> [Float] {
    var sum = [Float](repeating: 0, count: buffers.first?.samples.count ?? 0)
    for buffer in buffers { for index in sum.indices { sum[index] += buffer.samples[index] } }
    return sum
  }

  private func largestDifference(_ a: [Float], _ b: [Float]) -> Float {
    guard a.count == b.count else { return .infinity }
    return zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }

  @Test func aSessionHoldsTheStemsAndThePrintedReverb() async throws {
    let song = try Song()
    let export = try await song.export(.dawproject, "song.dawproject")
    _ = try await song.mix()
    let audio = try song.audio("song.dawproject")
    #expect(export.sampleRate == 48_000 && export.frameCount == 72_000)
    #expect(export.tracks == Song.names + ["Reverb"])
    #expect(Set(audio.keys) == Set((Song.names + ["Reverb"]).map { "audio/\($0).wav" }))
    for (index, name) in Song.names.enumerated() {
      let (stem, rate) = try song.place.read("\(name).wav")
      let expected = rate == 48_000 ? stem : try Resampler.resample(stem, from: rate, to: 48_000)
      let found = try #require(audio["audio/\(name).wav"])
      #expect(found.frameCount == 72_000)
      #expect(
        largestDifference(
          found.frames(0..<expected.frameCount).samples, expected.samples) < 1e-6, "\(index)")
      #expect(found.frames(expected.frameCount..<72_000).peak == 0)
    }
    #expect(audio["audio/Reverb.wav"] == (try song.place.read("parts/reverb.wav").buffer))
    let zip = try StoredZip(
      [UInt8](try Data(contentsOf: song.place.url.appending(path: "song.dawproject"))))
    let project = try ParsedElement.parse(try #require(zip["project.xml"]))
    #expect(DAWProjectSchema.problems(project) == [])
    let metadata = try ParsedElement.parse(try #require(zip["metadata.xml"]))
    #expect(metadata.name == "MetaData")
    #expect(metadata.children.map(\.name) == ["Title", "Comment"])
    #expect(metadata.child("Title")?.text == "song")
    #expect(export.notes.allSatisfy { metadata.child("Comment")?.text.contains($0) == true })
  }

  @Test func processedTracksAddUpToTheMixBeforeItsMaster() async throws {
    let song = try Song()
    _ = try await song.mix()
    let premaster = try song.place.read("parts/premaster.wav").buffer
    _ = try await song.export(.dawproject, "song.dawproject") { $0.isProcessed = true }
    let audio = try song.audio("song.dawproject")
    let tracks = (Song.names + ["Reverb"]).compactMap { audio["audio/\($0).wav"] }
    #expect(tracks.count == 5)
    #expect(largestDifference(sum(tracks), premaster.samples) < 1e-6)
    // In 24 bits each track is off by half a step at most.
    _ = try await song.export(.dawproject, "song24.dawproject") {
      $0.isProcessed = true
      $0.sampleFormat = .int24
    }
    let rounded = try song.audio("song24.dawproject")
    let coarse = (Song.names + ["Reverb"]).compactMap { rounded["audio/\($0).wav"] }
    #expect(largestDifference(sum(coarse), premaster.samples) < 5 * 0.5 / 8_388_608 + 1e-6)
    // REAPER's folder holds the same.
    let export = try await song.export(.reaper, "song") { $0.isProcessed = true }
    #expect(export.path == song.place.path("song") + "/song.rpp")
    for name in Song.names + ["Reverb"] {
      #expect(try song.place.read("song/audio/\(name).wav").buffer == audio["audio/\(name).wav"])
    }
  }

  /// What REAPER does with the project, at pan 0 where pan laws agree, makes the mix before its master.
  @Test func theFadersOfAReaperProjectMakeTheMix() async throws {
    let song = try Song { plan in
      for index in plan.tracks.indices { plan.tracks[index].pan = 0 }
    }
    _ = try await song.mix()
    let premaster = try song.place.read("parts/premaster.wav").buffer
    let export = try await song.export(.reaper, "Song.RPP")
    let text = try String(contentsOfFile: export.path, encoding: .utf8)
    let root = try #require(RPPBlock.parse(text))
    var total = [Float](repeating: 0, count: premaster.samples.count)
    for track in root.blocks("TRACK") {
      guard let file = track.blocks("ITEM").first?.blocks("SOURCE").first?.line("FILE")?[1],
        track.line("MUTESOLO")?[1] == "0"
      else { continue }
      let volume = try #require(track.line("VOLPAN").flatMap { Float($0[1]) })
      let audio = try song.place.read("Song/\(file)").buffer
      for index in total.indices { total[index] += volume * audio.samples[index] }
    }
    #expect(largestDifference(total, premaster.samples) < 2e-6)
    #expect(
      song.place.files.filter { $0.hasPrefix("Song") }
        == ["Song", "Song/Song.rpp", "Song/audio"]
        + (["Reverb"] + Song.names).map { "Song/audio/\($0).wav" }.sorted())
  }

  @Test func broadcastFilesSayWhatTheyMeasure() async throws {
    let song = try Song { $0.master.loudnessLUFS = -20 }
    let mix = try await song.mix()
    var options = song.options
    options.date = Date(timeIntervalSince1970: 1_795_282_200)
    let export = try await song.export(.bwf, "files") { $0.date = options.date }
    #expect(export.tracks == ["mix"] + Song.names + ["Reverb"])
    #expect(abs(mix.levels.integratedLUFS + 20) < 0.1)
    for name in ["mix", "vocals", "drums", "reverb"] {
      let file = song.place.url.appending(path: "files/\(name).wav")
      let chunk = try #require(WaveEncoderTests.chunks([UInt8](try Data(contentsOf: file)))["bext"])
      func value(_ offset: Int) -> Double {
        let bits = UInt16(chunk[offset]) | UInt16(chunk[offset + 1]) << 8
        return Double(Int16(bitPattern: bits)) / 100
      }
      let (buffer, rate) = try song.place.read("files/\(name).wav")
      if name == "drums" {
        // Muted, hence silent.
        #expect(buffer.peak == 0)
        #expect(chunk[412] == 0xFF && chunk[413] == 0x7F)
        continue
      }
      let reference = try ReferenceLoudness(buffer, sampleRate: rate)
      #expect(abs(value(412) - reference.integratedLUFS) <= 0.011)
      #expect(abs(value(414) - reference.rangeLU) <= 0.011)
      #expect(abs(value(416) - reference.truePeakDB) <= 0.011)
      #expect(value(418) >= value(412) - 0.01)
      #expect(String(decoding: chunk[320..<338], as: UTF8.self) == "2026-11-2117:30:00")
    }
    // The audio is that of the mixer, rounded to 24 bits.
    let expected = try song.place.read("reference.wav").buffer
    let found = try song.place.read("files/mix.wav").buffer
    #expect(largestDifference(found.samples, expected.samples) < 0.51 / 8_388_608)
  }

  @Test func aStemFileHoldsTheMixAndStemsThatAddUp() async throws {
    // Soft enough to stay below full scale without a limiter.
    let song = try Song(rate: 44_100) { plan in
      plan.master.limiter = nil
      plan.master.loudnessLUFS = -26
    }
    _ = try await song.mix()
    let premaster = try song.place.read("parts/premaster.wav").buffer
    let reference = try song.place.read("reference.wav").buffer
    let export = try await song.export(.stemMP4, "a.stem.mp4") { $0.isLossless = true }
    #expect(export.tracks == ["mix", "drums", "bass", "other", "vocals"])
    #expect(export.sampleRate == 44_100)
    var streams: [AudioBuffer] = []
    for index in 0..<5 {
      try FFmpegRun.run(
        [
          "-i", song.place.path("a.stem.mp4"), "-map", "0:a:\(index)", "-f", "wav", "-c:a",
          "pcm_f32le", "-y", song.place.path("stream\(index).wav"),
        ], path: "stream", purpose: "ALAC", isCancelled: { false })
      streams.append(try song.place.read("stream\(index).wav").buffer)
    }
    #expect(largestDifference(streams[0].samples, reference.samples) < 2.0 / 8_388_608)
    // The stems add up to the mix before the master, but for a gain that makes them as loud as the mix.
    let total = AudioBuffer(
      channelCount: 2, frameCount: premaster.frameCount, samples: sum(Array(streams[1...])))
    let power = premaster.samples.reduce(0.0) { $0 + Double($1 * $1) }
    let gain =
      zip(total.samples, premaster.samples).reduce(0.0) { $0 + Double($1.0 * $1.1) } / power
    #expect(
      largestDifference(total.samples, premaster.samples.map { $0 * Float(gain) }) < 2e-6)
    #expect(
      abs(try ReferenceLoudness(total, sampleRate: 44_100).integratedLUFS + 26) < 0.1)
    #expect(streams[1].peak == 0)
    let bytes = [UInt8](try Data(contentsOf: song.place.url.appending(path: "a.stem.mp4")))
    let moov = try #require(MP4Box.parse(bytes[...])?.first { $0.type == "moov" })
    let flags = moov.children?.filter { $0.type == "trak" }
      .compactMap { $0.children?.first { $0.type == "tkhd" }?.payload[3] }
    #expect(flags?.map { $0 & 1 } == [1, 0, 0, 0, 0])
    let userData = try #require(moov.children?.first { $0.type == "udta" })
    let stem = try #require(
      MP4Box.parse(userData.payload[...])?.first { $0.type == "stem" })
    struct Manifest: Decodable {
      struct Stem: Decodable { var name: String }
      var version: Int
      var stems: [Stem]
    }
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(stem.payload))
    #expect(manifest.version == 1)
    #expect(manifest.stems.map(\.name) == ["drums", "bass", "other", "vocals"])
  }

  @Test func anAACStemFileHasFiveStreams() async throws {
    let song = try Song()
    let export = try await song.export(.stemMP4, "a.stem.mp4")
    #expect(export.sampleRate == 48_000)
    let format = try AudioReader(path: song.place.path("a.stem.mp4")).sourceFormat
    #expect(format.codec == "aac")
    #expect(format.sampleRate == 48_000)
    #expect(song.place.files == (Song.names.map { "\($0).wav" } + ["a.stem.mp4"]).sorted())
  }

  @Test func theSameExportHasTheSameBytesForAnyNumberOfThreads() async throws {
    let song = try Song()
    for format in [SessionExporter.Format.dawproject, .stemMP4] {
      let name = format == .dawproject ? "a.dawproject" : "a.stem.mp4"
      _ = try await song.export(format, name) { $0.mix.jobs = 1 }
      let first = try Data(contentsOf: song.place.url.appending(path: name))
      // It replaces what was there.
      _ = try await song.export(format, name) { $0.mix.jobs = 3 }
      #expect(try Data(contentsOf: song.place.url.appending(path: name)) == first)
    }
  }

  @Test func withoutSendsThereIsNoReverb() async throws {
    let song = try Song { plan in
      for index in plan.tracks.indices { plan.tracks[index].reverbSendDB = nil }
    }
    let export = try await song.export(.dawproject, "a.dawproject")
    #expect(export.tracks == Song.names)
    #expect(try song.audio("a.dawproject").count == 4)
  }

  @Test(arguments: SessionExporter.Format.allCases)
  func aBrokenStemOrACancelLeavesNothingBehind(format: SessionExporter.Format) async throws {
    let song = try Song()
    let name =
      switch format {
      case .dawproject: "a.dawproject"
      case .stemMP4: "a.stem.mp4"
      default: "a"
      }
    let before = song.place.files
    var options = song.options
    options.mix.tailSeconds = 60
    let exporter = try SessionExporter(
      plan: song.plan, stemPaths: song.paths, format: format, options: options)
    let path = song.place.path(name)
    let task = Task { try await exporter.export(to: path) }
    task.cancel()
    await #expect {
      _ = try await task.value
    } throws: { ($0 as? MixdownError)?.code == .cancelled }
    #expect(song.place.files == before)
    try Data("no audio".utf8).write(to: song.place.url.appending(path: "bass.wav"))
    await #expect {
      _ = try await song.export(format, name)
    } throws: { ($0 as? MixdownError)?.code == .input }
    #expect(song.place.files == before)
  }

  @Test func aStemFileNeedsFourTracksAndAKnownRate() {
    let three = MixPlan(trackNames: ["a", "b", "c"])
    #expect {
      try SessionExporter(plan: three, stemPaths: ["a", "b", "c"], format: .stemMP4)
    } throws: { ($0 as? MixdownError)?.message.contains("the plan has 3 tracks") == true }
    var options = SessionExporter.Options()
    options.mix.sampleRate = 96_000
    #expect(throws: MixdownError.self) {
      try SessionExporter(
        plan: MixPlan(trackNames: ["a", "b", "c", "d"]), stemPaths: ["a", "b", "c", "d"],
        format: .stemMP4, options: options)
    }
    #expect(StemFile.order(["Vox", "Other", "BASS", "drums"]) == [3, 2, 1, 0])
    #expect(StemFile.order(["guitar", "bass", "vocals", "drums"]) == [0, 1, 2, 3])
    #expect(
      [8_000, 44_100, 48_000, 88_200, 96_000, 192_000].map(StemFile.sampleRate(for:))
        == [48_000, 44_100, 48_000, 44_100, 48_000, 48_000])
  }
}
