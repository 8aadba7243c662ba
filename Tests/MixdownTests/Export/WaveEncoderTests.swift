// SPDX-License-Identifier: MIT
import Audio
import Foundation
import Testing

@testable import Mixdown

@Suite struct WaveEncoderTests {
  /// The chunks of a RIFF file by name.
  static func chunks(_ bytes: [UInt8]) -> [String: [UInt8]] {
    func number(_ offset: Int) -> Int {
      (0..<4).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    var chunks: [String: [UInt8]] = [:]
    var offset = 12
    while offset + 8 <= bytes.count {
      let name = String(decoding: bytes[offset..<offset + 4], as: UTF8.self)
      let end = min(bytes.count, offset + 8 + number(offset + 4))
      chunks[name] = Array(bytes[offset + 8..<end])
      offset = end + number(offset + 4) % 2
    }
    return chunks
  }

  private func write(
    _ buffer: AudioBuffer, _ format: SessionExporter.SampleFormat,
    broadcast: BroadcastExtension? = nil
  ) throws -> (place: Place, clipped: Int) {
    let place = try Place()
    let spool = try SampleSpool(nextTo: place.path("a.wav"))
    for start in stride(from: 0, to: buffer.frameCount, by: MixRun.blockFrames) {
      try spool.write(
        buffer.frames(start..<min(start + MixRun.blockFrames, buffer.frameCount)))
    }
    let encoder = WaveEncoder(
      sampleRate: 48_000, sampleFormat: format, frameCount: buffer.frameCount,
      broadcast: broadcast)
    let sink = try FileSink(path: place.path("a.wav"))
    let clipped = try encoder.write(spool, to: sink, signal: CancellationSignal())
    #expect(sink.byteCount == encoder.byteCount)
    try sink.finish()
    return (place, clipped)
  }

  @Test func floatsComeBackAsTheyAre() throws {
    var buffer = music(20_000, seed: 4)
    buffer.samples[7] = 3
    let (place, clipped) = try write(buffer, .float32)
    let read = try place.read("a.wav")
    #expect(read.buffer == buffer)
    #expect(read.sampleRate == 48_000)
    #expect(clipped == 1)
  }

  @Test func twentyFourBitsAreRoundedAndClipped() throws {
    var buffer = music(20_000, seed: 4)
    buffer.samples[7] = 3
    buffer.samples[9] = -3
    let (place, clipped) = try write(buffer, .int24)
    let read = try place.read("a.wav").buffer
    #expect(clipped == 2)
    #expect(read.samples[7] == Float(8_388_607) / 8_388_608)
    #expect(read.samples[9] == -1)
    for index in buffer.samples.indices where index != 7 && index != 9 {
      let error = abs(read.samples[index] - buffer.samples[index])
      if error > 0.5 / 8_388_608 { #expect(error <= 0.5 / 8_388_608, "\(index)") }
    }
  }

  @Test func theBroadcastExtensionIsThatOfTheStandard() throws {
    let broadcast = BroadcastExtension(
      description: "Ärger\n🎸: " + String(repeating: "é", count: 300), date: "2026-11-21",
      time: "17:30:00",
      loudness: .init(
        integratedLUFS: -14.006, rangeLU: 5.5, truePeakDB: -1, maximumMomentaryLUFS: -9.994,
        maximumShortTermLUFS: -.infinity))
    let (place, _) = try write(music(3000, seed: 1), .int24, broadcast: broadcast)
    let bytes = [UInt8](try Data(contentsOf: place.url.appending(path: "a.wav")))
    let chunk = try #require(Self.chunks(bytes)["bext"])
    // The offsets of EBU Tech 3285, 2.3.
    #expect(chunk.count == 602)
    #expect(
      String(decoding: chunk[..<256], as: UTF8.self)
        == "Arger??: " + String(repeating: "e", count: 247))
    #expect(String(decoding: chunk[256..<266], as: UTF8.self) == "Tonmeister")
    #expect(String(decoding: chunk[320..<338], as: UTF8.self) == "2026-11-2117:30:00")
    #expect(chunk[338..<346].allSatisfy { $0 == 0 })
    #expect(chunk[346] == 2 && chunk[347] == 0)
    #expect(chunk[348..<412].allSatisfy { $0 == 0 })
    let values = (0..<5).map { index in
      Int16(bitPattern: UInt16(chunk[412 + 2 * index]) | UInt16(chunk[413 + 2 * index]) << 8)
    }
    #expect(values == [-1401, 550, -100, -999, 0x7FFF])
    #expect(chunk[422...].allSatisfy { $0 == 0 })
    #expect(try place.read("a.wav").buffer.frameCount == 3000)
  }

  @Test func beyondFourGigabytesItIsRF64() throws {
    let encoder = WaveEncoder(
      sampleRate: 48_000, sampleFormat: .float32, frameCount: 600_000_000)
    let header = encoder.header
    #expect(String(decoding: header[..<4], as: UTF8.self) == "RF64")
    #expect(header[4..<8].allSatisfy { $0 == 0xFF })
    #expect(String(decoding: header[12..<16], as: UTF8.self) == "ds64")
    func number(_ offset: Int) -> Int {
      (0..<8).reduce(0) { $0 | Int(header[offset + $1]) << (8 * $1) }
    }
    #expect(number(20) == encoder.byteCount - 8)
    #expect(number(28) == 8 * 600_000_000)
    #expect(number(36) == 600_000_000)
  }
}
