// SPDX-License-Identifier: MIT
import ArgumentParser
import Foundation
import Service

/// The flags that say where a service listens, and to whom.
struct ServeAccessOptions: ParsableArguments {
  @Option(help: "The name or address to listen at.")
  var host = "127.0.0.1"

  @Option(help: "The port to listen at; 0 takes a free one.")
  var port = 8080

  @Option(
    help: "The port of the interface over gRPC; 0 takes a free one. There is none by default.")
  var grpcPort: Int?

  @Option(
    help: ArgumentHelp(
      "Ask clients for one of the tokens in this file: a line each, TOKEN or NAME:TOKEN.",
      discussion: "TONMEISTER_TOKEN in the environment is one more token.", valueName: "file"))
  var tokenFile: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Let pages of this origin ask, too; may be repeated.", valueName: "origin"))
  var allowOrigin: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Answer to this name of the host, too; may be repeated.", valueName: "name"))
  var allowHost: [String] = []

  func apply(to configuration: inout ServiceConfiguration) throws(ServiceError) {
    configuration.host = host
    configuration.port = port
    configuration.rpcPort = grpcPort
    configuration.allowedOrigins = allowOrigin
    configuration.allowedHosts = allowHost
    configuration.tokens += try AccessToken.given(file: tokenFile)
  }
}

extension AccessToken {
  /// The tokens of a file, where one is named, and that of the environment.
  static func given(file: String?) throws(ServiceError) -> [AccessToken] {
    var tokens = try file.map { path throws(ServiceError) in try read(URL(filePath: path)) } ?? []
    if let token = ProcessInfo.processInfo.environment["TONMEISTER_TOKEN"], !token.isEmpty {
      tokens.append(try AccessToken(secret: token))
    }
    return tokens
  }
}

/// The flags that say where jobs, audio and models are.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of jobs and results; by default $XDG_DATA_HOME/tonmeister/service.",
      valueName: "folder"))
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Keep the jobs in PostgreSQL, for several processes that share the data folder, too.",
      discussion:
        "postgres://USER:PASSWORD@HOST/DATABASE, or TONMEISTER_STORE in the environment, where other users of this "
        + "machine do not see it.",
      valueName: "url"))
  var store: String?

  @Option(
    help: ArgumentHelp(
      "Keep uploads and results in a bucket, where the data folders are the machines' own.",
      discussion:
        "s3://BUCKET/PREFIX of Amazon S3, or of what speaks like it at AWS_ENDPOINT_URL. AWS_ACCESS_KEY_ID, "
        + "AWS_SECRET_ACCESS_KEY and AWS_REGION are read from the environment.",
      valueName: "url"))
  var bucket: String?

  @Option(
    help: ArgumentHelp(
      "How much results, or what is copied here from a bucket, may take; the oldest go first.",
      valueName: "GB"))
  var diskBudget = 50.0

  @Option(help: "A folder of .safetensors, .th and .yaml models, looked into first.")
  var repo: String?

  @Option(
    help: ArgumentHelp(
      "Send traces to an OpenTelemetry collector: http://HOST:4318/v1/traces.",
      discussion: "Or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT in the environment.", valueName: "url"))
  var traces: String?

  func validate() throws {
    guard diskBudget > 0, diskBudget <= 1e6 else {
      throw ValidationError("--disk-budget \(diskBudget): give up to 1000000 GB.")
    }
  }

  /// The standard configuration with these places; nothing is opened.
  ///
  /// - Throws: `invalid`.
  func configuration() throws(ServiceError) -> ServiceConfiguration {
    var configuration = ServiceConfiguration(dataFolder: data.map { URL(filePath: $0) })
    configuration.store = store ?? Self.environment("TONMEISTER_STORE")
    configuration.bucket = bucket
    configuration.retention.diskBudget = Int(diskBudget * 1e9)
    configuration.modelRepository = repo.map { URL(filePath: $0) }
    if let text = traces ?? Self.environment("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
      guard let url = URL(string: text) else {
        throw ServiceError(.invalid, "--traces: “\(text)” is no URL.")
      }
      configuration.traces = url
    }
    // For tests: how soon others take up what a process has left, and what is too old goes.
    if let seconds = try Self.seconds("TONMEISTER_LEASE_SECONDS") { configuration.lease = seconds }
    if let seconds = try Self.seconds("TONMEISTER_SWEEP_SECONDS") {
      configuration.retention.interval = seconds
    }
    return configuration
  }

  private static func seconds(_ name: String) throws(ServiceError) -> Duration? {
    guard let text = environment(name) else { return nil }
    guard let seconds = Double(text), (0.05...3600).contains(seconds) else {
      throw ServiceError(.invalid, "\(name): give 0.05 to 3600 seconds, not “\(text)”.")
    }
    return .seconds(seconds)
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// The flags that say how much a service takes and keeps.
struct ServeAmountOptions: ParsableArguments {
  @Option(help: ArgumentHelp("How many jobs may wait.", valueName: "jobs"))
  var queue = 32

  @Option(help: ArgumentHelp("The largest upload.", valueName: "MB"))
  var maximumUpload = 2048

  @Option(help: ArgumentHelp("The longest song.", valueName: "minutes"))
  var maximumMinutes = 180.0

  @Option(help: ArgumentHelp("For how long results are kept.", valueName: "days"))
  var keepDays = 7.0

  @Option(
    name: .shortAndLong,
    help:
      "How many jobs run at a time; they share the cores. By default 1, and with --store none: workers do it."
  )
  var jobs: Int?

  func validate() throws {
    guard (1...1 << 20).contains(maximumUpload) else {
      throw ValidationError("--maximum-upload \(maximumUpload): give 1 to 1048576 MB.")
    }
  }

  func apply(to configuration: inout ServiceConfiguration) {
    configuration.concurrentJobs = jobs ?? (configuration.store == nil ? 1 : 0)
    configuration.limits.queueLength = queue
    configuration.limits.uploadBytes = maximumUpload << 20
    configuration.limits.audioSeconds = maximumMinutes * 60
    configuration.retention.days = keepDays
  }
}
