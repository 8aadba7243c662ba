# SPDX-License-Identifier: MIT
"""The file system of the data folder becomes full, in the middle of jobs, and has room again."""
import contextlib
import http.client
import time

import checks
import songs
from stage import Skipped
from volume import Unavailable, Volume

SHARE = 0.25
# The service takes nothing in when less than this is free (`DataFolder.reserveBytes`).
RESERVE = 256 << 20
BELOW_RESERVE = 100 << 20
LEAST = 4
# So many times a long song is being worked on when the disk becomes full.
LONG_SONGS, LONG_SECONDS, LONG_RATE = 4, 20, 22050
MAY_FAIL = r"^full: "


def run(stage):
    asked = stage.asked(SHARE)
    long_songs = [songs.Request(songs.song(stage.rng("long"), f"long-{number}", LONG_SECONDS, LONG_RATE))
                  for number in range(LONG_SONGS)]
    size = RESERVE + int(1.3 * songs.result_bytes(asked + long_songs)) + (64 << 20)
    try:
        volume = stage.enter(contextlib.closing(Volume(stage.folder / "volume", size)))
    except Unavailable as error:
        raise Skipped(str(error)) from error
    fleet = stage.fleet(stage.database().url(), data=volume.data, workers=stage.options.workers)
    feeder = stage.feed(fleet, asked, stage.seconds_for(len(asked)))
    rng = stage.rng("chaos")

    def step():
        # With no room at all a job cannot go on; with too little, none is begun and no song taken in.
        if stage.counts.total() % 2 == 0:
            if long_songs:
                request = long_songs.pop()
                feeder.accepted[fleet.client.submit(request, time.monotonic() + 60)["id"]] = request
            fleet.next_busy(2)
            time.sleep(rng.uniform(0, 0.3))
            volume.fill()
            stage.counts["full"] += 1
        else:
            volume.fill(leave=BELOW_RESERVE)
            stage.counts["too little"] += 1
            if stage.counts["too little"] == 1:
                status = _refusal(fleet, asked[0])
                stage.check(status == 507, "without room no song is taken in", f"status {status}")
        time.sleep(rng.uniform(1, 3))
        volume.clear()
        time.sleep(rng.uniform(1.5, 3))

    stage.until_settled(fleet, feeder, step)
    while stage.counts.total() < LEAST:
        step()
    _again(stage, fleet, feeder)
    stage.finish(fleet, feeder, may_fail=MAY_FAIL)


def _refusal(fleet, request):
    """The status of the answer to a song."""
    # A connection that is closed before the song was sent tells nothing.
    for _ in range(5):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return fleet.client.once(
                "POST", "/v1/separations", request.song.data, {"Content-Type": request.song.type}).status
    return None


def _again(stage, fleet, feeder):
    """What failed for want of room succeeds when it is asked for again."""
    failed = {checks.key(job) for job in fleet.client.jobs() or [] if job["state"] == "failed"}
    deadline = time.monotonic() + 90
    again = {}
    for request in {request.key: request for request in feeder.accepted.values()}.values():
        if request.key in failed and (job := fleet.client.submit(request, deadline)):
            again[job["id"]] = request
    feeder.accepted.update(again)
    states = {}
    while time.monotonic() < deadline:
        documents = {job: fleet.client.job(job, deadline)[0] for job in again}
        states = {job: document and document["state"] for job, document in documents.items()}
        if not any(state in ("queued", "running") for state in states.values()):
            break
        time.sleep(0.5)
    wrong = {job: state for job, state in states.items() if state != "succeeded"}
    stage.check(len(states) == len(again) and not wrong, "with room again, jobs that failed succeed",
                str(wrong))
    stage.counts["asked again"] = len(again)
