// SPDX-License-Identifier: MIT
public import CoreMetrics
import Synchronization

/// Collects metrics and shows them as Prometheus reads them (text format 0.0.4).
///
/// Timers become histograms in seconds; recorders with `aggregate` become histograms of their values.
public final class PrometheusRegistry: MetricsFactory {
  private let metrics = Mutex<[MetricKey: any PrometheusMetric]>([:])

  /// Without any metric.
  public init() {}

  /// All metrics as text, sorted by name.
  public var text: String {
    let all = metrics.withLock { Array($0) }.sorted { $0.key < $1.key }
    var lines: [String] = []
    var name = ""
    for (key, metric) in all {
      if key.name != name {
        name = key.name
        lines.append("# TYPE \(name) \(metric.type)")
      }
      lines += metric.lines(key)
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private func metric<Metric: PrometheusMetric>(
    _ label: String, suffix: String = "", _ dimensions: [(String, String)], _ make: () -> Metric
  ) -> Metric {
    let key = MetricKey(label: label + suffix, dimensions: dimensions)
    return metrics.withLock { metrics in
      if let known = metrics[key] as? Metric { return known }
      let made = make()
      metrics[key] = made
      return made
    }
  }

  public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
    metric(label, suffix: label.hasSuffix("_total") ? "" : "_total", dimensions) { CounterMetric() }
  }

  public func makeFloatingPointCounter(
    label: String, dimensions: [(String, String)]
  ) -> any FloatingPointCounterHandler {
    metric(label, suffix: label.hasSuffix("_total") ? "" : "_total", dimensions) {
      FloatingPointCounterMetric()
    }
  }

  public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
    metric(label, dimensions) { GaugeMetric() }
  }

  public func makeRecorder(
    label: String, dimensions: [(String, String)], aggregate: Bool
  ) -> any RecorderHandler {
    aggregate
      ? metric(label, dimensions) { HistogramMetric(bounds: HistogramMetric.ratios) }
      : metric(label, dimensions) { GaugeMetric() }
  }

  public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
    metric(label, suffix: label.hasSuffix("_seconds") ? "" : "_seconds", dimensions) {
      HistogramMetric(bounds: HistogramMetric.seconds)
    }
  }

  public func destroyCounter(_ handler: any CounterHandler) { remove(handler) }

  public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {
    remove(handler)
  }

  public func destroyMeter(_ handler: any MeterHandler) { remove(handler) }

  public func destroyRecorder(_ handler: any RecorderHandler) { remove(handler) }

  public func destroyTimer(_ handler: any TimerHandler) { remove(handler) }

  private func remove(_ handler: AnyObject) {
    metrics.withLock { metrics in metrics = metrics.filter { $0.value !== handler } }
  }
}

/// A metric's name and labels, as Prometheus allows them.
struct MetricKey: Hashable, Comparable {
  let name: String
  /// `method="GET",status="200"`, or nothing.
  let labels: String

  init(label: String, dimensions: [(String, String)]) {
    name = Self.name(label)
    labels = dimensions.map { "\(Self.name($0.0))=\"\(Self.escaped($0.1))\"" }
      .joined(separator: ",")
  }

  static func < (a: MetricKey, b: MetricKey) -> Bool {
    (a.name, a.labels) < (b.name, b.labels)
  }

  /// The line of a sample.
  func line(_ suffix: String = "", more: String = "", value: String) -> String {
    let all = [labels, more].filter { !$0.isEmpty }.joined(separator: ",")
    return name + suffix + (all.isEmpty ? "" : "{\(all)}") + " " + value
  }

  private static func name(_ text: String) -> String {
    let name = String(
      text.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "_" })
    return name.first?.isNumber == true ? "_" + name : name
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}
