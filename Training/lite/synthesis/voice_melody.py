# SPDX-License-Identifier: MIT
"""Melodies to sing, and the pitch curve a singer makes of one.

A note is (start in s, duration in s, MIDI number). A curve is MIDI numbers, one per 5 ms.
"""

import json
import os

import numpy as np
from scipy import signal

FRAME = 0.005
SCALES = {"major": [0, 2, 4, 5, 7, 9, 11], "minor": [0, 2, 3, 5, 7, 8, 10],
          "dorian": [0, 2, 3, 5, 7, 9, 10], "mixolydian": [0, 2, 4, 5, 7, 9, 10],
          "pentatonic": [0, 2, 4, 7, 9], "blues": [0, 3, 5, 6, 7, 10]}
RHYTHMS = [[1, 1, 1, 1], [.5, .5, 1, .5, .5, 1], [1.5, .5, 1, 1], [.75, .75, .5, 1, 1], [2, 2],
           [.5] * 8, [1, .5, .5, 2], [.5, 1, .5, 1, 1], [3, 1], [.25, .25, .5, .25, .25, .5, 1, 1],
           [4], [.75, .25, .75, .25, 2], [1 / 3] * 3 + [1] + [1 / 3] * 3 + [1]]


def load(folder):
    """(tempo, notes) of a rendered song."""
    with open(os.path.join(folder, "melody.json"), encoding="utf-8") as file:
        data = json.load(file)
    notes = [(float(n["start"]), float(n["duration"]), float(n["midi"])) for n in data["notes"]]
    return float(data.get("tempo", 120)), sorted(notes)


def invent(rng, seconds, centre, rap=False):
    """(tempo, notes): phrases of one or two bars with rests between, motifs coming back."""
    tempo = float(rng.uniform(66, 160))
    beat = 60 / tempo
    scale = SCALES[str(rng.choice(list(SCALES)))]
    root = int(rng.integers(12))
    grid = [m for m in range(24, 100) if (m - root) % 12 in scale]
    middle = int(np.argmin(np.abs(np.array(grid) - centre)))
    span = int(rng.integers(3, 7))
    motifs = []
    for _ in range(rng.integers(2, 4)):
        bars = int(rng.integers(1, 3))
        choice = [5, 9, 5, 9, 1] if rap else range(len(RHYTHMS))
        rhythm = [d for _ in range(bars) for d in RHYTHMS[int(rng.choice(choice))]]
        steps, degree = [], int(rng.integers(-2, 3))
        for _ in rhythm:
            steps.append(degree)
            leap = rng.choice([-3, -2, -1, -1, 0, 1, 1, 2, 4])
            degree = int(np.clip(degree + leap, -span, span))
        motifs.append((rhythm, steps))
    notes, t = [], float(rng.uniform(0.2, 1.2))
    while t < seconds - 1.5:
        rhythm, steps = motifs[int(rng.integers(len(motifs)))]
        move = int(rng.choice([0, 0, 1, -1, 2]))
        for duration, step in zip(rhythm, steps):
            if t + duration * beat > seconds - 0.4:
                break
            index = int(np.clip(middle + step + move, 0, len(grid) - 1))
            if rng.random() > 0.06:
                notes.append((t, duration * beat * rng.uniform(0.85, 1.0), float(grid[index])))
            t += duration * beat
        t += beat * float(rng.choice([0.5, 1, 1, 2, 4]))
    return tempo, notes


def fit(notes, centre):
    """Moves the melody by whole octaves to where the singer is at home."""
    if not notes:
        return notes
    middle = np.median([m for _, _, m in notes])
    octaves = 12 * round((centre - middle) / 12)
    return [(s, d, m + octaves) for s, d, m in notes]


def harmony(notes, steps):
    """The same line `steps` scale steps away, in the major scale that fits the notes best."""
    weight = np.zeros(12)
    for _, duration, midi in notes:
        weight[int(round(midi)) % 12] += duration
    fits = [sum(weight[(k + p) % 12] for p in SCALES["major"]) for k in range(12)]
    key = int(np.argmax(fits))
    grid = np.array([m for m in range(12, 110) if (m - key) % 12 in SCALES["major"]])
    result = []
    for start, duration, midi in notes:
        index = int(np.argmin(np.abs(grid - midi)))
        result.append((start, duration, float(grid[np.clip(index + steps, 0, len(grid) - 1)])))
    return result


def phrases(notes, gap=0.3, longest=12):
    """Splits at rests longer than `gap` s and after `longest` notes."""
    result = []
    for note in notes:
        if (not result or len(result[-1]) >= longest
                or note[0] - (result[-1][-1][0] + result[-1][-1][1]) > gap):
            result.append([])
        result[-1].append(note)
    return result


def slow_noise(rng, frames, hertz):
    """Noise of unit deviation below `hertz`."""
    knots = max(4, int(frames * FRAME * hertz * 2) + 3)
    return np.interp(np.linspace(0, knots - 1, frames), np.arange(knots),
                     rng.standard_normal(knots)) * 1.2


def curve(rng, notes, frames, offset, manner):
    """The pitch a singer makes of `notes` for `frames` frames from `offset` s on: glides with some
    overshoot, scoops, late vibrato, drift. `manner` is a `voice_sing.Singer`."""
    t = offset + np.arange(frames) * FRAME
    glide = manner.glide
    target = np.full(frames, notes[0][2])
    for (s0, d0, _), (start, _, midi) in zip(notes, notes[1:]):
        target[t >= start - min(glide * 0.5, 0.3 * d0)] = midi
    scoop = manner.scoop * rng.random() if rng.random() < 0.6 else 0.0
    target = target - scoop * (t < notes[0][0] + 0.04)
    if glide < 0.005:
        pitch = target
    else:  # a second-order system, a little underdamped
        w, damping = 3.2 / glide, manner.damping
        system = signal.cont2discrete(([w * w], [1, 2 * damping * w, w * w]), FRAME)
        b, a = system[0].ravel(), system[1]
        pitch = signal.lfilter(b, a, target - target[0]) + target[0]
    depth = np.zeros(frames)
    for start, duration, _ in notes:
        if duration > 0.35 and rng.random() < manner.vibrato_share:
            begin = start + manner.vibrato_delay * min(1.0, duration)
            ramp = np.clip((t - begin) / 0.25, 0, 1) * (t < start + duration + 0.05)
            depth = np.maximum(depth, ramp * rng.uniform(0.6, 1.2))
    depth = signal.lfilter([0.08], [1, -0.92], depth)
    rate = manner.vibrato_rate * (1 + 0.06 * slow_noise(rng, frames, 2))
    vibrato = manner.vibrato * depth * np.sin(2 * np.pi * np.cumsum(rate) * FRAME
                                              + rng.uniform(0, 6))
    drift = manner.drift * slow_noise(rng, frames, 0.8)
    jitter = manner.jitter * slow_noise(rng, frames, 25)
    fall = np.clip((t - (notes[-1][0] + notes[-1][1] - 0.12)) / 0.2, 0, 1) * manner.fall
    return pitch + vibrato + drift + jitter - fall
