#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes Tests/SeparationTests/Fixtures: what Demucs, museval and PyTorch make of small signals.

    pip install torch numpy museval demucs==4.1.0
    python Tests/Fixtures/make_separation_fixtures.py

The signals are drawn from a generator that the Swift tests repeat exactly (`noise`), so only
results are stored.
"""
import json
from fractions import Fraction
from pathlib import Path

import demucs.apply
from demucs.htdemucs import HTDemucs
import museval.metrics
import numpy as np
import torch

FOLDER = Path(__file__).parent.parent / "SeparationTests" / "Fixtures"
RATE = 8000
SEGMENT = 64
MASK = (1 << 64) - 1


def splitmix(state):
    """SplitMix64, one value and the next state."""
    state = (state + 0x9E3779B97F4A7C15) & MASK
    z = state
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31), state


def noise(channels, frames, seed):
    """(channels, frames): 16-bit numbers in [-0.5, 0.5), channel by channel."""
    state, values = seed, []
    for _ in range(channels * frames):
        bits, state = splitmix(state)
        values.append(((bits >> 48) - 32768) / 65536)
    return np.array(values, dtype=np.float32).reshape(channels, frames)


class Probe(HTDemucs):
    """Shows what a segment saw: a position-dependent gain, and a running mean.

    Demucs gives a network of this class the chunk alone where a segment was asked for; the network
    itself fills it up with silence.
    """

    def __init__(self):
        torch.nn.Module.__init__(self)

    sources = ["gain", "mean"]
    samplerate = RATE
    audio_channels = 2
    segment = Fraction(SEGMENT, RATE)

    def valid_length(self, length):
        return SEGMENT

    def forward(self, mix):
        length = mix.shape[-1]
        mix = torch.nn.functional.pad(mix, (0, SEGMENT - length))
        ramp = 1 + torch.arange(SEGMENT, dtype=torch.float32) / SEGMENT
        mean = torch.cumsum(mix.double(), -1) / (1 + torch.arange(SEGMENT, dtype=torch.float64))
        return torch.stack([mix * ramp, mean.float()], dim=1)[..., :length]


def overlap_add():
    cases = []
    for length in [1, 2, 31, 47, 48, 63, 64, 65, 96, 113, 200]:
        for overlap, segment, shifts in [
            (0.25, None, 0), (0.5, None, 0), (0.0, None, 0), (0.25, 40, 0), (0.25, None, 2),
        ]:
            if shifts and length not in (1, 64, 113):
                continue
            seed, state, drawn = 7, 7, []
            for _ in range(shifts):
                bits, state = splitmix(state)
                drawn.append(bits % (RATE // 2 + 1))
            offsets = iter([RATE // 2 - shift for shift in drawn])
            demucs.apply.random.randint = lambda low, high: next(offsets)
            mix = torch.from_numpy(noise(2, length, length))[None]
            out = demucs.apply.apply_model(
                Probe(), mix, shifts=shifts, overlap=overlap,
                segment=None if segment is None else Fraction(segment, RATE))
            cases.append({
                "frames": length, "overlap": overlap, "chunk": segment, "shifts": shifts,
                "seed": seed, "output": [float(f"{v:.7g}") for v in out.flatten().tolist()],
            })
    return cases


def ratio(estimate, reference):
    """The Music Demixing challenge's definition."""
    signal = np.sum(reference.astype(np.float64) ** 2) + 1e-7
    error = np.sum((reference.astype(np.float64) - estimate) ** 2) + 1e-7
    return 10 * np.log10(signal / error)


def signal_to_distortion():
    """museval's image SDR with one window over the whole clip is the plain ratio, without 1e-7."""
    references = np.stack([noise(2, 9000, 1), noise(2, 9000, 2)])
    cases = []
    for amount in [0.01, 0.3, 1.0, 3.0]:
        estimates = references + np.float32(amount) * np.stack([noise(2, 9000, 3), noise(2, 9000, 4)])
        estimates = estimates.astype(np.float32)
        sdr, _, _, _, _ = museval.metrics.bss_eval(
            references.transpose(0, 2, 1), estimates.transpose(0, 2, 1),
            window=np.inf, hop=np.inf, compute_permutation=False)
        cases.append({
            "amount": amount, "museval": [float(v) for v in sdr[:, 0]],
            "numpy": [float(ratio(e, r)) for e, r in zip(estimates, references)],
        })
    return cases


def track_scale():
    mono = torch.from_numpy(noise(2, 70001, 11)).mean(0)
    return {"mean": float(mono.mean()), "deviation": float(mono.std() + 1e-8)}


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    fixtures = {
        "overlap-add.json": overlap_add(),
        "signal-to-distortion.json": signal_to_distortion(),
        "track-scale.json": track_scale(),
    }
    for name, value in fixtures.items():
        (FOLDER / name).write_text(json.dumps(value, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
