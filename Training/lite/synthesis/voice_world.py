# SPDX-License-Identifier: MIT
"""WORLD (Morise et al. 2016, doi:10.1587/transinf.2015EDP7457) as the project uses it.

Frames are 5 ms apart. A voice is three arrays: `f0` (frames,) in Hz, 0 where unvoiced; `envelope`
(frames, bins), the power spectrum; `noise` (frames, bins), the share of aperiodicity.
"""

import numpy as np
import pyworld

from .voice_effects import RATE

PERIOD = 5.0
SIZE = 1024  # length of the Fourier transform at 44.1 kHz: enough for formants
BINS = SIZE // 2 + 1


def analyse(x, rate, low=65.0, high=900.0):
    """Analyses mono sound of any rate; the result is on the bins of 44.1 kHz."""
    x = np.ascontiguousarray(x, dtype=np.float64)
    f0, times = pyworld.dio(x, rate, f0_floor=low, f0_ceil=high, frame_period=PERIOD)
    f0 = pyworld.stonemask(x, f0, times, rate)
    size = 2048 if rate > 32000 else 1024
    envelope = pyworld.cheaptrick(x, f0, times, rate, fft_size=size)
    noise = pyworld.d4c(x, f0, times, rate, fft_size=size)
    return f0, *extend(envelope, noise, rate)


def extend(envelope, noise, rate):
    """Puts spectra of a lower rate on the bins of 44.1 kHz; above the old limit the envelope goes
    on falling gently and is noise, as breath and sibilants do."""
    if rate == RATE:
        step = (envelope.shape[1] - 1) // (BINS - 1)
        return envelope[:, ::step], noise[:, ::step]
    old = np.arange(envelope.shape[1]) * rate / 2 / (envelope.shape[1] - 1)
    new = np.arange(BINS) * RATE / 2 / (BINS - 1)
    edge = 0.92 * rate / 2  # the anti-alias filter's slope is left out
    position = np.minimum(new, edge) / (old[1] - old[0])
    below = np.minimum(position.astype(int), len(old) - 2)
    part = position - below
    log = np.log(envelope + 1e-16)
    wide = log[:, below] * (1 - part) + log[:, below + 1] * part
    top = log[:, (old > 0.75 * edge) & (old <= edge)].mean(1, keepdims=True)
    fall = np.clip((new - edge) / 1000, 0, None)
    wide = np.where(new > edge, np.minimum(wide, top) - 0.25 * fall, wide)
    rough = noise[:, below] * (1 - part) + noise[:, below + 1] * part
    return np.exp(wide), np.where(new > edge, np.maximum(rough, 0.6), rough)


def warp(envelope, factor):
    """Moves the formants by `factor` (> 1: a shorter throat)."""
    if abs(factor - 1) < 1e-3:
        return envelope
    position = np.minimum(np.arange(BINS) / factor, BINS - 1.001)
    below = position.astype(int)
    part = position - below
    log = np.log(envelope + 1e-16)
    return np.exp(log[:, below] * (1 - part) + log[:, below + 1] * part)


def resample(f0, envelope, noise, at):
    """Reads the voice at the (fractional) frames `at`."""
    at = np.clip(at, 0, len(f0) - 1.001)
    below = at.astype(int)
    part = (at - below)[:, None]
    log = np.log(envelope + 1e-16)
    pitch = np.where(part[:, 0] < 0.5, f0[below], f0[below + 1])
    both = (f0[below] > 0) & (f0[below + 1] > 0)
    pitch = np.where(both, f0[below] * (1 - part[:, 0]) + f0[below + 1] * part[:, 0], pitch)
    return (pitch, np.exp(log[below] * (1 - part) + log[below + 1] * part),
            noise[below] * (1 - part) + noise[below + 1] * part)


def synthesise(f0, envelope, noise):
    """Sound at 44.1 kHz."""
    noise = np.clip(noise, 1e-4, 1 - 1e-4)
    return pyworld.synthesize(np.ascontiguousarray(f0), np.ascontiguousarray(envelope),
                              np.ascontiguousarray(noise), RATE, PERIOD)
