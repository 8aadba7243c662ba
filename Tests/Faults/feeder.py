# SPDX-License-Identifier: MIT
"""Sends songs in bursts over a time, and remembers what was accepted."""
import threading
import time

SENDERS = 4
BURST = 10


class Feeder:
    """Sends requests within about so many seconds; `accepted` has those answered with 202, by job."""

    def __init__(self, client, asked, seconds, limit):
        self.accepted, self.errors = {}, []
        self._client, self._asked = client, asked
        self._seconds, self._deadline = seconds, time.monotonic() + limit
        self._next, self._lock = 0, threading.Lock()
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(SENDERS)]
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()

    @property
    def is_finished(self):
        return not any(thread.is_alive() for thread in self._threads)

    def _send(self):
        bursts = max(1, (len(self._asked) - 1) // BURST)
        while True:
            with self._lock:
                index = self._next
                self._next += 1
            if index >= len(self._asked) or time.monotonic() > self._deadline:
                return
            due = self._began + self._seconds * (index // BURST) / bursts
            time.sleep(max(0.0, due - time.monotonic()))
            try:
                job = self._client.submit(self._asked[index], self._deadline)
            except Exception as error:  # whatever it is, it belongs into the report
                self.errors.append(f"{type(error).__name__}: {error}")
                continue
            if job is None:
                self.errors.append(f"{self._asked[index].song.name} was never accepted")
            else:
                with self._lock:
                    self.accepted[job["id"]] = self._asked[index]
