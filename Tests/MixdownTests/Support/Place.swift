// SPDX-License-Identifier: MIT
import Audio
import Foundation

@testable import Mixdown

/// A folder in which stems are made and mixed.
final class Place {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-mixdown-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appending(path: name).path }

  /// All names in the folder, hidden ones included.
  var files: [String] {
    ((try? FileManager.default.subpathsOfDirectory(atPath: url.path)) ?? []).sorted()
  }

  /// Writes a file of 32-bit floats.
  @discardableResult
  func stem(_ name: String, _ buffer: AudioBuffer, sampleRate: Int = 44_100) throws -> String {
    let writer = try AudioWriter(
      path: path(name), format: .wavFloat32, sampleRate: sampleRate,
      channelCount: buffer.channelCount)
    try writer.write(buffer)
    try writer.finish()
    return path(name)
  }

  func read(_ name: String) throws -> (buffer: AudioBuffer, sampleRate: Int) {
    let reader = try AudioReader(path: path(name))
    var parts: [AudioBuffer] = []
    while let part = try reader.read(maximumFrames: 65_536) { parts.append(part) }
    return (.joining(parts, channelCount: 2), reader.sourceFormat.sampleRate)
  }
}

/// Music of a kind: a tone under noise that comes and goes, (2, frames).
func music(_ frames: Int, seed: UInt64, rate: Double = 44_100, amplitude: Double = 0.3)
  -> AudioBuffer
{
  var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
  func noise() -> Double {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Double(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }
  var left: [Float] = []
  var right: [Float] = []
  for n in 0..<frames {
    let time = Double(n) / rate
    let tone = sin(2 * .pi * 110 * Double(seed + 1) * time)
    let strength = n / Int(rate / 4) % 2 == 0 ? 1.0 : 0.2
    left.append(Float(amplitude * (0.6 * tone + 0.4 * strength * noise())))
    right.append(Float(amplitude * (0.5 * tone + 0.4 * strength * noise())))
  }
  return AudioBuffer(channelCount: 2, frameCount: frames, samples: left + right)
}

extension Mixer {
  /// Mixes and gives the result.
  func result(_ files: MixFiles) async throws -> MixdownResult {
    var iterator = mix(to: files).makeAsyncIterator()
    while let event = try await iterator.next() {
      if case .finished(let result) = event { return result }
    }
    throw MixdownError.cancelled
  }
}
