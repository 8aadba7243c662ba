# SPDX-License-Identifier: MIT
"""Drum kits: one-shots from the sound font and from synthesis, and the drum stem made of them."""

from __future__ import annotations

import numpy as np

from . import music_dsp as dsp
from .drums_patterns import Hit
from .drums_pieces import LENGTHS, synthesise_piece
from .music_dsp import SAMPLE_RATE
from .music_fluid import DRUM_BANK, FluidSynth
from .music_plan import Note, Song, choose

GENERAL_MIDI = {
    "kick": (36, 35),
    "snare": (38, 40),
    "rim": (37,),
    "clap": (39,),
    "hat": (42,),
    "pedal": (44,),
    "open": (46,),
    "crash": (49, 57, 55, 52),
    "ride": (51, 59),
    "bell": (53,),
    "tom1": (50, 48),
    "tom2": (47, 45),
    "tom3": (43, 41),
    "shaker": (70, 82),
    "tambourine": (54,),
    "cowbell": (56,),
    "conga1": (63, 62, 60),
    "conga2": (64, 61),
    "clave": (75, 76),
}
GROUPS = {
    "kick": "kick",
    "snare": "snare",
    "rim": "snare",
    "clap": "snare",
    "tom1": "toms",
    "tom2": "toms",
    "tom3": "toms",
    "hat": "cymbals",
    "pedal": "cymbals",
    "open": "cymbals",
    "crash": "cymbals",
    "ride": "cymbals",
    "bell": "cymbals",
}
PROGRAMS = {  # presets of the drum bank
    "acoustic": {0: 4, 8: 3, 16: 3, 32: 0.5},
    "electronic": {24: 3, 25: 2},
    "eight": {25: 4},
    "brush": {40: 4, 32: 2},
    "orchestra": {48: 4, 0: 1},
}
PLAYED = {"fluid": 4, "synth": 0.7, "both": 3}  # where a kit's sounds come from
SYNTHETIC = {"fluid": 1.5, "synth": 4, "both": 2.5}
BUSES = ("kick", "snare", "toms", "cymbals", "percussion")
LEVELS = {  # usual level of each piece in dB
    "kick": -2,
    "snare": -1,
    "rim": -7,
    "clap": -4,
    "hat": -9,
    "pedal": -12,
    "open": -9,
    "crash": -6,
    "ride": -10,
    "bell": -9,
    "tom1": -4,
    "tom2": -4,
    "tom3": -4,
    "shaker": -15,
    "tambourine": -14,
    "cowbell": -12,
    "conga1": -8,
    "conga2": -8,
    "clave": -11,
}


def _retuned(x: np.ndarray, ratio: float) -> np.ndarray:
    frames = np.arange(int(x.shape[1] / ratio)) * ratio
    source = np.arange(x.shape[1])
    return np.stack([np.interp(frames, source, channel) for channel in x]).astype(np.float32)


def _normalised(x: np.ndarray) -> np.ndarray:
    return x / (np.max(np.abs(x)) + 1e-9)


def make_piece(
    rng, synth: FluidSynth, piece: str, flavour: str, program: int, source: str
) -> list[np.ndarray]:
    """Two velocity layers of a stereo one-shot, peak 1: soft, hard."""
    seconds = LENGTHS.get(piece, 0.5) * 1.3
    frames = int(seconds * SAMPLE_RATE)
    position = {"kick": 0.0, "snare": 0.0}.get(piece, rng.uniform(-0.6, 0.6))
    made = []
    if source in ("fluid", "both"):
        key, ratio = choose(rng, GENERAL_MIDI[piece]), 2 ** rng.uniform(-0.25, 0.25)
        for velocity in (0.5, 0.95):
            x = synth.render([Note(0.0, seconds, key, velocity)], frames, program, DRUM_BANK)
            x = _retuned(dsp.widened(x, rng.uniform(0.3, 1)), ratio)
            made.append(_normalised(x))
    if source in ("synth", "both") or np.max(np.abs(made[1])) < 0.5:
        mono = synthesise_piece(rng, piece, flavour)
        soft = dsp.filtered(mono, "lowpass", 5000 if piece in ("kick", "snare") else 11000, 1)
        drawn = [_normalised(dsp.panned(x, position)) for x in (soft, mono)]
        if not made or np.max(np.abs(made[1])) < 0.5:
            made = drawn
        else:
            share = rng.uniform(0.2, 0.8)
            size = max(made[0].shape[1], drawn[0].shape[1])
            grow = [np.pad(x, ((0, 0), (0, size - x.shape[1]))) for x in made + drawn]
            made = [_normalised(grow[i] * (1 - share) + grow[i + 2] * share) for i in range(2)]
    fade = int(0.02 * SAMPLE_RATE)
    for x in made:
        x[:, -fade:] *= np.linspace(1, 0, fade)
    return made


def _strike_all(
    rng, synth: FluidSynth, hits: list[Hit], frames: int, flavour: str, source: str
) -> dict[str, np.ndarray]:
    """Every stroke, mixed into one bus per group of pieces."""
    program = choose(rng, PROGRAMS[flavour])
    buses = {name: np.zeros((2, frames), np.float32) for name in BUSES}
    kit, balance = {}, {}
    closings = sorted(hit.time for hit in hits if hit.piece in ("hat", "pedal"))
    for hit in hits:
        if hit.piece not in kit:
            kit[hit.piece] = make_piece(rng, synth, hit.piece, flavour, program, source)
            balance[hit.piece] = dsp.decibels(LEVELS[hit.piece] + rng.normal(0, 2.5))
        soft, hard = kit[hit.piece]
        share = np.clip(hit.velocity * 1.6 - 0.5, 0, 1)
        at = int(hit.time * SAMPLE_RATE)
        size = min(soft.shape[1], hard.shape[1], frames - at)
        if size <= 0:
            continue
        x = (soft[:, :size] * (1 - share) + hard[:, :size] * share) * (
            hit.velocity**1.5 * balance[hit.piece]
        )
        after = np.searchsorted(closings, hit.time + 0.03)
        if hit.piece == "open" and after < len(closings):  # a closing hat chokes the open one
            stop = int((closings[after] - hit.time) * SAMPLE_RATE)
            if stop < size:
                x = x[:, :stop] * np.minimum(1, np.arange(stop, 0, -1) / 400)
                size = stop
        buses[GROUPS.get(hit.piece, "percussion")][:, at : at + size] += x
    return buses


def render_drums(
    rng: np.random.Generator, song: Song, synth: FluidSynth, hits: list[Hit]
) -> np.ndarray:
    """The drum stem, (2, frames)."""
    frames = int(song.seconds * SAMPLE_RATE)
    flavour = choose(rng, song.style.kits)
    source = choose(rng, SYNTHETIC if flavour in ("electronic", "eight") else PLAYED)
    buses = _strike_all(rng, synth, hits, frames, flavour, source)
    driven = rng.random() < song.style.drive
    for name, bus in buses.items():
        if not bus.any():
            continue
        bus = dsp.random_equaliser(bus, rng, 3.5)
        if name in ("kick", "snare") and rng.random() < 0.5:
            bus = dsp.compressed(
                bus, -rng.uniform(3, 12), rng.uniform(2, 5), rng.uniform(0.003, 0.02), 0.1
            )
        if driven and rng.random() < 0.5:
            bus = dsp.saturated(bus, rng.uniform(1, 4))
        buses[name] = bus
    wet = rng.uniform(0.0, 0.25) if flavour in ("electronic", "eight") else rng.uniform(0.05, 0.5)
    sends = {
        "snare": 1.0,
        "toms": 0.8,
        "cymbals": 0.4,
        "percussion": 0.5,
        "kick": rng.uniform(0, 0.5),
    }
    send = sum(buses[name] * share for name, share in sends.items())
    seconds = rng.uniform(0.25, 1.0) if rng.random() < 0.75 else rng.uniform(1, 2.6)
    space = dsp.room(rng, seconds, rng.uniform(0.3, 1), 0.006)
    stem = sum(buses.values())
    if send.any():
        space = dsp.convolved(send, space)
        if rng.random() < 0.12:  # gated, as in the eighties
            gate = dsp.follow(np.max(np.abs(send), axis=0), 0.002, 0.12)
            space *= np.minimum(1, gate / (0.25 * gate.max() + 1e-9)) ** 2
        stem = stem + space * wet
    if rng.random() < 0.6:
        stem = dsp.compressed(
            stem,
            -rng.uniform(4, 16),
            rng.uniform(1.5, 4),
            rng.uniform(0.005, 0.03),
            rng.uniform(0.06, 0.2),
        )
    if driven:
        stem = dsp.saturated(stem, rng.uniform(0.8, 2.5))
    if rng.random() < 0.06:  # a lo-fi loop
        stem = dsp.filtered(stem, "lowpass", rng.uniform(3000, 9000))
    stem = dsp.filtered(stem, "highpass", 22, 2)
    crest = rng.uniform(11, 17)  # dB that a mix leaves
    ceiling = dsp.active_level(stem) * dsp.decibels(crest)
    return stem * dsp.limiter_gain(stem, ceiling) if ceiling else stem
