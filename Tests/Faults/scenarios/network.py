# SPDX-License-Identifier: MIT
"""Connections to the database are cut, reset and stalled; a worker is cut off in the middle of a job."""
import contextlib
import time

import songs
from namespace import Namespace, Unavailable
from proxy import Proxy

SHARE = 0.5
LONG_SECONDS = 60
# How often a job may be through before the cable is out.
TRIES = 4
TAKE_OVER_SECONDS = 90
LEAST = 6


def run(stage):
    database = stage.database()
    proxies = [stage.enter(contextlib.closing(Proxy(database.address))) for _ in range(stage.options.workers)]
    fleet = stage.fleet(database.url())
    extra = _isolation(stage, fleet, database)
    for proxy in proxies:
        fleet.add_worker(store=database.url(proxy.address))
    asked = stage.asked(SHARE)
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    feeder.accepted.update(extra)
    rng = stage.rng("chaos")
    stalled = {}

    def step():
        now = time.monotonic()
        for proxy in [proxy for proxy, until in stalled.items() if until < now]:
            _resume(proxy, rng)
            del stalled[proxy]
        time.sleep(rng.uniform(0.2, 1.5))
        proxy = rng.choice(proxies)
        deed = rng.choice(("drop", "reset", "stall"))
        if proxy in stalled:
            return
        if deed == "stall" and len(stalled) < len(proxies) - 1:
            # Some are over before the lease is, some are not.
            proxy.stall()
            stalled[proxy] = now + rng.uniform(0.3, 2) * stage.options.lease
        elif deed == "reset":
            proxy.reset()
        else:
            deed = "drop"
            proxy.drop()
        stage.counts[deed] += 1

    stage.until_settled(fleet, feeder, step)
    while stage.counts.total() < LEAST:
        step()
    for proxy in stalled:
        proxy.resume()
    stage.finish(fleet, feeder)


def _resume(proxy, rng):
    """After a stall connections go on, or are gone."""
    proxy.resume()
    if rng.random() < 0.5:
        proxy.drop()


def _isolation(stage, fleet, database):
    """A worker in a network namespace loses its network in the middle of a job; gives the jobs."""
    try:
        namespace = stage.enter(contextlib.closing(Namespace()))
    except Unavailable as error:
        stage.note(f"no worker was cut off: {error}")
        return {}
    bridge = stage.enter(contextlib.closing(Proxy(database.address, namespace.host)))
    worker = fleet.add_worker(store=database.url(bridge.address), prefix=namespace.prefix)
    rng = stage.rng("isolation")
    accepted = {}
    for number in range(1, TRIES + 1):
        job = _submit(stage, fleet, songs.song(rng, f"cut-{number}", LONG_SECONDS, 22050), accepted)
        if fleet.next_busy(30) is None:
            stage.check(False, "a worker in a namespace works", "it began no job")
            return accepted
        namespace.cut()
        stage.counts["cut"] += 1
        other = fleet.add_worker()
        began = time.monotonic()
        document = _ended(fleet, job)
        if document["attempt"] > 1 or document["state"] != "succeeded":
            break
        # It was through before the cable was out.
        namespace.mend()
        fleet.drain(other, restart=False)
    stage.check(document["state"] == "succeeded" and document["attempt"] == 2,
                "another worker takes over from one that is cut off",
                f"{document['state']}, attempt {document['attempt']}")
    stage.note(f"taken over and done {time.monotonic() - began:.1f} s after the cut")
    namespace.mend()
    fleet.drain(other, restart=False)
    job = _submit(stage, fleet, songs.song(rng, "mended", 1.0, 22050), accepted)
    document = _ended(fleet, job)
    stage.check(document["state"] == "succeeded", "with its network again, a worker works", document["state"])
    fleet.drain(worker, restart=False)
    return accepted


def _submit(stage, fleet, song, accepted):
    request = songs.Request(song)
    job = fleet.client.submit(request, time.monotonic() + 60)["id"]
    accepted[job] = request
    return job


def _ended(fleet, job):
    """The document of a job once it has ended, or as it is when that takes too long."""
    deadline = time.monotonic() + TAKE_OVER_SECONDS
    while True:
        document, _ = fleet.client.job(job, deadline + 30)
        if document["state"] not in ("queued", "running") or time.monotonic() > deadline:
            return document
        time.sleep(0.2)
