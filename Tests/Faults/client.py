# SPDX-License-Identifier: MIT
"""Asks the service, and asks again where it could not answer."""
import collections
import http.client
import json
import threading
import time
import urllib.parse

# Where the service says nothing of when to ask again, and the longest that is waited when it does.
PAUSE, LONGEST_PAUSE = 0.5, 10.0
# To be repeated: too many jobs, no database or end of the service, no space.
AGAIN = (429, 503, 507)


class Unexpected(Exception):
    """An answer that says neither yes nor later."""


class Answer:
    def __init__(self, status, headers, data):
        self.status, self.headers, self.data = status, headers, data

    def json(self):
        return json.loads(self.data)


class Client:
    """`counts` tells how often there was an answer of which status, `refused` where there was none."""

    def __init__(self, address):
        parts = urllib.parse.urlsplit(address)
        self.host, self.port = parts.hostname, parts.port
        self.counts = collections.Counter()
        self._lock = threading.Lock()

    def _count(self, what):
        with self._lock:
            self.counts[what] += 1

    def once(self, method, path, body=None, headers=None, timeout=30):
        """One request; raises OSError or HTTPException where there is no answer."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def ask(self, method, path, body=None, headers=None, deadline=None):
        """Asks until there is an answer that is no call to ask again; nil after the deadline."""
        while deadline is None or time.monotonic() < deadline:
            pause = PAUSE
            try:
                answer = self.once(method, path, body, headers)
            except (OSError, http.client.HTTPException):
                self._count("refused")
            else:
                self._count(answer.status)
                if answer.status not in AGAIN:
                    return answer
                if "Retry-After" in answer.headers:
                    pause = min(float(answer.headers["Retry-After"]), LONGEST_PAUSE)
            time.sleep(pause)
        return None

    def submit(self, request, deadline):
        """Sends a song until it is accepted; gives the job, nil after the deadline."""
        query = urllib.parse.urlencode(dict(request.settings) | {"name": request.song.name})
        answer = self.ask(
            "POST", f"/v1/separations?{query}", request.song.data, {"Content-Type": request.song.type},
            deadline)
        if answer is None:
            return None
        if answer.status != 202:
            raise Unexpected(f"{request.song.name}: {answer.status} {answer.data[:500]!r}")
        return answer.json()

    def job(self, identifier, deadline):
        """The document of a job; nil where there is none, with the status of the answer."""
        answer = self.ask("GET", f"/v1/jobs/{identifier}", deadline=deadline)
        if answer is None:
            return None, 0
        return (answer.json() if answer.status == 200 else None), answer.status

    def jobs(self, tries=4):
        """The documents of all jobs; nil where the service cannot tell at this moment."""
        for _ in range(tries):
            if (found := self._list()) is not None:
                return found
            time.sleep(PAUSE)
        return None

    def _list(self):
        found, before = [], ""
        while True:
            try:
                answer = self.once("GET", f"/v1/jobs?limit=100{before}")
            except (OSError, http.client.HTTPException):
                return None
            if answer.status != 200:
                return None
            page = answer.json()["jobs"]
            found += page
            if len(page) < 100:
                return found
            before = f"&before={page[-1]['id']}"
