// SPDX-License-Identifier: MIT
import Audio
import Foundation

/// Writes the stems of one track to files, all of them at once: encoding can take as long as the
/// separation.
final class StemFileSink: StemSink {
  private let recipes: [StemSelection.Recipe]
  private let files: [StemFile]
  private let folders: CreatedFolders
  private let signal: CancellationSignal

  init(
    files: StemFiles, layout: TrackLayout, signal: CancellationSignal
  ) throws(SeparationError) {
    recipes = try files.selection.recipes(for: layout.sources)
    self.signal = signal
    let folders = CreatedFolders()
    self.folders = folders
    var opened: [StemFile] = []
    do throws(SeparationError) {
      for recipe in recipes {
        guard let path = files.paths[recipe.name] else {
          throw SeparationError(
            code: .invalidOption, message: "No path was given for the stem “\(recipe.name)”.")
        }
        try folders.make(forFileAt: path)
        opened.append(
          try StemFile(
            path: path, format: files.format, clipMode: files.clipMode,
            sampleRate: layout.sampleRate, channelCount: layout.channelCount, signal: signal))
      }
    } catch {
      for file in opened { file.cancel() }
      folders.removeEmpty()
      throw error
    }
    self.files = opened
  }

  var needsMixture: Bool { recipes.contains { $0.takenFromMixture != nil } }

  var neededSources: Set<Int> {
    Set(recipes.flatMap { $0.added + ($0.takenFromMixture.map { [$0] } ?? []) })
  }

  func write(_ stems: [AudioBuffer], mixture: AudioBuffer?) throws(SeparationError) {
    let recipes = recipes
    try onEveryFile { file, index throws(SeparationError) in
      try file.write(recipes[index].mix(stems, mixture: mixture))
    }
  }

  func finish() throws(SeparationError) -> SinkResult {
    try onEveryFile { file, _ throws(SeparationError) in try file.prepare() }
    // From here on it is all or nothing: renaming is quick and no longer asks.
    try signal.check()
    var result = SinkResult()
    for (recipe, file) in zip(recipes, files) {
      try file.finish()
      result.paths[recipe.name] = file.path
    }
    return result
  }

  func cancel() {
    for file in files { file.cancel() }
    folders.removeEmpty()
  }

  /// Does the work of every file on a thread of its own where there is one, and returns when all have
  /// ended.
  ///
  /// A file gets its blocks in order, so its bytes do not depend on the threads. Of several errors
  /// that of the first file is thrown.
  private func onEveryFile(
    _ work: (_ file: StemFile, _ index: Int) throws(SeparationError) -> Void
  ) throws(SeparationError) {
    let errors = concurrentMap(files) { file, index -> SeparationError? in
      do throws(SeparationError) {
        try work(file, index)
        return nil
      } catch {
        return error
      }
    }
    if let first = errors.compactMap({ $0 }).first { throw first }
  }
}

extension StemSelection.Recipe {
  /// The block of the file, made of the blocks of the stems and the mixture.
  func mix(_ stems: [AudioBuffer], mixture: AudioBuffer?) -> AudioBuffer {
    if let index = takenFromMixture, let mixture {
      let difference = zip(mixture.samples, stems[index].samples).map { $0 - $1 }
      return AudioBuffer(
        channelCount: mixture.channelCount, frameCount: mixture.frameCount, samples: difference)
    }
    guard let first = added.first else {
      return AudioBuffer(
        channelCount: stems[0].channelCount, frameCount: stems[0].frameCount)
    }
    var samples = stems[first].samples
    for index in added.dropFirst() {
      for sample in samples.indices { samples[sample] += stems[index].samples[sample] }
    }
    return AudioBuffer(
      channelCount: stems[first].channelCount, frameCount: stems[first].frameCount,
      samples: samples)
  }
}

/// Remembers the folders that were made for a track, to take them away again.
private final class CreatedFolders {
  private var paths: [String] = []  // parents first

  /// Makes the folder of a file and the folders above it.
  func make(forFileAt path: String) throws(SeparationError) {
    var missing: [String] = []
    var folder = URL(filePath: path).deletingLastPathComponent().standardizedFileURL
    let manager = FileManager.default
    while !manager.fileExists(atPath: folder.path), folder.path != "/" {
      missing.append(folder.path)
      folder.deleteLastPathComponent()
    }
    for folder in missing.reversed() {
      // Another process may make the same folder at the same time.
      guard mkdir(folder, 0o777) == 0 else {
        if errno == EEXIST { continue }
        throw SeparationError(
          code: .output,
          message: "\(folder): cannot make the folder: \(String(cString: strerror(errno))); "
            + "choose another one with --out.")
      }
      paths.append(folder)
    }
  }

  /// Removes those folders that hold nothing.
  func removeEmpty() {
    for path in paths.reversed() { rmdir(path) }
    paths = []
  }
}
