# SPDX-License-Identifier: MIT
"""Signal processing shared by the instrument renderers.

Mono signals have shape (frames,), stereo signals (2, frames); all are float32 at 44.1 kHz.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from scipy import fft, signal
from scipy.ndimage import minimum_filter1d, uniform_filter1d

SAMPLE_RATE = 44100
LOW, BAND, HIGH = 0, 1, 2
SINE, SAW, SQUARE, TRIANGLE = 0, 1, 2, 3


def decibels(value: float) -> float:
    """The linear amplitude of a level in decibels."""
    return 10.0 ** (value / 20.0)


def midi_to_hertz(note):
    return 440.0 * 2.0 ** ((np.asarray(note, dtype=np.float64) - 69.0) / 12.0)


# --- Sources -------------------------------------------------------------------------------


@njit(cache=True, fastmath=True)
def advance(phase, step):
    """A phase 0...1 moved on by less than one turn."""
    phase += step
    return phase - 1.0 if phase >= 1.0 else phase


@njit(cache=True, fastmath=True)
def _blep(phase, step):
    """What smooths a falling edge of height 2 at phase 0 (polyBLEP)."""
    if phase < step:
        t = phase / step
        return t + t - t * t - 1.0
    if phase > 1.0 - step:
        t = (phase - 1.0) / step
        return t * t + t + t + 1.0
    return 0.0


@njit(cache=True, fastmath=True)
def wave_value(shape, phase, step, width):
    """One sample of a sine, saw, square or triangle at `phase` 0...1 that advances by `step`."""
    if shape == SINE:
        return np.sin(2.0 * np.pi * phase)
    if shape == TRIANGLE:
        return 4.0 * abs(phase - 0.5) - 1.0
    value = 2.0 * phase - 1.0 - _blep(phase, step)
    if shape == SQUARE:
        other = advance(phase, width)
        value += 2.0 * width - 2.0 * other + _blep(other, step)
    return value


@njit(cache=True, fastmath=True)
def oscillator(frequency, shape, phase, width):
    """A band-limited wave that follows `frequency` (frames,) in hertz."""
    out = np.empty(frequency.size, np.float32)
    for i in range(frequency.size):
        step = frequency[i] / SAMPLE_RATE
        phase = advance(phase, step)
        out[i] = wave_value(shape, phase, step, width)
    return out


@njit(cache=True, fastmath=True)
def string_pluck(burst, period, frames, damping, brightness):
    """Karplus-Strong: `burst` excites a loop of `period` frames (fractional)."""
    whole = int(period)
    fraction = period - whole
    line = np.zeros(whole + 2, np.float32)
    out = np.zeros(frames, np.float32)
    position, last = 0, 0.0
    for i in range(frames):
        a = line[(position - whole) % (whole + 2)]
        b = line[(position - whole - 1) % (whole + 2)]
        value = a * (1.0 - fraction) + b * fraction
        last = brightness * value + (1.0 - brightness) * last
        feed = damping * last
        if i < burst.size:
            feed += burst[i]
        line[position] = feed
        out[i] = feed
        position = (position + 1) % (whole + 2)
    return out


# --- Filters -------------------------------------------------------------------------------


@njit(cache=True, fastmath=True)
def sweep_filter(x, cutoff, q, mode):
    """A state-variable filter whose cutoff (frames,) may move; mode is LOW, BAND or HIGH."""
    out = np.empty(x.size, np.float32)
    s1, s2 = 0.0, 0.0
    k = 1.0 / q
    a1, a2, a3 = 0.0, 0.0, 0.0
    for i in range(x.size):
        if i % 16 == 0:
            g = np.tan(np.pi * min(max(cutoff[i], 20.0), 18000.0) / SAMPLE_RATE)
            a1 = 1.0 / (1.0 + g * (g + k))
            a2 = g * a1
            a3 = g * a2
        v3 = x[i] - s2
        v1 = a1 * s1 + a2 * v3
        v2 = s2 + a2 * s1 + a3 * v3
        s1 = 2.0 * v1 - s1
        s2 = 2.0 * v2 - s2
        if mode == 0:
            out[i] = v2
        elif mode == 1:
            out[i] = v1
        else:
            out[i] = x[i] - k * v1 - v2
    return out


def swept(x: np.ndarray, cutoff: np.ndarray, q: float, mode: int) -> np.ndarray:
    """`sweep_filter` over both channels."""
    cutoff = cutoff.astype(np.float32)
    return np.stack([sweep_filter(np.ascontiguousarray(c, np.float32), cutoff, q, mode) for c in x])


@njit(cache=True, fastmath=True)
def _biquads(x, sections):
    """Second-order sections (n, 6) over the rows of x, transposed direct form II."""
    out = np.empty_like(x)
    z1 = np.zeros((sections.shape[0], x.shape[0]))
    z2 = np.zeros((sections.shape[0], x.shape[0]))
    for i in range(x.shape[1]):
        for row in range(x.shape[0]):
            value = np.float64(x[row, i])
            for s in range(sections.shape[0]):
                result = sections[s, 0] * value + z1[s, row]
                z1[s, row] = sections[s, 1] * value - sections[s, 4] * result + z2[s, row]
                z2[s, row] = sections[s, 2] * value - sections[s, 5] * result
                value = result
            out[row, i] = value
    return out


def _filter_rows(x: np.ndarray, sections: np.ndarray) -> np.ndarray:
    rows = np.ascontiguousarray(np.atleast_2d(x), np.float32)
    return _biquads(rows, np.ascontiguousarray(sections)).reshape(np.shape(x))


def filtered(x: np.ndarray, kind: str, hertz, order: int = 2) -> np.ndarray:
    """Butterworth 'lowpass', 'highpass' or 'bandpass' along the last axis."""
    hertz = np.clip(hertz, 15, 20000)
    sos = signal.butter(order, hertz, kind, fs=SAMPLE_RATE, output="sos")
    return _filter_rows(x, sos)


def bell_or_shelf(hertz: float, gain: float, q: float = 0.8, kind: str = "peak") -> list[float]:
    """One biquad of R. Bristow-Johnson's Audio EQ Cookbook: a 'peak', 'low' or 'high' shelf.

    `gain` is in dB; returns b0, b1, b2, 1, a1, a2.
    """
    a = 10 ** (gain / 40)
    w = 2 * np.pi * min(hertz, 20000) / SAMPLE_RATE
    cos, alpha = np.cos(w), np.sin(w) / (2 * q)
    if kind == "peak":
        b = [1 + alpha * a, -2 * cos, 1 - alpha * a]
        d = [1 + alpha / a, -2 * cos, 1 - alpha / a]
    else:
        s = 1 if kind == "low" else -1
        root = 2 * np.sqrt(a) * alpha
        b = [
            a * (a + 1 - s * (a - 1) * cos + root),
            s * 2 * a * (a - 1 - s * (a + 1) * cos),
            a * (a + 1 - s * (a - 1) * cos - root),
        ]
        d = [
            a + 1 + s * (a - 1) * cos + root,
            -s * 2 * (a - 1 + s * (a + 1) * cos),
            a + 1 + s * (a - 1) * cos - root,
        ]
    return [value / d[0] for value in b + d]


def equalised(
    x: np.ndarray, hertz: float, gain: float, q: float = 0.8, kind: str = "peak"
) -> np.ndarray:
    return _filter_rows(x, np.array([bell_or_shelf(hertz, gain, q, kind)]))


def random_equaliser(x: np.ndarray, rng: np.random.Generator, strength: float = 4.0) -> np.ndarray:
    """A gentle random tone: two shelves and one bell of at most about `strength` dB."""
    gains = rng.uniform(-strength, strength, 3)
    return _filter_rows(
        x,
        np.array(
            [
                bell_or_shelf(rng.uniform(80, 250), gains[0], 0.7, "low"),
                bell_or_shelf(rng.uniform(3000, 9000), gains[1], 0.7, "high"),
                bell_or_shelf(10 ** rng.uniform(2.3, 3.8), gains[2], rng.uniform(0.5, 2)),
            ]
        ),
    )


@njit(cache=True, fastmath=True)
def one_pole(x, pole):
    """A one-pole low pass."""
    out = np.empty_like(x)
    state = 0.0
    for i in range(x.size):
        state = (1.0 - pole) * x[i] + pole * state
        out[i] = state
    return out


# --- Dynamics ------------------------------------------------------------------------------


@njit(cache=True, fastmath=True)
def follow(level, attack, release):
    """A peak follower with time constants in seconds."""
    up = np.exp(-1.0 / (attack * SAMPLE_RATE))
    down = np.exp(-1.0 / (release * SAMPLE_RATE))
    out = np.empty(level.size, np.float32)
    state = 0.0
    for i in range(level.size):
        c = up if level[i] > state else down
        state = c * state + (1.0 - c) * level[i]
        out[i] = state
    return out


def compressed(
    x: np.ndarray, threshold: float, ratio: float, attack=0.005, release=0.12
) -> np.ndarray:
    """Downward compression; `threshold` in dB below the signal's own peak, the peak is kept."""
    peak = float(np.max(np.abs(x))) + 1e-9
    level = np.max(np.abs(x), axis=0) if x.ndim == 2 else np.abs(x)
    over = np.maximum(follow(level, attack, release) / (peak * decibels(threshold)), 1.0)
    y = x * over ** (1 / ratio - 1)
    return (y * (peak / (np.max(np.abs(y)) + 1e-9))).astype(np.float32)


def saturated(x: np.ndarray, drive: float, bias: float = 0.0) -> np.ndarray:
    """tanh waveshaping of the peak-normalised signal; the peak level is kept."""
    peak = float(np.max(np.abs(x))) + 1e-9
    y = np.tanh(x / peak * drive + bias) - np.tanh(bias)
    return (y * (peak / (np.max(np.abs(y)) + 1e-9))).astype(np.float32)


def limiter_gain(mix: np.ndarray, ceiling: float) -> np.ndarray:
    """The gain (frames,) that keeps `mix` below `ceiling`; apply it to every stem alike."""
    need = np.minimum(1.0, ceiling / (np.max(np.abs(mix), axis=0) + 1e-9))
    window = 2 * int(0.005 * SAMPLE_RATE) + 1
    return uniform_filter1d(minimum_filter1d(need, window), window // 2).astype(np.float32)


def active_level(x: np.ndarray) -> float:
    """RMS over the blocks of 0.1 s that are within 40 dB of the loudest one."""
    mono = np.sqrt(np.mean(np.square(x), axis=0)) if x.ndim == 2 else x
    size = SAMPLE_RATE // 10
    power = np.mean(np.square(mono[: mono.size // size * size].reshape(-1, size)), axis=1)
    if power.size == 0 or power.max() < 1e-12:
        return 0.0
    return float(np.sqrt(power[power > power.max() * 1e-4].mean()))


def levelled(x: np.ndarray, target: float) -> np.ndarray:
    """Scales to an active RMS of `target` dBFS; silence stays silence."""
    level = active_level(x)
    return x if level == 0 else (x * (decibels(target) / level)).astype(np.float32)


# --- Space ---------------------------------------------------------------------------------


def panned(mono: np.ndarray, position: float) -> np.ndarray:
    """Constant-power panning, -1 left to 1 right."""
    angle = (position + 1) * np.pi / 4
    return np.stack([mono * np.cos(angle), mono * np.sin(angle)]).astype(np.float32)


def widened(x: np.ndarray, width: float, position: float = 0.0) -> np.ndarray:
    """Scales the side signal, then balances the image toward `position`."""
    mid, side = (x[0] + x[1]) / 2, (x[0] - x[1]) / 2 * width
    return np.stack([(mid + side) * min(1, 1 - position), (mid - side) * min(1, 1 + position)])


def room(
    rng: np.random.Generator, seconds: float, brightness: float, delay: float = 0.01
) -> np.ndarray:
    """A stereo impulse response: early reflections and decaying noise that darkens."""
    frames = int(seconds * 1.2 * SAMPLE_RATE)
    time = np.arange(frames) / SAMPLE_RATE
    noise = rng.standard_normal((2, frames)).astype(np.float32)
    dark = filtered(noise, "lowpass", 400 + 2500 * brightness, 1)
    bright = filtered(noise, "lowpass", 3000 + 11000 * brightness, 1)
    tail = dark * 1.5 * 10 ** (-3 * time / seconds) + bright * 10 ** (-3 * time / (0.45 * seconds))
    tail *= np.minimum(time / (0.3 * delay + 1e-4), 1)
    start = int(delay * SAMPLE_RATE)
    response = np.zeros((2, frames + start), np.float32)
    response[:, start:] = tail
    for _ in range(8):
        at = int(rng.uniform(0.3, 4) * delay * SAMPLE_RATE) + 8
        if at < frames:
            response[rng.integers(2), at] += rng.uniform(2, 8) * rng.choice([-1, 1])
    response = filtered(response, "highpass", rng.uniform(80, 350), 1)
    return response / np.sqrt(np.sum(np.square(response)) / 2)


def convolved(x: np.ndarray, response: np.ndarray) -> np.ndarray:
    """Stereo FFT convolution, cut to the input's length."""
    size = fft.next_fast_len(x.shape[-1] + response.shape[-1], real=True)
    spectrum = fft.rfft(x, size, axis=-1) * fft.rfft(response, size, axis=-1)
    return fft.irfft(spectrum, size, axis=-1)[:, : x.shape[-1]].astype(np.float32)


def shifted(x: np.ndarray, frames: int) -> np.ndarray:
    """Delays by `frames`, keeping the length."""
    out = np.zeros_like(x)
    out[..., frames:] = x[..., : x.shape[-1] - frames]
    return out


def echoed(x: np.ndarray, seconds: float, feedback: float, mix: float) -> np.ndarray:
    """Ping-pong echoes that darken."""
    wet, echo = np.zeros_like(x), x
    for _ in range(5):
        echo = (
            shifted(filtered(echo, "lowpass", 4500, 1)[::-1], int(seconds * SAMPLE_RATE)) * feedback
        )
        wet += echo
    return x + mix / max(feedback, 0.1) * wet


def chorused(x: np.ndarray, rate: float, depth: float, mix: float) -> np.ndarray:
    """Two modulated delay lines in quadrature (`depth` in seconds; short depths flange)."""
    frames = np.arange(x.shape[-1], dtype=np.float64)
    wet = np.empty_like(x)
    for channel in range(2):
        sway = np.sin(2 * np.pi * rate * frames / SAMPLE_RATE + channel * np.pi / 2)
        wet[channel] = np.interp(frames - SAMPLE_RATE * depth * (1.5 + sway), frames, x[channel])
    return ((1 - mix / 2) * x + mix * wet).astype(np.float32)


def tremolo(x: np.ndarray, rate: float, depth: float, stereo: bool) -> np.ndarray:
    """Amplitude modulation; in stereo it moves from side to side."""
    phase = 2 * np.pi * rate * np.arange(x.shape[-1]) / SAMPLE_RATE
    left, right = np.sin(phase), np.sin(phase + (np.pi if stereo else 0))
    return (x * (1 - depth * (0.5 + 0.5 * np.stack([left, right])))).astype(np.float32)


def phased(x: np.ndarray, rate: float, depth: float) -> np.ndarray:
    """A phaser-like moving notch."""
    sway = np.sin(2 * np.pi * rate * np.arange(x.shape[-1]) / SAMPLE_RATE)
    cutoff = (900 * 2 ** (1.5 * sway)).astype(np.float32)
    return x - depth * swept(x, cutoff, 0.8, BAND)
