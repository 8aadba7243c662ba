// SPDX-License-Identifier: MIT
import Audio
import BrowserPage
import Foundation
import Separation
import Service
import Tonmeister
import VocalPreparation

/// Looks at the machine that the program runs on.
struct Checkup {
  /// One thing that was looked at.
  struct Finding: Encodable, Sendable, Equatable {
    enum State: String, Encodable, Sendable {
      case ok
      /// Something works less well, or not at all without which most things work.
      case note
      case problem
    }

    let name: String
    let state: State
    let found: String
    /// What to do.
    var remedy: String?
  }

  private static let gigabyte = 1e9
  private static let leastMemory = 1e9
  /// A song of four minutes takes about 420 MB while a service has it.
  private static let leastSpace = 1e9

  /// The ports of a service.
  let ports: [Int]
  /// The folder of a service; nil for the standard one.
  let data: URL?
  /// The database of a service; nil for none.
  let store: String?

  /// What was found, in the order in which it matters.
  func findings() -> [Finding] {
    [processor, memory, libraries, ffmpeg, rubberBand] + folders + database
      + models + [page] + ports.map(listening)
  }

  private var processor: Finding {
    let set = Separator.instructionSet
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let isSlow = set == "baseline"
    return Finding(
      name: "processor", state: isSlow ? .note : .ok, found: "\(cores) cores, \(set)",
      remedy: isSlow
        ? "Separation is several times faster on a processor with AVX2; a virtual machine may hide it."
        : nil)
  }

  private var memory: Finding {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    guard let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap({ Double($0) })
    else { return Finding(name: "memory", state: .note, found: "unknown") }
    let bytes = 1024 * kilobytes
    let isSmall = bytes < Self.leastMemory
    return Finding(
      name: "memory", state: isSmall ? .note : .ok, found: "\(Self.gigabytes(bytes)) available",
      remedy: isSmall
        ? "The model lite needs 0.2 GB, those of Demucs 1 to 3 GB; end other programs." : nil)
  }

  private var libraries: Finding {
    let versions = AudioLibraries.versions + [Separator.library]
    return Finding(name: "libraries", state: .ok, found: versions.joined(separator: ", "))
  }

  private var ffmpeg: Finding {
    let missing = ["ffmpeg", "ffprobe"].filter { ProgramSearch.find($0) == nil }
    return Finding(
      name: "ffmpeg", state: missing.isEmpty ? .ok : .note,
      found: ProgramSearch.find("ffmpeg") ?? "not found",
      remedy: missing.isEmpty
        ? nil
        : "M4A, WMA and other formats need \(missing.joined(separator: " and ")): apt install ffmpeg."
    )
  }

  private var rubberBand: Finding {
    let program = BackingChange.program
    return Finding(
      name: "rubberband", state: program == nil ? .note : .ok, found: program ?? "not found",
      remedy: program == nil
        ? "--key-change and --tempo need it: apt install rubberband-cli." : nil)
  }

  private var folders: [Finding] {
    let service = ServiceConfiguration(dataFolder: data).dataFolder
    return [
      ("cache", StandardFolders.cache), ("state", StandardFolders.state), ("service data", service),
    ].map { folder(name: $0.0, url: $0.1) }
  }

  /// Whether a folder, or the nearest one above it that is there, can be written to and has space.
  private func folder(name: String, url: URL) -> Finding {
    var place = url.standardizedFileURL
    while !FileManager.default.fileExists(atPath: place.path), place.path != "/" {
      place.deleteLastPathComponent()
    }
    guard access(place.path, W_OK | X_OK) == 0 else {
      return Finding(
        name: name, state: .problem, found: "\(url.path): cannot be written to",
        remedy:
          "Change the permissions of \(place.path), or name another folder in the environment or with --data."
      )
    }
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: place.path)
    let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue ?? 0
    let isSmall = free < Self.leastSpace
    return Finding(
      name: name, state: isSmall ? .problem : .ok,
      found: "\(url.path), \(Self.gigabytes(free)) free",
      remedy: isSmall ? "Free some space: stems of a song take up to 0.4 GB." : nil)
  }

  private var database: [Finding] {
    guard let store else { return [] }
    do throws(ServiceError) {
      return [Finding(name: "store", state: .ok, found: try StoreProbe.server(store))]
    } catch {
      return [
        Finding(
          name: "store", state: .problem, found: error.description,
          remedy:
            "Check that the server runs and lets this user and machine in: psql with the same URL tells more."
        )
      ]
    }
  }

  private var models: [Finding] {
    do throws(SeparationError) {
      return try ModelRegistry().models().map(model)
    } catch {
      return [Finding(name: "models", state: .problem, found: error.message)]
    }
  }

  /// Whether a model's files are intact: they are read as for a separation.
  private func model(_ model: ModelDescription) -> Finding {
    let name = "model \(model.name.rawValue)"
    do throws(SeparationError) {
      let separator = try Separator(model: model.name)
      return Finding(
        name: name, state: .ok, found: separator.stems.joined(separator: ", "))
    } catch {
      return Finding(
        name: name, state: .problem, found: error.message,
        remedy: model.name == .lite
          ? "Keep the folders that come with the program beside it."
          : "Fetch it again: tonmeister models remove \(model.name), then tonmeister models pull \(model.name)."
      )
    }
  }

  private var page: Finding {
    let folder = ProgramResources.file(
      BrowserPage.folder, of: BrowserPage.target, installedAs: "page")
    let modules = ["mixcore.wasm", "taste.wasm"].filter { name in
      !FileManager.default.fileExists(atPath: folder?.appending(path: name).path ?? "")
    }
    guard folder != nil, modules.isEmpty else {
      return Finding(
        name: "page", state: .problem,
        found: folder == nil ? "not found" : "\(modules.joined(separator: ", ")) not found",
        remedy:
          "Build with “make build”, and keep the folders that come with the program beside it.")
    }
    return Finding(name: "page", state: .ok, found: folder?.path ?? "")
  }

  private func listening(_ port: Int) -> Finding {
    let name = "port \(port) of loopback"
    switch PortProbe.problem(port) {
    case nil: return Finding(name: name, state: .ok, found: "free")
    case EADDRINUSE?:
      return Finding(
        name: name, state: .problem, found: "taken",
        remedy:
          "Another program listens there, maybe a service that runs already; name another with --port."
      )
    case let error?:
      return Finding(
        name: name, state: .problem, found: String(cString: strerror(error)),
        remedy: "Name another with --port; those below 1024 are not for every user.")
    }
  }

  private static func gigabytes(_ bytes: Double) -> String {
    String(format: "%.1f GB", bytes / gigabyte)
  }
}

/// Finds out whether a port of loopback can be listened at.
enum PortProbe {
  /// The error number of listening; nil where it works.
  static func problem(_ port: Int) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    defer { close(descriptor) }
    // As a service does: a port whose last connections are just ending is free.
    var reuse: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(clamping: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 ? nil : errno
      }
    }
  }
}
