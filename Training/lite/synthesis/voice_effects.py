# SPDX-License-Identifier: MIT
"""Production effects for synthesised singing.

Sound is `(2, frames)` float64 at 44.1 kHz unless a comment says otherwise. Each effect is a pure
function; random choices come from the `numpy.random.Generator` that the caller passes, so that a
seed always gives the same take. Nothing here reads audio files: rooms are made of noise.
"""

import numpy as np
from scipy import signal

RATE = 44100


def stereo(x):
    """Duplicates mono sound; leaves stereo as it is."""
    return np.stack([x, x]) if x.ndim == 1 else x


def db(x):
    """Decibels to an amplitude factor."""
    return 10.0 ** (x / 20.0)


def biquad(kind, frequency, gain_db=0.0, q=0.707):
    """Coefficients of R. Bristow-Johnson's cookbook filters: peak, low shelf, high shelf."""
    a = 10.0 ** (gain_db / 40.0)
    w = 2 * np.pi * min(frequency, 0.48 * RATE) / RATE
    c, alpha = np.cos(w), np.sin(w) / (2 * q)
    if kind == "peak":
        b = [1 + alpha * a, -2 * c, 1 - alpha * a]
        d = [1 + alpha / a, -2 * c, 1 - alpha / a]
    else:
        s = 1.0 if kind == "low" else -1.0
        r = 2 * np.sqrt(a) * alpha
        b = [a * ((a + 1) - s * (a - 1) * c + r), s * 2 * a * ((a - 1) - s * (a + 1) * c),
             a * ((a + 1) - s * (a - 1) * c - r)]
        d = [(a + 1) + s * (a - 1) * c + r, -s * 2 * ((a - 1) + s * (a + 1) * c),
             (a + 1) + s * (a - 1) * c - r]
    return np.array(b) / d[0], np.array(d) / d[0]


def equalise(x, kind, frequency, gain_db=0.0, q=0.707):
    b, a = biquad(kind, frequency, gain_db, q)
    return signal.lfilter(b, a, x)


def band(x, low=None, high=None, order=2):
    """Keeps what lies between `low` and `high` Hz."""
    if low:
        x = signal.sosfilt(signal.butter(order, low, "highpass", fs=RATE, output="sos"), x)
    if high and high < 0.49 * RATE:
        x = signal.sosfilt(signal.butter(order, high, "lowpass", fs=RATE, output="sos"), x)
    return x


def compress(x, threshold_db, ratio, attack=0.008, release=0.12):
    """A feed-forward compressor on the RMS of both channels, computed at 1 kHz."""
    hop = RATE // 1000
    n = x.shape[-1]
    power = np.mean(x ** 2, axis=0)
    power = np.pad(power, (0, -n % hop)).reshape(-1, hop).mean(1)
    fast = signal.lfilter([1 - np.exp(-1 / (attack * 1000))], [1, -np.exp(-1 / (attack * 1000))],
                          power)
    slow = signal.lfilter([1 - np.exp(-1 / (release * 1000))],
                          [1, -np.exp(-1 / (release * 1000))], power)
    level = 10 * np.log10(np.maximum(fast, slow) + 1e-10)
    gain = db(-np.maximum(level - threshold_db, 0) * (1 - 1 / ratio))
    return x * np.interp(np.arange(n) / hop, np.arange(len(gain)), gain)


def saturate(x, drive_db):
    """Soft clipping which keeps the level about the same."""
    g = db(drive_db)
    peak = np.max(np.abs(x)) + 1e-9
    return np.tanh(g * x / peak) * peak / np.tanh(g)


def room(rng, seconds, brightness=0.5, width=1.0, predelay=0.0):
    """A room impulse response `(2, frames)`: sparse early reflections, then decaying noise whose
    high frequencies die sooner."""
    n = int(seconds * 1.1 * RATE)
    t = np.arange(n) / RATE
    mono, side = rng.standard_normal(n), rng.standard_normal((2, n))
    tail = (1 - width) * mono + width * side
    low = band(tail, high=1200)
    high = tail - low
    tail = low * 10 ** (-3 * t / seconds)
    tail = tail + high * 10 ** (-3 * t / (seconds * (0.25 + 0.6 * brightness)))
    tail *= np.minimum(1, t / 0.02) ** 0.5
    tail /= np.sqrt(np.sum(tail ** 2) / 2) + 1e-9
    for _ in range(rng.integers(4, 12)):
        at = int(rng.uniform(0.004, 0.06) * RATE)
        if at < n:
            tail[:, at] += rng.uniform(-0.35, 0.35) * rng.uniform(0.6, 1.0, 2)
    tail = band(tail, low=rng.uniform(80, 300), high=2500 + 11000 * brightness)
    return np.pad(tail, ((0, 0), (int(predelay * RATE), 0)))


def reverberate(x, response, wet):
    """Adds `wet` times the room; the length stays, the tail is cut."""
    n = x.shape[-1]
    y = signal.oaconvolve(x, response, axes=-1)[:, :n]
    return x + wet * y


def echo(x, seconds, feedback, wet, ping_pong=True, high=4000):
    """Repeats in tempo; every repeat is darker, alternating sides when `ping_pong`."""
    n, step = x.shape[-1], max(1, int(seconds * RATE))
    out, tap = x.copy(), x
    gain = wet
    for k in range(8):
        start = (k + 1) * step
        if start >= n or gain < 0.01:
            break
        tap = band(tap, low=150, high=high, order=1)
        piece = tap[:, : n - start] * gain
        if ping_pong:
            piece = piece * np.array([[1.0], [0.35]] if k % 2 == 0 else [[0.35], [1.0]])
        out[:, start:] += piece
        gain *= feedback
    return out


def modulated_delay(x, base, depth, rate, phase=0.0):
    """Mono `x` read with a delay of `base ± depth` seconds at `rate` Hz."""
    n = len(x)
    t = np.arange(n)
    position = t - RATE * (base + depth * np.sin(2 * np.pi * rate * t / RATE + phase))
    return np.interp(position, t, x, left=0.0)


def chorus(x, rng, wet):
    voices = [modulated_delay(x[c], rng.uniform(0.012, 0.028), rng.uniform(0.0008, 0.003),
                              rng.uniform(0.2, 1.2), rng.uniform(0, 6)) for c in (0, 1)]
    return x + wet * np.stack(voices)


def detune(x, cents, delay):
    """A static doubler: mono `x` shifted by crossfaded delay ramps, `delay` seconds late."""
    n, window = len(x), 0.06
    ratio = 1 - 2 ** (cents / 1200)
    t = np.arange(n) / RATE
    out = np.zeros(n)
    for k in (0, 0.5):
        ramp = (t * abs(ratio) / window + k) % 1.0
        lag = delay + window * (ramp if ratio > 0 else 1 - ramp)
        out += np.sin(np.pi * ramp) ** 2 * np.interp((t - lag) * RATE, np.arange(n), x, left=0.0)
    return out


def widen(x, rng, amount):
    """ADT: two detuned copies of the middle, left and right."""
    mid = x.mean(0)
    cents = rng.uniform(5, 14)
    sides = np.stack([detune(mid, cents, rng.uniform(0.008, 0.02)),
                      detune(mid, -cents, rng.uniform(0.015, 0.03))])
    return x + amount * sides


def pan(x, position):
    """Constant-power balance; `position` from −1 (left) to 1 (right)."""
    angle = (position + 1) * np.pi / 4
    return x * np.sqrt(2) * np.array([[np.cos(angle)], [np.sin(angle)]])


def stutter(x, rng, step):
    """Vocal chops: now and then a slice of `step` seconds is repeated or gated in tempo."""
    n, size = x.shape[-1], int(step * RATE)
    out = x.copy()
    fade = np.minimum(1, np.minimum(np.arange(size), np.arange(size)[::-1]) / 150)
    position = 0
    while position + 8 * size < n:
        position += int(rng.integers(2, 16)) * size
        count = int(rng.choice([2, 3, 4, 6]))
        if position + (count + 1) * size >= n:
            break
        slice_ = x[:, position:position + size] * fade
        if np.mean(slice_ ** 2) < 1e-6:
            continue
        for k in range(count):
            at = position + k * size
            out[:, at:at + size] = slice_ * (1.0 if rng.random() < 0.8 else 0.0)
        position += count * size
    return out


def ring(x, frequency):
    """Ring modulation, a robot's voice."""
    return x * np.sin(2 * np.pi * frequency * np.arange(x.shape[-1]) / RATE)


def produce(x, rng, tempo=120.0, amount=1.0):
    """A random production chain. `amount` scales how much is done (0.4 for sources which already
    have effects on them)."""
    def chance(p):
        return rng.random() < p * amount

    x = stereo(x)
    x = band(x, low=rng.uniform(50, 150))
    if chance(0.9):
        x = equalise(x, "low", rng.uniform(150, 300), rng.uniform(-6, 3))
        x = equalise(x, "peak", rng.uniform(250, 1200), rng.uniform(-5, 3), rng.uniform(0.6, 2))
        x = equalise(x, "peak", rng.uniform(1800, 5000), rng.uniform(-2, 6), rng.uniform(0.5, 1.5))
        x = equalise(x, "high", rng.uniform(6000, 11000), rng.uniform(-5, 7))
    if chance(0.05):
        x = band(x, low=rng.uniform(300, 500), high=rng.uniform(2500, 4500), order=3)
        x = saturate(x, rng.uniform(6, 18))
    x = x / (loudness(x) + 1e-9) * db(-18)
    if chance(0.75):
        x = compress(x, rng.uniform(-30, -18), rng.uniform(1.5, 8), rng.uniform(0.002, 0.02),
                     rng.uniform(0.05, 0.3))
    if chance(0.3):
        x = saturate(x, rng.uniform(0, 12))
    if chance(0.03):
        x = 0.6 * x + 0.4 * ring(x, rng.uniform(30, 120))
    if chance(0.08):
        x = stutter(x, rng, 60 / tempo / rng.choice([2, 4]))
    if chance(0.25):
        x = widen(x, rng, rng.uniform(0.2, 0.8))
    if chance(0.15):
        x = chorus(x, rng, rng.uniform(0.2, 0.8))
    if chance(0.3):
        beats = rng.choice([0.25, 0.5, 0.75, 1.0])
        x = echo(x, 60 / tempo * beats if rng.random() < 0.8 else rng.uniform(0.06, 0.13),
                 rng.uniform(0.15, 0.6), db(rng.uniform(-20, -7)), rng.random() < 0.6,
                 rng.uniform(1500, 8000))
    if chance(0.85):
        seconds = float(np.exp(rng.uniform(np.log(0.25), np.log(4.0))))
        response = room(rng, seconds, rng.uniform(0.1, 0.9), rng.uniform(0.3, 1.0),
                        rng.uniform(0, 0.05))
        x = reverberate(x, response, db(rng.uniform(-26, -9)))
    if chance(0.15):
        x = pan(x, rng.uniform(-0.6, 0.6))
    return x


def loudness(x):
    """RMS amplitude while there is sound: over 50 ms blocks within 35 dB of the loudest."""
    size = RATE // 20
    n = x.shape[-1] // size * size
    if n == 0:
        return float(np.sqrt(np.mean(x ** 2)))
    power = np.mean(np.atleast_2d(x)[:, :n].reshape(-1, n // size, size) ** 2, axis=(0, 2))
    return float(np.sqrt(np.mean(power[power >= power.max() * 10 ** -3.5])))


def finish(x, rng):
    """Sets about −18 dBFS RMS while singing, peaks at most 0.99, short fades at both ends."""
    x = stereo(x)
    x = x * db(-18 + rng.uniform(-2, 2)) / (loudness(x) + 1e-9)
    x = np.where(np.abs(x) > 0.7, np.sign(x) * (0.7 + 0.29 * np.tanh((np.abs(x) - 0.7) / 0.29)), x)
    fade = np.minimum(1, np.arange(x.shape[-1]) / 220)
    return x * fade * fade[::-1]
