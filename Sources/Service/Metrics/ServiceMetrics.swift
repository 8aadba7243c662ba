// SPDX-License-Identifier: MIT
import CoreMetrics

/// What the service counts and measures.
struct ServiceMetrics: Sendable {
  let registry: PrometheusRegistry
  private let active: Meter
  private let uploaded: Counter
  private let streams: Meter
  private let waiting: Meter
  private let running: Meter
  private let reused: Counter
  private let oldest: Meter

  init(registry: PrometheusRegistry) {
    self.registry = registry
    active = Meter(label: "tonmeister_http_requests_active", factory: registry)
    uploaded = Counter(label: "tonmeister_upload_bytes", factory: registry)
    streams = Meter(label: "tonmeister_event_streams", factory: registry)
    waiting = Meter(label: "tonmeister_jobs_waiting", factory: registry)
    running = Meter(label: "tonmeister_jobs_running", factory: registry)
    reused = Counter(label: "tonmeister_results_reused", factory: registry)
    oldest = Meter(label: "tonmeister_oldest_waiting_seconds", factory: registry)
    for meter in [active, streams, waiting, running, oldest] { meter.set(0) }
  }

  func requestBegan() { active.increment() }

  func requestEnded() { active.decrement() }

  /// - Parameter route: The path with the names of its parameters, not with their values.
  func answered(method: String, route: String, status: Int, seconds: Double) {
    // Any word can be a method; only those that mean something get a series of their own.
    let known = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"].contains(method)
    let dimensions = [
      ("method", known ? method : "other"), ("route", route), ("status", "\(status)"),
    ]
    Counter(label: "tonmeister_http_requests", dimensions: dimensions, factory: registry)
      .increment()
    CoreMetrics.Timer(
      label: "tonmeister_http_request_duration", dimensions: [("route", route)],
      factory: registry
    ).recordNanoseconds(Int64(seconds * 1e9))
  }

  func called(method: String, code: String) {
    Counter(
      label: "tonmeister_rpc_calls", dimensions: [("method", method), ("code", code)],
      factory: registry
    ).increment()
  }

  func uploaded(bytes: Int) { uploaded.increment(by: bytes) }

  func streamBegan() { streams.increment() }

  func streamEnded() { streams.decrement() }

  func queue(_ queue: QueueSnapshot) {
    waiting.set(queue.waiting.entries.count)
    running.set(queue.running.count)
    oldest.set(queue.oldestSeconds)
  }

  func resultReused() { reused.increment() }

  /// - Parameter seconds: From its arrival to its beginning.
  func jobBegan(_ kind: JobKind, waited seconds: Double) {
    CoreMetrics.Timer(
      label: "tonmeister_job_wait", dimensions: [("kind", kind.rawValue)], factory: registry
    ).recordNanoseconds(Int64(min(max(seconds, 0), 1e9) * 1e9))
  }

  func jobFailed(_ kind: JobKind, _ code: ServiceError.Code) {
    Counter(
      label: "tonmeister_job_errors",
      dimensions: [("kind", kind.rawValue), ("code", code.description)], factory: registry
    ).increment()
  }

  func jobEnded(_ kind: JobKind, _ state: String, seconds: Double) {
    Counter(
      label: "tonmeister_jobs_ended", dimensions: [("kind", kind.rawValue), ("state", state)],
      factory: registry
    ).increment()
    CoreMetrics.Timer(
      label: "tonmeister_job_duration", dimensions: [("kind", kind.rawValue)], factory: registry
    ).recordNanoseconds(Int64(seconds * 1e9))
  }

  func separated(audioSeconds: Double, seconds: Double, model: String, precision: String) {
    guard audioSeconds > 0 else { return }
    let dimensions = [("model", model), ("precision", precision)]
    FloatingPointCounter(
      label: "tonmeister_separated_audio_seconds", dimensions: dimensions, factory: registry
    ).increment(by: audioSeconds)
    Recorder(
      label: "tonmeister_real_time_factor", dimensions: dimensions, aggregate: true,
      factory: registry
    ).record(seconds / audioSeconds)
  }
}
