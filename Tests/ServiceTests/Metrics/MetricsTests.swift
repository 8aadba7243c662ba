// SPDX-License-Identifier: MIT
import Foundation
import Logging
import Metrics
import Testing

@testable import Service

@Suite struct MetricsTests {
  @Test func metricsAreShownAsPrometheusReadsThem() {
    let registry = PrometheusRegistry()
    let counter = Counter(label: "a.b", dimensions: [("x-y", "q\"\\\n")], factory: registry)
    counter.increment(by: 2)
    Counter(label: "a.b", dimensions: [("x-y", "q\"\\\n")], factory: registry).increment()
    Meter(label: "level", factory: registry).set(1.5)
    Recorder(label: "ratio", aggregate: true, factory: registry).record(3.0)
    let lines = registry.text.split(separator: "\n").map(String.init)
    #expect(
      lines.starts(with: [
        "# TYPE a_b_total counter", #"a_b_total{x_y="q\"\\\n"} 3"#, "# TYPE level gauge",
        "level 1.5", "# TYPE ratio histogram", #"ratio_bucket{le="0.005"} 0"#,
      ]))
    #expect(lines.suffix(3) == [#"ratio_bucket{le="+Inf"} 1"#, "ratio_sum 3.0", "ratio_count 1"])
    #expect(lines.contains(#"ratio_bucket{le="5.0"} 1"#))
    counter.destroy()
    #expect(!registry.text.contains("a_b_total"))
  }

  @Test func theServiceCountsWhatItDoes() async throws {
    let server = try await RunningService(runner: StubRunner())
    let id = try await server.separated(try Song.wave(seconds: 0.2))
    _ = try await server.client.get("/v1/jobs/nothing")
    _ = try await server.client.send("BREW", "/v1/jobs/\(id)")
    let metrics = try await server.client.get("/metrics")
    #expect(metrics.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
    for line in [
      #"tonmeister_http_requests_total{method="POST",route="/v1/separations",status="202"} 1"#,
      #"tonmeister_jobs_ended_total{kind="separation",state="succeeded"} 1"#,
      "tonmeister_jobs_waiting 0.0", "# TYPE tonmeister_http_request_duration_seconds histogram",
    ] { #expect(metrics.text.contains(line), "\(line)") }
    // Identifiers are no labels: there would be no end of them.
    #expect(!metrics.text.contains(id))
  }

  @Test func aLineOfTheLogIsOneLine() throws {
    let date = Date(timeIntervalSince1970: 0)
    let line = LineLogHandler.line(
      .json, label: "l", level: .info, message: "a\"\n\u{1}", metadata: ["k": "v", "b": "\\"],
      date: date)
    #expect(
      line
        == #"{"time":"1970-01-01T00:00:00.000Z","level":"info","logger":"l","message":"a\"\n\u0001","b":"\\","k":"v"}"#
    )
    #expect((try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String]) != nil)
    let text = LineLogHandler.line(
      .text, label: "l", level: .error, message: "a\nb", metadata: ["hb.request.id": "7"],
      date: date)
    #expect(text == "1970-01-01T00:00:00.000Z error a b request=7")
  }
}
