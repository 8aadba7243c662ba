# SPDX-License-Identifier: MIT
"""Vocals over a backing: level, equalizer and compression, against the finished song."""

import numpy as np
from scipy.signal import lfilter, resample_poly, sosfilt, sosfreqz

from songs import RATE

BANDS = np.array([63, 125, 250, 500, 1000, 2000, 4000, 8000], float)
PREPARED = ["--latency", "0", "--denoise", "0", "--debleed", "0"]


def bell(frequency, gain, q, rate=RATE):
    """A peaking filter after Bristow-Johnson's cookbook."""
    a = 10 ** (gain / 40)
    w = 2 * np.pi * frequency / rate
    alpha = np.sin(w) / (2 * q)
    section = np.array([
        1 + alpha * a, -2 * np.cos(w), 1 - alpha * a, 1 + alpha / a, -2 * np.cos(w), 1 - alpha / a])
    return (section / section[3])[None]


def curve(bands):
    """The gains in dB of bells (frequency, gain, q) at the eight frequencies."""
    total = np.zeros(len(BANDS))
    for frequency, gain, q in bands:
        _, response = sosfreqz(bell(frequency, gain, q), BANDS, fs=RATE)
        total += 20 * np.log10(np.abs(response))
    return total


def plan(tool, vocal, backing, advice, model=None):
    """The plan for a vocal over its backing, and its tracks as they sound in the mix."""
    learned = ["--learned", model] if model else []
    _, plan, tracks = tool.render(
        "--vocal", tool.write("vocal", vocal), "--backing", tool.write("backing", backing), "--auto",
        advice, *PREPARED, *learned)
    return plan, tracks


def track(plan, name):
    return next(track for track in plan["tracks"] if track["name"] == name)


def loudness(tool, tracks):
    names = ["vocal", "backing"]
    vocal, backing = tool.loudness(*[tool.write(name, tracks[name]) for name in names])
    return vocal - backing


def level(tool, songs, models):
    """Errors in LU of the loudness of the vocals against the backing."""
    truths = []
    for song in songs:
        paths = [tool.write("vocal", song.vocals), tool.write("backing", song.backing)]
        vocal, backing = tool.loudness(*paths)
        truths.append(vocal - backing)
    errors = {}
    for index, (song, truth) in enumerate(zip(songs, truths)):
        others = truths[:index] + truths[index + 1:]
        errors.setdefault("-3 LU (the rule)", []).append(-3 - truth)
        errors.setdefault("-3.6 LU (MUSDB18's mean)", []).append(-3.6 - truth)
        errors.setdefault("the mean of the other songs", []).append(np.mean(others) - truth)
        moved = song.vocals * 10 ** (np.random.default_rng(index).uniform(-12, 12) / 20)
        methods = {"mix, level alone": None}
        if song.name in models:
            methods["mix, learned"] = models[song.name]
        for method, model in methods.items():
            _, tracks = plan(tool, moved.astype(np.float32), song.backing, "level", model)
            errors.setdefault(method, []).append(loudness(tool, tracks) - truth)
    return {name: float(np.mean(np.abs(values))) for name, values in errors.items()}


def equalizer(tool, songs, models, repeats=4):
    """Mean error in dB, over eight octaves, of what is left of a random equalizer on finished vocals."""
    errors = {}
    for index, song in enumerate(songs):
        for repeat in range(repeats):
            generator = np.random.default_rng(1000 * index + repeat)
            chosen = generator.permutation(len(BANDS))[:4]
            bands = [(BANDS[band], generator.uniform(-15, 15), 1.0) for band in chosen]
            sound = song.vocals
            for band in bands:
                sound = sosfilt(bell(*band), sound, axis=0)
            sound = (sound * 0.25).astype(np.float32)
            wanted = curve(bands)
            methods = {"masking": None}
            if song.name in models:
                methods["learned"] = models[song.name]
            errors.setdefault("no equalizer", []).append(np.abs(wanted).mean())
            for method, model in methods.items():
                made, _ = plan(tool, sound, song.backing, "equalization", model)
                filters = [
                    (band["frequency"], band["gain"], band["q"])
                    for band in track(made, "vocal").get("equalizer", [])
                ]
                errors.setdefault(method, []).append(np.abs(wanted + curve(filters)).mean())
    return {name: float(np.mean(values)) for name, values in errors.items()}


def level_range(tool, samples):
    file = tool.json("features", tool.write("vocal", samples))["files"][0]
    return file["levels"]["levelRangeLU"]


def fine_powers(samples):
    """K-weighted powers of 100 ms (BS.1770-4, both filters at 48 kHz)."""
    x = resample_poly(samples, 48_000, RATE, axis=0)
    x = lfilter([1.53512485958697, -2.69169618940638, 1.19839281085285],
                [1, -1.69065929318241, 0.73248077421585], x, axis=0)
    x = lfilter([1, -2, 1], [1, -1.99004745483398, 0.99007225036621], x, axis=0)
    count = len(x) // 4800
    return (x[:count * 4800].reshape(count, -1) ** 2).sum(axis=1) / 4800


def counted_range(before, after):
    """The range of the levels of what was at most 20 LU under the mean before, in LU."""
    old, new = fine_powers(before), fine_powers(after)
    count = min(len(old), len(new))
    old, new = old[:count], new[:count]
    sounding = old > 1e-7
    counted = sounding & (old > 0.01 * old[sounding].mean())
    levels = 10 * np.log10(np.maximum(new[counted], 1e-12))
    return float(np.percentile(levels, 95) - np.percentile(levels, 10))


def expanded(samples, factor):
    """The level of every 50 ms against the mean made `factor` times as large."""
    length = RATE // 20
    count = len(samples) // length
    blocks = samples[:count * length].reshape(count, -1)
    power = (blocks**2).mean(axis=1)
    change = (factor - 1) * 10 * np.log10(np.maximum(power / power.mean(), 1e-4))
    middles = (np.arange(count) + 0.5) * length
    gain = np.interp(np.arange(len(samples)), middles, change)
    return (samples * 10 ** (gain / 20)[:, None]).astype(np.float32)


def pauses(tool, songs):
    """How far thresholds in dB move when noise or the backing is heard in a take's pauses, 26 dB under the singing."""
    errors = {}
    for index, song in enumerate(songs):
        vocal = song.vocals.mean(axis=1, keepdims=True)
        heard = {
            "noise": np.random.default_rng(index).standard_normal(vocal.shape),
            "the backing": song.backing.mean(axis=1, keepdims=True),
        }
        clean = threshold(tool, vocal, song.backing)
        for name, sound in heard.items():
            gain = 10 ** (-26 / 20) * np.sqrt((vocal**2).mean() / (sound**2).mean())
            take = (vocal + gain * sound).astype(np.float32)
            errors.setdefault(name, []).append(threshold(tool, take, song.backing) - clean)
    return {name: float(np.mean(np.abs(values))) for name, values in errors.items()}


def threshold(tool, vocal, backing):
    """The threshold of the compressor in dBFS, 0 for none, of a take that is cleaned as usual."""
    _, plan, _ = tool.render(
        "--vocal", tool.write("vocal", vocal), "--backing", tool.write("backing", backing),
        "--auto", "compression", "--latency", "0")
    return track(plan, "vocal").get("compressor", {}).get("threshold", 0)


def compression(tool, songs, models):
    """Distances in LU: of the made range from the rule's 14, and of chosen ranges from the finished song's."""
    rows = {}
    truths = [level_range(tool, song.vocals) for song in songs]
    for index, (song, truth) in enumerate(zip(songs, truths)):
        wide = expanded(song.vocals, 1.6)
        before = level_range(tool, wide)
        _, tracks = plan(tool, wide, song.backing, "compression")
        rows.setdefault("from 14 LU before", []).append(before - 14)
        after = tracks["vocal"]
        rows.setdefault("from 14 LU after, of what counted before", []).append(
            counted_range(wide, after) - 14)
        rows.setdefault("from 14 LU after, gated anew", []).append(level_range(tool, after) - 14)
        rows.setdefault("from the song: 14 LU", []).append(14 - truth)
        others = truths[:index] + truths[index + 1:]
        rows.setdefault("from the song: mean of the others", []).append(np.mean(others) - truth)
        if song.name in models:
            _, tracks = plan(tool, wide, song.backing, "compression", models[song.name])
            rows.setdefault("from the song: learned", []).append(
                level_range(tool, tracks["vocal"]) - truth)
    return {name: float(np.mean(np.abs(values))) for name, values in rows.items()}
