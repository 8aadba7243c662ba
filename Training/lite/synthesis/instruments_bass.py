# SPDX-License-Identifier: MIT
"""Bass lines and the bass stem."""

from __future__ import annotations

import numpy as np

from . import music_dsp as dsp
from .instruments_patches import random_patch
from .instruments_synth import play_patch
from .music_dsp import SAMPLE_RATE
from .music_fluid import FluidSynth
from .music_plan import STEP, Note, Song, choose

# R root, O octave above, 5 fifth, 3 third, 7 seventh or sixth, g ghost, - hold, . rest; sixteenths.
LINES = {
    "roots": ("R-R-R-R-", "R---R---", "R-R-R-R-R-R-R-5-", "R-------R-----R-", "R---R-R-"),
    "syncopated": (
        "R-----R-..R-5-..",
        "R--R--R-....5-O-",
        "R-..R-.R-.R-..5-",
        "R--.g.R-..O-.R7-",
        "R-----5-R---..7-",
        "..R-..R---O-5---",
        "R--R--R--R--R-5-",
    ),
    "sustained": ("R---------------", "R-------R-------", "R-----------5---", "R-----R---------"),
    "octaves": ("R-O-", "R.O.", "R-O-R-O-R-O-5-O-", "R-..O-R-..O-R-O-"),
    "arpeggiated": ("R---3---5---7---", "R-R-3-3-5-5-7-5-", "R---5---O---5---"),
    "gallop": ("R-RR", "R-RRR-RRR-RR5-3-", "RRR-"),
    "riff": ("R-R.3-R-5-R.7-R-", "R.R.R-3-R.R.2-R-", "R--R--R-3---2---"),
    "slap": ("R.gO..gO.R.g7.O.", "R-..gO..R.gR.O7.", "R.O.g.R-.gO.7-5-", "Rg.O.gR.3.5.O.g."),
    "offbeat": ("..R-", "..R-..R-..R-..O-", "..RR"),
    "rolling": (".RRR", "R-R-", "RRRR", "RROR", ".R-R"),
    "acid": ("RR.RO.R3.RR.7.RO", "R.RO.RR.3.R.OR.7", "ROR.R.7R.R3R.O.R"),
    "eight": (
        "R---------------",
        "R---------R-----",
        "R--R------R---..",
        "R-----R-....O-..",
        "R-----..R---..3-",
    ),
    "wobble": ("R-------", "R---R---", "R-----------3---", "R---..R-O---R---"),
    "reggae": ("R---..3-5---....", "....R-R-3---5---", "R--R--R-..5-O-5-", "R---....R-3-5-.."),
    "two": ("R------.5------.", "R---..5-R---....", "R-----..5-----.."),
    "tumbao": ("......5-....O---", "R-....5-....O-..", "R-....5-..R-5-.."),
    "bossa": ("R-----5-5-----R-", "R-----5-R-----5-"),
    "ostinato": ("R.R.R.R.", "R.RRR.RR", "R---3---2---R---"),
}
INTERVALS = {"R": 0, "O": 12, "g": 0}


def _tone(symbol: str, intervals: tuple[int, ...]) -> int:
    """Semitones above the root for a pattern's symbol."""
    if symbol in INTERVALS:
        return INTERVALS[symbol]
    if symbol == "5":
        return intervals[2]
    if symbol == "3":
        return intervals[1]
    if symbol == "2":
        return 1 if intervals[1] == 3 else 2
    return intervals[3] if len(intervals) > 3 and intervals[3] < 12 else 10


def _near(rng, pitch: int, floor: int, before: int) -> int:
    """The note of a pitch class within about two octaves that lies near the one before."""
    options = (midi for midi in range(floor, floor + 22) if midi % 12 == pitch % 12)
    return min(options, key=lambda midi: abs(midi - before) + rng.uniform(0, 2))


def _walk(rng, song: Song, floor: int) -> list[Note]:
    """Quarter notes: the root, then chord and scale tones, then a step into the next chord."""
    notes, midi = [], floor + 7
    for chord, _ in song.chords_of("bass"):
        count = max(1, int(round(chord.length)))
        upcoming = song.chord_at(chord.start + chord.length + 0.01).root
        for i in range(count):
            if i == 0:
                midi = _near(rng, chord.root, floor, midi)
            elif i == count - 1:
                target = _near(rng, upcoming, floor, midi)
                midi = int(np.clip(target + choose(rng, (-1, 1, 1, 2, -2)), floor, floor + 24))
            else:
                pool = chord.pitches if rng.random() < 0.6 else song.scale
                midi = _near(rng, choose(rng, pool), floor, midi)
            beat = chord.start + i
            start = song.time(beat) + rng.normal(0, song.style.looseness)
            length = song.beat * rng.uniform(0.75, 0.98)
            notes.append(Note(max(0, start), length, midi, rng.uniform(0.6, 0.85)))
            if rng.random() < 0.1:
                notes.append(Note(song.time(beat + 0.5), song.beat * 0.3, midi, 0.45))
    return notes


def perform_bass(rng: np.random.Generator, song: Song) -> list[Note]:
    """The notes of the bass, in time order and never overlapping."""
    line = choose(rng, song.style.lines)
    floor = int(rng.integers(26, 34))  # the lowest root: D1...A1
    if line == "walking":
        return _walk(rng, song, floor)
    patterns = [choose(rng, LINES[line]) for _ in range(2)]
    gate = rng.uniform(0.6, 1.0)
    notes: list[Note] = []
    push = rng.normal(0, song.style.looseness)
    held = False
    for beat, step, bar, section in song.steps("bass"):
        pattern = patterns[1 if bar % 4 == 3 else 0]
        symbol = pattern[step % len(pattern)]
        chord = song.chord_at(beat)
        changes = abs(chord.start - beat) < 1e-6
        if symbol == "-" and changes and held and rng.random() < 0.9:
            symbol = "R"
        elif symbol == "." and rng.random() < 0.015:
            symbol = choose(rng, "gRO5")
        if symbol == "-" and notes and held:
            end = song.time(beat + STEP)
            notes[-1] = notes[-1]._replace(duration=end - notes[-1].start)
            continue
        held = symbol not in ".-g"
        if symbol in ".-":
            continue
        root = floor + (chord.root - floor) % 12
        midi = root + _tone(symbol, chord.intervals)
        start = max(0.0, song.time(beat) + push + rng.normal(0, song.style.looseness * 0.6))
        length = song.time(beat + STEP) - song.time(beat)
        loud = (
            0.35
            if symbol == "g"
            else (0.85 if step % 4 == 0 else 0.72)
            * rng.normal(1, 0.07)
            * (0.8 + 0.2 * section.energy)
        )
        notes.append(
            Note(start, length * (0.4 if symbol == "g" else 1), midi, float(np.clip(loud, 0.2, 1)))
        )
    return [
        note._replace(duration=max(0.04, min(note.duration * gate, after.start - note.start)))
        for note, after in zip(notes, [*notes[1:], Note(1e9, 0, 0, 0)], strict=True)
    ]


def render_bass(
    rng: np.random.Generator, song: Song, synth: FluidSynth, notes: list[Note]
) -> np.ndarray:
    """The bass stem, (2, frames), near the centre."""
    frames = int(song.seconds * SAMPLE_RATE)
    sound = choose(rng, song.style.basses)
    if "eight" in song.style.lines and sound.startswith("fluid"):
        sound = "sub"
    if sound.startswith("fluid:"):
        x = synth.render(notes, frames, int(sound[6:]))
        low = float(np.mean([note.midi for note in notes])) if notes else 0
        if rng.random() < 0.25:  # reinforced by a sine, as many producers do
            x = x + 0.5 * np.std(x) / 0.3 * play_patch(
                rng, random_patch(rng, "sub"), notes, frames
            ) * (low > 0)
    else:
        x = play_patch(
            rng, random_patch(rng, "bass string" if sound == "string" else sound), notes, frames
        )
    x = dsp.widened(x, rng.uniform(0, 0.4) if rng.random() < 0.5 else 0.0, rng.uniform(-0.1, 0.1))
    x = dsp.random_equaliser(x, rng, 3)
    if rng.random() < 0.6:
        x = dsp.compressed(x, -rng.uniform(3, 15), rng.uniform(2, 6), 0.01, 0.15)
    if rng.random() < 0.3 + song.style.drive * 0.5:
        dirty = dsp.saturated(x, 10 ** rng.uniform(0.0, 1.3), rng.uniform(0, 0.3))
        if rng.random() < 0.6:
            dirty = dsp.filtered(dirty, "lowpass", rng.uniform(1500, 6000))
        share = rng.uniform(0.2, 1)
        x = x * (1 - share) + dirty * share
    if rng.random() < 0.15:
        x = dsp.chorused(x, rng.uniform(0.2, 1.2), 0.003, rng.uniform(0.2, 0.6))
    if sound.startswith("fluid") and rng.random() < 0.15:
        x = x + rng.uniform(0.03, 0.12) * dsp.convolved(x, dsp.room(rng, rng.uniform(0.3, 1), 0.5))
    if rng.random() < 0.7:  # the dark basses of most mixes
        x = dsp.filtered(x, "lowpass", 10 ** rng.uniform(2.7, 3.7), 1)
    return dsp.filtered(x, "highpass", 25)
