# SPDX-License-Identifier: MIT
"""What has to hold after every scenario: jobs, results, leftovers."""
import collections
import fcntl
import hashlib
import json
import re
import time

import wavfile

SWEEP_WAIT_SECONDS = 30
# What a job may fail with when its workers were killed or cut off.
BEGUN_TOO_OFTEN = r"begun \d+ times"
ENDED = ("succeeded", "failed")
# AAC adds silence, which decoders drop or not.
MP4_TOLERANCE_SECONDS = 0.1


def is_open(job):
    return job["state"] in ("queued", "running")


def reason(job):
    """Why a job failed, the kind of the problem and the sentence."""
    error = job.get("error") or {}
    return f"{error.get('type', '').rpartition(':')[2]}: {error.get('detail', '')}"


def key(job):
    """What the result of a job depends on, as `Request.key`."""
    return job["input"]["sha256"], job["settings"].get("two-stems")


def after(stage, fleet, accepted, may_fail=BEGUN_TOO_OFTEN, interruptions=None):
    """Checks the jobs, their results, and that nothing else is left.

    `accepted` has the requests by job. `may_fail` is what the reason of a failed job may contain, nil where
    none may fail. `interruptions` is how often work on a job may have been interrupted, where that is known.
    """
    documents = _accepted_documents(stage, fleet, accepted)
    everything = fleet.client.jobs()
    if not stage.check(everything is not None, "the jobs are listed", "no answer"):
        return
    _keep(stage, everything)
    _ends(stage, accepted, documents, everything, may_fail)
    _attempts(stage, everything, interruptions)
    _results(stage, fleet, accepted, everything)
    _leftovers(stage, fleet.data)


def _keep(stage, documents):
    (stage.logs / "jobs.json").write_text(json.dumps(documents, indent=1))


def _accepted_documents(stage, fleet, accepted):
    """The documents of all jobs that were answered with 202."""
    documents, lost = {}, []
    for identifier, request in accepted.items():
        document, status = fleet.client.job(identifier, time.monotonic() + 60)
        if document is None:
            lost.append(f"{identifier} ({request.song.name}): {status}")
        else:
            documents[identifier] = document
    stage.check(not lost, "every accepted job is there", "; ".join(lost[:5]))
    return documents


def _ends(stage, accepted, documents, everything, may_fail):
    stage.states = collections.Counter(job["state"] for job in documents.values())
    unended = [f"{job['id']} is {job['state']}" for job in everything if job["state"] not in ENDED]
    stage.check(not unended, "every job has succeeded or failed", "; ".join(unended[:5]))
    failed = [job for job in everything if job["state"] == "failed"]
    silent = [job["id"] for job in failed if len((job.get("error") or {}).get("detail", "")) < 10]
    stage.check(not silent, "every failed job has an error", ", ".join(silent[:5]))
    wrong = [f"{job['id']} {reason(job)}" for job in failed
             if may_fail is None or not re.search(may_fail, reason(job))]
    stage.check(not wrong, "no job fails for another reason than the fault" if may_fail else "no job fails",
                "; ".join(wrong[:3]))
    for text, count in collections.Counter(reason(job) for job in failed).most_common(5):
        stage.note(f"failed {count}: {text}")
    mixed = [job["id"] for job in documents.values() if key(job) != accepted[job["id"]].key]
    stage.check(not mixed, "every job is of the song that was sent", ", ".join(mixed[:5]))


def _attempts(stage, everything, interruptions):
    """How often results were begun; jobs of the same key are worked on together, or find the result there."""
    most = collections.Counter()
    for job in everything:
        most[key(job)] = max(most[key(job)], job["attempt"])
    stage.attempts = collections.Counter(most.values())
    again = sum(max(0, count - 1) for count in most.values())
    if interruptions is not None:
        stage.check(again <= interruptions, "no job is begun anew without a fault",
                    f"{again} beginnings too many, {interruptions} faults")
    stage.check(max(most.values(), default=0) <= 3, "no job is begun more than three times",
                str(dict(stage.attempts)))


def contents(folder):
    """The table of contents of a result, and what tells it from others."""
    result = json.loads((folder / "result.json").read_text())
    return result, identity(result)


def identity(document):
    """What tells the result of a job, or of a table of contents, from others: songs differ in length."""
    original = document["original"]
    names = sorted(stem["name"] for stem in document["stems"])
    return original["frameCount"], original["sampleRate"], *names


def hashes(folder):
    """The SHA-256 of the audio files of a result by name."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.glob("*.wav"))}


def _results(stage, fleet, accepted, everything):
    succeeded = {key(job): job for job in everything if job["state"] == "succeeded"}
    folder = fleet.data / "results"
    places = _settled_places(folder, len(succeeded))
    stage.check(len(places) == len(succeeded), "there are as many results as songs with different settings",
                f"{len(places)} folders, {len(succeeded)} keys")
    broken, found = [], {}
    for place in places:
        try:
            result, mark = contents(place)
            broken += [f"{place.name[:12]}: {text}" for text in _wrong_files(place, result)]
            found.setdefault(mark, []).append(place)
        except (OSError, ValueError, KeyError, wavfile.Malformed) as error:
            broken.append(f"{place.name[:12]}: {type(error).__name__}: {error}")
    stage.check(not broken, "every result is complete", "; ".join(broken[:5]))
    wanted = collections.Counter(identity(job) for job in succeeded.values())
    there = collections.Counter({mark: len(paths) for mark, paths in found.items()})
    stage.check(wanted == there, "every job that succeeded has its result",
                f"missing {list((wanted - there))[:3]}, unknown {list((there - wanted))[:3]}")
    _lengths(stage, accepted, succeeded)
    _same_as_reference(stage, succeeded, found)
    _over_http(stage, fleet, succeeded)


def _settled_places(folder, count):
    """The folders of results, after the sweep had time to remove what no job refers to."""
    deadline = time.monotonic() + SWEEP_WAIT_SECONDS
    while True:
        places = sorted(path for path in folder.iterdir()) if folder.is_dir() else []
        if len(places) == count or time.monotonic() > deadline:
            return places
        time.sleep(0.5)


def _wrong_files(place, result):
    """What is wrong with the files of a result."""
    parts = result["stems"] + [result["original"]]
    frames, rate = result["original"]["frameCount"], result["original"]["sampleRate"]
    for part in parts:
        if wavfile.frame_count(place / part["file"]) != (part["frameCount"], part["sampleRate"]):
            yield f"{part['file']} is of another length than result.json says"
        if (part["frameCount"], part["sampleRate"]) != (frames, rate):
            yield f"{part['file']} is of another length than the song"
    known = {part["file"] for part in parts} | {"result.json", "derived"}
    for path in place.iterdir():
        if path.name not in known:
            yield f"{path.name} does not belong there"


def _lengths(stage, accepted, succeeded):
    songs = {request.song.digest: request.song for request in accepted.values()}
    wrong = []
    for (digest, _), job in succeeded.items():
        song, original = songs.get(digest), job["original"]
        if song is None:
            continue
        seconds = original["frameCount"] / original["sampleRate"]
        is_right = (
            (original["frameCount"], original["sampleRate"]) == (song.frames, song.rate)
            if song.frames is not None else abs(seconds - song.seconds) < MP4_TOLERANCE_SECONDS)
        if not is_right:
            wrong.append(f"{song.name}: {seconds:.3f} s instead of {song.seconds:.3f} s")
    stage.check(not wrong, "every result is as long as its song", "; ".join(wrong[:5]))


def _same_as_reference(stage, succeeded, found):
    """The audio of the songs that were worked on without faults before is the same to the bit."""
    wrong, count = [], 0
    for wanted, expected in stage.reference.hashes.items():
        job = succeeded.get(wanted)
        if job is None:
            continue
        places = found.get(identity(job), [])
        count += 1
        if not any(hashes(place) == expected for place in places):
            wrong.append(job["input"]["name"])
    stage.check(count > 0 and not wrong, "results are those of a run without faults",
                "; ".join(wrong) or "none of the songs succeeded")


def _over_http(stage, fleet, succeeded):
    wrong = []
    for job in list(succeeded.values())[:3]:
        for part in [*job["stems"], job["original"]]:
            answer = fleet.client.ask("GET", part["url"], deadline=time.monotonic() + 60)
            if answer is None or answer.status != 200 or len(answer.data) < part["frameCount"] * 8:
                wrong.append(f"{part['url']}: {answer and answer.status}")
    stage.check(not wrong, "results are given", "; ".join(wrong[:3]))


def _leftovers(stage, data):
    """Nothing is left in the places of what is on its way, once the sweep was there."""
    deadline = time.monotonic() + SWEEP_WAIT_SECONDS
    while (left := _on_its_way(data)) and time.monotonic() < deadline:
        time.sleep(0.5)
    stage.check(not left, "no file is left over", _names(data, left))


def _on_its_way(data):
    """What lies in the folders of what is incomplete, but for the empty places of processes that live."""
    found = [path for name in ("uploads", "trash") for path in _entries(data / name)]
    for path in _entries(data / "staging"):
        if path.suffix == ".lock":
            found += [path] if not _is_locked(path) else []
        elif not path.with_suffix(".lock").exists():
            found.append(path)
        else:
            found += _entries(path)
    return found


def _entries(folder):
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_locked(path):
    """Whether a process holds the lock of a file."""
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return False
    except OSError:
        return True


def _names(data, paths):
    return f"{len(paths)}: " + ", ".join(str(path.relative_to(data)) for path in paths[:4])


def after_end(stage, data):
    """Processes that end in order leave nothing that is incomplete."""
    left = _entries(data / "staging") + _entries(data / "uploads") + _entries(data / "trash")
    stage.check(not left, "processes that end leave nothing incomplete", _names(data, left))
