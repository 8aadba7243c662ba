# SPDX-License-Identifier: MIT
"""Expected pitches by librosa's yin and pyin.

    python Tests/Fixtures/make_preparation_fixtures.py

The signals are those of Tests/VocalPreparationTests/Support/Signals.swift (`fixtureTone`), made anew here.
"""

import json
from pathlib import Path

import librosa
import numpy as np

ROOT = Path(__file__).parent.parent.parent
RATE = 22_050
HOP = 110
MASK = (1 << 64) - 1
EVERY = 20


def noise(count):
    values = []
    for frame in range(count):
        z = (frame * 0x9E3779B97F4A7C15 + 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        values.append(((z ^ (z >> 31)) >> 11) / (1 << 53) * 2 - 1)
    return np.array(values)


def tone(case):
    """A tone that glides by octaves a second, silent in the second half of each second, in noise."""
    t = np.arange(int(3 * RATE)) / RATE
    g = case["octavesPerSecond"]
    phase = case["hertz"] * (t if g == 0 else (2 ** (g * t) - 1) / (g * np.log(2)))
    x = sum(np.sin(2 * np.pi * k * phase) / k ** case["slope"] for k in range(1, case["partials"] + 1))
    on = (t % 1) < 0.5
    return 0.2 * x * on + case["noise"] * noise(len(t))


CASES = [
    {"hertz": 82.4, "octavesPerSecond": 0, "partials": 10, "slope": 1, "noise": 0.001},
    {"hertz": 110.0, "octavesPerSecond": 0.2, "partials": 8, "slope": 1, "noise": 0.003},
    {"hertz": 196.7, "octavesPerSecond": 0, "partials": 6, "slope": 0.5, "noise": 0.003},
    {"hertz": 330.0, "octavesPerSecond": -0.2, "partials": 5, "slope": 1, "noise": 0.003},
    {"hertz": 523.3, "octavesPerSecond": 0, "partials": 4, "slope": 1, "noise": 0.01},
    {"hertz": 880.0, "octavesPerSecond": 0, "partials": 3, "slope": 1, "noise": 0.003},
]
for case in CASES:
    x = tone(case)
    yin = librosa.yin(
        x, fmin=65, fmax=1100, sr=RATE, frame_length=2048, hop_length=HOP, trough_threshold=0.15)
    pyin, voiced, _ = librosa.pyin(
        x, fmin=65, fmax=1100, sr=RATE, frame_length=2048, hop_length=HOP)
    case["yin"] = [round(float(v), 3) for v in yin[::EVERY]]
    case["pyin"] = [round(float(v), 3) if v == v else 0 for v in pyin[::EVERY]]

path = ROOT / "Tests/VocalPreparationTests/Fixtures/pitches.json"
path.write_text(json.dumps({"every": EVERY, "cases": CASES}, separators=(",", ":")) + "\n")
