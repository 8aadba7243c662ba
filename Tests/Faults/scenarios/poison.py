# SPDX-License-Identifier: MIT
"""One job ends its worker each time: it fails after three attempts, and others go on."""
import time

import checks
import songs

SHARE = 0.2
POISON_SECONDS = 60
ATTEMPTS = 3


def run(stage):
    asked = stage.asked(SHARE, only_short=True)
    fleet = stage.fleet(stage.database().url(), workers=stage.options.workers)
    request = songs.Request(songs.song(stage.rng("poison"), "poison", POISON_SECONDS, 22050))
    poison = fleet.client.submit(request, time.monotonic() + 60)["id"]
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    feeder.accepted[poison] = request
    last = {}

    def step():
        time.sleep(0.05)
        document, _ = fleet.client.job(poison, time.monotonic() + 30)
        if document is None:
            return
        last.update(document)
        if document["state"] == "running" and (worker := fleet.holder(poison)):
            fleet.kill(worker)
            stage.counts["kill"] += 1

    stage.until_settled(fleet, feeder, step)
    step()
    stage.check(last.get("state") == "failed" and last.get("attempt") == ATTEMPTS,
                f"a job that ends its worker fails after {ATTEMPTS} attempts",
                f"{last.get('state')}, attempt {last.get('attempt')}, {stage.counts['kill']} kills")
    count = fleet.times_begun(poison)
    stage.check(count == ATTEMPTS, f"it was begun {ATTEMPTS} times", f"{count} times, by the logs")
    others = [checks.reason(job) for job in fleet.client.jobs() or []
              if job["state"] == "failed" and job["id"] != poison]
    stage.check(not others, "no other job fails", "; ".join(others[:3]))
    stage.finish(fleet, feeder, interruptions=stage.counts["kill"])
