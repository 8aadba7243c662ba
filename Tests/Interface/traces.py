# SPDX-License-Identifier: MIT
"""Reads the traces of a running service as an OpenTelemetry collector does.

Usage: traces.py PROGRAM, the built `tonmeister`. Exits with 0 where everything is as it should be.
"""
import base64
import http.server
import io
import pathlib
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import wave

import requests
from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"


class Collector(http.server.ThreadingHTTPServer):
    """Takes traces over HTTP, as JSON, and holds them against the definition of the protocol."""

    def __init__(self):
        self.spans = queue.Queue()
        super().__init__(("127.0.0.1", 0), self.handler())
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handler(self):
        spans = self.spans

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/json" and self.path == "/v1/traces"
                message = json_format.Parse(body, ExportTraceServiceRequest())
                for resource in message.resource_spans:
                    assert resource.resource.attributes[0].value.string_value == "tonmeister"
                    for scope in resource.scope_spans:
                        for span in scope.spans:
                            spans.put(span)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *arguments):
                pass

        return Handler

    def find(self, name, trace):
        """Waits for a span."""
        while True:
            span = self.spans.get(timeout=30)
            if span.name == name and hexadecimal(span.trace_id) == trace:
                return span


def hexadecimal(identifier):
    """The JSON of the protocol has identifiers in hexadecimal digits, which the parser takes for base64."""
    return base64.b64encode(identifier).decode()


def song(seconds):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes(int(seconds * 8000) * 2))
    return buffer.getvalue()


def main():
    collector = Collector()
    with tempfile.TemporaryDirectory() as name:
        process = subprocess.Popen(
            [sys.argv[1], "serve", "--port", "0", "--data", str(pathlib.Path(name) / "data"), "--traces",
             f"http://127.0.0.1:{collector.server_port}/v1/traces"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": name})
        try:
            url = process.stdout.readline().strip().rstrip("/")
            answer = requests.post(
                url + "/v1/separations", data=song(1), timeout=60,
                headers={"Content-Type": "audio/wav", "traceparent": f"00-{TRACE}-{PARENT}-01"})
            assert answer.status_code == 202, answer.text
            request = collector.find("POST /v1/separations", TRACE)
            assert hexadecimal(request.parent_span_id) == PARENT
            assert request.kind == Span.SPAN_KIND_SERVER
            assert 0 < request.end_time_unix_nano - request.start_time_unix_nano < 60e9
            values = {pair.key: pair.value for pair in request.attributes}
            assert values["http.response.status_code"].int_value == 202
            assert values["tonmeister.request.id"].string_value == answer.headers["X-Request-Id"]
            # The work belongs to the request that asked for it.
            job = collector.find("job separation", TRACE)
            assert job.parent_span_id == request.span_id and job.kind == Span.SPAN_KIND_CONSUMER
            assert job.start_time_unix_nano >= request.start_time_unix_nano
            values = {pair.key: pair.value for pair in job.attributes}
            assert values["tonmeister.job.id"].string_value == answer.json()["id"]
            assert values["tonmeister.model"].string_value == "lite"
            # Who does not want to be traced is not; what makes no sense begins a trace of its own.
            for parent in (f"00-{'a' * 32}-{PARENT}-00", "nonsense"):
                requests.get(url + "/healthz", headers={"traceparent": parent}, timeout=60)
            requests.get(url + "/v1/jobs/x", headers={"traceparent": f"00-{'b' * 32}-{PARENT}-01"}, timeout=60)
            collector.find("GET /v1/jobs/{id}", "b" * 32)
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=60) == 0
        finally:
            process.kill()
    left = [collector.spans.get() for _ in range(collector.spans.qsize())]
    assert all(hexadecimal(span.trace_id) != "a" * 32 for span in left)
    print("traces are as they should be")


if __name__ == "__main__":
    main()
