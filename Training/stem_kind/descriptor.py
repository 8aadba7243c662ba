# SPDX-License-Identifier: MIT
"""What a stem sounds like in few numbers.

Sources/AutoMix/Analysis/SoundDescriptor.swift computes the same. Only frames that sound count, and each is taken relative to its own power, so that neither the gain
nor silence changes anything.
"""

from __future__ import annotations

import numpy as np

BANDS = 128
GATE = 10**-2.5  # of the power of the loud frames
FLOOR = 1e-6  # of the power of a frame: -60 dB
LEAST_FRAMES = 20
COEFFICIENTS = 12
REGIONS = ((1, 20), (20, 57), (57, 91), (91, 127))  # bands: to 0.5, 2, 5 and 11 kHz
SHARES = (0, 2, 4, 8, 12, 20, 38, 64, 90, 115, 128)  # edges of the power shares, in bands
LAGS = (2, 4, 8, 16, 32)  # frames of 23 ms
SHIFT_LAG = 2
SHIFTS = (0, -1, 1, -2, 2, -3, 3)
SHIFTED = (30, 94)  # bands: 0.8 to 4.5 kHz, half semitones above 1 kHz

_n = np.arange(BANDS)
COSINES = np.array(
    [
        np.sqrt(2 / BANDS) * np.cos(np.pi * k * (2 * _n + 1) / (2 * BANDS))
        for k in range(1, COEFFICIENTS + 1)
    ]
).T

NAMES = (
    [f"cepstrum {k}" for k in range(1, COEFFICIENTS + 1)]
    + [f"roughness {i}" for i in range(len(REGIONS))]
    + [f"change {i}" for i in range(len(REGIONS))]
    + ["rise", "fall", "attacks", "decays"]
    + [f"slope over {lag}" for lag in LAGS]
    + ["shifts", "shifts far", "alike"]
    + ["pitch classes", "pitch class change", "pitch class held"]
    + [f"share {i}" for i in range(len(SHARES) - 1)]
    + ["peak", "peak moves"]
)


def _mean(values: np.ndarray) -> np.ndarray | float:
    return values.mean(axis=0) if len(values) else 0.0 * values.sum(axis=0)


def _shifts(shape: np.ndarray, active: np.ndarray) -> list[float]:
    """How often and how far harmonics glide: the shift at which two frames are most alike."""
    low, high = SHIFTED
    both = active[SHIFT_LAG:] & active[:-SHIFT_LAG]
    if not both.any():
        return [0, 0, 0]
    smooth = np.stack([shape[:, low + i : high + i] for i in range(-4, 5)]).mean(axis=0)
    fine = shape[:, low:high] - smooth
    now, before = fine[SHIFT_LAG:][both], fine[:-SHIFT_LAG][both]
    reach = max(SHIFTS)
    now = now[:, reach:-reach]
    alike = []
    for place, shift in enumerate(SHIFTS):
        old = before[:, reach + shift : high - low - reach + shift]
        norm = np.sqrt((now**2).sum(axis=1) * (old**2).sum(axis=1)) + 1
        # What is equally alike counts as not shifted.
        alike.append((now * old).sum(axis=1) / norm - 1e-6 * place)
    best = np.abs(np.array(SHIFTS))[np.argmax(alike, axis=0)]
    return [(best == 1).mean(), (best > 1).mean(), np.max(alike, axis=0).mean()]


def describe(mel: np.ndarray, chroma: np.ndarray) -> np.ndarray | None:
    """The numbers NAMES of (frames, 128) mel powers and (frames, 12) chroma; None for silence."""
    mel, chroma = mel.astype(np.float64), chroma.astype(np.float64)
    power = mel.sum(axis=1)
    total = power.sum()
    if total <= 0:
        return None
    loud = (power**2).sum() / total
    active = power > GATE * loud
    if active.sum() < LEAST_FRAMES:
        return None
    relative = mel / np.maximum(power, 1e-30)[:, None]
    shape = 10 * np.log10(np.maximum(relative, FLOOR))
    cepstrum = shape @ COSINES
    pairs = active[1:] & active[:-1]
    either = active[1:] | active[:-1]

    values = [*cepstrum[active].mean(axis=0)]
    bend = np.abs(shape[:, 2:] - 2 * shape[:, 1:-1] + shape[:, :-2])[active].mean(axis=0)
    values += [bend[low - 1 : high - 1].mean() for low, high in REGIONS]
    change = _mean(np.abs(np.diff(shape, axis=0))[pairs])
    values += [change[low:high].mean() for low, high in REGIONS]
    steps = np.diff(10 * np.log10(np.maximum(power / loud, 1e-4)))[either]
    values += [
        _mean(np.maximum(steps, 0)),
        _mean(np.maximum(-steps, 0)),
        _mean((steps > 6) * 1.0),
        _mean(((steps < -0.1) & (steps > -2)) * 1.0),
    ]
    for lag in LAGS:
        both = active[lag:] & active[:-lag]
        values.append(_mean(np.abs(cepstrum[lag:, 0] - cepstrum[:-lag, 0])[both]))
    values += _shifts(shape, active)
    strongest = chroma.argmax(axis=1)
    values.append(chroma[active].sum(axis=1).mean())
    values.append(_mean(np.abs(np.diff(chroma, axis=0)).sum(axis=1)[pairs]))
    values.append(_mean((strongest[1:] == strongest[:-1])[pairs] * 1.0))
    mean = relative[active].mean(axis=0)
    values += [
        10 * np.log10(mean[low:high].sum() + 1e-4)
        for low, high in zip(SHARES, SHARES[1:], strict=False)
    ]
    peak = mel.argmax(axis=1).astype(np.float64)
    values += [peak[active].mean(), _mean(np.abs(np.diff(peak))[pairs])]
    return np.array(values)
