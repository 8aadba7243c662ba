// SPDX-License-Identifier: MIT
import Foundation
import FoundationNetworking
import LoopbackServer
import Separation
import Testing

@testable import ModelStore

@Suite struct DownloadTests {
  private let bytes = noise(500_000)
  private let name = "a.safetensors"

  private func download(
    _ url: URL, to folder: Folder, policy: TransferPolicy = .hasty, checksum: String? = nil,
    maximumByteCount: Int = 1 << 24,
    report: @escaping @Sendable (Int, Int?) -> Void = { _, _ in }
  ) -> Download {
    Download(
      source: url, destination: folder.file(name), maximumByteCount: maximumByteCount,
      checksum: checksum, policy: policy, report: report, note: { _ in })
  }

  /// The error, which has to be one line and leave no finished file.
  private func failure(_ download: Download, in folder: Folder) async throws -> ModelStoreError {
    let error = await #expect(throws: ModelStoreError.self) { try await download.run() }
    let failure = try #require(error)
    #expect(!failure.message.contains("\n"))
    #expect(!FileManager.default.fileExists(atPath: folder.file(name).path))
    return failure
  }

  @Test func aFileComesThroughARedirectThatSaysItsDigest() async throws {
    let folder = try Folder()
    let hub = try Hub([name: bytes])
    let file = try await download(hub.server.url("/m/\(name)"), to: folder).run()
    #expect(
      file
        == ModelManifest.File(
          name: name, source: hub.server.url("/m/\(name)").absoluteString,
          sizeInBytes: bytes.count, sha256: digest(bytes), isVerified: true))
    #expect(try folder.bytes(name) == bytes)
    #expect(folder.contents() == [name])
    #expect(hub.paths == ["/m/\(name)", "/store/\(name)"])
  }

  @Test func aCutConnectionIsContinued() async throws {
    let folder = try Folder()
    let answers = Counter()
    let hub = try Hub([name: bytes]) { request, answer in
      guard request.path.hasPrefix("/store"), answers.next() < 2 else { return answer }
      var answer = answer
      answer.cutAfter = 120_000
      return answer
    }
    _ = try await download(hub.server.url("/m/\(name)"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    let asked = hub.server.requests.filter { $0.path.hasPrefix("/store") }
    #expect(asked.map(\.rangeStart) == [nil, 120_000, 240_000])
    #expect(asked.map { $0.headers["if-range"] } == [nil, "\"v1\"", "\"v1\""])
  }

  @Test func aLaterCallGoesOnWhereAnEarlierOneStopped() async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      var answer = LoopbackServer.Response.file(bytes, for: request)
      if answers.next() == 0 { answer.cutAfter = 200_000 }
      return answer
    }
    let first = try await failure(
      download(server.url("/a"), to: folder, policy: .impatient), in: folder)
    #expect(first.code == .network)
    #expect(first.message.contains("cut"))
    #expect(folder.contents() == ["\(name).partial", "\(name).partial.json"])
    let file = try await download(server.url("/a"), to: folder, policy: .impatient).run()
    #expect(!file.isVerified)
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.last?.rangeStart == 200_000)
    #expect(folder.contents() == [name])
  }

  @Test func aServerWithoutRangesSendsTheWholeFile() async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] _ in
      var answer = LoopbackServer.Response(headers: ["ETag": "\"v1\""], body: bytes)
      if answers.next() == 0 { answer.cutAfter = 200_000 }
      return answer
    }
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 200_000])
  }

  /// Nothing tells whether the rest would be that of the same file.
  @Test(arguments: [[:], ["ETag": "W/\"v1\""]])
  func aFileWithoutATagIsNotContinued(headers: [String: String]) async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] _ in
      let isFirst = answers.next() == 0
      var answer = LoopbackServer.Response(
        headers: headers, body: isFirst ? bytes.map { ~$0 } : bytes)
      if isFirst { answer.cutAfter = 200_000 }
      return answer
    }
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, nil])
  }

  @Test func aFileThatHasChangedBeginsAnew() async throws {
    let folder = try Folder()
    let answers = Counter()
    let other = noise(400_000, seed: 2)
    let server = try LoopbackServer { [bytes] request in
      guard answers.next() == 0 else { return .file(other, for: request, tag: "\"v2\"") }
      var answer = LoopbackServer.Response.file(bytes, for: request)
      answer.cutAfter = 100_000
      return answer
    }
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == other)
  }

  @Test func anotherPartThanAskedForBeginsAnew() async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      switch answers.next() {
      case 0:
        var answer = LoopbackServer.Response.file(bytes, for: request)
        answer.cutAfter = 100_000
        return answer
      case 1:
        return .init(
          206, headers: ["Content-Range": "bytes 0-9/\(bytes.count)"], body: Array(bytes[..<10]))
      default: return .file(bytes, for: request)
      }
    }
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.map(\.rangeStart) == [nil, 100_000, nil])
  }

  // MARK: - Digests

  @Test func aWrongDigestLeavesNothing() async throws {
    let folder = try Folder()
    let other = noise(500_000, seed: 3)
    let hub = try Hub([name: bytes]) { request, answer in
      request.path.hasPrefix("/store") ? .file(other, for: request) : answer
    }
    let error = try await failure(
      download(hub.server.url("/m/\(name)"), to: folder), in: folder)
    #expect(error.code == .damaged)
    #expect(error.message.contains(digest(other).prefix(8)))
    #expect(error.message.contains(digest(bytes).prefix(8)))
    #expect(folder.contents().isEmpty)
  }

  @Test func damageBeforeACutIsFetchedAnew() async throws {
    let folder = try Folder()
    let answers = Counter()
    let hub = try Hub([name: bytes]) { [bytes] request, answer in
      guard request.path.hasPrefix("/store"), answers.next() == 0 else { return answer }
      var damaged = LoopbackServer.Response.file([1] + bytes[1...], for: request)
      damaged.cutAfter = 100_000
      return damaged
    }
    let url = hub.server.url("/m/\(name)")
    _ = try await failure(download(url, to: folder, policy: .impatient), in: folder)
    _ = try await download(url, to: folder, policy: .impatient).run()
    #expect(try folder.bytes(name) == bytes)
  }

  @Test(arguments: [true, false])
  func theDigitsInAName(areRight: Bool) async throws {
    let folder = try Folder()
    let server = try LoopbackServer { [bytes] in .file(bytes, for: $0) }
    let digits = areRight ? String(digest(bytes).prefix(8)) : "00000000"
    let download = download(server.url("/a"), to: folder, checksum: digits)
    if areRight {
      #expect(try await download.run().isVerified)
    } else {
      #expect(try await failure(download, in: folder).code == .damaged)
    }
  }

  // MARK: - Servers

  @Test(arguments: [404, 403, 418])
  func aRefusalIsNotTriedAgain(status: Int) async throws {
    let folder = try Folder()
    let server = try LoopbackServer { _ in .init(status, body: noise(40_000)) }
    let error = try await failure(download(server.url("/gone"), to: folder), in: folder)
    #expect(error.code == .server)
    #expect(error.message.contains("/gone"))
    #expect(error.message.contains("\(status)"))
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [503, 429])
  func aServerInTroubleIsAskedAgain(status: Int) async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      answers.next() < 2
        ? .init(status, headers: ["Retry-After": "0.2"]) : .file(bytes, for: request)
    }
    let began = ContinuousClock.now
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.count == 3)
    #expect(ContinuousClock.now - began >= .milliseconds(400))
  }

  @Test(arguments: ["inf", "nan", "1e30", "-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT"])
  func aDelayThatIsNoNumberOfSecondsIsNotObeyed(delay: String) async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      answers.next() < 1
        ? .init(503, headers: ["Retry-After": delay]) : .file(bytes, for: request)
    }
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
  }

  @Test func aServerThatStaysInTroubleIsGivenUp() async throws {
    let folder = try Folder()
    let server = try LoopbackServer { _ in .init(503) }
    let error = try await failure(download(server.url("/a"), to: folder), in: folder)
    #expect(error.code == .server)
    #expect(server.requests.count == 4)
  }

  @Test func noNetworkIsToldAtOnce() async throws {
    let folder = try Folder()
    let url = try LoopbackServer { _ in .init() }.url("/a")
    let error = try await failure(download(url, to: folder), in: folder)
    #expect(error.code == .network)
    #expect(error.message.contains("127.0.0.1 cannot be reached"))
  }

  @Test func redirectsEnd() async throws {
    let folder = try Folder()
    let server = try LoopbackServer { .redirect(to: $0.path) }
    let error = try await failure(download(server.url("/a"), to: folder), in: folder)
    #expect(error.code == .server)
    #expect(server.requests.count == 11)
  }

  @Test(arguments: [
    ("https://a.example/x", "http://a.example/y", nil),
    ("https://a.example/x", "file:///etc/passwd", nil),
    ("http://a.example/x", "ftp://a.example/y", nil),
    ("https://a.example/x", "https://b.example/y?z=%2F", "https://b.example/y?z=%2F"),
    ("http://a.example/x", "https://b.example/y", "https://b.example/y"),
    ("https://a.example/x/y", "/z", "https://a.example/z"),
    ("https://a.example/x/y", "//b.example/z", "https://b.example/z"),
  ])
  func redirectsLeadToSecurePlacesOnly(from: String, location: String, to target: String?) throws {
    let folder = try Folder()
    let url = try #require(URL(string: from))
    let response = try #require(
      HTTPURLResponse(
        url: url, statusCode: 302, httpVersion: nil, headerFields: ["location": location]))
    let download = download(url, to: folder)
    let result = Result { try download.target(of: response, from: url).absoluteString }
    #expect((try? result.get()) == target)
  }

  @Test(arguments: [true, false])
  func aFileThatIsTooLargeIsRefused(isAnnounced: Bool) async throws {
    let folder = try Folder()
    let server = try LoopbackServer { [bytes] _ in
      var answer = LoopbackServer.Response(body: bytes)
      if !isAnnounced { answer.announcedLength = -1 }
      return answer
    }
    let error = try await failure(
      download(server.url("/a"), to: folder, maximumByteCount: 100_000), in: folder)
    #expect(error.code == .limit)
    let size = try FileManager.default.attributesOfItem(
      atPath: folder.file("\(name).partial").path)[.size]
    #expect((size as? Int ?? .max) <= 100_000)
  }

  @Test func aServerThatFallsSilentIsAskedAgain() async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      var answer = LoopbackServer.Response.file(bytes, for: request)
      if answers.next() == 0 { answer.pause = 3 }
      return answer
    }
    var policy = TransferPolicy.hasty
    policy.idleSeconds = 1
    _ = try await download(server.url("/a"), to: folder, policy: policy).run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.count == 2)
  }

  @Test func aCancelledDownloadStopsAtOnceAndKeepsWhatCame() async throws {
    let folder = try Folder()
    let answers = Counter()
    let server = try LoopbackServer { [bytes] request in
      var answer = LoopbackServer.Response.file(bytes, for: request)
      // Longer than it takes a busy machine to cancel.
      if answers.next() == 0 { answer.pause = 30 }
      return answer
    }
    let arrivals = Counter()
    let slow = download(server.url("/a"), to: folder) { done, _ in
      if done > 0 { arrivals.next() }
    }
    let task = Task { () async -> ModelStoreError? in
      do throws(ModelStoreError) {
        _ = try await slow.run()
        return nil
      } catch {
        return error
      }
    }
    while arrivals.count == 0 { try await Task.sleep(for: .milliseconds(5)) }
    task.cancel()
    #expect(await task.value?.code == .cancelled)
    _ = try await download(server.url("/a"), to: folder).run()
    #expect(try folder.bytes(name) == bytes)
    // It did not wait for the end of the file.
    let start = try #require(server.requests.last?.rangeStart)
    #expect(start > 0 && start < bytes.count)
  }

  /// URLSession would keep in memory what the disk does not take.
  @Test func aSlowDiskMakesTheDownloadAskInParts() async throws {
    let folder = try Folder()
    let bytes = noise(6_000_000)
    let server = try LoopbackServer { request in
      var answer = LoopbackServer.Response.file(bytes, for: request)
      answer.pause = 0.001
      return answer
    }
    var policy = TransferPolicy.impatient
    policy.pendingPieces = 8
    let slow = download(server.url("/a"), to: folder, policy: policy) { done, _ in
      if done < 500_000 { usleep(10_000) }
    }
    _ = try await slow.run()
    #expect(try folder.bytes(name) == bytes)
    #expect(server.requests.count > 1)
    let starts = server.requests.compactMap(\.rangeStart)
    #expect(starts == starts.sorted())
  }

  // MARK: - Disks

  @Test func aDiskWithoutSpaceIsNoticedBeforehand() throws {
    let folder = try Folder()
    let file = try PartialFile(destination: folder.file(name))
    let error = #expect(throws: ModelStoreError.self) {
      try file.requireSpace(for: 1 << 60)
    }
    #expect(error?.code == .diskFull)
    #expect(error?.message.contains(folder.url.path) == true)
  }

  /// Where a page of memory that is always full stands for the disk.
  @Test func aFullDiskIsTold() throws {
    let folder = try Folder()
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("manifest.json.partial.json").path, withDestinationPath: "/dev/full")
    let error = #expect(throws: ModelStoreError.self) {
      try PartialFile(destination: folder.file("manifest.json")).restart()
    }
    #expect(error?.code == .diskFull)
    #expect(error?.message.contains("no space") == true)
  }

  @Test func theSystemsErrorsHaveARemedy() {
    #expect(ModelStoreError.system(EACCES, path: "/a").code == .permission)
    #expect(ModelStoreError.system(ENOSPC, path: "/a").code == .diskFull)
    #expect(ModelStoreError.system(EFBIG, path: "/a").code == .diskFull)
    #expect(ModelStoreError.system(ENOTDIR, path: "/a").message.contains("XDG_CACHE_HOME"))
  }

  @Test(arguments: [
    ("bytes 5-9/10", 5), ("Bytes 0-9/*", 0), ("bytes 5-4/10", nil), ("bytes */10", nil),
    ("bytes 5-10/10", nil), ("items 5-9/10", nil), ("bytes 5-9", nil), ("bytes -5-9/10", nil),
    ("bytes 5-9/x", nil), ("", nil), ("bytes 99999999999999999999-9/10", nil),
  ])
  func rangesAreRead(text: String, first: Int?) {
    #expect(ContentRange(text)?.first == first)
  }
}
