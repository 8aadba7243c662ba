# SPDX-License-Identifier: MIT
"""The database is restarted, as if it had crashed and in order, and is away for longer than a lease."""
import http.client
import time


SHARE = 0.5
LEAST = 4


def run(stage):
    asked = stage.asked(SHARE)
    database = stage.database()
    fleet = stage.fleet(database.url(), workers=stage.options.workers)
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    rng = stage.rng("chaos")

    def step():
        time.sleep(rng.uniform(1, 4))
        if stage.counts.total() == 2:
            _outage(stage, fleet, database)
            return
        # In order and as a crash in turns, so that a short run has both.
        mode = ("immediate", "fast")[stage.counts.total() % 2]
        database.restart(mode)
        stage.counts[f"restart {mode}"] += 1

    stage.until_settled(fleet, feeder, step)
    while stage.counts.total() < LEAST:
        step()
    stage.finish(fleet, feeder)
    wrong = {status: count for status, count in fleet.client.counts.items()
             if status not in (200, 202, 429, 503)}
    stage.check(not wrong, "without a database the answer is 503", str(wrong))


def _outage(stage, fleet, database):
    """Stops the database for longer than a lease, and looks at what the service says meanwhile."""
    database.stop("immediate")
    time.sleep(1)
    stage.check(_status(fleet, "/healthz") == 200, "without a database the service lives", "healthz")
    stage.check(_status(fleet, "/readyz") == 503, "without a database the service is not ready", "readyz")
    time.sleep(stage.options.lease * 1.5)
    database.start()
    stage.counts["outage"] += 1


def _status(fleet, path):
    try:
        return fleet.client.once("GET", path).status
    except (OSError, http.client.HTTPException) as error:
        return type(error).__name__
