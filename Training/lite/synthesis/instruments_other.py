# SPDX-License-Identifier: MIT
"""Renders the parts of the `other` stem through amplifiers, effects and rooms."""

from __future__ import annotations

import numpy as np

from . import music_dsp as dsp
from .instruments_parts import PARTS, Part
from .instruments_patches import random_patch
from .instruments_playing import perform_part
from .instruments_synth import play_patch
from .music_dsp import SAMPLE_RATE
from .music_fluid import FluidSynth
from .music_plan import Note, Song, choose

DISTORTED = (29, 30)  # programs that are distorted already
BOWED_OR_BLOWN = set(range(40, 44)) | set(range(56, 80)) | {22, 110}


def _expression(rng, notes: list[Note], bends_allowed: bool):
    """Vibrato that grows in each note, swells, and scoops into some notes."""
    controls, bends = [], []
    depth = rng.uniform(10, 70)
    for note in notes:
        controls.append((note.start, 1, 0))
        if note.duration > 0.35:
            controls += [(note.start + 0.2 + 0.05 * i, 1, depth * i / 5) for i in range(1, 6)]
        swell = np.sin(np.linspace(0.3, 2.6, 6)) if note.duration > 0.4 else (1.0,)
        controls += [
            (note.start + note.duration * i / len(swell), 11, 80 + 47 * s)
            for i, s in enumerate(swell)
        ]
        if bends_allowed and rng.random() < 0.2 and note.duration > 0.2:
            depth_of_scoop = rng.choice([-2, -1, -0.5])
            bends += [(note.start + 0.012 * i, depth_of_scoop * (1 - i / 8)) for i in range(9)]
    return controls, bends


def _amplified(rng, x: np.ndarray, amp: str) -> np.ndarray:
    """A guitar amplifier or a keyboard's effects."""
    if amp == "distorted":
        mono = dsp.filtered((x[0] + x[1]) / 2, "highpass", rng.uniform(60, 160), 1)
        mono = dsp.saturated(mono, 10 ** rng.uniform(0.6, 2.2), rng.uniform(0, 0.2))
        mono = dsp.equalised(mono, rng.uniform(400, 900), rng.uniform(-6, 2), 0.7)
        mono = dsp.equalised(mono, rng.uniform(2000, 3500), rng.uniform(0, 6), 1.0)
        mono = dsp.filtered(
            dsp.filtered(mono, "lowpass", rng.uniform(3800, 6500), 4), "highpass", 70
        )
        return np.stack([mono, mono])
    if amp == "guitar" and rng.random() < 0.6:
        x = dsp.filtered(
            dsp.saturated(x, 10 ** rng.uniform(-0.3, 0.7)), "lowpass", rng.uniform(3500, 8000)
        )
        if rng.random() < 0.2:  # a wah that follows the playing
            level = dsp.follow(np.max(np.abs(x), axis=0), 0.01, 0.15)
            cutoff = (350 * 2 ** (2.5 * level / (level.max() + 1e-9))).astype(np.float32)
            x = dsp.swept(x, cutoff, 3.0, dsp.BAND)
    if amp == "keys":
        effect = choose(rng, ("none", "tremolo", "phaser", "rotary", "drive"))
        if effect == "tremolo":
            x = dsp.tremolo(x, rng.uniform(3, 7), rng.uniform(0.2, 0.7), True)
        elif effect == "phaser":
            x = dsp.phased(x, rng.uniform(0.1, 0.8), rng.uniform(0.4, 0.9))
        elif effect == "rotary":
            rate = choose(rng, (0.8, 6.5))
            x = dsp.tremolo(dsp.chorused(x, rate, 0.0008, 0.7), rate, 0.3, True)
        elif effect == "drive":
            x = dsp.saturated(x, rng.uniform(1, 5))
    return x


def _render_effects(rng, song: Song, frames: int) -> np.ndarray:
    """Risers before and impacts at the sections' borders, sweeps and drones of noise."""
    out = np.zeros((2, frames), np.float32)
    for section in song.playing("effects"):
        end = (section.first + section.bars) * song.beats_per_bar * song.beat
        begin = section.first * song.beats_per_bar * song.beat
        for kind in ("riser", "fall", "drone"):
            if rng.random() < 0.4:
                continue
            length = min(
                end - begin,
                {"riser": rng.uniform(1.5, 8), "fall": rng.uniform(1, 4), "drone": end - begin}[
                    kind
                ],
            )
            size = min(int(length * SAMPLE_RATE), frames - int(begin * SAMPLE_RATE))
            at = min(int((end - length if kind == "riser" else begin) * SAMPLE_RATE), frames - size)
            rise = np.linspace(0, 1, size) if kind == "riser" else np.linspace(1, 0, size)
            if kind == "drone":
                rise = 0.5 + 0.5 * np.sin(np.linspace(0, rng.uniform(3, 20), size))
            cutoff = (200 * 2 ** (rise * rng.uniform(3, 6))).astype(np.float32)
            if rng.random() < 0.7:
                raw = rng.standard_normal((2, size)).astype(np.float32)
            else:
                raw = np.stack([dsp.oscillator(cutoff.astype(np.float64), dsp.SAW, 0.0, 0.5)] * 2)
            mode = choose(rng, (dsp.BAND, dsp.BAND, dsp.LOW))
            x = np.stack([dsp.sweep_filter(c, cutoff, rng.uniform(0.8, 4), mode) for c in raw])
            out[:, at : at + size] += (
                0.5
                * x
                * (rise ** (1.5 if kind != "drone" else 1.0))
                * (0.4 if kind == "drone" else 1)
            )
    return out


def _ducking(rng, kicks: list[float], frames: int) -> np.ndarray:
    """The gain of a side chain that every kick triggers."""
    duck = np.ones(frames, np.float32)
    depth, recovery = rng.uniform(0.4, 0.95), rng.uniform(0.12, 0.3)
    for kick in kicks:
        at = int(kick * SAMPLE_RATE)
        size = min(int(0.5 * SAMPLE_RATE), frames - at)
        curve = 1 - depth * np.exp(-np.arange(size) / SAMPLE_RATE / recovery)
        duck[at : at + size] = np.minimum(duck[at : at + size], curve)
    return duck


def _render_part(
    rng, song: Song, name: str, part: Part, synth: FluidSynth, frames: int
) -> np.ndarray:
    if part.play == "effects":
        return _render_effects(rng, song, frames)
    notes = perform_part(rng, song, name)
    sound = choose(rng, part.sounds)
    if not notes:
        return np.zeros((2, frames), np.float32)
    amp = part.amp
    if sound.startswith("fluid:"):
        program, controls, bends = int(sound[6:]), (), ()
        if part.play == "line":
            bendable = part.amp != "clean" or program in BOWED_OR_BLOWN
            controls, bends = _expression(rng, notes, bendable)
        x = synth.render(notes, frames, program, 0, controls, bends)
        if amp == "distorted" and program in DISTORTED:
            amp = "guitar"
    else:
        patch = random_patch(rng, "saw" if sound == "saw chord" else sound)
        if part.play == "line" and sound == "string":
            patch.decay = rng.uniform(4, 9)  # a solo guitar sustains
        x = play_patch(rng, patch, notes, frames)
    x = _amplified(rng, x, amp)
    if part.amp == "distorted" and rng.random() < 0.4:  # double-tracked, hard left and right
        other = dsp.shifted(
            dsp.chorused(x, rng.uniform(0.1, 0.4), 0.002, 0.9),
            int(rng.uniform(0.008, 0.025) * SAMPLE_RATE),
        )
        x = np.stack([x[0], dsp.equalised(other[1], 1500, rng.uniform(-3, 3))])
    return x


def _spatialised(
    rng, song: Song, part: Part, x: np.ndarray, wide: bool
) -> tuple[np.ndarray, np.ndarray]:
    """The dry part in its place and what it sends to the reverb."""
    x = dsp.random_equaliser(x, rng, 3.5)
    if rng.random() < 0.3:
        x = dsp.compressed(x, -rng.uniform(3, 12), rng.uniform(1.5, 4))
    if part.amp != "distorted" and rng.random() < 0.25:
        x = dsp.chorused(x, rng.uniform(0.2, 1.5), rng.uniform(0.001, 0.006), rng.uniform(0.2, 0.7))
    position = 0.0 if rng.random() < 0.3 else rng.uniform(-0.7, 0.7) * (0.4 if wide else 1)
    x = dsp.widened(x, rng.uniform(*part.width), position)
    if rng.random() < (0.45 if part.play in ("line", "arpeggio") else 0.12):
        x = dsp.echoed(
            x,
            song.beat * float(choose(rng, (0.5, 0.75, 1 / 3, 1.0))),
            rng.uniform(0.2, 0.6),
            rng.uniform(0.1, 0.45),
        )
    if rng.random() < 0.05:
        sweep = 2 ** (np.sin(np.linspace(0, rng.uniform(2, 12), x.shape[1])) * 2 + 10)
        x = dsp.swept(x, sweep, 1.2, dsp.LOW)
    return x, x * part.reverb * rng.uniform(0.2, 1.8)


def render_other(
    rng: np.random.Generator, song: Song, synth: FluidSynth, kicks: list[float]
) -> np.ndarray:
    """The `other` stem, (2, frames); `kicks` in seconds drive the side chain, if there is one."""
    frames = int(song.seconds * SAMPLE_RATE)
    dry, send = np.zeros((2, frames), np.float32), np.zeros((2, frames), np.float32)
    for name in song.part_names:
        part = PARTS[name]
        x = _render_part(rng, song, name, part, synth, frames)
        if dsp.active_level(x) < 1e-6:
            continue
        x, wet = _spatialised(rng, song, part, x, len(song.part_names) == 1)
        level = part.level - rng.uniform(0, 9)
        gain = dsp.decibels(-20 + level) / max(dsp.active_level(x), 1e-6)
        dry += x * gain
        send += wet * gain
    if song.style.pump and rng.random() < song.style.pump and kicks:
        duck = _ducking(rng, kicks, frames)
        dry, send = dry * duck, send * duck
    reverb = dsp.room(rng, rng.uniform(0.6, 3.2), rng.uniform(0.2, 1), rng.uniform(0.005, 0.04))
    stem = dry + dsp.convolved(send, reverb) if send.any() else dry
    if rng.random() < 0.3:
        stem = dsp.compressed(stem, -rng.uniform(3, 10), rng.uniform(1.3, 2.5))
    return dsp.filtered(stem, "highpass", 28, 1)
