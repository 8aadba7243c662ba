# SPDX-License-Identifier: MIT
"""Expected octave levels of `tonmeister meter`, by scipy.signal.welch.

    python Tests/Fixtures/make_meter_fixtures.py

The signal is that of `music` in Tests/MixdownTests/Support/Place.swift, made anew here.
"""

import json
from pathlib import Path

import numpy as np
import scipy.signal

MASK = (1 << 64) - 1


def music(frames, seed, rate, amplitude=0.3):
    state = (seed * 2862933555777941757 + 3037000493) & MASK
    noise = []
    for _ in range(2 * frames):
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        value = state >> 32
        noise.append((value - (1 << 32) if value >> 31 else value) / 2147483648)
    noise = np.array(noise)
    n = np.arange(frames)
    tone = np.sin(2 * np.pi * 110 * (seed + 1) * n / rate)
    strength = np.where(n // int(rate / 4) % 2 == 0, 1.0, 0.2)
    left = amplitude * (0.6 * tone + 0.4 * strength * noise[0::2])
    right = amplitude * (0.5 * tone + 0.4 * strength * noise[1::2])
    return np.float32([left, right]).astype(float)


def octaves(rate):
    size = 1024
    while size * 6 < rate:
        size *= 2
    f, power = scipy.signal.welch(
        music(3 * rate, 2, rate), rate, "hann", size, size // 2, detrend=False, scaling="density")
    power = power.mean(axis=0) * rate / size
    result = {}
    for k in range(-5, 5):
        centre = 1000 * 2.0**k
        if centre < rate / 2:
            band = (f >= centre / 2**0.5) & (f < centre * 2**0.5)
            result[f"{centre:g}"] = float(10 * np.log10(power[band].sum()))
    return result


if __name__ == "__main__":
    path = Path(__file__).parent.parent / "MixdownTests" / "Fixtures" / "octaves.json"
    values = {str(rate): octaves(rate) for rate in (8000, 44100, 96000)}
    path.write_text(json.dumps(values, indent=1) + "\n")
