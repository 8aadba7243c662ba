// SPDX-License-Identifier: MIT
import Foundation
import Tonmeister

/// The estimated and true stems that have the same name.
struct StemPairs {
  /// Two files of the same stem.
  struct Pair {
    var name: String
    var estimate: String
    var reference: String
  }

  private(set) var pairs: [Pair] = []
  /// Files that only one side has.
  private(set) var unmatched: [String] = []

  init(estimates: String, references: String) throws {
    let estimated = try Self.files(at: estimates)
    let trueStems = try Self.files(at: references)
    if estimated.count == 1, trueStems.count == 1, !Self.isFolder(estimates),
      !Self.isFolder(references), let estimate = estimated.first, let reference = trueStems.first
    {
      pairs = [Pair(name: estimate.key, estimate: estimate.value, reference: reference.value)]
      return
    }
    for (name, estimate) in estimated.sorted(by: { $0.key < $1.key }) {
      if let reference = trueStems[name] {
        pairs.append(Pair(name: name, estimate: estimate, reference: reference))
      } else {
        unmatched.append(estimate)
      }
    }
    unmatched += trueStems.filter { estimated[$0.key] == nil }.map(\.value).sorted()
    guard !pairs.isEmpty else {
      throw CommandError(
        message: "\(estimates): no stem has the name of one in \(references); "
          + "name folders with files such as drums.wav.")
    }
  }

  private static func isFolder(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      && isFolder.boolValue
  }

  /// The audio files at a path by their names without the ending.
  private static func files(at path: String) throws -> [String: String] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError(
        message: "\(path): there is no such file or folder; check the name.")
    }
    let folder = URL(filePath: path)
    let names =
      isFolder(path) ? try FileManager.default.contentsOfDirectory(atPath: path) : [""]
    var files: [String: String] = [:]
    for name in names.sorted() {
      let file = name.isEmpty ? folder : folder.appending(path: name)
      guard name.isEmpty || AudioReader.fileExtensions.contains(file.pathExtension.lowercased())
      else { continue }
      files[file.deletingPathExtension().lastPathComponent] = file.path
    }
    return files
  }
}

extension StemPairs.Pair {
  private static let blockFrames = 1 << 16

  /// The ratio over the whole clip; the shorter file counts as silent behind its end.
  func measure(warn: (String) -> Void) throws -> Double {
    let estimated = try AudioReader(path: estimate)
    let trueStem = try AudioReader(path: reference)
    let rates = (estimated.sourceFormat.sampleRate, trueStem.sourceFormat.sampleRate)
    guard rates.0 == rates.1 else {
      throw CommandError(
        message: "\(estimate): it has \(rates.0) Hz and \(reference) has \(rates.1) Hz; "
          + "separate with --samplerate \(rates.1).")
    }
    var meter = SignalToDistortionMeter()
    var first = BlockQueue(reader: estimated)
    var second = BlockQueue(reader: trueStem)
    while true {
      let left = try first.next(Self.blockFrames)
      let right = try second.next(Self.blockFrames)
      let count = max(left.frameCount, right.frameCount)
      guard count > 0 else { break }
      meter.add(estimate: left.padded(to: count), reference: right.padded(to: count))
    }
    if first.framesRead != second.framesRead {
      warn(
        "\(estimate): it has \(first.framesRead) frames and \(reference) has "
          + "\(second.framesRead); the shorter one was taken as silent behind its end.")
    }
    return meter.decibels
  }
}

/// Reads blocks of an exact size, however the reader cuts them.
private struct BlockQueue {
  let reader: AudioReader
  private(set) var framesRead = 0

  init(reader: AudioReader) { self.reader = reader }

  /// The next frames, fewer only at the end.
  mutating func next(_ frameCount: Int) throws -> AudioBuffer {
    var parts: [AudioBuffer] = []
    var missing = frameCount
    while missing > 0, let block = try reader.read(maximumFrames: missing) {
      parts.append(block)
      missing -= block.frameCount
    }
    framesRead += frameCount - missing
    return AudioBuffer.joining(parts, channelCount: 2)
  }
}

extension AudioBuffer {
  fileprivate func padded(to frameCount: Int) -> AudioBuffer {
    guard frameCount > self.frameCount else { return self }
    let silence = AudioBuffer(
      channelCount: channelCount, frameCount: frameCount - self.frameCount)
    return AudioBuffer.joining([self, silence], channelCount: channelCount)
  }
}
