// SPDX-License-Identifier: MIT
import Foundation
import Logging
import Testing

@testable import Service

@Suite struct AccessTests {
  private static let anna = "0123456789abcdef-anna"
  private static let ben = "0123456789abcdef-ben"

  private func guarded() async throws -> RunningService {
    let tokens = [
      try AccessToken(name: "anna", secret: Self.anna), try AccessToken(secret: Self.ben),
    ]
    return try await RunningService(runner: StubRunner()) { $0.tokens = tokens }
  }

  @Test func whatOneCallsASongIsNotToldToAnother() async throws {
    let tokens = [
      try AccessToken(name: "anna", secret: Self.anna), try AccessToken(secret: Self.ben),
    ]
    let server = try await RunningService { $0.tokens = tokens }
    let song = try Song.wave()
    var titles: [String] = []
    for (secret, name) in [(Self.anna, "annas-secret.wav"), (Self.ben, "ben.wav")] {
      let token = [("Authorization", "Bearer \(secret)")]
      let job = try await server.separate(song, query: "?name=\(name)", headers: token)
      let id = try #require(job.json["id"] as? String)
      _ = try await server.finished(id, headers: token)
      let features = try await server.client.get("/v1/jobs/\(id)/features", token)
      #expect(features.status == 200)
      titles.append(features.text)
    }
    #expect(titles.allSatisfy { !$0.contains("secret") })
  }

  @Test(arguments: [
    "evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "[::2]", "2130706433",
  ])
  func anotherHostIsRefused(host: String) async throws {
    let server = try await RunningService(runner: StubRunner())
    let response = try await server.client.get("/v1/jobs", [("Host", host)])
    #expect([400, 421].contains(response.status))
  }

  @Test(arguments: ["localhost", "LOCALHOST:1", "[::1]:99", "127.0.0.1", "studio.example"])
  func ourOwnNamesAreTaken(host: String) async throws {
    let server = try await RunningService(runner: StubRunner()) {
      $0.allowedHosts = ["studio.example"]
    }
    #expect(try await server.client.get("/v1/jobs", [("Host", host)]).status == 200)
  }

  @Test(arguments: [
    "https://evil.example", "null", "http://127.0.0.1", "http://localhost:1", "file://", "x",
  ])
  func pagesOfOtherOriginsAreRefused(origin: String) async throws {
    let server = try await RunningService(runner: StubRunner())
    for (method, path) in [("GET", "/v1/jobs"), ("POST", "/start_separation"), ("POST", "/mix")] {
      let response = try await server.client.send(
        method, path, headers: [("Origin", origin)], body: method == "POST" ? Data() : nil)
      #expect(response.status == 403)
      #expect(response.headers["access-control-allow-origin"] == nil)
    }
  }

  @Test func onlyAllowedOriginsAreToldThatTheyMayAsk() async throws {
    let server = try await RunningService(runner: StubRunner()) {
      $0.allowedOrigins = ["https://studio.example"]
    }
    let port = server.client.port
    let own = try await server.client.get("/v1/jobs", [("Origin", "http://127.0.0.1:\(port)")])
    #expect(own.status == 200 && own.headers["access-control-allow-origin"] == nil)
    let allowed = [("Origin", "https://studio.example")]
    let response = try await server.client.get("/v1/jobs", allowed)
    #expect(response.headers["access-control-allow-origin"] == "https://studio.example")
    #expect(response.headers["vary"] == "Origin")
    let error = try await server.client.get("/v1/jobs/x", allowed)
    #expect(error.status == 404)
    #expect(error.headers["access-control-allow-origin"] == "https://studio.example")
    let preflight = try await server.client.send(
      "OPTIONS", "/v1/separations",
      headers: allowed + [("Access-Control-Request-Method", "POST")])
    #expect(preflight.status == 204)
    #expect(preflight.headers["access-control-allow-methods"]?.contains("POST") == true)
  }

  @Test(arguments: ["--port", "--grpc-port"])
  func aPortThatIsTakenIsNamedWithItsOption(option: String) async throws {
    let server = try await RunningService(runner: StubRunner())
    let folder = TemporaryFolder()
    var configuration = ServiceConfiguration(dataFolder: folder.url.appending(path: "data"))
    let taken = server.client.port
    (configuration.port, configuration.rpcPort) = option == "--port" ? (taken, nil) : (0, taken)
    let service = try TonmeisterService(
      configuration: configuration, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      metrics: PrometheusRegistry(), runner: StubRunner())
    let error = await #expect(throws: ServiceError.self) { try await service.run() }
    #expect(error?.message.contains("Port \(taken) of 127.0.0.1 is taken") == true)
    #expect(error?.message.contains(option) == true)
  }

  @Test func withoutATokenNothingIsTold() async throws {
    let server = try await guarded()
    for (method, path) in [
      ("GET", "/v1/jobs"), ("POST", "/v1/separations"), ("GET", "/metrics"), ("POST", "/mix"),
      ("GET", "/separation_progress"), ("DELETE", "/v1/jobs/x"), ("GET", "/v1/models"),
      ("GET", "//v1/jobs"), ("GET", "/v1//models"),
      ("GET", "/metrics/"), ("HEAD", "//metrics"), ("GET", "/v1/jobs/"),
    ] {
      for header in ["", "Bearer wrong", "Basic \(Self.anna)", "Bearer", "Bearer \(Self.anna)x"] {
        let response = try await server.client.send(
          method, path, headers: header.isEmpty ? [] : [("Authorization", header)])
        #expect(response.status == 401)
        #expect(response.headers["www-authenticate"] == "Bearer")
      }
    }
    for path in ["/healthz", "/readyz", "/", "/v1/openapi.json"] {
      #expect(try await server.client.get(path).status == 200)
    }
    #expect(try await server.client.get("/v1/limits").json["authentication"] as? Bool == true)
    let response = try await server.client.get(
      "/v1/jobs", [("Authorization", "Bearer \(Self.anna)")])
    #expect(response.status == 200)
  }

  @Test func clientsDoNotSeeEachOthersJobs() async throws {
    let server = try await guarded()
    let (anna, ben) = (
      [("Authorization", "Bearer \(Self.anna)")], [("Authorization", "bearer \(Self.ben)")]
    )
    let job = try await server.separate(try Song.wave(seconds: 0.3), headers: anna)
    let id = try #require(job.json["id"] as? String)
    #expect(try await server.client.get("/v1/jobs/\(id)", anna).status == 200)
    #expect(try await server.client.get("/v1/jobs/\(id)", ben).status == 404)
    #expect(
      try await server.client.send("DELETE", "/v1/jobs/\(id)", headers: ben).status == 404)
    let jobs = try await server.client.get("/v1/jobs", ben).json["jobs"] as? [Any]
    #expect(jobs?.isEmpty == true)
  }

  @Test func theServiceIsNotExposedWithoutAToken() throws {
    var configuration = ServiceConfiguration(dataFolder: TemporaryFolder().url)
    for host in ["0.0.0.0", "192.168.1.2", "::", "studio.example"] {
      configuration.host = host
      #expect(throws: ServiceError.self) { try configuration.validate() }
    }
    for host in ["127.0.0.1", "127.1.2.3", "localhost", "::1"] {
      configuration.host = host
      try configuration.validate()
    }
  }

  @Test func tokensAreReadFromAFileThatOnlyTheOwnerReads() throws {
    let folder = TemporaryFolder()
    let file = folder.url.appending(path: "tokens")
    try Data("# who\nanna:\(Self.anna)\n\n\(Self.ben)\n".utf8).write(to: file)
    chmod(file.path, 0o644)
    #expect(throws: ServiceError.self) { _ = try AccessToken.read(file) }
    chmod(file.path, 0o600)
    let tokens = try AccessToken.read(file)
    #expect(tokens.count == 2)
    #expect(AccessToken.client(of: Self.anna, among: tokens) == tokens[0].client)
    #expect(AccessToken.client(of: "anna:\(Self.anna)", among: tokens) == nil)
    #expect(throws: ServiceError.self) { _ = try AccessToken(secret: "short") }
    #expect(throws: ServiceError.self) { _ = try AccessToken(secret: "sixteen letters and more") }
  }

  @Test func everyAnswerForbidsCodeOfOthers() async throws {
    let server = try await RunningService(runner: StubRunner())
    for path in ["/", "/v1/jobs", "/nothing"] {
      let response = try await server.client.get(path)
      let policy = try #require(response.headers["content-security-policy"])
      #expect(policy.hasPrefix("default-src 'none'; script-src 'self' 'wasm-unsafe-eval';"))
      #expect(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"))
      #expect(response.headers["x-content-type-options"] == "nosniff")
      #expect(response.headers["x-request-id"]?.isEmpty == false)
    }
    let page = try await server.client.get("/")
    #expect(page.headers["content-type"] == "text/html; charset=utf-8")
    let tag = try #require(page.headers["etag"])
    #expect(try await server.client.get("/", [("If-None-Match", tag)]).status == 304)
  }
}
