# SPDX-License-Identifier: MIT
"""Synthetic drums and percussion instruments: one-shots with random tuning."""

from __future__ import annotations

import numpy as np

from . import music_dsp as dsp
from .music_dsp import SAMPLE_RATE

# Seconds, where not half a second.
LENGTHS = {
    "crash": 2.6,
    "ride": 1.8,
    "bell": 1.6,
    "open": 0.9,
    "kick": 0.7,
    "tom1": 0.8,
    "tom2": 0.9,
    "tom3": 1.0,
    "snare": 0.7,
}


def _time(seconds: float) -> np.ndarray:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _decay(time, seconds: float) -> np.ndarray:
    """Falls by 60 dB in `seconds`."""
    return 10 ** (-3 * time / seconds)


def _sweep(time, high: float, low: float, fall: float) -> np.ndarray:
    """A sine that falls from `high` to `low` hertz with the time constant `fall`."""
    return np.sin(2 * np.pi * np.cumsum(low + (high - low) * np.exp(-time / fall)) / SAMPLE_RATE)


def _metal(rng, time, base: float) -> np.ndarray:
    """Six inharmonic square waves, as in the cymbals of analogue drum machines."""
    ratios = np.array([1, 1.342, 1.2312, 1.6532, 1.9523, 2.1523]) * rng.normal(1, 0.02, 6)
    return (
        np.sum(
            [np.sign(np.sin(2 * np.pi * base * r * time + rng.uniform(0, 6))) for r in ratios],
            axis=0,
        )
        / 6
    )


def _modes(rng, time, base: float, ratios, seconds: float) -> np.ndarray:
    """Decaying partials of a membrane or bar; higher ones die sooner."""
    return np.sum(
        [
            np.sin(2 * np.pi * base * r * time) * _decay(time, seconds / (0.5 + 0.5 * r)) / (1 + i)
            for i, r in enumerate(ratios)
        ],
        axis=0,
    )


def synthesise_piece(rng: np.random.Generator, piece: str, flavour: str) -> np.ndarray:
    """A mono one-shot; `flavour` is 'eight', 'electronic' or an acoustic kind."""
    time = _time(LENGTHS.get(piece, 0.5) * rng.uniform(0.9, 1.4))
    noise = rng.standard_normal(time.size)
    eight, acoustic = flavour == "eight", flavour not in ("eight", "electronic")
    if piece == "kick":
        low = rng.uniform(40, 62)
        body = _sweep(time, low * rng.uniform(2.5, 7), low, rng.uniform(0.008, 0.05))
        body *= _decay(time, rng.uniform(0.5, 1.4) if eight else rng.uniform(0.15, 0.55))
        click = dsp.filtered(noise, "highpass", rng.uniform(800, 4000)) * _decay(
            time, rng.uniform(0.01, 0.04)
        )
        x = body + click * rng.uniform(0.02, 0.3)
        if acoustic:
            x += 0.25 * dsp.filtered(noise, "lowpass", 900) * _decay(time, 0.12)
        return dsp.saturated(x, rng.uniform(0.8, 4))
    if piece == "snare":
        base = rng.uniform(150, 260)
        tone = _modes(rng, time, base, (1, 1.59, 2.14, 2.3), rng.uniform(0.1, 0.35)) + 0.5 * _sweep(
            time, base * 2, base, 0.01
        ) * _decay(time, 0.15)
        rattle = dsp.filtered(noise, "highpass", rng.uniform(700, 3500), 1) * _decay(
            time, rng.uniform(0.12, 0.6)
        )
        return dsp.saturated(
            tone * rng.uniform(0.3, 1.0) + rattle * rng.uniform(0.3, 0.8), rng.uniform(0.8, 3)
        )
    if piece == "clap":
        bursts = sum(
            _decay(np.maximum(time - d, 0), 0.02) * (time >= d)
            for d in np.arange(3) * rng.uniform(0.007, 0.013)
        )
        tail = _decay(time, rng.uniform(0.15, 0.5)) * (time > 0.02)
        return dsp.filtered(
            noise * (bursts + 0.6 * tail),
            "bandpass",
            [rng.uniform(500, 1000), rng.uniform(2500, 8000)],
            1,
        )
    if piece in ("hat", "pedal", "open", "crash", "ride", "bell"):
        base = rng.uniform(280, 560) * (1.4 if piece == "bell" else 1)
        seconds = {
            "hat": (0.04, 0.18),
            "pedal": (0.04, 0.12),
            "open": (0.35, 0.9),
            "crash": (1.5, 3.5),
            "ride": (1.2, 2.4),
            "bell": (1, 2),
        }[piece]
        mixture = rng.uniform(0, 0.7) if acoustic else rng.uniform(0.2, 1)
        x = (1 - mixture) * noise * 0.5 + mixture * _metal(rng, time, base)
        x = dsp.filtered(
            x,
            "highpass",
            rng.uniform(5000, 8500)
            if piece in ("hat", "pedal", "open")
            else rng.uniform(2500, 6000),
        )
        x = x * _decay(time, rng.uniform(*seconds))
        if piece in ("ride", "bell"):
            x += rng.uniform(0.1, 0.4) * _modes(
                rng, time, base * 6, (1, 1.48, 2.1), 0.8 if piece == "bell" else 0.3
            )
        if piece == "crash":
            x += 0.5 * dsp.filtered(noise, "bandpass", [1500, 6000]) * _decay(time, 0.6)
        return x
    if piece.startswith("tom"):
        base = {"tom1": 170, "tom2": 125, "tom3": 88}[piece] * rng.uniform(0.85, 1.2)
        body = _sweep(time, base * rng.uniform(1.2, 2.2), base, 0.04) * _decay(
            time, rng.uniform(0.3, 1.0)
        )
        skin = dsp.filtered(noise, "lowpass", 3500) * _decay(time, 0.06) * rng.uniform(0.1, 0.4)
        return dsp.saturated(body + skin, rng.uniform(0.5, 2))
    if piece == "rim":
        return _modes(rng, time, rng.uniform(420, 900), (1, 2.7, 4.1), 0.06) + dsp.filtered(
            noise, "bandpass", [1500, 6000]
        ) * _decay(time, 0.03)
    if piece == "cowbell":
        base = rng.uniform(480, 620)
        x = np.sign(np.sin(2 * np.pi * base * time)) + np.sign(
            np.sin(2 * np.pi * base * 1.48 * time)
        )
        return dsp.filtered(x, "bandpass", [base * 0.9, base * 4], 1) * (
            _decay(time, 0.5) + _decay(time, 0.05)
        )
    if piece.startswith("conga"):
        base = rng.uniform(280, 390) * (0.72 if piece == "conga2" else 1)
        return (
            _sweep(time, base * 1.15, base, 0.02) * _decay(time, rng.uniform(0.2, 0.45))
            + dsp.filtered(noise, "bandpass", [600, 4000]) * _decay(time, 0.03) * 0.4
        )
    if piece == "clave":
        return _modes(rng, time, rng.uniform(1800, 2700), (1, 2.2), 0.09)
    rise = np.minimum(
        time / (rng.uniform(0.005, 0.04) if piece == "shaker" else 0.001), 1
    )  # shaker, tambourine
    x = (
        dsp.filtered(noise, "highpass", rng.uniform(3500, 7500))
        * rise
        * _decay(time, rng.uniform(0.07, 0.2))
    )
    if piece == "tambourine":
        x += (
            0.4
            * dsp.filtered(_metal(rng, time, 1300), "highpass", 5000)
            * _decay(time, rng.uniform(0.15, 0.35))
        )
    return x
