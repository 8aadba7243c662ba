// SPDX-License-Identifier: MIT
import CoreMetrics
import Synchronization

/// A metric that can show itself.
protocol PrometheusMetric: AnyObject, Sendable {
  /// `counter`, `gauge` or `histogram`.
  var type: String { get }
  /// Its samples.
  func lines(_ key: MetricKey) -> [String]
}

/// A number that only grows.
final class CounterMetric: CounterHandler, PrometheusMetric {
  private let value = Atomic<Int64>(0)

  let type = "counter"

  func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }

  func reset() { value.store(0, ordering: .relaxed) }

  func lines(_ key: MetricKey) -> [String] {
    [key.line(value: "\(value.load(ordering: .relaxed))")]
  }
}

/// A sum that only grows.
final class FloatingPointCounterMetric: FloatingPointCounterHandler, PrometheusMetric {
  private let value = Mutex(0.0)

  let type = "counter"

  func increment(by amount: Double) { value.withLock { $0 += amount } }

  func reset() { value.withLock { $0 = 0 } }

  func lines(_ key: MetricKey) -> [String] { [key.line(value: "\(value.withLock { $0 })")] }
}

/// A number that goes up and down.
final class GaugeMetric: MeterHandler, RecorderHandler, PrometheusMetric {
  private let value = Mutex(0.0)

  let type = "gauge"

  func set(_ value: Int64) { set(Double(value)) }

  func set(_ value: Double) { self.value.withLock { $0 = value } }

  func increment(by amount: Double) { value.withLock { $0 += amount } }

  func decrement(by amount: Double) { value.withLock { $0 -= amount } }

  func record(_ value: Int64) { set(Double(value)) }

  func record(_ value: Double) { set(value) }

  func lines(_ key: MetricKey) -> [String] { [key.line(value: "\(value.withLock { $0 })")] }
}

/// How often values lay below bounds.
final class HistogramMetric: TimerHandler, RecorderHandler, PrometheusMetric {
  private struct State {
    var counts: [Int]
    var sum = 0.0
    var count = 0
  }

  /// From what a file on the disk takes to what a long song takes.
  static let seconds = [0.005, 0.025, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]
  /// Seconds of work per second of audio.
  static let ratios = [0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

  private let bounds: [Double]
  private let state: Mutex<State>

  let type = "histogram"

  init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(State(counts: [Int](repeating: 0, count: bounds.count)))
  }

  func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

  func record(_ value: Int64) { record(Double(value)) }

  func record(_ value: Double) {
    state.withLock { state in
      for index in bounds.indices where value <= bounds[index] { state.counts[index] += 1 }
      state.sum += value
      state.count += 1
    }
  }

  func lines(_ key: MetricKey) -> [String] {
    let (counts, sum, count) = state.withLock { ($0.counts, $0.sum, $0.count) }
    return zip(bounds, counts).map { bound, count in
      key.line("_bucket", more: "le=\"\(bound)\"", value: "\(count)")
    } + [
      key.line("_bucket", more: "le=\"+Inf\"", value: "\(count)"),
      key.line("_sum", value: "\(sum)"),
      key.line("_count", value: "\(count)"),
    ]
  }
}
