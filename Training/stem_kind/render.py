# SPDX-License-Identifier: MIT
"""Renders single instruments: `python render.py --out DIR --first-seed N --count N`.

A seed gives DIR/<seed>-<kind>-<what>.flac for each of several kinds, with the players and sounds of
Training/lite/synthesis. Even seeds play Fluid (R3) GM, odd ones `--second-font`.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace

import numpy as np
import soundfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lite"))

from synthesis import music_dsp as dsp  # noqa: E402
from synthesis.drums_kits import render_drums  # noqa: E402
from synthesis.drums_patterns import perform_drums  # noqa: E402
from synthesis.instruments_bass import perform_bass, render_bass  # noqa: E402
from synthesis.instruments_other import _render_part, _spatialised  # noqa: E402
from synthesis.instruments_parts import PARTS  # noqa: E402
from synthesis.music_dsp import SAMPLE_RATE  # noqa: E402
from synthesis.music_fluid import SOUND_FONT, FluidSynth  # noqa: E402
from synthesis.music_plan import plan_song  # noqa: E402

SECONDS = 24.0

PARTS_OF_KIND = {
    "piano": ("piano", "piano", "comp", "montuno", "epiano", "organ"),
    "guitar": ("strum", "strum", "nylon", "electric", "jazz guitar", "skank", "power", "chug",
               "riff", "solo guitar", "solo guitar"),
    "synth": ("pad", "supersaw", "pluck", "arpeggio", "lead", "stabs", "bells", "strings",
              "strings", "ostinato", "horns", "fiddle"),
    "other": ("effects", "winds", "harmonica", "accordion", "mallets", "solo"),
}
OF_A_KIT = (("kick",), ("kick",), ("kick",), ("snare", "clap", "rim", "side"),
            ("hat", "open", "pedal"), ("crash", "ride"), ("tom low", "tom mid", "tom high"))


def _shortened(song):
    """The first sections of a song, up to about SECONDS."""
    bars = max(4, int(SECONDS / (song.beats_per_bar * song.beat)))
    sections = []
    for section in song.sections:
        if section.first < bars:
            sections.append(section._replace(bars=min(section.bars, bars - section.first)))
    return replace(song, sections=sections, bars=min(song.bars, bars))


def _with(song, part: str, rng):
    """The song with a part that plays in most of its sections."""
    plays = [rng.random() < 0.85 for _ in song.sections]
    plays[int(rng.integers(len(plays)))] = True
    sections = [
        s._replace(roles=frozenset({part}) if on else frozenset())
        for s, on in zip(song.sections, plays, strict=True)
    ]
    return replace(song, sections=sections, part_names=[part])


def render(seed: int, font: str) -> dict[str, np.ndarray]:
    """Single stems, (2, frames), by `kind-what`."""
    rng = np.random.default_rng(700_000 + seed)
    stems = {}
    for kind, parts in PARTS_OF_KIND.items():
        song = _shortened(plan_song(rng))
        frames = int(song.seconds * SAMPLE_RATE)
        name = parts[int(rng.integers(len(parts)))]
        synth = FluidSynth(font)
        x = _render_part(rng, _with(song, name, rng), name, PARTS[name], synth, frames)
        dry, send = _spatialised(rng, song, PARTS[name], x, True)
        room = dsp.room(rng, rng.uniform(0.4, 2.5), rng.uniform(0.2, 1), 0.01)
        stems[f"{kind}-{name.replace(' ', '_')}"] = dry + dsp.convolved(send, room)
        synth.close()
    song = _shortened(plan_song(rng))
    synth = FluidSynth(font)
    song = _with(song, "bass", rng)
    stems["bass-bass"] = render_bass(rng, song, synth, perform_bass(rng, song))
    hits = []
    while not hits:
        song = _shortened(plan_song(rng))
        pieces = OF_A_KIT[int(rng.integers(len(OF_A_KIT)))]
        hits = [hit for hit in perform_drums(rng, song) if hit.piece in pieces]
    kind = "kick" if pieces == ("kick",) else "drums"
    stems[f"{kind}-{pieces[0].replace(' ', '_')}"] = render_drums(rng, song, synth, hits)
    synth.close()
    return stems


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--second-font", default=SOUND_FONT)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    for seed in range(options.first_seed, options.first_seed + options.count):
        if any(name.startswith(f"{seed:05d}-") for name in os.listdir(options.out)):
            continue
        for name, stem in render(seed, options.second_font if seed % 2 else SOUND_FONT).items():
            peak = np.max(np.abs(stem), initial=0)
            if peak > 1e-6:
                path = os.path.join(options.out, f"{seed:05d}-{name}.flac")
                soundfile.write(path, (0.7 / peak * stem).T, SAMPLE_RATE, subtype="PCM_16")


if __name__ == "__main__":
    main()
