# SPDX-License-Identifier: MIT
"""New singers out of CC0 singing: cut into pieces, then pitch, formants and time are changed.

The folder given with `--cc0` holds `manifest.json`, a list of {song, file, source}. Only files
with the source "vocals" are used, never those of a song in `HELD_OUT` (kept for evaluation).
"""

import json
import os
import subprocess
import tempfile
from fractions import Fraction

import numpy as np
import soundfile
from scipy import signal

from . import voice_effects as fx

HELD_OUT = {"caesium"}
RATE = fx.RATE


def decode(path):
    """Reads any audio file as `(2, frames)` at 44.1 kHz."""
    raw = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-ar", str(RATE), "-ac", "2", "-f",
                          "f32le", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.float32).reshape(-1, 2).T.astype(np.float64)


def pieces(x, rest=0.7):
    """Cuts `x` into pieces of 10 to 30 s of singing; rests longer than `rest` s are shortened."""
    size = RATE // 20
    power = np.mean(x[:, : x.shape[1] // size * size].reshape(2, -1, size) ** 2, axis=(0, 2))
    active = power > max(np.percentile(power[power > 1e-7], 90) * 10 ** -4.0, 1e-7)
    margin = int(rest * 20 / 2)
    keep = np.convolve(active, np.ones(2 * margin + 1), "same") > 0.5
    edges = np.flatnonzero(np.diff(np.concatenate([[0], keep.astype(int), [0]])))
    result, current, length = [], [], 0
    fade = np.minimum(1, np.arange(RATE // 50) / (RATE // 50))
    for start, end in zip(edges[::2], edges[1::2]):
        for a in range(start, end, 25 * 20):
            part = x[:, a * size:min(end, a + 25 * 20) * size].copy()
            if part.shape[1] < 2 * len(fade):
                continue
            part[:, : len(fade)] *= fade
            part[:, -len(fade):] *= fade[::-1]
            if length and length + part.shape[1] > 30 * RATE:
                result.append(np.concatenate(current, axis=1))
                current, length = [], 0
            current.append(part)
            length += part.shape[1]
    if current:
        result.append(np.concatenate(current, axis=1))
    return [p for p in result if p.shape[1] > 3 * RATE]


def library(folder):
    """All pieces of all singing files, in a fixed order: [(name, sound)]."""
    with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
        entries = json.load(file)
    found = []
    for entry in entries:
        if entry["source"] != "vocals" or entry["song"] in HELD_OUT:
            continue
        path = os.path.join(folder, entry["song"], entry["file"])
        name = f"{entry['song']}/{entry['file']}"
        found += [(name, piece) for piece in pieces(decode(path))]
    return found


def rubberband(x, semitones=0.0, stretch=1.0, keep_formants=False, fine=False):
    """Rubber Band's command line on `(channels, frames)`."""
    options = ["-q", "-p", f"{semitones:.4f}", "-t", f"{stretch:.5f}"]
    options += ["-F"] if keep_formants else []
    options += ["-3"] if fine else ["--no-threads"]
    memory = "/dev/shm" if os.path.isdir("/dev/shm") else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        source, result = os.path.join(folder, "a.wav"), os.path.join(folder, "b.wav")
        soundfile.write(source, x.T, RATE, subtype="FLOAT")
        subprocess.run(["rubberband", *options, source, result], check=True, capture_output=True)
        return soundfile.read(result, always_2d=True)[0].T


def shift(x, pitch, formants, stretch, fine):
    """Moves pitch and formants independently (both in semitones): resampling moves both and the
    length, then Rubber Band moves pitch alone and puts the length right."""
    ratio = Fraction(2 ** (-formants / 12)).limit_denominator(60)
    x = signal.resample_poly(x, ratio.numerator, ratio.denominator, axis=-1)
    moved = -12 * np.log2(float(ratio))
    return rubberband(x, pitch - moved, stretch / float(ratio), True, fine)


def vocode(x, rng, pitch, formants, stretch):
    """The same by WORLD, mono, with a new manner: flattened or exaggerated expression, added
    vibrato, hard pitch steps, breath. For single voices."""
    from . import voice_world as world
    f0, envelope, noise = world.analyse(x.mean(0), RATE)
    log = np.log2(np.maximum(f0, 1) / 440) * 12 + 69
    manner = rng.choice(["plain", "steps", "vibrato", "breath", "whisper"],
                        p=[.3, .3, .2, .15, .05])
    new = log + pitch
    if manner == "steps":
        scale = (np.array([0, 2, 4, 5, 7, 9, 11]) + rng.integers(12)) % 12
        grid = np.array([n for n in range(24, 108) if n % 12 in scale])
        near = grid[np.argmin(np.abs(new[:, None] - grid[None]), axis=1)]
        new = near + rng.uniform(0, 0.4) * (new - near)
    elif manner == "vibrato":
        t = np.arange(len(f0)) * world.PERIOD / 1000
        new = new + rng.uniform(0.2, 0.6) * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * t)
    elif manner == "breath":
        noise = noise + (1 - noise) * rng.uniform(0.1, 0.5)
    f0 = np.where(f0 > 0, 440 * 2 ** ((new - 69) / 12), 0)
    if manner == "whisper":
        f0, noise = np.zeros_like(f0), np.ones_like(noise)
    envelope = world.warp(envelope, 2 ** (formants / 12))
    at = np.arange(int(len(f0) * stretch)) / stretch
    return fx.stereo(world.synthesise(*world.resample(f0, envelope, noise, at)))


def render(seed, sounds):
    """The take of this seed: every piece has its turn before any comes a second time."""
    rng = np.random.default_rng([3, seed])
    name, x = sounds[seed % len(sounds)]
    pitch = float(rng.uniform(-5, 5))
    formants = float(np.clip(rng.normal(0.35 * pitch, 1.3), -3.8, 3.8))
    stretch = float(np.exp(rng.uniform(np.log(0.85), np.log(1.2))))
    lead = "lead" in name or "main" in name
    if lead and rng.random() < 0.3:
        y = vocode(x, rng, pitch, formants, stretch)
    else:
        y = shift(x, pitch, formants, stretch, fine=rng.random() < 0.15)
        if rng.random() < 0.25:
            interval = float(rng.choice([-12, -5, 3, 4, 7, 12], p=[.2, .15, .2, .2, .15, .1]))
            other = shift(y, interval, interval * 0.25, 1.0, False)
            n = min(y.shape[1], other.shape[1])
            y = y[:, :n] + fx.db(rng.uniform(-12, -4)) * fx.pan(other[:, :n], rng.uniform(-.7, .7))
    if rng.random() < 0.3:
        y = y[::-1]
    return fx.produce(y, rng, rng.uniform(80, 150), amount=0.55)
