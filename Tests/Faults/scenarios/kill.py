# SPDX-License-Identifier: MIT
"""Workers are killed, hang longer than their lease, and are asked to end; `serve` is killed, too."""
import signal
import time


SHARE = 1.0
# What happens, in an order that is drawn anew each time all of it has happened.
DEEDS = ["kill"] * 7 + ["hang", "drain", "drain", "kill serve"]
LEAST = {"kill": 5, "hang": 1, "drain": 1}


class Chaos:
    """Does one thing after the other to a fleet."""

    def __init__(self, stage, fleet):
        self.stage, self.fleet = stage, fleet
        self.rng = stage.rng("chaos")
        self.drained = []
        self._deeds = []
        self._hung, self._until = None, 0.0
        self._have_hung = set()

    def step(self):
        self._wake()
        deed = self._next()
        if deed == "kill":
            self._kill()
        elif deed == "hang":
            self._hang()
        elif deed == "drain":
            self._drain()
        else:
            self.fleet.kill_serve()
            time.sleep(self.rng.uniform(0, 1))
            self.fleet.start_serve()
        self.stage.counts[deed] += 1
        time.sleep(self.rng.uniform(0, self.stage.options.lease / 10))

    def _next(self):
        self._deeds = self._deeds or self.rng.sample(DEEDS, len(DEEDS))
        deed = self._deeds.pop()
        return "kill" if deed == "hang" and self._hung is not None else deed

    def _free(self):
        return [worker for worker in self.fleet.workers if not worker.child.is_stopped]

    def _kill(self):
        """Two of three times in the middle of a job, else at any moment."""
        worker = self.fleet.next_busy(1) if self.rng.random() < 0.67 else None
        if worker is not None:
            time.sleep(self.rng.choice((self.rng.uniform(0, 0.1), self.rng.uniform(0, 1))))
        self.fleet.kill(worker or self.rng.choice(self._free()))

    def _hang(self):
        worker = self.fleet.next_busy(1) or self.rng.choice(self._free())
        worker.child.send(signal.SIGSTOP)
        lease = self.stage.options.lease
        self._have_hung.add(worker.child)
        self._hung, self._until = worker, time.monotonic() + self.rng.uniform(1.2, 2.5) * lease

    def _wake(self, now=False):
        if self._hung is not None and (now or time.monotonic() > self._until):
            self._hung.child.send(signal.SIGCONT)
            self._hung = None

    def _drain(self):
        worker = self.fleet.next_busy(1) or self.rng.choice(self._free())
        has_hung = worker.child in self._have_hung
        job = self.fleet.drain(worker)
        # What it had when it hung, another one may have now.
        if job is not None and not has_hung:
            document, status = self.fleet.client.job(job, time.monotonic() + 30)
            self.drained.append((job, document["state"] if document else f"status {status}"))

    def calm(self):
        """Lets everything run again."""
        self._wake(now=True)


def run(stage):
    asked = stage.asked(SHARE)
    database = stage.database()
    fleet = stage.fleet(database.url(), workers=stage.options.workers)
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    chaos = Chaos(stage, fleet)
    stage.until_settled(fleet, feeder, chaos.step)
    chaos.calm()
    unfinished = [f"{job} is {state}" for job, state in chaos.drained if state in ("queued", "running")]
    stage.check(not unfinished, "a worker that is asked to end finishes its job first",
                "; ".join(unfinished[:5]))
    few = {deed: stage.counts[deed] for deed, least in LEAST.items() if stage.counts[deed] < least}
    stage.check(not few, "there were faults enough to mean something", str(few))
    stage.finish(fleet, feeder, interruptions=stage.counts["kill"] + stage.counts["hang"])
