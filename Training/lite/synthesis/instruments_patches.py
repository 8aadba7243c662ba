# SPDX-License-Identifier: MIT
"""Patches of the synthetic voices, drawn at random for a role."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import music_dsp as dsp
from .music_plan import choose


@dataclass
class Patch:
    """The settings of one voice. `kind` is 'subtractive', 'fm', 'string' or 'organ'."""

    kind: str = "subtractive"
    waves: tuple[int, ...] = (dsp.SAW,)
    unison: int = 1
    detune: float = 0.1  # semitones
    spread: float = 0.6  # stereo width of the unison
    width: float = 0.5  # pulse width
    sub: float = 0.0  # level of a sine at the fundamental
    attack: float = 0.005
    decay: float = 0.4
    sustain: float = 0.6
    release: float = 0.08
    cutoff: float = 2000.0
    track: float = 0.5  # how far the cutoff follows the pitch
    sweep: float = 2.0  # octaves the filter envelope opens
    sweep_decay: float = 0.2
    resonance: float = 0.9
    wobble: float = 0.0  # hertz of a filter LFO
    ratio: float = 1.0  # FM ratio
    index: float = 2.0  # FM index
    index_decay: float = 0.3
    vibrato: float = 0.0  # semitones
    glide: float = 0.0  # seconds
    attack_hertz: float = 6000.0  # brightness of a pluck
    bars: tuple[float, ...] = ()  # the levels of eight drawbars


def random_patch(rng: np.random.Generator, name: str) -> Patch:
    """A patch for a role: a bass, pad, lead, pluck, supersaw, bells, organ, keys or string."""
    u = rng.uniform
    wave = choose(
        rng, ((dsp.SAW,), (dsp.SQUARE,), (dsp.SAW, dsp.SQUARE), (dsp.TRIANGLE,), (dsp.SAW, dsp.SAW))
    )
    if name == "bass string":
        return Patch(
            kind="string",
            cutoff=u(0.1, 0.6),
            attack_hertz=u(250, 1500),
            decay=u(0.6, 3),
            release=u(0.03, 0.1),
            spread=0.0,
        )
    if name == "saw":
        return Patch(
            waves=choose(rng, ((dsp.SAW,), (dsp.SAW, dsp.SQUARE))),
            unison=choose(rng, (1, 2)),
            detune=u(0.03, 0.15),
            spread=0.2,
            sub=u(0, 0.6),
            decay=u(0.2, 1),
            sustain=u(0.4, 1),
            cutoff=u(200, 1200),
            sweep=u(0, 3),
            sweep_decay=u(0.05, 0.4),
            resonance=u(0.7, 2),
        )
    if name == "square":
        return Patch(
            waves=(choose(rng, (dsp.SQUARE, dsp.TRIANGLE)),),
            width=u(0.3, 0.5),
            sub=u(0, 0.5),
            decay=u(0.2, 1),
            sustain=u(0.3, 1),
            cutoff=u(300, 1800),
            sweep=u(0, 2),
            sweep_decay=u(0.05, 0.3),
            resonance=u(0.7, 1.5),
        )
    if name == "sub":
        return Patch(
            waves=(choose(rng, (dsp.SINE, dsp.TRIANGLE)),),
            attack=u(0.002, 0.02),
            decay=u(0.5, 3),
            sustain=u(0.6, 1),
            cutoff=u(400, 3000),
            sweep=0,
        )
    if name == "eight":
        return Patch(
            waves=(dsp.SINE,),
            attack=0.002,
            decay=u(0.6, 2),
            sustain=0.1,
            release=u(0.05, 0.2),
            cutoff=4000,
            sweep=0,
            glide=u(0.02, 0.12),
        )
    if name == "acid":
        return Patch(
            waves=(choose(rng, (dsp.SAW, dsp.SQUARE)),),
            decay=u(0.2, 0.6),
            sustain=u(0.2, 0.8),
            release=0.02,
            cutoff=u(120, 500),
            sweep=u(2, 4.5),
            sweep_decay=u(0.06, 0.25),
            resonance=u(3, 9),
            track=0.3,
            glide=choose(rng, (0.0, 0.04)),
        )
    if name == "reese":
        return Patch(
            unison=choose(rng, (2, 3)),
            detune=u(0.15, 0.5),
            spread=u(0.1, 0.6),
            sub=u(0.2, 0.8),
            sustain=1,
            cutoff=u(200, 900),
            sweep=u(-0.5, 1),
            wobble=u(0.05, 0.4),
        )
    if name == "wobble":
        return Patch(
            waves=choose(rng, ((dsp.SAW, dsp.SQUARE), (dsp.SAW,))),
            unison=2,
            detune=0.12,
            spread=0.2,
            sub=u(0.3, 0.9),
            sustain=1,
            cutoff=u(300, 900),
            sweep=u(0, 0.5),
            wobble=u(2, 7),
            resonance=u(1, 4),
        )
    if name in ("fm", "keys", "bells"):
        bell = name == "bells"
        return Patch(
            kind="fm",
            ratio=float(
                choose(
                    rng,
                    (3.5, 1.41, 2.76, 7.0, 5.4, 4.0)
                    if bell
                    else (1.0, 2.0, 0.5, 3.0, 14.0)
                    if name == "keys"
                    else (1.0, 2.0, 0.5),
                )
            ),
            index=u(0.6, 3.5),
            index_decay=u(0.1, 0.8),
            decay=u(0.5, 2.5) if bell else u(0.4, 1.5),
            sustain=0.0 if bell else u(0.1, 0.6),
            release=u(0.2, 1) if bell else u(0.05, 0.25),
            unison=choose(rng, (1, 2)),
            detune=u(0.02, 0.1),
        )
    if name == "pad":
        return Patch(
            waves=wave,
            unison=int(rng.integers(2, 5)),
            detune=u(0.05, 0.25),
            spread=u(0.5, 1),
            attack=u(0.1, 0.9),
            decay=2,
            sustain=u(0.7, 1),
            release=u(0.2, 0.8),
            cutoff=u(300, 3000),
            sweep=u(-1, 1.5),
            sweep_decay=u(0.5, 3),
            wobble=choose(rng, (0.0, 0.1, 0.3, 4.0)),
            resonance=u(0.6, 1.6),
        )
    if name == "supersaw":
        return Patch(
            unison=6,
            detune=u(0.12, 0.35),
            spread=u(0.7, 1),
            attack=u(0.003, 0.05),
            decay=u(0.3, 2),
            sustain=u(0.4, 1),
            release=u(0.08, 0.3),
            cutoff=u(1500, 9000),
            sweep=u(0, 1.5),
            sub=u(0, 0.2),
        )
    if name == "pluck":
        return Patch(
            waves=wave,
            unison=int(rng.integers(1, 4)),
            detune=u(0.03, 0.2),
            decay=u(0.1, 0.5),
            sustain=0.0,
            release=u(0.05, 0.3),
            cutoff=u(300, 1800),
            sweep=u(1.5, 4),
            sweep_decay=u(0.04, 0.25),
            resonance=u(0.7, 3),
        )
    if name == "organ":
        return Patch(
            kind="organ",
            bars=tuple(
                float(v)
                for v in rng.uniform(0, 1, 8) ** 1.5 * (1, 0.8, 0.8, 0.6, 0.4, 0.3, 0.2, 0.3)
            ),
            attack=0.006,
            sustain=1,
            release=0.02,
        )
    if name == "string":
        return Patch(
            kind="string",
            cutoff=u(0.3, 0.95),
            attack_hertz=u(1500, 9000),
            decay=u(0.6, 4),
            release=u(0.03, 0.15),
            spread=u(0, 0.4),
        )
    return Patch(
        waves=wave,
        unison=int(rng.integers(1, 4)),
        detune=u(0.03, 0.2),
        spread=u(0, 0.6),
        attack=u(0.003, 0.06),
        decay=u(0.3, 1.5),
        sustain=u(0.5, 1),
        release=u(0.05, 0.25),
        cutoff=u(600, 5000),
        sweep=u(0, 2),
        resonance=u(0.7, 2.5),
        vibrato=u(0, 0.35),
        glide=u(0, 0.08),
    )  # a lead
