# SPDX-License-Identifier: MIT
"""Synthetic voices: subtractive, FM, plucked string and drawbar organ."""

from __future__ import annotations

import numpy as np
from numba import njit

from . import music_dsp as dsp
from .instruments_patches import Patch
from .music_dsp import SAMPLE_RATE, advance, string_pluck, wave_value
from .music_plan import Note

DRAWBARS = (0.5, 1.5, 1, 2, 3, 4, 5, 8)  # 16', 5 1/3', 8', 4', 2 2/3', 2', 1 3/5', 1'


@njit(cache=True, fastmath=True)
def _play_note(
    out, at, held, note, before, velocity, start, adsr, waves, voices, phases, shape, filt, fm, bars
):
    """Adds one note to `out` (2, frames) from frame `at`.

    adsr: attack, decay, sustain, release. voices (n, 3): pitch ratio, left and right gain.
    phases (n, waves). shape: pulse width, sub, glide, vibrato. filt: cutoff, sweep, sweep decay,
    resonance, wobble (cutoff 0 is no filter). fm: ratio, index, index decay (index 0 is none).
    """
    attack, decay, sustain, release = adsr
    width, sub, glide, vibrato = shape
    cutoff, sweep, sweep_decay, resonance, wobble = filt
    total = min(held + int(4 * release * SAMPLE_RATE) + 64, out.shape[1] - at)
    fall = np.exp(-1.0 / (decay * SAMPLE_RATE))
    fade = np.exp(-1.0 / (release * SAMPLE_RATE))
    level, rise, gone, sub_phase, modulator = 1.0, 0.0, 1.0, 0.0, phases[0, 0]
    left1, left2, right1, right2 = 0.0, 0.0, 0.0, 0.0
    base, a1, a2, a3, index = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(total):
        if i % 16 == 0:
            time = i / SAMPLE_RATE
            pitch = note
            if glide > 0.0:
                pitch += (before - note) * np.exp(-time / glide)
            if vibrato > 0.0:
                pitch += (
                    vibrato
                    * min(max((time - 0.2) / 0.3, 0.0), 1.0)
                    * np.sin(2.0 * np.pi * 5.5 * time)
                )
            base = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0) / SAMPLE_RATE
            index = fm[1] * velocity * np.exp(-time / fm[2])
            if cutoff > 0.0:
                octaves = (
                    sweep
                    * (0.4 + 0.6 * velocity)
                    * np.exp(-time / sweep_decay)
                    * min(1.0, time / attack)
                )
                octaves += (
                    1.3 * np.sin(2.0 * np.pi * wobble * (time + start)) if wobble > 0.0 else 0.0
                )
                g = np.tan(np.pi * min(max(cutoff * 2.0**octaves, 20.0), 18000.0) / SAMPLE_RATE)
                a1 = 1.0 / (1.0 + g * (g + 1.0 / resonance))
                a2 = g * a1
                a3 = g * a2
        if rise < 1.0:
            rise = min(1.0, rise + 1.0 / (attack * SAMPLE_RATE))
        else:
            level *= fall
        if i >= held:
            gone *= fade
        amplitude = (
            (sustain + (1.0 - sustain) * level)
            * rise
            * gone
            * velocity
            * min(1.0, (total - i) / 64.0)
        )
        left, right = 0.0, 0.0
        if bars.size:
            sub_phase = advance(sub_phase, 0.5 * base)
            for k in range(bars.size):
                multiple = 2.0 * bars[k, 0]
                if base * bars[k, 0] < 0.25:
                    left += bars[k, 1] * np.sin(2.0 * np.pi * multiple * sub_phase)
            right = left
        elif fm[1] > 0.0:
            modulator = advance(modulator, base * fm[0])
            bend = index * np.sin(2.0 * np.pi * modulator)
        if not bars.size:
            for v in range(voices.shape[0]):
                value = 0.0
                step = base * voices[v, 0]
                for w in range(waves.size):
                    own = step * (1.0 + 0.003 * w)
                    phases[v, w] = advance(phases[v, w], own)
                    if fm[1] > 0.0:
                        value += np.sin(2.0 * np.pi * phases[v, w] + bend)
                    else:
                        value += wave_value(waves[w], phases[v, w], own, width)
                left += value * voices[v, 1]
                right += value * voices[v, 2]
        if cutoff > 0.0:
            v3 = left - left2
            v1 = a1 * left1 + a2 * v3
            v2 = left2 + a2 * left1 + a3 * v3
            left1, left2, left = 2.0 * v1 - left1, 2.0 * v2 - left2, v2
            v3 = right - right2
            v1 = a1 * right1 + a2 * v3
            v2 = right2 + a2 * right1 + a3 * v3
            right1, right2, right = 2.0 * v1 - right1, 2.0 * v2 - right2, v2
        if sub > 0.0:
            sub_phase = advance(sub_phase, base)
            deep = sub * np.sin(2.0 * np.pi * sub_phase)
            left += deep
            right += deep
        out[0, at + i] += left * amplitude
        out[1, at + i] += right * amplitude


@njit(cache=True, fastmath=True)
def _pluck_note(out, at, held, burst, period, loss, brightness, release, left, right):
    """Adds one Karplus-Strong note to `out` (2, frames)."""
    total = min(held + int(4 * release * SAMPLE_RATE) + 64, out.shape[1] - at)
    x = string_pluck(burst, period, total, loss, brightness)
    gone, fade = 1.0, np.exp(-1.0 / (release * SAMPLE_RATE))
    for i in range(total):
        if i >= held:
            gone *= fade
        value = x[i] * gone * min(1.0, (total - i) / 64.0)
        out[0, at + i] += value * left
        out[1, at + i] += value * right


def _floats(*values) -> tuple[float, ...]:
    """Plain floats, so that one compiled kernel fits all patches."""
    return tuple(float(value) for value in values)


def _pan_gains(position: float) -> tuple[float, float]:
    angle = (min(1.0, max(-1.0, position)) + 1) * np.pi / 4
    return float(np.cos(angle)), float(np.sin(angle))


def _pluck(rng, patch: Patch, note: Note, out: np.ndarray, at: int, held: int) -> None:
    brightness = 0.5 + 0.48 * patch.cutoff
    hertz = float(dsp.midi_to_hertz(note.midi))
    period = SAMPLE_RATE / hertz - (1 - brightness) / brightness  # less the loop filter's delay
    pole = np.exp(-2 * np.pi * (0.2 + note.velocity) * patch.attack_hertz / SAMPLE_RATE)
    burst = dsp.one_pole(rng.uniform(-1, 1, int(period) + 1).astype(np.float32), pole)
    burst -= burst.mean()
    loss = 10 ** (-3 * period / SAMPLE_RATE / (patch.decay * (1 + 60 / note.midi)))
    left, right = _pan_gains(rng.uniform(-1, 1) * patch.spread)
    _pluck_note(
        out,
        at,
        held,
        burst,
        *_floats(
            period, loss, brightness, patch.release, left * note.velocity, right * note.velocity
        ),
    )


def play_patch(
    rng: np.random.Generator, patch: Patch, notes: list[Note], frames: int
) -> np.ndarray:
    """All notes through one patch, (2, frames)."""
    out = np.zeros((2, frames), np.float32)
    gain = 1 / (patch.unison**0.5 * len(patch.waves))
    voices = []
    for voice in range(patch.unison):
        offset = 0.0 if patch.unison == 1 else 2 * voice / (patch.unison - 1) - 1
        left, right = _pan_gains(offset * patch.spread * (1 if voice % 2 else -1))
        voices.append((2 ** (offset * patch.detune / 12), left * gain, right * gain))
    filters = patch.kind == "subtractive"
    bars = np.zeros((0, 2))
    if patch.kind == "organ":
        bars = np.array([*zip(DRAWBARS, patch.bars, strict=True)], float)
    fm = _floats(patch.ratio, patch.index if patch.kind == "fm" else 0, patch.index_decay)
    adsr = _floats(
        max(patch.attack, 1e-3), max(patch.decay, 1e-3), patch.sustain, max(patch.release, 2e-3)
    )
    before = None
    for note in notes:
        at, held = int(note.start * SAMPLE_RATE), int(note.duration * SAMPLE_RATE)
        if at >= frames:
            continue
        if patch.kind == "string":
            _pluck(rng, patch, note, out, at, held)
            continue
        near = before is not None and abs(before - note.midi) <= 12
        cutoff = patch.cutoff * (2 ** ((note.midi - 60) / 12)) ** patch.track if filters else 0.0
        _play_note(
            out,
            at,
            held,
            float(note.midi),
            float(before if near else note.midi),
            float(note.velocity),
            float(note.start),
            adsr,
            np.array(patch.waves),
            np.array(voices),
            rng.uniform(0, 1, (patch.unison, len(patch.waves))),
            _floats(patch.width, patch.sub, patch.glide, patch.vibrato),
            _floats(cutoff, patch.sweep, patch.sweep_decay, patch.resonance, patch.wobble),
            fm,
            bars,
        )
        before = note.midi
    return out
