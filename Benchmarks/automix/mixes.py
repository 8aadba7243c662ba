# SPDX-License-Identifier: MIT
"""Whole mixes: how far they are from the finished song, and how much of the vocals is covered."""

import numpy as np

import features
from gains import scrambled
from songs import RATE, SUNG


def alike(tool, mix):
    """The mix at -23 LUFS, so that no method is better by its level."""
    return mix * 10 ** ((-23 - tool.loudness(tool.write("mix", mix))[0]) / 20)


def measure(tool, songs, models):
    """Means over the songs by method: distances by feature, and masking in dB."""
    rows = {}
    for seed, song in enumerate(songs):
        stems, _ = scrambled(song, seed)
        stems = {name: samples for name, samples in stems.items() if np.abs(samples).max() > 0}
        loudness = tool.loudness(*[tool.write(name, stem) for name, stem in stems.items()])
        equal = {
            name: (stem * 10 ** ((-30 - level) / 20)).astype(np.float32)
            for (name, stem), level in zip(stems.items(), loudness) if level is not None
        }
        truth = alike(tool, tool.mix(song.stems)[0])
        methods = {
            "finished song": (song.stems, []), "sum of the stems": (stems, []),
            "equal loudness": (equal, []), "rules": (stems, ["--auto", "rules"]),
            "all advisors": (stems, ["--auto", "all"]),
        }
        if song.name in models:
            methods["learned"] = (stems, ["--auto", "cnn", "--learned", models[song.name]])
        for method, (inputs, options) in methods.items():
            mix, _, tracks = tool.mix(inputs, *options)
            sung = [track for name, track in tracks.items() if SUNG.search(name)]
            rest = [track for name, track in tracks.items() if not SUNG.search(name)]
            mix = alike(tool, mix)
            row = features.distance(mix, truth, RATE)
            row["features (Diff-MST)"] = features.audio_feature_loss(mix, truth, RATE)
            if sung and rest:
                masking = features.masked(sum(sung), sum(rest), RATE)
                if masking is not None:
                    row["vocals covered, dB"] = masking
            for name, value in row.items():
                rows.setdefault(method, {}).setdefault(name, []).append(value)
    return {m: {name: float(np.mean(v)) for name, v in row.items()} for m, row in rows.items()}
