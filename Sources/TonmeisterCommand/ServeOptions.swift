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
    if let tokenFile { configuration.tokens += try AccessToken.read(URL(filePath: tokenFile)) }
    if let token = ProcessInfo.processInfo.environment["TONMEISTER_TOKEN"], !token.isEmpty {
      configuration.tokens.append(try AccessToken(secret: token))
    }
  }
}

/// The flags that say how much a service takes and keeps.
struct ServeAmountOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The folder of jobs and results; by default $XDG_DATA_HOME/tonmeister/service.",
      valueName: "folder"))
  var data: String?

  @Option(help: "A folder of .safetensors, .th and .yaml models, looked into first.")
  var repo: String?

  @Option(help: ArgumentHelp("How many jobs may wait.", valueName: "jobs"))
  var queue = 32

  @Option(help: ArgumentHelp("The largest upload.", valueName: "MB"))
  var maximumUpload = 2048

  @Option(help: ArgumentHelp("The longest song.", valueName: "minutes"))
  var maximumMinutes = 180.0

  @Option(help: ArgumentHelp("For how long results are kept.", valueName: "days"))
  var keepDays = 7.0

  @Option(help: ArgumentHelp("How much results may take; the oldest go first.", valueName: "GB"))
  var diskBudget = 50.0

  @Option(name: .shortAndLong, help: "How many jobs run at a time; they share the cores.")
  var jobs = 1

  func validate() throws {
    guard (1...1 << 20).contains(maximumUpload) else {
      throw ValidationError("--maximum-upload \(maximumUpload): give 1 to 1048576 MB.")
    }
    guard diskBudget > 0, diskBudget <= 1e6 else {
      throw ValidationError("--disk-budget \(diskBudget): give up to 1000000 GB.")
    }
  }

  func apply(to configuration: inout ServiceConfiguration) {
    configuration.modelRepository = repo.map { URL(filePath: $0) }
    configuration.concurrentJobs = jobs
    configuration.limits.queueLength = queue
    configuration.limits.uploadBytes = maximumUpload << 20
    configuration.limits.audioSeconds = maximumMinutes * 60
    configuration.retention.days = keepDays
    configuration.retention.diskBudget = Int(diskBudget * 1e9)
  }
}
