# SPDX-License-Identifier: MIT
"""Gains of all stems: how far proposed ones are from those of the finished songs.

The error of a gain is its distance from the level that the stem has in the song, after the mean over all stems of
the song is taken away, since that is what the master brings back. Every stem is moved by up to 12 dB first; what
remains of that when nothing is done is the first line.
"""

import json

import numpy as np

ADVICE = {"rules": "rules", "rules and context": "rules,context", "learned": "cnn"}


def distances(values):
    values = np.array(values)
    return np.abs(values - values.mean())


def scrambled(song, seed):
    """The stems, each moved by up to 12 dB, and by how much."""
    moves = np.random.default_rng(seed).uniform(-12, 12, len(song.stems))
    stems = {
        name: (samples * 10 ** (move / 20)).astype(np.float32)
        for (name, samples), move in zip(song.stems.items(), moves)
    }
    return stems, moves


def measure(tool, songs, models):
    """Errors in dB by method, a list of all stems."""
    errors = {}
    for seed, song in enumerate(songs):
        stems, moves = scrambled(song, seed)
        paths = {name: tool.write(name, samples) for name, samples in stems.items()}
        loudness = tool.loudness(*paths.values())
        heard = [index for index, value in enumerate(loudness) if value is not None]
        names = [list(stems)[index] for index in heard]
        moves = moves[heard]
        # What is left of the moves when a gain is put on top.
        errors.setdefault("nothing done", []).extend(distances(moves))
        equal = [-loudness[index] for index in heard]
        errors.setdefault("equal loudness", []).extend(distances(moves + equal))
        for method, advice in ADVICE.items():
            if method == "learned" and song.name not in models:
                continue
            learned = ["--learned", models[song.name]] if method == "learned" else []
            plan = tool.new("plan.json")
            tool.run(
                "mix", *[f"{name}={path}" for name, path in paths.items()], "-o",
                tool.new("mix.wav"), "--auto", advice, *learned, "--write-plan", plan, "--progress",
                "none")
            tracks = {t["name"]: t.get("gain", 0) for t in json.loads(plan.read_text())["tracks"]}
            gains = np.array([tracks[name] for name in names])
            errors.setdefault(method, []).extend(distances(moves + gains))
    return errors
