# SPDX-License-Identifier: MIT
"""The demo song's instruments: every sound is computed, nothing is sampled.

Each function gives one note or stroke as mono sound at 44.1 kHz, about full scale at velocity 1.
They are written for this song alone and are not those of the training data.
"""

import numpy as np
from scipy import signal

RATE = 44100


def hertz(midi):
    return 440.0 * 2 ** ((midi - 69) / 12)


def seconds(length):
    return np.arange(int(length * RATE)) / RATE


def band(x, low=None, high=None, order=2):
    if low:
        x = signal.sosfilt(signal.butter(order, low, "highpass", fs=RATE, output="sos"), x)
    if high:
        x = signal.sosfilt(signal.butter(order, high, "lowpass", fs=RATE, output="sos"), x)
    return x


def fade(x, length=0.01):
    """Ends a note without a click."""
    n = min(len(x), int(length * RATE))
    x[-n:] *= np.linspace(1, 0, n)
    return x


# Drums


def kick(rng):
    t = seconds(0.42)
    body = np.sin(2 * np.pi * np.cumsum(49 + 95 * np.exp(-t / 0.022) + 30 * np.exp(-t / 0.09))
                  / RATE)
    click = band(rng.standard_normal(len(t)), 900, 5200) * np.exp(-t / 0.004)
    return fade(np.tanh(1.7 * body * np.exp(-t / 0.13)) + 0.25 * click)


def snare(rng):
    t = seconds(0.34)
    head = (np.sin(2 * np.pi * np.cumsum(186 + 55 * np.exp(-t / 0.015)) / RATE)
            * np.exp(-t / 0.07) + 0.5 * np.sin(2 * np.pi * 331 * t) * np.exp(-t / 0.045))
    wires = band(rng.standard_normal(len(t)), 1400, 8800) * (np.exp(-t / 0.018)
                                                            + 0.5 * np.exp(-t / 0.085))
    return fade(np.tanh(0.8 * head + 0.75 * wires))


def metal(rng, t, base):
    """Six detuned square waves: the raw sound of a cymbal machine."""
    ratios = np.array([1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523])
    return sum(np.sign(np.sin(2 * np.pi * base * r * t + rng.uniform(0, 6))) for r in ratios) / 6


def hat(rng, open_=False):
    t = seconds(0.38 if open_ else 0.09)
    raw = metal(rng, t, 1460) + 0.5 * rng.standard_normal(len(t))
    return fade(band(raw, 7200, 14500, 3) * np.exp(-t / (0.11 if open_ else 0.022)))


def crash(rng):
    t = seconds(2.6)
    raw = 0.5 * metal(rng, t, 870) + rng.standard_normal(len(t))
    bright = band(raw, 3800, 13000) * np.exp(-t / 0.34)
    return fade(0.5 * bright + 0.3 * band(raw, 1200, 4500) * np.exp(-t / 0.28), 0.3)


def tom(rng, pitch):
    t = seconds(0.4)
    body = np.sin(2 * np.pi * np.cumsum(pitch * (1 + 0.5 * np.exp(-t / 0.03))) / RATE)
    skin = band(rng.standard_normal(len(t)), 500, 3500) * np.exp(-t / 0.01)
    return fade(body * np.exp(-t / 0.12) + 0.2 * skin)


def clap(rng):
    t = seconds(0.25)
    envelope = sum(np.exp(-np.maximum(t - d, 0) / 0.006) * (t >= d) for d in (0, 0.011, 0.021))
    envelope = envelope + 0.9 * np.exp(-np.maximum(t - 0.03, 0) / 0.05) * (t >= 0.03)
    return fade(0.5 * band(rng.standard_normal(len(t)), 850, 5500) * envelope)


# Pitched instruments


def bass(midi, length):
    """A round electric bass: harmonics which fade the sooner the higher they are."""
    t = seconds(length)
    f = hertz(midi)
    x = np.zeros(len(t))
    for h in range(1, 15):
        strength = (1 / h) * abs(np.sin(np.pi * h * 0.22)) * np.exp(-t * (0.6 + 0.9 * h))
        x += strength * np.sin(2 * np.pi * f * h * t + 0.3 * h)
    x *= np.minimum(1, t / 0.006)
    return fade(np.tanh(1.6 * x), 0.03)


def piano(midi, length, velocity):
    """An electric piano by frequency modulation; louder is brighter."""
    t = seconds(length + 0.25)
    f = hertz(midi)
    index = (0.5 + 1.4 * velocity) * np.exp(-t / 0.5) + 0.15
    body = np.sin(2 * np.pi * f * t + index * np.sin(2 * np.pi * f * t))
    tine = np.sin(2 * np.pi * f * t + 0.6 * np.exp(-t / 0.06) * np.sin(2 * np.pi * 14 * f * t))
    x = (0.8 * body + 0.35 * tine) * np.exp(-t / 1.3) * np.minimum(1, t / 0.003)
    return velocity * x * np.clip((length + 0.25 - t) / 0.22, 0, 1)


def pad(midi, length, cents, rng):
    """One side of a string pad: three detuned saws, softened, swelling."""
    t = seconds(length + 0.6)
    x = np.zeros(len(t))
    for detune in (-cents, 0.3 * cents, cents):
        f = hertz(midi + detune / 100)
        phase = rng.uniform(0, 2 * np.pi)
        for h in range(1, max(2, int(3600 / f))):
            x += np.sin(2 * np.pi * f * h * t + phase * h) / h / (1 + (h * f / 1100) ** 2)
    return 0.4 * x * np.clip(t / 0.35, 0, 1) * np.clip((length + 0.6 - t) / 0.6, 0, 1)


def guitar(midi, length, velocity, rng):
    """A plucked steel string (Karplus & Strong 1983, doi:10.2307/3680062)."""
    period = RATE / hertz(midi) - 0.5
    whole = int(period)
    part = period - whole
    n = int((length + 0.3) * RATE)
    burst = np.zeros(n)
    burst[:whole] = rng.uniform(-1, 1, whole)
    burst = band(burst, None, 1500 + 5000 * velocity, 1)
    pick = max(1, int(0.17 * whole))  # plucked at a sixth of the string
    burst[pick:] -= 0.8 * burst[:-pick]
    feedback = np.zeros(whole + 3)
    loss = 0.5 ** (1 / (hertz(midi) * 0.35))  # halves in 0.35 s, high partials sooner
    taps = np.convolve([1 - part, part], [0.5, 0.5]) * loss
    feedback[0] = 1
    feedback[whole:whole + 3] -= taps
    t = np.arange(n) / RATE
    x = signal.lfilter([1.0], feedback, burst) * np.clip((length + 0.3 - t) / 0.15, 0, 1)
    return velocity * (x + 0.5 * band(x, 90, 260))


def bell(midi, velocity):
    """A soft mallet: three partials of a bar."""
    t = seconds(1.1)
    f = hertz(midi)
    x = sum(a * np.sin(2 * np.pi * f * r * t) * np.exp(-t / d)
            for r, a, d in ((1, 1, 0.32), (3.98, 0.35, 0.1), (9.8, 0.1, 0.03)))
    return fade(velocity * x * np.minimum(1, t / 0.002), 0.1)
