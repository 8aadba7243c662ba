// SPDX-License-Identifier: MIT
public import Foundation
import Separation

/// How a service runs: where it listens, who may ask, and how much it takes.
public struct ServiceConfiguration: Sendable {
  /// The name or address to listen at.
  public var host = "127.0.0.1"
  /// The port to listen at; 0 for a free one.
  public var port = 8080
  /// The port of the interface over gRPC; 0 for a free one, nil for none.
  public var rpcPort: Int?
  /// The folder of everything that is kept: jobs, uploads, results.
  public var dataFolder: URL
  /// The tokens that are accepted; none to ask for none, which is for loopback only.
  public var tokens: [AccessToken] = []
  /// Pages of other origins that may ask, such as `https://studio.example`.
  public var allowedOrigins: [String] = []
  /// Names by which clients may call this host, besides those of loopback and ``host``.
  public var allowedHosts: [String] = []
  /// How much is taken.
  public var limits = ServiceLimits()
  /// How long things are kept.
  public var retention = Retention()
  /// The PostgreSQL database that keeps the jobs, `postgres://USER:PASSWORD@HOST/DATABASE`, for several processes that
  /// share the data folder, too; nil to keep them in the data folder of one process.
  public var store: String?
  /// The bucket that keeps uploads and results, `s3://BUCKET/PREFIX`, for processes whose data folders are their own; who
  /// may use it is told by `AWS_ACCESS_KEY_ID` and its like in the environment.
  public var bucket: String?
  /// How many jobs run at a time, sharing the cores; with none, others work on them (``TonmeisterWorker``).
  public var concurrentJobs = 1
  /// For how long a job stays its worker's without a sign of life.
  public var lease = Duration.seconds(60)
  /// Where an OpenTelemetry collector takes traces (OTLP over HTTP, `http://HOST:4318/v1/traces`); nil for none.
  public var traces: URL?
  /// A folder of models that is looked into first.
  public var modelRepository: URL?

  /// The standard configuration.
  ///
  /// - Parameter dataFolder: By default `$XDG_DATA_HOME/tonmeister/service`.
  public init(dataFolder: URL? = nil) {
    self.dataFolder = dataFolder ?? StandardFolders.data.appending(path: "service")
  }

  /// Whether only programs of this machine can connect.
  public var isLoopback: Bool { HostName(host).isLoopback }

  /// The address of a port of ``host``, without a path.
  public func address(_ scheme: String, port: Int) -> String {
    "\(scheme)://\(HostName(host).urlText):\(port)"
  }

  /// Refuses what would not be safe or makes no sense.
  ///
  /// - Throws: `invalid`.
  public func validate() throws(ServiceError) {
    func require(_ condition: Bool, _ message: String) throws(ServiceError) {
      if !condition { throw ServiceError(.invalid, message) }
    }
    try require(
      isLoopback || !tokens.isEmpty,
      "\(host) can be reached from other machines, so a token is needed: name its file with "
        + "--token-file, or set TONMEISTER_TOKEN.")
    for port in [port, rpcPort].compactMap(\.self) {
      try require((0...65_535).contains(port), "The port must be from 0 to 65535, not \(port).")
    }
    try require(
      (store == nil ? 1...64 : 0...64).contains(concurrentJobs),
      "From 1 to 64 jobs run at a time, not \(concurrentJobs).")
    try require(
      store.map(PostgreSQLDatabase.isURL) != false,
      "The store is not postgres://USER@HOST/DATABASE; without one, jobs are kept in the data folder."
    )
    try require(
      bucket == nil || store != nil,
      "A bucket is for several processes, which need a --store to share: postgres://USER@HOST/DATABASE."
    )
    try require(
      (Duration.seconds(1)...Duration.seconds(3600)).contains(lease),
      "A lease lasts 1 second to an hour.")
    try require(
      traces.map { ["http", "https"].contains($0.scheme ?? "") && $0.host() != nil } != false,
      "Traces go to http://HOST:PORT/v1/traces, not to \(traces?.absoluteString ?? "").")
    for origin in allowedOrigins {
      try require(
        Origin(origin) != nil,
        "“\(origin)” is no origin; write it as https://studio.example, without a path.")
    }
    try limits.validate()
    try retention.validate()
  }
}

/// How long results are kept.
public struct Retention: Sendable, Equatable {
  /// The days after which a finished job expires.
  public var days = 7.0
  /// The bytes that results may take; the oldest go first.
  public var diskBudget = 50 << 30
  /// How often it is looked for what has to go.
  public var interval = Duration.seconds(60)

  /// The standard retention.
  public init() {}

  func validate() throws(ServiceError) {
    guard days > 0, days <= 3650 else {
      throw ServiceError(.invalid, "Jobs are kept for up to 3650 days, not \(days).")
    }
    guard diskBudget > 0 else {
      throw ServiceError(.invalid, "The disk budget must be larger than nothing.")
    }
  }
}
