# SPDX-License-Identifier: MIT
"""A few songs, worked on without faults by `serve` with SQLite: what their results have to be."""
import random
import time

import checks
import songs

SECONDS = 300


class Reference:
    """`asked` are the requests, which every scenario has among its own; `hashes` are their files by key."""

    def __init__(self, options):
        rng = random.Random(f"{options.seed} reference")
        made = [songs.song(rng, f"reference-{seconds}", seconds, rate)
                for seconds, rate in ((0.7, 16000), (1.3, 22050), (2.1, 48000), (12.0, 44100))]
        self.asked = [songs.Request(song) for song in made]
        self.asked.append(songs.Request(made[1], (("two-stems", "vocals"),)))
        self.asked.append(songs.Request(songs.song(rng, "reference-mp4", 2.0, 44100, as_mp4=True)))
        self.hashes = {}

    def run(self, stage):
        """Works on the songs."""
        fleet = stage.fleet(None)
        deadline = time.monotonic() + SECONDS
        accepted = {fleet.client.submit(request, deadline)["id"]: request for request in self.asked}
        while any(checks.is_open(job) for job in fleet.client.jobs()) and time.monotonic() < deadline:
            time.sleep(0.2)
        jobs = [job for job in fleet.client.jobs() if job["state"] == "succeeded"]
        stage.accepted, stage.states["succeeded"] = len(accepted), len(jobs)
        stage.check({job["id"] for job in jobs} == accepted.keys(), "songs without faults succeed",
                    f"{len(jobs)} of {len(accepted)}")
        places = (fleet.data / "results").iterdir()
        audio = {checks.contents(place)[1]: checks.hashes(place) for place in places}
        self.hashes = {accepted[job["id"]].key: audio[checks.identity(job)] for job in jobs}
        fleet.end()
        stage.check(not fleet.failures, "serve ends with status 0", "; ".join(fleet.failures))
