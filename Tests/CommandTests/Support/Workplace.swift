// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// A folder with a pass-through model, in which songs are made and separated.
final class Workplace {
  let url: URL
  let tool: Tool

  /// Arguments that choose the model: every stem is a quarter of the song.
  static let model = ["--repo", "models", "-n", "through"]

  /// Arguments that choose a small Demucs with random weights; see
  /// `Tests/Fixtures/make_demucs_fixtures.py`.
  static let demucs = ["--repo", fixtures.path, "-n", "demucs-transformer"]

  private static let fixtures = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "SeparationTests/Fixtures")

  init() throws {
    url = FileManager.default.temporaryDirectory
      .appending(path: "tonmeister-tests-\(UUID().uuidString)")
    tool = Tool(folder: url)
    let models = url.appending(path: "models")
    try FileManager.default.createDirectory(at: models, withIntermediateDirectories: true)
    let header = try JSONEncoder().encode([
      "__metadata__": [
        "klass": "PassThrough", "segment": "4096", "licence": "CC0-1.0",
        "kwargs": #"{"sources": ["drums", "bass", "other", "vocals"]}"#,
      ]
    ])
    var length = UInt64(header.count).littleEndian
    try (Data(bytes: &length, count: 8) + header)
      .write(to: models.appending(path: "through.safetensors"))
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Runs `tonmeister separate`, by default with the pass-through model.
  func separate(_ arguments: String..., model: [String] = model) throws -> Tool.Result {
    try tool.run(executable: Tool.executable, ["separate"] + model + arguments)
  }

  /// Names below `out`, hidden ones included; none where there is no such folder.
  func files(below folder: String = "separated") -> [String] {
    let path = url.appending(path: folder).path
    return ((try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [])
      .filter { name in
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
          atPath: "\(path)/\(name)", isDirectory: &isFolder)
        return exists && !isFolder.boolValue
      }
      .sorted()
  }

  /// Writes a song of noise.
  @discardableResult
  func song(
    _ name: String, frameCount: Int = 9000, sampleRate: Int = 44_100, channelCount: Int = 2,
    format: AudioFileFormat = .wav16
  ) throws -> AudioBuffer {
    var state: UInt64 = 12_345
    let samples = (0..<channelCount * frameCount).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Float(Int(state >> 49) - 16_384) / 32_768  // exact in 16 bits
    }
    let buffer = AudioBuffer(
      channelCount: channelCount, frameCount: frameCount, samples: samples)
    let file = url.appending(path: name)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    let writer = try AudioWriter(
      path: file.path, format: format, sampleRate: sampleRate, channelCount: channelCount)
    try writer.write(buffer)
    try writer.finish()
    return buffer
  }

  /// Writes any bytes.
  func bytes(_ name: String, _ bytes: Data) throws {
    try bytes.write(to: url.appending(path: name))
  }

  /// Reads a file below the folder.
  func read(_ name: String) throws -> (buffer: AudioBuffer, sampleRate: Int) {
    let reader = try AudioReader(path: url.appending(path: name).path)
    var parts: [AudioBuffer] = []
    while let part = try reader.read(maximumFrames: 65_536) { parts.append(part) }
    return (.joining(parts, channelCount: 2), reader.sourceFormat.sampleRate)
  }
}

/// A WAV file whose header says what it likes.
func wave(
  sampleRate: UInt32 = 44_100, channelCount: UInt16 = 2, bitsPerSample: UInt16 = 16,
  isFloat: Bool = false, declaredBytes: UInt32? = nil, samples: Data
) -> Data {
  func bytes(_ value: some FixedWidthInteger) -> Data {
    withUnsafeBytes(of: value.littleEndian) { Data($0) }
  }
  let declared = declaredBytes ?? UInt32(samples.count)
  let frameBytes = channelCount &* (bitsPerSample / 8)
  return Data("RIFF".utf8) + bytes(declared &+ 36) + Data("WAVEfmt ".utf8) + bytes(UInt32(16))
    + bytes(UInt16(isFloat ? 3 : 1)) + bytes(channelCount) + bytes(sampleRate)
    + bytes(sampleRate &* UInt32(frameBytes)) + bytes(frameBytes) + bytes(bitsPerSample)
    + Data("data".utf8) + bytes(declared) + samples
}
