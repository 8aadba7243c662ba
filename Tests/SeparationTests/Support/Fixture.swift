// SPDX-License-Identifier: MIT
import Audio
import Foundation
import MixCore
import Testing

@testable import Separation

/// Results that `Tests/Fixtures/make_separation_fixtures.py` wrote.
enum Fixture {
  static func decode<Value: Decodable>(_ name: String) throws -> Value {
    let file = Bundle.module.bundleURL.appending(path: "Fixtures/\(name)")
    return try JSONDecoder().decode(Value.self, from: Data(contentsOf: file))
  }
}

/// The signal that the script draws, too: 16-bit numbers in [-0.5, 0.5), (channels, frames).
func noise(channelCount: Int, frameCount: Int, seed: UInt64) -> AudioBuffer {
  var generator = SplitMix64(seed: seed)
  let samples = (0..<channelCount * frameCount).map { _ in
    Float(Int(generator.next() >> 48) - 32768) / 65536
  }
  return AudioBuffer(channelCount: channelCount, frameCount: frameCount, samples: samples)
}

/// A folder that is removed with this object.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// All names below the folder, hidden ones included.
  func contents() throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: url.path).sorted()
  }

  /// Writes a float WAV and gives its place.
  func write(_ buffer: AudioBuffer, name: String, sampleRate: Int) throws -> URL {
    let file = url.appending(path: name)
    let writer = try AudioWriter(
      path: file.path, format: .wavFloat32, sampleRate: sampleRate,
      channelCount: buffer.channelCount)
    try writer.write(buffer)
    try writer.finish()
    return file
  }
}

/// The whole of an audio file, (2, frames).
func readAll(_ path: String) throws -> (buffer: AudioBuffer, sampleRate: Int) {
  let reader = try AudioReader(path: path)
  var parts: [AudioBuffer] = []
  while let part = try reader.read(maximumFrames: 4096) { parts.append(part) }
  return (.joining(parts, channelCount: 2), reader.sourceFormat.sampleRate)
}

/// The largest difference of two buffers of the same shape.
func largestDifference(_ first: AudioBuffer, _ second: AudioBuffer) -> Float {
  guard first.channelCount == second.channelCount, first.frameCount == second.frameCount else {
    return .infinity
  }
  return zip(first.samples, second.samples).map { abs($0 - $1) }.max() ?? 0
}
