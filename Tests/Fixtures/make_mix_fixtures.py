#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes Tests/MixCoreTests/Fixtures/filters.json: what SciPy makes of the filters.

    pip install numpy scipy
    python Tests/Fixtures/make_mix_fixtures.py

Bells, shelves and notches start from the analogue prototypes of the audio EQ cookbook and SciPy's
bilinear transform; pass filters are scipy.signal.butter. The sweep that is filtered follows a formula that
the Swift tests repeat.
"""
import json
from pathlib import Path

import numpy as np
from scipy import signal

FOLDER = Path(__file__).parent.parent / "MixCoreTests" / "Fixtures"
SWEEP = 4096


def sweep():
    """Sine whose frequency rises from 0 to half the sample rate over SWEEP frames."""
    n = np.arange(SWEEP, dtype=np.float64)
    return 0.5 * np.sin(np.pi * n * n / (2 * SWEEP))


def analogue(kind, gain, q):
    """The cookbook's H(s) with the frequency at 1."""
    a = 10 ** (gain / 40)
    r = np.sqrt(a)
    if kind == "notch":
        return [1, 0, 1], [1, 1 / q, 1]
    if kind == "bell":
        return [1, a / q, 1], [1, 1 / (a * q), 1]
    if kind == "lowShelf":
        return [a, a * r / q, a * a], [a, r / q, 1]
    return [a * a, a * r / q, a], [1, r / q, a]


def section(b, a):
    """One second-order section; SciPy's tf2sos would lose digits for poles near 1."""
    return np.concatenate([b / a[0], a / a[0]])[np.newaxis]


def design(kind, frequency, gain, q, rate):
    if kind in ("highPass12", "highPass24", "lowPass12", "lowPass24"):
        order = 2 if kind.endswith("12") else 4
        return signal.butter(order, frequency, kind[:-2].lower().replace("pass", ""), fs=rate,
                             output="sos")
    b, a = analogue(kind, gain, q)
    warped = np.tan(np.pi * frequency / rate)
    scale = np.array([1 / warped**2, 1 / warped, 1])
    return section(*signal.bilinear(np.array(b) * scale, np.array(a) * scale, fs=0.5))


CASES = [
    ("bell", 1000, 6, 1), ("bell", 60, -12, 4), ("bell", 9000, 24, 0.3),
    ("lowShelf", 120, 4, 0.7071), ("lowShelf", 500, -18, 1.2),
    ("highShelf", 8000, -6, 0.7071), ("highShelf", 2500, 15, 0.5),
    ("notch", 50, 0, 10), ("notch", 3000, 0, 1),
    ("highPass12", 80, 0, 1), ("highPass24", 20, 0, 1), ("lowPass12", 8000, 0, 1),
    ("lowPass24", 300, 0, 1),
]


def main():
    cases = []
    for rate in (22050, 44100, 48000, 96000, 192000):
        for kind, frequency, gain, q in CASES:
            sos = design(kind, frequency, gain, q, rate)
            points = np.geomspace(10, 0.49 * rate, 24)
            _, response = signal.sosfreqz(sos, points, fs=rate)
            output = signal.sosfilt(sos, sweep())
            cases.append({
                "type": kind, "frequency": frequency, "gain": gain, "q": q, "rate": rate,
                "points": [round(float(p), 6) for p in points],
                "magnitude": [float(f"{abs(h):.9g}") for h in response],
                "output": [float(f"{y:.8g}") for y in output[::64]],
            })
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "filters.json").write_text(json.dumps(cases, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
