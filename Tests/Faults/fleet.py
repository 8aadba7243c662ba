# SPDX-License-Identifier: MIT
"""One `tonmeister serve` and the workers beside it."""
import signal
import time

from client import Client

START_SECONDS = 30
# Nothing is refused for want of a place.
QUEUE = 10_000
# `serve` finishes answers within 20 s; a worker finishes its job.
SERVE_END_SECONDS, WORKER_END_SECONDS = 40, 90


class Worker:
    """A place for a worker: what runs there is another process after each fault."""

    def __init__(self, number, store, prefix=(), environment=None):
        self.number, self.store = number, store
        self.prefix, self.environment = prefix, environment or {}
        self.count, self.child = 0, None

    @property
    def name(self):
        return f"worker-{self.number}"


class Fleet:
    """Starts, kills and ends them. `failures` tells of those that ended when nobody had asked them to."""

    def __init__(self, stage, store, data, serve_environment=None):
        self.stage, self.store, self.data = stage, store, data
        self.workers, self.past = [], []
        self.failures = []
        self.serve = None
        self.serve_count = 0
        self.serve_environment = serve_environment
        self.serve_peak = self.worker_peak = 0
        self.client = None

    # MARK: serve

    def start_serve(self, seconds=START_SECONDS):
        """Starts the service, at the port that it had before."""
        port = self.client.port if self.client else 0
        self.serve_count += 1
        self.serve = self.stage.child(
            f"serve-{self.serve_count}",
            [self.stage.program, "serve", "--data", self.data, "--port", port, "--queue", QUEUE]
            + (["--store", self.store] if self.store else []),
            self.serve_environment)
        deadline = time.monotonic() + seconds
        while b"\n" not in self.serve.out.read_bytes():
            if not self.serve.is_running or time.monotonic() > deadline:
                log = self.serve.log.read_text(errors="replace")
                raise RuntimeError(f"serve did not start: {log[-2000:]}")
            time.sleep(0.02)
        if self.client is None:
            self.client = Client(self.serve.out.read_text().splitlines()[0].strip())

    def kill_serve(self):
        self.serve_peak = max(self.serve_peak, self.serve.peak_bytes())
        self.serve.kill()

    # MARK: workers

    def add_worker(self, store=None, prefix=(), environment=None):
        """Adds a place for a worker and starts one there."""
        worker = Worker(len(self.workers) + 1, store or self.store, prefix, environment)
        self.workers.append(worker)
        self.start(worker)
        return worker

    def start(self, worker):
        worker.count += 1
        worker.child = self.stage.child(
            f"{worker.name}.{worker.count}",
            [*worker.prefix, self.stage.program, "worker", "--store", worker.store, "--data", self.data],
            worker.environment)

    def kill(self, worker):
        """Ends it with SIGKILL and starts another one."""
        self.worker_peak = max(self.worker_peak, worker.child.peak_bytes())
        worker.child.kill()
        self.past.append(worker.child)
        self.start(worker)

    def drain(self, worker, restart=True):
        """Asks it to end after its job, which is given; `failures` tells where that goes wrong."""
        child = worker.child
        self.worker_peak = max(self.worker_peak, child.peak_bytes())
        self._judge(child, child.end(WORKER_END_SECONDS))
        self.past.append(child)
        worker.child = None
        if restart:
            self.start(worker)
        begun = child.begun()
        return begun[-1] if begun else None

    def look(self):
        """Starts anew what ended by itself, and remembers that as a failure."""
        for worker in self.workers:
            if worker.child is not None and not worker.child.is_running:
                child = worker.child
                self.failures.append(f"{child.name} ended by itself with {ending(child.process.returncode)}")
                self.past.append(child)
                self.start(worker)
        if not self.serve.is_running:
            status = self.serve.process.returncode
            self.failures.append(f"{self.serve.name} ended by itself with {ending(status)}")
            self.start_serve()

    def children(self):
        return self.past + [worker.child for worker in self.workers if worker.child is not None]

    def times_begun(self, job):
        """How often workers have begun a job, by their logs."""
        return sum(child.begun().count(job) for child in self.children())

    def holder(self, job):
        """The worker that began a job last, if it still runs."""
        for worker in self.workers:
            if worker.child is not None and worker.child.is_running and job in worker.child.begun()[-1:]:
                return worker
        return None

    def next_busy(self, seconds):
        """Waits for a worker to begin a job; nil where none does within so many seconds."""
        before = {worker.child: len(worker.child.begun()) for worker in self.workers if worker.child}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for worker in self.workers:
                child = worker.child
                if child is not None and not child.is_stopped and len(child.begun()) > before.get(child, 0):
                    return worker
            time.sleep(0.005)
        return None

    # MARK: the end

    def end(self):
        """Ends everything with SIGTERM; the workers at the same time."""
        running = [worker.child for worker in self.workers if worker.child is not None]
        for child in running:
            self.worker_peak = max(self.worker_peak, child.peak_bytes())
            if child.is_stopped:
                child.send(signal.SIGCONT)
            child.send(signal.SIGTERM)
        for child in running:
            self._judge(child, child.wait(WORKER_END_SECONDS))
        for worker in self.workers:
            worker.child = None
        self.past += running
        if self.serve is not None and self.serve.is_running:
            self.serve_peak = max(self.serve_peak, self.serve.peak_bytes())
            self._judge(self.serve, self.serve.end(SERVE_END_SECONDS))

    def _judge(self, child, status):
        """Remembers as a failure what did not end in order when it was told to end."""
        # What has just been started may not handle the signal yet, and has nothing to finish.
        if status != 0 and not (status == -signal.SIGTERM and child.is_young):
            self.failures.append(f"{child.name} ended with {ending(status)} on SIGTERM")


def ending(status):
    """An exit status in words."""
    if status is None:
        return "SIGKILL, since it did not end"
    if status < 0:
        return signal.Signals(-status).name
    return f"status {status}"
