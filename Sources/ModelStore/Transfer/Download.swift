// SPDX-License-Identifier: MIT
import Foundation
import FoundationNetworking
import Separation

/// Brings one file from a server to a folder, going on where an earlier attempt has stopped.
struct Download: Sendable {
  let source: URL
  let destination: URL
  /// A larger file is refused.
  let maximumByteCount: Int
  /// The first digits of its SHA-256, where its name says them.
  var checksum: String?
  let policy: TransferPolicy
  /// Gets the bytes that are there and the size where it is known.
  let report: @Sendable (_ done: Int, _ total: Int?) -> Void
  /// Gets a sentence about what is tried again.
  let note: @Sendable (String) -> Void

  private static let maximumRedirectCount = 10

  /// Downloads, checks and names the file.
  ///
  /// Where this throws, what has arrived is kept for the next time, unless it is damaged.
  func run() async throws(ModelStoreError) -> ModelManifest.File {
    let file = try PartialFile(destination: destination)
    let wasContinued = file.count > 0
    do throws(ModelStoreError) {
      return try await fetchAndCheck(file)
    } catch {
      // Old bytes that do not fit are nobody's fault: begin once more.
      guard error.code == .damaged, wasContinued else { throw error }
      note("\(destination.lastPathComponent) is fetched anew, since what was there does not fit.")
    }
    return try await fetchAndCheck(PartialFile(destination: destination))
  }

  private func fetchAndCheck(_ file: PartialFile) async throws(ModelStoreError)
    -> ModelManifest.File
  {
    try await fetch(file)
    let digest = try file.sha256()
    let expected = [file.notes.sha256, checksum].compactMap { $0 }
    guard expected.allSatisfy({ digest.hasPrefix($0) }) else {
      file.discard()
      throw ModelStoreError(
        code: .damaged,
        message: "\(source.absoluteString): what arrived is damaged, since its SHA-256 begins with "
          + "\(digest.prefix(8)) instead of \(expected.map { $0.prefix(8) }.joined(separator: " or "));"
          + " run the command again, and where that does not help name another server with --from.")
    }
    try file.finish()
    return ModelManifest.File(
      name: destination.lastPathComponent, source: source.absoluteString, sizeInBytes: file.count,
      sha256: digest, isVerified: !expected.isEmpty)
  }

  /// Attempts it until all bytes are there.
  private func fetch(_ file: PartialFile) async throws(ModelStoreError) {
    var failureCount = 0
    var restartCount = 0
    let countBefore = file.count
    while true {
      let countAtStart = file.count
      do throws(ModelStoreError) {
        try await attempt(file)
        return
      } catch {
        if Task.isCancelled { throw .cancelled }
        switch error.code {
        case .lagging:
          guard file.count > countAtStart else { throw error }
          continue
        case .restart:
          restartCount += 1
          guard restartCount < 3 else {
            throw ModelStoreError(code: .server, message: error.message)
          }
          try file.restart()
          continue
        default: break
        }
        // Where bytes have come, the network was there a moment ago.
        let isWorthWaiting =
          error.isTransient || (error.code == .network && file.count > countBefore)
        if file.count > countAtStart { failureCount = 0 }
        guard isWorthWaiting, failureCount < policy.retryDelays.count else { throw error }
        var delay = policy.retryDelays[failureCount]
        if let seconds = error.retryAfterSeconds {
          delay = min(max(delay, .seconds(seconds)), policy.longestDelay)
        }
        failureCount += 1
        note("\(error.reason), trying again.")
        do { try await Task.sleep(for: delay) } catch { throw .cancelled }
      }
    }
  }

  /// One way through all redirects to the end of the body.
  private func attempt(_ file: PartialFile) async throws(ModelStoreError) {
    // Where nothing tells one version of the file from the next, only a whole one can be trusted.
    if file.count > 0, file.notes.validator == nil, file.notes.sha256 == nil, checksum == nil {
      try file.restart()
    }
    if file.count > 0, file.notes.sizeInBytes == file.count, file.notes.sha256 != nil { return }
    var url = source
    for _ in 0...Self.maximumRedirectCount {
      let exchange = Exchange(
        request(for: url, file: file), policy: policy,
        begin: { [self, url] (response) throws(ModelStoreError) in
          try begin(response, url: url, file: file)
        },
        take: { [self] (data) throws(ModelStoreError) in try take(data, into: file) })
      let response = try await exchange.run().get()
      if response.isRedirect {
        try apply(HubHeaders(response), to: file)
        url = try target(of: response, from: url)
        continue
      }
      if let size = file.notes.sizeInBytes, file.count != size {
        throw .cut(host: url.host ?? "", reason: "\(file.count) of \(size) bytes came")
      }
      return
    }
    throw ModelStoreError(
      code: .server,
      message: "\(source.absoluteString): the server redirects too often; name another server with "
        + "--from.")
  }

  private func request(for url: URL, file: PartialFile) -> URLRequest {
    var request = URLRequest(url: url)
    // The bytes as they are, or they could not be counted.
    request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
    request.setValue("tonmeister", forHTTPHeaderField: "User-Agent")
    if file.count > 0 {
      request.setValue("bytes=\(file.count)-", forHTTPHeaderField: "Range")
      if let validator = file.notes.validator {
        request.setValue(validator, forHTTPHeaderField: "If-Range")
      }
    }
    return request
  }

  /// Where a redirect leads, unless that is less secure.
  func target(
    of response: HTTPURLResponse, from url: URL
  ) throws(ModelStoreError) -> URL {
    guard let location = response.header("Location"),
      let target = URL(string: location, relativeTo: url)?.absoluteURL, target.host != nil,
      target.scheme == "https" || (target.scheme == "http" && url.scheme == "http")
    else {
      throw ModelStoreError(
        code: .server,
        message: "\(url.absoluteString): the server redirects to "
          + "“\(response.header("Location") ?? "")”, which is not a secure address; name another "
          + "server with --from.")
    }
    return target
  }

  // MARK: - The response

  private func apply(_ headers: HubHeaders, to file: PartialFile) throws(ModelStoreError) {
    var notes = file.notes
    if let sha256 = headers.sha256 {
      if file.count > 0, notes.sha256 != sha256 {
        // The hub has another file by now.
        try file.restart()
        notes = PartialFile.Notes()
      }
      notes.sha256 = sha256
      notes.sizeInBytes = headers.sizeInBytes ?? notes.sizeInBytes
    }
    if notes != file.notes { try file.note(notes) }
  }

  private func begin(
    _ response: HTTPURLResponse, url: URL, file: PartialFile
  ) throws(ModelStoreError) {
    try apply(HubHeaders(response), to: file)
    switch response.statusCode {
    case 200:
      // Also where a range was asked for: the server has another file or knows no ranges.
      let announced = file.notes
      if file.count > 0 { try file.restart() }
      let length = response.header("Content-Length").flatMap { Int($0) }
      if let size = announced.sizeInBytes, announced.sha256 != nil, let length, length != size {
        throw ModelStoreError(
          code: .server,
          message: "\(url.absoluteString): the server sends \(length) bytes instead of \(size); "
            + "name another server with --from.")
      }
      try file.note(
        PartialFile.Notes(
          validator: Self.validator(response),
          sizeInBytes: length ?? (announced.sha256 == nil ? nil : announced.sizeInBytes),
          sha256: announced.sha256))
    case 206:
      guard file.count > 0, let text = response.header("Content-Range"),
        let range = ContentRange(text), range.first == file.count,
        range.total == nil || file.notes.sizeInBytes == nil
          || range.total == file.notes.sizeInBytes,
        Self.isSame(response, as: file.notes.validator)
      else {
        throw ModelStoreError(
          code: .restart,
          message: "\(url.absoluteString): the server sends another part of the file than it was "
            + "asked for; name another server with --from.")
      }
      if file.notes.sizeInBytes == nil {
        var notes = file.notes
        notes.sizeInBytes = range.total
        try file.note(notes)
      }
    default:
      throw .status(response, url: url, isContinued: file.count > 0)
    }
    if let size = file.notes.sizeInBytes {
      guard size <= maximumByteCount else { throw tooLarge }
      try file.requireSpace(for: size - file.count)
    }
    report(file.count, file.notes.sizeInBytes)
  }

  private func take(_ data: Data, into file: PartialFile) throws(ModelStoreError) {
    guard file.count + data.count <= file.notes.sizeInBytes ?? maximumByteCount else {
      throw tooLarge
    }
    try file.append(data)
    report(file.count, file.notes.sizeInBytes)
  }

  private var tooLarge: ModelStoreError {
    ModelStoreError(
      code: .limit,
      message: "\(source.absoluteString): the file is larger than a model's; name another server "
        + "with --from.")
  }

  /// Whether the answer is about the file that the validator is of, as far as both can tell.
  private static func isSame(_ response: HTTPURLResponse, as validator: String?) -> Bool {
    guard let validator, validator.hasPrefix("\""), let tag = response.header("ETag") else {
      return true
    }
    return tag == validator
  }

  /// A weak tag says nothing about bytes (RFC 9110, 13.1.5).
  private static func validator(_ response: HTTPURLResponse) -> String? {
    if let tag = response.header("ETag"), tag.hasPrefix("\"") { return tag }
    return response.header("Last-Modified")
  }
}

extension ModelStoreError {
  /// What a status other than 200 and 206 means.
  fileprivate static func status(
    _ response: HTTPURLResponse, url: URL, isContinued: Bool
  ) -> ModelStoreError {
    let status = response.statusCode
    let name = url.absoluteString
    switch status {
    case 416 where isContinued:
      return ModelStoreError(
        code: .restart,
        message: "\(name): the server does not send the rest of the file; name another server with "
          + "--from.")
    case 404, 410:
      return ModelStoreError(
        code: .server,
        message: "\(name): the server does not have the file (\(status)); check the address or "
          + "name another server with --from.")
    case 401, 403:
      return ModelStoreError(
        code: .server,
        message: "\(name): the server does not give the file out (\(status)); name another server "
          + "with --from.")
    case 408, 425, 429, 500...599:
      var failure = ModelStoreError(
        code: .server,
        message: "\(name): the server is in trouble (\(status)); run the command again later.")
      failure.isTransient = true
      failure.retryAfterSeconds = response.header("Retry-After")
        .flatMap { Double($0) }.flatMap { (0...86_400).contains($0) ? $0 : nil }
      return failure
    default:
      return ModelStoreError(
        code: .server,
        message: "\(name): the server answers with the status \(status); name another server with "
          + "--from.")
    }
  }

  /// The sentence without its remedy.
  var reason: Substring { message.prefix { $0 != ";" } }
}
