// SPDX-License-Identifier: MIT

/// How much the service takes from its clients.
public struct ServiceLimits: Sendable, Equatable {
  /// The jobs that may wait, uploads on their way included.
  public var queueLength = 32
  /// The largest upload in bytes.
  public var uploadBytes = 2 << 30
  /// The longest song in seconds.
  public var audioSeconds = 3.0 * 3600
  /// The most channels of a file.
  public var channelCount = 8
  /// How long nothing may come while a request is read; four times as long, no block of an answer may be taken.
  public var idleTimeout = Duration.seconds(30)
  /// The slowest upload in bytes per second, after `uploadGrace`.
  public var slowestUpload = 8 << 10
  /// How long an upload may be slower than that.
  public var uploadGrace = Duration.seconds(20)
  /// The longest an upload may take.
  public var uploadDuration = Duration.seconds(3600)
  /// The longest that a job may run.
  public var jobDuration = Duration.seconds(6 * 3600)
  /// The largest document (plan, listener) in a request, in bytes.
  public var documentBytes = 16 << 20
  /// The largest plan of a mix in bytes: it is kept with the job.
  public var planBytes = 256 << 10
  /// The largest message of a call over gRPC in bytes; larger songs are sent in chunks.
  public var callBytes = 128 << 20
  /// The open connections; more wait.
  public var connections = 1024
  /// The streams of events at a time.
  public var eventStreams = 200
  /// The files that are made on demand at a time, such as MP3 versions.
  public var conversions = 2
  /// The requests that may wait for such files.
  public var waitingConversions = 32
  /// How often a job is begun before it is given up.
  public var attempts = 3

  /// How many places of the queue one of several clients may have: there is always room for another one.
  var share: Int { (queueLength + 1) / 2 }

  /// The standard limits.
  public init() {}

  func validate() throws(ServiceError) {
    guard (1...10_000).contains(queueLength) else {
      throw ServiceError(.invalid, "The queue holds 1 to 10000 jobs, not \(queueLength).")
    }
    guard uploadBytes > 0, audioSeconds > 0, audioSeconds.isFinite else {
      throw ServiceError(.invalid, "The limits of uploads must be larger than nothing.")
    }
  }
}
