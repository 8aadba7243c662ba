# SPDX-License-Identifier: MIT
"""A stand-in for the service that has one song of two hours, whose samples are made up as they are asked for."""
import json
import mimetypes
import re
import struct
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from server import ROOT

PAGE = ROOT / "Browser/Page/Resources"
RATE = 44_100
FRAMES = 7200 * RATE
HEADER = b"RIFF\xff\xff\xff\xffWAVEfmt " + struct.pack("<IHHIIHH", 16, 3, 2, RATE, 8 * RATE, 8, 32)
HEADER += b"data" + struct.pack("<I", 8 * FRAMES)
TONE = struct.pack("<ff", 0.05, -0.05) * 65_536
STEMS = "/v1/jobs/long/stems/"
JOB = {
    "id": "long", "version": 1, "kind": "separation", "state": "succeeded",
    "input": {"name": "long.wav", "durationSeconds": 7200},
    "stems": [
        {"name": name, "url": STEMS + name, "peaksURL": f"{STEMS}{name}/peaks", "sampleRate": RATE, "channelCount": 2,
         "frameCount": FRAMES} for name in ["drums", "bass", "other", "vocals"]],
    "original": {"url": "/v1/jobs/long/original", "peaksURL": "/v1/jobs/long/original/peaks"}}
ANSWERS = {
    "/v1/limits": {"authentication": False}, "/v1/models": {"models": []}, "/v1/jobs": {"jobs": [JOB]},
    "/v1/jobs/long/meters": {"stems": {}}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body: bytes, kind: str, status: int = 200, **headers) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:  # A window that is not wanted any more.
            self.close_connection = True

    def do_GET(self):
        path = self.path.partition("?")[0]
        if path in ANSWERS:
            self.answer(json.dumps(ANSWERS[path]).encode(), "application/json")
        elif path.endswith("/events"):
            self.close_connection = True
            self.answer(f"event: job\ndata: {json.dumps(JOB)}\n\n".encode(), "text/event-stream")
        elif path.endswith("/peaks"):
            points = int(re.search(r"points=(\d+)", self.path)[1])
            peaks = {"framesPerPoint": FRAMES / points, "minimum": [-0.05] * points, "maximum": [0.05] * points}
            self.answer(json.dumps(peaks).encode(), "application/json")
        elif path.startswith("/v1/jobs/long/"):
            first, last = map(int, re.match(r"bytes=(\d+)-(\d+)", self.headers["Range"]).groups())
            size = last + 1 - first
            body = (HEADER + TONE)[:size] if first == 0 else (TONE * (size // len(TONE) + 1))[:size]
            self.answer(body, "audio/wav", 206, **{"Content-Range": f"bytes {first}-{last}/{len(HEADER) + 8 * FRAMES}"})
        else:
            file = PAGE / ("index.html" if path == "/" else path[1:])
            kind = "application/wasm" if file.suffix == ".wasm" else mimetypes.guess_type(file)[0] or "text/plain"
            found = file.is_file()
            self.answer(file.read_bytes() if found else b"", kind, 200 if found else 404)


def start() -> ThreadingHTTPServer:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server
