# SPDX-License-Identifier: MIT
"""Drum kits: one-shots from the sound font and from synthesis, and the drum stem made of them."""

from __future__ import annotations

import numpy as np

from . import music_dsp as dsp
from .drums_patterns import Hit
from .music_dsp import SAMPLE_RATE
from .music_fluid import DRUM_BANK, FluidSynth
from .music_plan import Note, Song, choose

GENERAL_MIDI = {
    "kick": (36, 35), "snare": (38, 40), "rim": (37,), "clap": (39,), "hat": (42,), "pedal": (44,), "open": (46,),
    "crash": (49, 57, 55, 52), "ride": (51, 59), "bell": (53,), "tom1": (50, 48), "tom2": (47, 45), "tom3": (43, 41),
    "shaker": (70, 82), "tambourine": (54,), "cowbell": (56,), "conga1": (63, 62, 60), "conga2": (64, 61), "clave": (75, 76),
}
LENGTHS = {"crash": 2.6, "ride": 1.8, "bell": 1.6, "open": 0.9, "kick": 0.7, "tom1": 0.8, "tom2": 0.9, "tom3": 1.0, "snare": 0.7}
GROUPS = {"kick": "kick", "snare": "snare", "rim": "snare", "clap": "snare", "tom1": "toms", "tom2": "toms", "tom3": "toms",
          "hat": "cymbals", "pedal": "cymbals", "open": "cymbals", "crash": "cymbals", "ride": "cymbals", "bell": "cymbals"}
PROGRAMS = {  # presets of the drum bank
    "acoustic": {0: 4, 8: 3, 16: 3, 32: 0.5}, "electronic": {24: 3, 25: 2}, "eight": {25: 4}, "brush": {40: 4, 32: 2},
    "orchestra": {48: 4, 0: 1},
}
LEVELS = {  # usual level of each piece in dB
    "kick": 0, "snare": -1, "rim": -7, "clap": -4, "hat": -11, "pedal": -14, "open": -11, "crash": -8, "ride": -12, "bell": -11,
    "tom1": -4, "tom2": -4, "tom3": -4, "shaker": -15, "tambourine": -14, "cowbell": -12, "conga1": -8, "conga2": -8, "clave": -11,
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
    return np.sum([np.sign(np.sin(2 * np.pi * base * r * time + rng.uniform(0, 6))) for r in ratios], axis=0) / 6


def _modes(rng, time, base: float, ratios, seconds: float) -> np.ndarray:
    """Decaying partials of a membrane or bar; higher ones die sooner."""
    return np.sum([np.sin(2 * np.pi * base * r * time) * _decay(time, seconds / (0.5 + 0.5 * r)) / (1 + i)
                   for i, r in enumerate(ratios)], axis=0)


def synthesise_piece(rng: np.random.Generator, piece: str, flavour: str) -> np.ndarray:
    """A mono one-shot with random tuning; `flavour` is 'eight', 'electronic' or an acoustic kind."""
    time = _time(LENGTHS.get(piece, 0.5) * rng.uniform(0.9, 1.4))
    noise = rng.standard_normal(time.size)
    eight, acoustic = flavour == "eight", flavour not in ("eight", "electronic")
    if piece == "kick":
        low = rng.uniform(40, 62)
        body = _sweep(time, low * rng.uniform(2.5, 7), low, rng.uniform(0.008, 0.05))
        body *= _decay(time, rng.uniform(0.5, 1.4) if eight else rng.uniform(0.15, 0.55))
        click = dsp.filtered(noise, "highpass", rng.uniform(800, 4000)) * _decay(time, rng.uniform(0.01, 0.04))
        x = body + click * rng.uniform(0.02, 0.3)
        if acoustic:
            x += 0.25 * dsp.filtered(noise, "lowpass", 900) * _decay(time, 0.12)
        return dsp.saturated(x, rng.uniform(0.8, 4))
    if piece == "snare":
        base = rng.uniform(150, 260)
        tone = _modes(rng, time, base, (1, 1.59, 2.14, 2.3), rng.uniform(0.1, 0.35)) + 0.5 * _sweep(time, base * 2, base, 0.01) * _decay(time, 0.15)
        rattle = dsp.filtered(noise, "highpass", rng.uniform(700, 3500), 1) * _decay(time, rng.uniform(0.12, 0.6))
        return dsp.saturated(tone * rng.uniform(0.3, 1.0) + rattle * rng.uniform(0.3, 0.8), rng.uniform(0.8, 3))
    if piece == "clap":
        bursts = sum(_decay(np.maximum(time - d, 0), 0.02) * (time >= d) for d in np.arange(3) * rng.uniform(0.007, 0.013))
        tail = _decay(time, rng.uniform(0.15, 0.5)) * (time > 0.02)
        return dsp.filtered(noise * (bursts + 0.6 * tail), "bandpass", [rng.uniform(500, 1000), rng.uniform(2500, 8000)], 1)
    if piece in ("hat", "pedal", "open", "crash", "ride", "bell"):
        base = rng.uniform(280, 560) * (1.4 if piece == "bell" else 1)
        seconds = {"hat": (0.04, 0.18), "pedal": (0.04, 0.12), "open": (0.35, 0.9), "crash": (1.5, 3.5), "ride": (1.2, 2.4), "bell": (1, 2)}[piece]
        mixture = rng.uniform(0, 0.7) if acoustic else rng.uniform(0.2, 1)
        x = (1 - mixture) * noise * 0.5 + mixture * _metal(rng, time, base)
        x = dsp.filtered(x, "highpass", rng.uniform(5000, 8500) if piece in ("hat", "pedal", "open") else rng.uniform(2500, 6000))
        x = x * _decay(time, rng.uniform(*seconds))
        if piece in ("ride", "bell"):
            x += rng.uniform(0.1, 0.4) * _modes(rng, time, base * 6, (1, 1.48, 2.1), 0.8 if piece == "bell" else 0.3)
        if piece == "crash":
            x += 0.5 * dsp.filtered(noise, "bandpass", [1500, 6000]) * _decay(time, 0.6)
        return x
    if piece.startswith("tom"):
        base = {"tom1": 170, "tom2": 125, "tom3": 88}[piece] * rng.uniform(0.85, 1.2)
        body = _sweep(time, base * rng.uniform(1.2, 2.2), base, 0.04) * _decay(time, rng.uniform(0.3, 1.0))
        skin = dsp.filtered(noise, "lowpass", 3500) * _decay(time, 0.06) * rng.uniform(0.1, 0.4)
        return dsp.saturated(body + skin, rng.uniform(0.5, 2))
    if piece == "rim":
        return _modes(rng, time, rng.uniform(420, 900), (1, 2.7, 4.1), 0.06) + dsp.filtered(noise, "bandpass", [1500, 6000]) * _decay(time, 0.03)
    if piece == "cowbell":
        base = rng.uniform(480, 620)
        x = np.sign(np.sin(2 * np.pi * base * time)) + np.sign(np.sin(2 * np.pi * base * 1.48 * time))
        return dsp.filtered(x, "bandpass", [base * 0.9, base * 4], 1) * (_decay(time, 0.5) + _decay(time, 0.05))
    if piece.startswith("conga"):
        base = rng.uniform(280, 390) * (0.72 if piece == "conga2" else 1)
        return _sweep(time, base * 1.15, base, 0.02) * _decay(time, rng.uniform(0.2, 0.45)) + dsp.filtered(noise, "bandpass", [600, 4000]) * _decay(time, 0.03) * 0.4
    if piece == "clave":
        return _modes(rng, time, rng.uniform(1800, 2700), (1, 2.2), 0.09)
    rise = np.minimum(time / (rng.uniform(0.005, 0.04) if piece == "shaker" else 0.001), 1)  # shaker, tambourine
    x = dsp.filtered(noise, "highpass", rng.uniform(3500, 7500)) * rise * _decay(time, rng.uniform(0.07, 0.2))
    if piece == "tambourine":
        x += 0.4 * dsp.filtered(_metal(rng, time, 1300), "highpass", 5000) * _decay(time, rng.uniform(0.15, 0.35))
    return x


def _retuned(x: np.ndarray, ratio: float) -> np.ndarray:
    frames = np.arange(int(x.shape[1] / ratio)) * ratio
    source = np.arange(x.shape[1])
    return np.stack([np.interp(frames, source, channel) for channel in x]).astype(np.float32)


def _normalised(x: np.ndarray) -> np.ndarray:
    return x / (np.max(np.abs(x)) + 1e-9)


def make_piece(rng, synth: FluidSynth, piece: str, flavour: str, program: int, source: str) -> list[np.ndarray]:
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


def render_drums(rng: np.random.Generator, song: Song, synth: FluidSynth, hits: list[Hit]) -> np.ndarray:
    """The drum stem, (2, frames)."""
    frames = int(song.seconds * SAMPLE_RATE)
    flavour = choose(rng, song.style.kits)
    source = choose(rng, {"fluid": 4, "synth": 0.7, "both": 3} if flavour in ("acoustic", "brush", "orchestra")
                    else {"fluid": 1.5, "synth": 4, "both": 2.5})
    program = choose(rng, PROGRAMS[flavour])
    buses = {name: np.zeros((2, frames), np.float32) for name in ("kick", "snare", "toms", "cymbals", "percussion")}
    kit, balance = {}, {}
    next_hat = sorted(hit.time for hit in hits if hit.piece in ("hat", "pedal"))
    for hit in hits:
        if hit.piece not in kit:
            kit[hit.piece] = make_piece(rng, synth, hit.piece, flavour, program, source)
            balance[hit.piece] = dsp.decibels(LEVELS[hit.piece] + rng.normal(0, 2))
        soft, hard = kit[hit.piece]
        share = np.clip(hit.velocity * 1.6 - 0.5, 0, 1)
        at = int(hit.time * SAMPLE_RATE)
        size = min(soft.shape[1], hard.shape[1], frames - at)
        if size <= 0:
            continue
        x = (soft[:, :size] * (1 - share) + hard[:, :size] * share) * (hit.velocity ** 1.5 * balance[hit.piece])
        if hit.piece == "open":  # a closing hat chokes the open one
            after = np.searchsorted(next_hat, hit.time + 0.03)
            stop = int((next_hat[after] - hit.time) * SAMPLE_RATE) if after < len(next_hat) else size
            if stop < size:
                x = x[:, :stop] * np.minimum(1, np.arange(stop, 0, -1) / 400)
                size = stop
        buses[GROUPS.get(hit.piece, "percussion")][:, at: at + size] += x
    driven = rng.random() < song.style.drive
    for name, bus in buses.items():
        if not bus.any():
            continue
        bus = dsp.random_equaliser(bus, rng, 3.5)
        if name in ("kick", "snare") and rng.random() < 0.5:
            bus = dsp.compressed(bus, -rng.uniform(3, 12), rng.uniform(2, 5), rng.uniform(0.003, 0.02), 0.1)
        if driven and rng.random() < 0.5:
            bus = dsp.saturated(bus, rng.uniform(1, 4))
        buses[name] = bus
    wet = rng.uniform(0.0, 0.25) if flavour in ("electronic", "eight") else rng.uniform(0.05, 0.5)
    send = buses["snare"] + buses["toms"] * 0.8 + buses["cymbals"] * 0.4 + buses["percussion"] * 0.5 + buses["kick"] * rng.uniform(0, 0.5)
    space = dsp.room(rng, rng.uniform(0.25, 1.0) if rng.random() < 0.75 else rng.uniform(1, 2.6), rng.uniform(0.3, 1), 0.006)
    stem = sum(buses.values())
    if send.any():
        space = dsp.convolved(send, space)
        if rng.random() < 0.12:  # gated, as in the eighties
            gate = dsp.follow(np.max(np.abs(send), axis=0), 0.002, 0.12)
            space *= np.minimum(1, gate / (0.25 * gate.max() + 1e-9)) ** 2
        stem = stem + space * wet
    if rng.random() < 0.6:
        stem = dsp.compressed(stem, -rng.uniform(4, 16), rng.uniform(1.5, 4), rng.uniform(0.005, 0.03), rng.uniform(0.06, 0.2))
    if driven:
        stem = dsp.saturated(stem, rng.uniform(0.8, 2.5))
    if rng.random() < 0.06:  # a lo-fi loop
        stem = dsp.filtered(stem, "lowpass", rng.uniform(3000, 9000))
    return dsp.filtered(stem, "highpass", 22, 2)
