// SPDX-License-Identifier: MIT
import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Synchronization

/// A bucket of an object store that speaks the protocol of Amazon S3: AWS itself, MinIO, Ceph and others.
struct Bucket: Sendable {
  /// Something that is in it.
  struct Object: Sendable, Equatable {
    /// The name below the prefix of the bucket.
    let name: String
    let modified: Date
  }

  private static let timeout = TimeAmount.hours(1)
  /// Tells at once of a bucket that is not there; it lives as long as the process.
  private static let client: HTTPClient = {
    var configuration = HTTPClient.Configuration.singletonConfiguration
    configuration.timeout.connect = .seconds(5)
    configuration.timeout.read = .seconds(60)
    configuration.connectionPool.retryConnectionEstablishment = false
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()
  /// The waits before a request is tried again.
  private static let pauses = [0.2, 0.6, 2.0, 5.0]
  /// The longest answer that is no file.
  private static let largestDocument = 4 << 20

  private let name: String
  /// Nothing, or with a slash at its end.
  private let prefix: String
  private let endpoint: URL
  private let signature: RequestSignature

  /// - Parameters:
  ///   - url: `s3://BUCKET` or `s3://BUCKET/PREFIX`.
  ///   - environment: `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, `AWS_REGION` and
  ///     `AWS_ENDPOINT_URL`, as other programs read them.
  /// - Throws: `invalid`.
  init(url: String, environment: [String: String]) throws(ServiceError) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }
    let parts = url.dropFirst("s3://".count).split(separator: "/", omittingEmptySubsequences: true)
    guard url.hasPrefix("s3://"), let name = parts.first,
      parts.allSatisfy({ String($0).percentEncoded() == $0 })
    else { throw ServiceError(.invalid, "--bucket: “\(url)” is not s3://BUCKET/PREFIX.") }
    guard let access = value("AWS_ACCESS_KEY_ID"), let secret = value("AWS_SECRET_ACCESS_KEY")
    else {
      throw ServiceError(
        .invalid,
        "A bucket needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment.")
    }
    let region = value("AWS_REGION", "AWS_DEFAULT_REGION") ?? "us-east-1"
    let address =
      value("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL") ?? "https://s3.\(region).amazonaws.com"
    guard let endpoint = URL(string: address), let scheme = endpoint.scheme,
      ["http", "https"].contains(scheme), endpoint.host() != nil
    else { throw ServiceError(.invalid, "AWS_ENDPOINT_URL: “\(address)” is no address.") }
    self.name = String(name)
    prefix = parts.dropFirst().map { $0 + "/" }.joined()
    self.endpoint = endpoint
    signature = RequestSignature(
      credentials: BucketCredentials(
        accessKey: access, secretKey: secret, sessionToken: value("AWS_SESSION_TOKEN")),
      region: region)
  }

  /// Puts a file in.
  ///
  /// - Throws: `unavailable`, `full`.
  func put(_ file: URL, as object: String) async throws(ServiceError) {
    let attributes = try? FileManager.default.attributesOfItem(atPath: file.path)
    guard let size = (attributes?[.size] as? NSNumber)?.int64Value else {
      throw ServiceError(.gone, "A file that was to be kept is gone.")
    }
    try await send(.PUT, object) { request in
      request.body = .stream(FileBlocks(path: file.path), length: .known(size))
    }
  }

  /// Gets a file out.
  ///
  /// - Parameter place: Where it is written.
  /// - Throws: `gone` where it is not there, `unavailable`, `full`.
  func get(_ object: String, to place: URL) async throws(ServiceError) -> StagedFile {
    let file = Mutex<StagedFile?>(nil)
    try await send(
      .GET, object,
      read: { response in
        unlink(place.path)
        let writer = try StagedFileWriter(place, limit: .max)
        for try await block in response.body { try await writer.append(block) }
        let declared = response.headers.first(name: "content-length").flatMap { Int($0) }
        guard declared == nil || declared == writer.byteCount else { throw Incomplete() }
        let complete = try await writer.complete()
        file.withLock { $0 = complete }
      })
    guard let file = file.withLock({ $0 }) else {
      throw ServiceError(.unavailable, "The bucket gives no file; try again later.")
    }
    return file
  }

  /// Removes what is there.
  ///
  /// - Throws: `unavailable`.
  func remove(_ object: String) async throws(ServiceError) { try await send(.DELETE, object) }

  /// What is there below a name, and the time as the bucket has it, where it tells.
  ///
  /// - Throws: `unavailable`.
  func list(below name: String) async throws(ServiceError) -> (objects: [Object], now: Date?) {
    var objects: [Object] = []
    var now: Date?
    var token: String?
    repeat {
      var query = [("list-type", "2"), ("prefix", prefix + name)]
      if let token { query.insert(("continuation-token", token), at: 0) }
      let (text, time) = try await document(query)
      // The first is the earliest.
      now = now ?? time
      let listing = ObjectListing(text)
      objects += listing.objects.compactMap { key, modified in
        key.hasPrefix(prefix)
          ? Object(name: String(key.dropFirst(prefix.count)), modified: modified) : nil
      }
      token = listing.next
    } while token != nil
    return (objects, now)
  }

  private struct Incomplete: Error {}

  private func document(
    _ query: [(String, String)]
  ) async throws(ServiceError) -> (text: String, time: Date?) {
    let document = Mutex((text: "", time: Date?.none))
    try await send(
      .GET, nil, query: query,
      read: { response in
        let bytes = try await response.body.collect(upTo: Self.largestDocument)
        let time = response.headers.first(name: "date").flatMap(Self.time)
        document.withLock { $0 = (String(buffer: bytes), time) }
      })
    return document.withLock { $0 }
  }

  /// The time of a Date field (RFC 9110 §5.6.7).
  static func time(_ field: String) -> Date? {
    let formatter = DateFormatter()
    formatter.locale = Locale(identifier: "en_US_POSIX")
    formatter.dateFormat = "EEE, dd MMM yyyy HH:mm:ss zzz"
    return formatter.date(from: field)
  }

  /// Sends a request, again where that may help.
  private func send(
    _ method: HTTPMethod, _ object: String?, query: [(String, String)] = [],
    _ prepare: (inout HTTPClientRequest) -> Void = { _ in },
    read: (HTTPClientResponse) async throws -> Void = { _ in }
  ) async throws(ServiceError) {
    var pauses = Self.pauses[...]
    while true {
      let failure: ServiceError
      do {
        if try await attempt(method, object, query, prepare, read) { return }
        failure = ServiceError(.unavailable, "The bucket cannot serve now; try again later.")
      } catch let error as ServiceError {
        throw error
      } catch is CancellationError {
        throw .cancelled
      } catch {
        failure = ServiceError(
          .unavailable, "The bucket cannot be reached; try again later.", detail: "\(error)",
          retryAfterSeconds: 5)
      }
      guard let pause = pauses.popFirst() else { throw failure }
      do { try await Task.sleep(for: .seconds(pause)) } catch { throw .cancelled }
    }
  }

  /// - Returns: False where the same request may work later.
  private func attempt(
    _ method: HTTPMethod, _ object: String?, _ query: [(String, String)],
    _ prepare: (inout HTTPClientRequest) -> Void, _ read: (HTTPClientResponse) async throws -> Void
  ) async throws -> Bool {
    let path =
      (endpoint.path(percentEncoded: true) + "/" + name
      + (object.map { "/" + (prefix + $0).percentEncoded(keeping: "/") } ?? ""))
      .replacing("//", with: "/")
    let queryText = query.map { "\($0.0)=\($0.1.percentEncoded())" }.joined(separator: "&")
    let host = HostName(endpoint.host() ?? "").urlText
    let authority = endpoint.port.map { "\(host):\($0)" } ?? host
    var request = HTTPClientRequest(
      url: "\(endpoint.scheme ?? "https")://\(authority)\(path)"
        + (queryText.isEmpty ? "" : "?\(queryText)"))
    request.method = method
    for field in signature.fields(
      method.rawValue, path: path, query: queryText, host: authority, date: Date())
    {
      request.headers.replaceOrAdd(name: field.name, value: field.value)
    }
    prepare(&request)
    let response = try await Self.client.execute(request, timeout: Self.timeout)
    switch response.status.code {
    case 200..<300:
      try await read(response)
      return true
    case 404:
      if method == .DELETE { return true }
      throw ServiceError(.gone, "The bucket does not have it, or there is no such bucket.")
    case 429, 500...: return false
    default:
      let text = try? await response.body.collect(upTo: Self.largestDocument)
      let reason = ObjectListing.text(of: "Message", in: text.map { String(buffer: $0) } ?? "")
      throw ServiceError(
        .unavailable, "The bucket refuses the request; the log tells why.",
        detail: "\(response.status.code): \(reason ?? "no reason")")
    }
  }
}

/// A list of objects, as the answer to ListObjectsV2 has it.
struct ObjectListing {
  private(set) var objects: [(key: String, modified: Date)] = []
  /// What leads to the next part of the list; nil at its end.
  let next: String?

  init(_ text: String) {
    next =
      Self.text(of: "IsTruncated", in: text) == "true"
      ? Self.text(of: "NextContinuationToken", in: text) : nil
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    for part in text.components(separatedBy: "<Contents>").dropFirst() {
      guard let key = Self.text(of: "Key", in: part),
        let modified = Self.text(of: "LastModified", in: part),
        let date = (try? style.parse(modified)) ?? (try? Date.ISO8601FormatStyle().parse(modified))
      else { continue }
      objects.append((key, date))
    }
  }

  /// The text of the first element of a name; names of ours need no more of XML than this.
  static func text(of element: String, in text: some StringProtocol) -> String? {
    guard let start = text.range(of: "<\(element)>"),
      let end = text[start.upperBound...].range(of: "</\(element)>")
    else { return nil }
    return String(text[start.upperBound..<end.lowerBound])
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&quot;", with: "\"")
      .replacing("&amp;", with: "&")
  }
}
