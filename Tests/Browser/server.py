# SPDX-License-Identifier: MIT
"""`tonmeister serve` as the tests start, kill and start it."""
import json
import os
import re
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("TONMEISTER", ROOT / ".build/release/tonmeister"))


class Server:
    """One process on a port of its own, with a data folder that outlives it."""

    def __init__(self, data: Path, token: str = ""):
        self.data = data
        self.environment = {**os.environ, "TONMEISTER_TOKEN": token}
        self.port = 0
        self.process = None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        log = self.data / "log"
        log.parent.mkdir(parents=True, exist_ok=True)
        begin = log.stat().st_size if log.exists() else 0
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [BINARY, "serve", "--port", str(self.port), "--data", self.data / "jobs"],
                stdout=output, stderr=subprocess.STDOUT, env=self.environment)
        for _ in range(200):
            found = re.search(rb"http://127\.0\.0\.1:(\d+)/", log.read_bytes()[begin:])
            if found:
                self.port = int(found[1])
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError(log.read_text())

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(20)

    def get(self, path: str) -> bytes:
        with urllib.request.urlopen(self.url + path, timeout=60) as answer:
            return answer.read()

    def post(self, path: str, document: dict) -> dict:
        request = urllib.request.Request(
            self.url + path, json.dumps(document).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)
