# SPDX-License-Identifier: MIT
"""Rooms: how well the reverb is fitted to impulse responses that it did not make.

The responses are noise in octaves, each with an exponential decay of its own, after direct sound and a few early
reflections: not from our reverb, and not measured in a hall either.
"""

import numpy as np
from scipy.signal import butter, sosfilt

from songs import RATE


def decay(rt60, centre):
    """The reverberation time of an octave where that at 1 kHz is given."""
    return rt60 * np.interp(np.log2(centre), [6, 10, 14], [1.2, 1.0, 0.5])


def response(rt60, seed):
    """A stereo impulse response with this reverberation time at 1 kHz."""
    generator = np.random.default_rng(seed)
    length = int(RATE * (rt60 * 1.3 + 0.2))
    time = np.arange(length) / RATE
    sound = np.zeros((length, 2))
    for centre in [62.5 * 2**k for k in range(9)]:
        edges = [centre / 2**0.5, min(centre * 2**0.5, 0.49 * RATE)]
        sos = butter(2, edges, "bandpass", fs=RATE, output="sos")
        noise = sosfilt(sos, generator.standard_normal((length, 2)), axis=0)
        sound += noise * (10 ** (-3 * time / decay(rt60, centre)))[:, None]
    sound *= 0.2 / np.abs(sound).max()
    sound[:int(0.012 * RATE)] = 0
    for delay in generator.uniform(0.005, 0.05, 6):
        sound[int(delay * RATE)] += generator.uniform(-0.3, 0.3, 2)
    sound[0] = 1
    return sound.astype(np.float32)


def measure(tool):
    """By room: the mean error of RT60 over the octaves in percent, and how far the spectrograms are apart in dB."""
    rows = {}
    for seed, rt60 in enumerate([0.4, 0.8, 1.5, 2.5]):
        path = tool.write("ir", response(rt60, seed))
        report = tool.json("fit-reverb", path, "-o", tool.new("reverb.json"))
        errors = [
            100 * abs(octave["seconds"] / decay(rt60, octave["centreHz"]) - 1)
            for octave in report["fittedRT60"]["octaves"] if "seconds" in octave
        ]
        rows[f"RT60 {rt60} s"] = {
            "RT60 of octaves, %": np.mean(errors), "at most, %": max(errors),
            "spectrogram, dB": report["distanceDB"],
            "of the standard room, dB": report["standardDistanceDB"],
        }
    return rows
