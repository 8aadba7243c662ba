// SPDX-License-Identifier: MIT
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import NIOPosix

/// What came with a request: files, which lie on the disk, and fields.
struct Upload: Sendable {
  /// A file and the name that the client gave it, cleaned.
  struct File: Sendable {
    let name: String
    let file: StagedFile
  }

  /// By the name of their field; `file` for a body that is nothing but a file.
  var files: [String: File] = [:]
  var fields: [String: String] = [:]

  /// The longest value of a field, in bytes.
  static let longestField = 64 << 10
  /// What a form has beside its files, at most.
  static let formOverhead = 1 << 20

  /// Reads a request to the disk.
  ///
  /// - Parameters:
  ///   - names: The fields that may be files.
  ///   - name: What a body that is nothing but a file is called.
  /// - Throws: `unsupported`, `malformed`, `tooLarge`, `timeout`, `full`. Nothing is left behind then.
  static func read(
    _ request: Request, state: BodyState, files names: Set<String>, name: String?,
    into folder: DataFolder, limits: ServiceLimits
  ) async throws(ServiceError) -> Upload {
    let type = HeaderParameters(request.headers[.contentType] ?? "application/octet-stream")
    let limit = limits.uploadBytes
    let declared = request.headers[.contentLength].flatMap { Int($0) } ?? 0
    let most = limit * names.count + formOverhead
    if declared <= most, folder.freeBytes - declared < DataFolder.reserveBytes {
      throw ServiceError(.full, "There is no room for the upload; free some space.")
    }
    if type.value == "multipart/form-data" {
      guard let boundary = type["boundary"] else {
        throw ServiceError(.malformed, "The form has no boundary in its Content-Type.")
      }
      let reader = try BodyReader(
        request, state: state, limit: most, limits: limits)
      var form = try FormReader(
        parser: MultipartParser(boundary: boundary), names: names, folder: folder, limit: limit)
      return try await form.read(reader)
    }
    guard names.contains("file"), isFile(type.value) else {
      throw ServiceError(
        .unsupported,
        "A body of the type “\(type.value)” is not taken; send "
          + (names.contains("file") ? "audio/*, application/octet-stream or " : "")
          + "multipart/form-data.")
    }
    var reader = try BodyReader(request, state: state, limit: limit, limits: limits)
    let writer = try StagedFileWriter(folder.newStaging(), limit: limit)
    while let buffer = try await reader.next() { try await writer.append(buffer) }
    guard reader.byteCount > 0 else {
      throw ServiceError(.unsupported, "The file is empty; send an audio file.")
    }
    return Upload(
      files: [
        "file": File(name: DisplayName.clean(name ?? ""), file: try await writer.complete())
      ])
  }

  private static func isFile(_ type: String) -> Bool {
    type.hasPrefix("audio/") || type.hasPrefix("video/") || type == "application/octet-stream"
      || type == "application/ogg" || type == "application/mp4"
  }
}

/// Reads a form: its files to the disk, its fields to memory.
private struct FormReader {
  private var parser: MultipartParser
  private let names: Set<String>
  private let folder: DataFolder
  private let limit: Int
  private var upload = Upload()
  private var head: MultipartHead?
  private var field: [UInt8] = []
  private var writer: StagedFileWriter?

  init(parser: MultipartParser, names: Set<String>, folder: DataFolder, limit: Int) {
    self.parser = parser
    self.names = names
    self.folder = folder
    self.limit = limit
  }

  mutating func read(_ reader: BodyReader) async throws(ServiceError) -> Upload {
    var reader = reader
    while let buffer = try await reader.next() {
      var events: [MultipartParser.Event] = []
      try parser.feed(buffer.readableBytesView) { events.append($0) }
      for event in events { try await take(event) }
    }
    guard parser.isFinished else {
      throw ServiceError(.malformed, "The form has no end; send it again.")
    }
    return upload
  }

  private mutating func take(_ event: MultipartParser.Event) async throws(ServiceError) {
    switch event {
    case .began(let head):
      self.head = head
      field = []
      // A field that may be a file is one also where it has no name.
      if names.contains(head.name) {
        guard upload.files[head.name] == nil else {
          throw ServiceError(.invalid, "\(head.name): there are two files of this name.")
        }
        writer = try StagedFileWriter(folder.newStaging(), limit: limit)
      }
    case .data(let bytes):
      if let writer {
        try await writer.append(ByteBuffer(bytes: bytes))
      } else {
        field += bytes
        guard field.count <= Upload.longestField else {
          let name = head.map { DisplayName.clean($0.name) } ?? ""
          throw ServiceError(
            .tooLarge,
            "The field “\(name)” of the form is longer than \(Upload.longestField) bytes; files belong into "
              + names.sorted().map { "“\($0)”" }.joined(separator: " and ") + ".")
        }
      }
    case .ended:
      guard let head else { return }
      if let writer {
        let file = try await writer.complete()
        upload.files[head.name] = Upload.File(
          name: DisplayName.clean(head.fileName ?? ""), file: file)
      } else {
        upload.fields[head.name] = String(decoding: field, as: UTF8.self)
      }
      (writer, self.head) = (nil, nil)
    case .finished: break
    }
  }
}

extension StagedFileWriter {
  /// Appends bytes on a thread that may block.
  func append(_ buffer: ByteBuffer) async throws(ServiceError) {
    try await onPool { (writer) throws(ServiceError) in
      try buffer.withUnsafeReadableBytes { (bytes) throws(ServiceError) in try writer.write(bytes) }
    }
  }

  /// Completes the file on a thread that may block.
  func complete() async throws(ServiceError) -> StagedFile {
    try await onPool { (writer) throws(ServiceError) in try writer.finish() }
  }

  private func onPool<Value: Sendable>(
    _ body: @escaping @Sendable (StagedFileWriter) throws(ServiceError) -> Value
  ) async throws(ServiceError) -> Value {
    do {
      return try await NIOThreadPool.singleton.runIfActive { try body(self) }
    } catch let error as ServiceError {
      throw error
    } catch {
      throw .cancelled
    }
  }
}
