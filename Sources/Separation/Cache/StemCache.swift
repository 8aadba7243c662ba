// SPDX-License-Identifier: MIT
import Audio
public import Foundation

/// Keeps the stems of songs, by what is in the song's file and how it was separated, so that the same song is not
/// separated twice.
///
/// An entry is a folder that appears when it is complete; one whose files were removed or changed since is made anew.
/// Where there are more bytes than the capacity, what has not been asked for the longest goes.
public struct StemCache: Sendable {
  /// Where the entries are.
  public let folder: URL
  /// How many bytes may stay.
  public let capacityInBytes: Int

  /// A cache in a folder, which is made when it is needed.
  ///
  /// - Parameters:
  ///   - folder: By default `$XDG_CACHE_HOME/tonmeister/stems`, that is `~/.cache/tonmeister/stems`.
  ///   - capacityInBytes: At least 0; the newest entry stays in any case.
  public init(folder: URL? = nil, capacityInBytes: Int = 8 << 30) {
    self.folder = folder ?? StandardFolders.cache.appending(path: "stems")
    self.capacityInBytes = capacityInBytes
  }

  /// The stems of a song, from the cache or separated now.
  ///
  /// - Parameters:
  ///   - song: An audio file.
  ///   - separator: What would separate it.
  ///   - progress: Told how far a separation is; not called where the stems are there.
  /// - Returns: The files by stem, 32-bit float WAV, and what was odd about the song where it was separated now.
  /// - Throws: ``SeparationError`` as separating does, or with the code `output` where the cache cannot be written.
  public func stems(
    of song: URL, by separator: Separator, progress: (SeparationProgress) -> Void = { _ in }
  ) async throws(SeparationError) -> (paths: [String: String], warnings: [String]) {
    let key = try key(song, separator)
    let entry = folder.appending(path: key)
    if let paths = complete(entry, separator.stems) {
      try? FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: entry.path)
      return (paths, [])
    }
    let place = folder.appending(
      path: "\(key).\(getpid())-\(UInt32.random(in: 0 ... .max)).partial")
    do {
      try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
    } catch {
      throw cannotWrite(place)
    }
    defer { try? FileManager.default.removeItem(at: place) }
    let files = StemFiles(
      paths: Self.paths(place, separator.stems), format: .wavFloat32, clipMode: .none,
      selection: .all)
    var warnings: [String] = []
    for try await event in separator.separate(song, to: files) {
      switch event {
      case .progress(let step): progress(step)
      case .finished(let track): warnings = track.warnings
      }
    }
    do {
      let stamps = Self.stamps(place, separator.stems)
      try JSONEncoder().encode(stamps).write(to: place.appending(path: Self.contents))
    } catch {
      throw cannotWrite(place)
    }
    // Somebody else may have been quicker: theirs is as good, unless it is damaged.
    if rename(place.path, entry.path) != 0, complete(entry, separator.stems) == nil {
      let aside = folder.appending(path: "\(place.lastPathComponent.dropLast(8)).damaged.partial")
      _ = rename(entry.path, aside.path)
      defer { try? FileManager.default.removeItem(at: aside) }
      guard rename(place.path, entry.path) == 0 || complete(entry, separator.stems) != nil else {
        throw cannotWrite(entry)
      }
    }
    prune(keeping: key)
    return (Self.paths(entry, separator.stems), warnings)
  }

  private func cannotWrite(_ url: URL) -> SeparationError {
    SeparationError(
      code: .output,
      message:
        "\(url.path): the stems cannot be kept there; free some space, or name another place "
        + "in XDG_CACHE_HOME.")
  }

  private static func paths(_ folder: URL, _ stems: [String]) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: stems.map { ($0, folder.appending(path: "\($0).wav").path) })
  }

  /// The table of contents of an entry.
  private static let contents = "contents.json"

  /// How a file was when it was complete.
  private struct Stamp: Codable, Equatable {
    let byteCount: Int
    let seconds: Int
    let nanoseconds: Int
  }

  private static func stamps(_ folder: URL, _ stems: [String]) -> [String: Stamp] {
    paths(folder, stems).compactMapValues { path in
      var status = stat()
      guard stat(path, &status) == 0, access(path, R_OK) == 0 else { return nil }
      return Stamp(
        byteCount: Int(status.st_size), seconds: status.st_mtim.tv_sec,
        nanoseconds: status.st_mtim.tv_nsec)
    }
  }

  /// The files of an entry; nil where they are not all there as they were written.
  private func complete(_ entry: URL, _ stems: [String]) -> [String: String]? {
    guard let data = try? Data(contentsOf: entry.appending(path: Self.contents)),
      let stamps = try? JSONDecoder().decode([String: Stamp].self, from: data),
      stamps.count == stems.count, stamps == Self.stamps(entry, stems)
    else { return nil }
    return Self.paths(entry, stems)
  }

  /// 64 digits that stand for the bytes of the song, the model, and everything that changes the stems.
  private func key(_ song: URL, _ separator: Separator) throws(SeparationError) -> String {
    var hash = SHA256()
    func add(_ text: String) { Array((text + "\n").utf8).withUnsafeBytes { hash.update($0) } }
    add("stems 1")
    add(separator.model.name.rawValue)
    add(separator.model.revision)
    let options = separator.options
    add("\(options.overlap) \(options.shifts) \(options.seed) \(options.segmentSeconds ?? 0)")
    add("\(separator.precision.rawValue) \(options.sampleRate ?? 0)")
    guard let file = try? FileHandle(forReadingFrom: song) else {
      throw SeparationError(
        code: .input, message: "\(song.path): cannot be read; check the name and its permissions.")
    }
    defer { try? file.close() }
    while true {
      if Task.isCancelled { throw .cancelled }
      let part: Data?
      do { part = try file.read(upToCount: 1 << 20) } catch {
        throw SeparationError(
          code: .input, message: "\(song.path): cannot be read to its end; check the disk.")
      }
      guard let part, !part.isEmpty else { break }
      part.withUnsafeBytes { hash.update($0) }
    }
    return hash.digest().hexadecimal
  }

  /// Removes what has not been asked for the longest, and what was left unfinished a day ago.
  private func prune(keeping key: String) {
    let files = FileManager.default
    let entries =
      (try? files.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: [.contentModificationDateKey])) ?? []
    func date(_ entry: URL) -> Date {
      (try? entry.resourceValues(forKeys: [.contentModificationDateKey]))?
        .contentModificationDate ?? .distantPast
    }
    for entry in entries
    where entry.pathExtension == "partial" && date(entry).timeIntervalSinceNow < -86_400 {
      try? files.removeItem(at: entry)
    }
    var sizes: [(url: URL, bytes: Int, date: Date)] = []
    for entry in entries where entry.lastPathComponent.count == 64 {
      let stems = (try? files.contentsOfDirectory(at: entry, includingPropertiesForKeys: nil)) ?? []
      let bytes = stems.reduce(0) { sum, stem in
        let size = (try? files.attributesOfItem(atPath: stem.path))?[.size] as? Int
        return sum + (size ?? 0)
      }
      sizes.append((entry, bytes, date(entry)))
    }
    var total = sizes.reduce(0) { $0 + $1.bytes }
    for entry in sizes.sorted(by: { $0.date < $1.date })
    where total > capacityInBytes && entry.url.lastPathComponent != key {
      try? files.removeItem(at: entry.url)
      total -= entry.bytes
    }
  }
}
