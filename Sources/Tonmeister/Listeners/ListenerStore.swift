// SPDX-License-Identifier: MIT
import Audio
public import Foundation
public import MixCore
import Separation

/// The folder of listeners: a document NAME.json for each, which is replaced as a whole.
///
/// A document that cannot be understood is never written over. Programs that change listeners at
/// the same time wait for each other.
public struct ListenerStore: Sendable {
  /// Larger documents are refused, in bytes.
  private static let largestSize = 16 << 20
  private static let suffix = ".json"

  /// Where the documents are.
  public let folder: URL

  /// - Parameter folder: By default `$XDG_DATA_HOME/tonmeister/listeners`, that is
  ///   `~/.local/share/tonmeister/listeners`.
  public init(folder: URL? = nil) {
    self.folder = folder ?? StandardFolders.data.appending(path: "listeners")
  }

  /// The names of all listeners, sorted; none where there is no folder.
  public func names() -> [String] {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    return files.filter { $0.hasSuffix(Self.suffix) }.map { String($0.dropLast(5)) }
      .filter(Listener.isName).sorted()
  }

  /// The file of a listener, which may not be there.
  ///
  /// - Throws: `name`.
  public func file(of name: String) throws(ListenerStoreError) -> URL {
    guard Listener.isName(name) else {
      throw ListenerStoreError(
        code: .name,
        message: "“\(name)” cannot be the name of a listener; use up to 64 letters, digits, "
          + "spaces, dots, hyphens and underscores, with a letter or a digit in front.")
    }
    return folder.appending(path: name + Self.suffix)
  }

  /// Reads a listener.
  ///
  /// - Throws: `name`, `notFound`, `damaged`, `io`.
  public func listener(named name: String) throws(ListenerStoreError) -> Listener {
    let file = try file(of: name)
    guard FileManager.default.fileExists(atPath: file.path) else {
      throw ListenerStoreError(
        code: .notFound,
        message: "There is no listener “\(name)” in \(folder.path); teach one with “tonmeister "
          + "listener learn”, or see “tonmeister listener list”.")
    }
    return try Self.read(file).renamed(name)
  }

  /// Reads a document from any file.
  ///
  /// - Parameter user: Whose data to take, where a page has that of several.
  /// - Throws: `damaged`, `io`.
  public static func read(_ file: URL, user: String? = nil) throws(ListenerStoreError) -> Listener {
    let data: Data
    do {
      let handle = try FileHandle(forReadingFrom: file)
      data = try handle.read(upToCount: largestSize + 1) ?? Data()
    } catch {
      throw ListenerStoreError(
        code: .io, message: "\(file.path): cannot be read; check the name and the permissions.")
    }
    do throws(MixPlanError) {
      return try Listener(utf8: [UInt8](data), user: user)
    } catch {
      throw ListenerStoreError(
        code: .damaged,
        message: "\(file.path): is no listener's document, and stays as it is: \(error)")
    }
  }

  /// Changes a listener, who is made where there is none.
  ///
  /// - Returns: The listener as it was written.
  /// - Throws: `name`, `damaged`, `io`.
  @discardableResult
  public func update(
    _ name: String, _ change: (inout Listener) -> Void
  ) throws(ListenerStoreError) -> Listener {
    let file = try file(of: name)
    let lock = try lock()
    defer { close(lock) }
    var listener = Listener(name: name)
    if FileManager.default.fileExists(atPath: file.path) {
      listener = try self.listener(named: name)
    }
    change(&listener)
    try write(listener, to: file)
    return listener
  }

  /// Writes a listener that came from elsewhere.
  ///
  /// - Parameter replacing: Whether one of that name may be written over; a damaged one never is.
  /// - Throws: `exists`, `damaged`, `io`.
  public func add(_ listener: Listener, replacing: Bool = false) throws(ListenerStoreError) {
    let file = try file(of: listener.name)
    let lock = try lock()
    defer { close(lock) }
    if FileManager.default.fileExists(atPath: file.path) {
      guard replacing else {
        throw ListenerStoreError(
          code: .exists,
          message: "There is a listener “\(listener.name)” already; replace it with --replace, or "
            + "choose another name with --listener.")
      }
      _ = try self.listener(named: listener.name)
    }
    try write(listener, to: file)
  }

  /// Removes all that is known of a listener, damaged or not.
  ///
  /// - Throws: `name`, `notFound`, `io`.
  public func forget(_ name: String) throws(ListenerStoreError) {
    let file = try file(of: name)
    guard unlink(file.path) != 0 else { return }
    throw errno == ENOENT
      ? ListenerStoreError(
        code: .notFound, message: "There is no listener “\(name)” in \(folder.path).")
      : Self.failure(file.path, errno)
  }

  private func lock() throws(ListenerStoreError) -> Int32 {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw ListenerStoreError(
        code: .io,
        message: "\(folder.path): cannot be made; check the permissions, or name another place in "
          + "XDG_DATA_HOME.")
    }
    let path = folder.appending(path: ".lock").path
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else {
        let number = errno
        close(descriptor)
        throw Self.failure(path, number)
      }
    }
    return descriptor
  }

  private func write(_ listener: Listener, to file: URL) throws(ListenerStoreError) {
    do throws(AudioError) {
      let destination = try DestinationFile(path: file.path)
      let handle = FileHandle(
        fileDescriptor: destination.descriptor, closeOnDealloc: false)
      do {
        try handle.write(contentsOf: Data(listener.text.utf8))
      } catch {
        throw AudioError(
          code: .io, path: file.path, message: "cannot write it: is there space left?")
      }
      try destination.commit()
    } catch {
      throw ListenerStoreError(code: .io, message: error.description)
    }
  }

  private static func failure(_ path: String, _ number: Int32) -> ListenerStoreError {
    ListenerStoreError(
      code: .io, message: "\(path): \(String(cString: strerror(number))); check the permissions.")
  }
}
