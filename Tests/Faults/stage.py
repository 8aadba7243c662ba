# SPDX-License-Identifier: MIT
"""What a scenario has to play on: a folder, a database, processes; and what it tells."""
import collections
import contextlib
import os
import random
import shutil
import time
import uuid

import checks
import songs
from child import MARK, Child, left_over
from feeder import Feeder
from fleet import Fleet
from postgres import PostgreSQL

SWEEP_SECONDS = 1
# A scenario that takes longer than this has failed.
LIMIT_SECONDS = 400
SERVE_LIMIT_BYTES = 400 << 20


class Skipped(Exception):
    """The scenario cannot be played here, for this reason."""


class Stage:
    """Ends all that was started when it is left, and checks that nothing stays."""

    def __init__(self, name, options, folder, reference):
        self.name, self.options, self.program = name, options, options.program
        self.folder, self.logs = folder / name, folder / name / "logs"
        self.reference = reference
        self.mark = uuid.uuid4().hex
        self.counts = collections.Counter()
        self.attempts = collections.Counter()
        self.states = collections.Counter()
        self.failures, self.notes = [], []
        self.skipped = None
        self.accepted = 0
        self.peak = self.worker_peak = 0
        self.answers = collections.Counter()
        self.began, self.seconds = time.monotonic(), 0.0
        self._children = []
        self._exit = contextlib.ExitStack()

    def __enter__(self):
        self.logs.mkdir(parents=True)
        return self

    def __exit__(self, kind, error, trace):
        for child in self._children:
            child.kill()
        if self.failures or kind is not None:
            self.keep_listing()
        self._exit.close()
        left = left_over(self.mark, {child.pid for child in self._children})
        if kind is not Skipped:
            self.check(not left, "no process is left",
                       "; ".join(f"{pid} {text}" for pid, text in left.items()))
        for path in self.folder.iterdir():
            if path != self.logs:
                shutil.rmtree(path, ignore_errors=True)
        self.seconds = time.monotonic() - self.began

    def keep_listing(self):
        """Keeps the names of what is in the data folder beside the logs."""
        places = [path for path in self.folder.iterdir() if path.name not in ("logs", "postgres")]
        lines = [f"{path.stat().st_size:>12} {path.relative_to(self.folder)}"
                 for place in places for path in sorted(place.rglob("*")) if path.is_file()]
        (self.logs / "files.txt").write_text("\n".join(lines) + "\n")

    def rng(self, purpose):
        """Random choices that are the same for the same seed."""
        return random.Random(f"{self.options.seed} {self.name} {purpose}")

    def enter(self, context):
        """Leaves the context when the stage is left."""
        return self._exit.enter_context(context)

    def environment(self, more=None):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TONMEISTER")}
        return kept | {
            MARK: self.mark, "HOME": str(self.folder), "TONMEISTER_LEASE_SECONDS": str(self.options.lease),
            "TONMEISTER_SWEEP_SECONDS": str(SWEEP_SECONDS)} | (more or {})

    def child(self, name, command, environment=None):
        """Starts a process that is killed when the stage is left."""
        child = Child(name, command, self.logs, self.environment(environment), cwd=self.folder)
        self._children.append(child)
        return child

    def database(self):
        """Starts a PostgreSQL server."""
        self._make_passable()
        return self.enter(contextlib.closing(
            PostgreSQL(self.folder / "postgres", self.logs / "postgres.log", self.environment())))

    def _make_passable(self):
        # The server may run as another user, who has to reach its folder.
        for path in (self.folder, self.folder.parent, self.logs):
            path.chmod(0o711)

    def fleet(self, store, data=None, workers=0, serve_environment=None):
        """Starts the service and so many workers."""
        fleet = Fleet(self, store, data or self.folder / "data", serve_environment)
        fleet.start_serve()
        for _ in range(workers):
            fleet.add_worker()
        return fleet

    def feed(self, fleet, asked, seconds):
        """Begins to send songs."""
        return Feeder(fleet.client, asked, seconds, LIMIT_SECONDS - 60)

    def asked(self, share, only_short=False):
        """The songs of a scenario, as a part of those of the largest, behind those of the reference."""
        count = max(10, round(self.options.jobs * share))
        return self.reference.asked + songs.requests(self.rng("songs"), count, self.name, only_short)

    def seconds_for(self, count):
        """How long so many songs are sent: long enough that the faults fall among them."""
        return self.options.pace * count

    @property
    def is_late(self):
        return time.monotonic() - self.began > LIMIT_SECONDS

    def until_settled(self, fleet, feeder, step):
        """Calls `step` again and again until all songs are sent and all jobs have ended."""
        seen, looked = None, 0.0
        while not self.is_late:
            step()
            fleet.look()
            if feeder.is_finished and time.monotonic() - looked > 1:
                looked, seen = time.monotonic(), fleet.client.jobs()
                if seen is not None and not any(checks.is_open(job) for job in seen):
                    return
        open_jobs = collections.Counter(job["state"] for job in seen or [] if checks.is_open(job))
        self.check(False, "every job ends in time",
                   f"after {LIMIT_SECONDS} s: {dict(open_jobs) or 'no answer, or songs are still sent'}")

    # MARK: what it tells

    def check(self, is_right, sentence, detail=""):
        """Tells whether something is as it should be."""
        if not is_right:
            self.failures.append(f"{sentence}: {detail}")
        tail = f": {detail}" if detail and not is_right else ""
        print(f"  {'PASS' if is_right else 'FAIL'} {self.name}: {sentence}{tail}", flush=True)
        return is_right

    def note(self, sentence):
        """Tells something that is neither right nor wrong."""
        self.notes.append(sentence)
        print(f"       {self.name}: {sentence}", flush=True)

    def finish(self, fleet, feeder, **expectations):
        """What has to hold after every scenario; ends the processes."""
        self.note(f"all jobs have ended {time.monotonic() - self.began:.0f} s after the beginning")
        self.accepted += len(feeder.accepted)
        self.check(not feeder.errors, "every song is accepted", "; ".join(feeder.errors[:5]))
        checks.after(self, fleet, feeder.accepted, **expectations)
        fleet.end()
        self.check(not fleet.failures, "serve and workers end only when told to, with status 0",
                   "; ".join(fleet.failures[:8]))
        checks.after_end(self, fleet.data)
        self.answers = fleet.client.counts
        self.peak, self.worker_peak = fleet.serve_peak, fleet.worker_peak
        self.check(self.peak < SERVE_LIMIT_BYTES, f"serve takes less than {SERVE_LIMIT_BYTES >> 20} MB",
                   f"{self.peak >> 20} MB")
