# SPDX-License-Identifier: MIT
"""Clocks differ by a day, and jump while processes run: who holds a job does not depend on them."""
import time

import faketime
from stage import Skipped

SHARE = 0.25
JUMPS = (0, faketime.DAY, -faketime.DAY, 7200, -30)
LEAST = 4


def run(stage):
    try:
        clocks = {name: faketime.Clock(stage.folder / f"clock-{name}", offset) for name, offset in (
            ("ahead", faketime.DAY), ("behind", -faketime.DAY), ("jumping", 0), ("serve", 0))}
    except faketime.Unavailable as error:
        raise Skipped(str(error)) from error
    asked = stage.asked(SHARE)
    fleet = stage.fleet(stage.database().url(), serve_environment=clocks["serve"].environment)
    stage.enter(faketime.tidying(lambda: [child.pid for child in [*fleet.children(), fleet.serve]]))
    for name in ("ahead", "behind", "jumping"):
        fleet.add_worker(environment=clocks[name].environment)
    right = fleet.add_worker()
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    rng = stage.rng("chaos")

    def step():
        time.sleep(rng.uniform(0.5, 2))
        clocks[rng.choice(("jumping", "serve"))].set(rng.choice(JUMPS))
        stage.counts["jump"] += 1
        if stage.counts["jump"] == LEAST:
            # Those whose clocks are wrong take over from the one whose clock is right.
            fleet.next_busy(3)
            fleet.kill(right)
            stage.counts["kill"] += 1

    stage.until_settled(fleet, feeder, step)
    while stage.counts["jump"] < LEAST:
        step()
    # No lease has ended but that of the worker that was killed: what was begun was finished.
    stage.finish(fleet, feeder, may_fail=None, interruptions=stage.counts["kill"])
