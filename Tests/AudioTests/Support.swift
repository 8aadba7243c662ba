// SPDX-License-Identifier: MIT
// Fixtures, throw-away folders and hand-made files for the tests of this module.
import Audio
import Foundation
import Testing

/// The path of a file that `Tests/Fixtures/make_audio_fixtures.py` made.
func fixture(_ name: String) throws -> String {
  let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures")
  return folder.appendingPathComponent(name).path
}

/// A stereo reference of a fixture: `.f32` as it is, `.s16` as fractions of 32768.
func reference(_ name: String) throws -> AudioBuffer {
  let exact = try fixture(name + ".f32")
  let interleaved: [Float]
  if FileManager.default.fileExists(atPath: exact) {
    let data = try Data(contentsOf: URL(fileURLWithPath: exact))
    interleaved = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
  } else {
    let data = try Data(contentsOf: URL(fileURLWithPath: fixture(name + ".s16")))
    interleaved = data.withUnsafeBytes {
      $0.bindMemory(to: Int16.self).map { Float($0) / 32_768 }
    }
  }
  return stereo(interleaved: interleaved)
}

func stereo(interleaved: [Float]) -> AudioBuffer {
  let frames = interleaved.count / 2
  let left = (0..<frames).map { interleaved[2 * $0] }
  let right = (0..<frames).map { interleaved[2 * $0 + 1] }
  return AudioBuffer(channelCount: 2, frameCount: frames, samples: left + right)
}

/// Everything that a file decodes to, and the warnings.
func readAll(
  _ path: String, blockSize: Int = 10_000, searchPath: String? = nil
) throws -> (buffer: AudioBuffer, warnings: [AudioWarning]) {
  let reader = try AudioReader(path: path, searchPath: searchPath)
  var parts: [AudioBuffer] = []
  while let part = try reader.read(maximumFrames: blockSize) { parts.append(part) }
  return (AudioBuffer.joining(parts, channelCount: 2), reader.warnings)
}

/// Writes all of `buffer` in blocks of an odd size.
func writeAll(
  _ buffer: AudioBuffer, to path: String, _ format: AudioFileFormat, sampleRate: Int = 44_100
) throws {
  let writer = try AudioWriter(
    path: path, format: format, sampleRate: sampleRate, channelCount: buffer.channelCount)
  var start = 0
  while start < buffer.frameCount {
    let end = min(buffer.frameCount, start + 7_919)
    try writer.write(buffer.frames(start..<end))
    start = end
  }
  try writer.finish()
}

/// A folder of its own for `body`, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("tonmeister-audio-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder.path)
}

/// Where `PATH` has a program.
func program(_ name: String) throws -> String {
  let folders = ProcessInfo.processInfo.environment["PATH"] ?? ""
  let paths = folders.split(separator: ":").map { "\($0)/\(name)" }
  return try #require(paths.first { access($0, X_OK) == 0 }, "\(name) is not installed")
}

func names(in folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

func save(_ bytes: [UInt8], to path: String) throws {
  try Data(bytes).write(to: URL(fileURLWithPath: path))
}

func load(_ path: String) throws -> [UInt8] {
  Array(try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// The error that `body` throws.
func audioError<Result>(_ body: () throws -> Result) throws -> AudioError {
  do {
    _ = try body()
  } catch let error as AudioError {
    return error
  }
  throw Missing.error
}

enum Missing: Error { case error }

/// A WAV file made by hand, whose header may lie.
func waveFile(
  sampleRate: UInt32 = 44_100, channelCount: UInt16 = 1, bits: UInt16 = 16, isFloat: Bool = false,
  data: [UInt8], claimedByteCount: UInt32? = nil
) -> [UInt8] {
  func bytes<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
  let claimed = claimedByteCount ?? UInt32(data.count)
  let block = channelCount &* (bits / 8)
  var file = Array("RIFF".utf8) + bytes(claimed &+ 36) + Array("WAVEfmt ".utf8) + bytes(UInt32(16))
  file += bytes(UInt16(isFloat ? 3 : 1)) + bytes(channelCount) + bytes(sampleRate)
  file += bytes(sampleRate &* UInt32(block)) + bytes(block) + bytes(bits)
  return file + Array("data".utf8) + bytes(claimed) + data
}

/// A WAV file of floats made by hand.
func waveFile(floats: [Float], channelCount: UInt16) -> [UInt8] {
  waveFile(
    channelCount: channelCount, bits: 32, isFloat: true,
    data: floats.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } })
}

/// A sum of sines, the same in both channels but for the sign, at any rate.
func sines(_ frequencies: [Double], sampleRate: Int, frameCount: Int) -> AudioBuffer {
  let left = (0..<frameCount).map { frame in
    let time = Double(frame) / Double(sampleRate)
    let sum = frequencies.enumerated().reduce(0) {
      $0 + sin(2 * .pi * $1.element * time + Double($1.offset))
    }
    return Float(0.8 * sum / Double(frequencies.count))
  }
  return AudioBuffer(channelCount: 2, frameCount: frameCount, samples: left + left.map { -$0 })
}

/// The level of `expected` over that of the difference, in dB, over some frames of both channels.
func signalToNoiseDB(
  _ actual: AudioBuffer, _ expected: AudioBuffer, frames: Range<Int>? = nil
) -> Double {
  let range = frames ?? 0..<min(actual.frameCount, expected.frameCount)
  let actualSamples = actual.frames(range).samples
  let expectedSamples = expected.frames(range).samples
  var signal = 0.0
  var noise = 0.0
  for (value, wanted) in zip(actualSamples, expectedSamples) {
    signal += Double(wanted) * Double(wanted)
    noise += (Double(value) - Double(wanted)) * (Double(value) - Double(wanted))
  }
  return 10 * log10(signal / noise)
}

/// The largest difference between two buffers over the frames that both have.
func largestDifference(_ first: AudioBuffer, _ second: AudioBuffer) -> Float {
  let range = 0..<min(first.frameCount, second.frameCount)
  return zip(first.frames(range).samples, second.frames(range).samples)
    .reduce(0) { max($0, abs($1.0 - $1.1)) }
}
