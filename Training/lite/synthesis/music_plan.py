# SPDX-License-Identifier: MIT
"""The plan of one song: tempo, chords, sections, and the melody that a voice will sing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .music_harmony import MODES
from .music_style import Style
from .music_styles import STYLES

PITCH_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
STEP = 0.25  # patterns are written in sixteenths, in beats


class Note(NamedTuple):
    """One played note; times in seconds, velocity 0...1."""

    start: float
    duration: float
    midi: int
    velocity: float


class Chord(NamedTuple):
    """A chord from `start` for `length` beats; `intervals` are semitones above the root."""

    start: float
    length: float
    root: int
    intervals: tuple[int, ...]

    @property
    def pitches(self) -> tuple[int, ...]:
        return tuple((self.root + i) % 12 for i in self.intervals)


class Section(NamedTuple):
    """Bars `first` ..< `first + bars`, and which roles play in them."""

    first: int
    bars: int
    energy: float
    roles: frozenset[str]


def choose(rng: np.random.Generator, options):
    """One of a sequence, or one key of a dictionary of weights."""
    if isinstance(options, dict):
        keys = list(options)
        weights = np.array([options[key] for key in keys], float)
        return keys[rng.choice(len(keys), p=weights / weights.sum())]
    return options[rng.integers(len(options))]


@dataclass
class Song:
    """Everything that the performers share."""

    name: str
    style: Style
    tempo: float
    beats_per_bar: int
    swing: float
    key: int
    mode: str
    bars: int
    chords: list[Chord]
    sections: list[Section]
    part_names: list[str]

    @property
    def beat(self) -> float:
        """Seconds per beat."""
        return 60.0 / self.tempo

    @property
    def seconds(self) -> float:
        return self.bars * self.beats_per_bar * self.beat + 1.5

    @property
    def scale(self) -> tuple[int, ...]:
        return tuple((self.key + step) % 12 for step in MODES[self.mode])

    def time(self, beats: float) -> float:
        """Seconds at a position in beats, with swing."""
        pair = 2 * self.style.swung
        whole, share = divmod(beats / pair, 1.0)
        if share < 0.5:
            share = 2 * share * self.swing
        else:
            share = self.swing + (2 * share - 1) * (1 - self.swing)
        return (whole + share) * pair * self.beat

    def chord_at(self, beats: float) -> Chord:
        for chord in self.chords:
            if beats < chord.start + chord.length - 1e-6:
                return chord
        return self.chords[-1]

    def playing(self, role: str):
        """The sections in which `role` plays."""
        return [section for section in self.sections if role in section.roles]

    def steps(self, role: str):
        """(beat, step in the bar, bar, section) of every sixteenth in which `role` plays."""
        for section in self.playing(role):
            for bar in range(section.first, section.first + section.bars):
                for step in range(4 * self.beats_per_bar):
                    yield bar * self.beats_per_bar + step * STEP, step, bar, section

    def chords_of(self, role: str):
        """The chords in which `role` plays, cut at the sections' borders."""
        for section in self.playing(role):
            first = section.first * self.beats_per_bar
            last = first + section.bars * self.beats_per_bar
            for chord in self.chords:
                start, end = max(chord.start, first), min(chord.start + chord.length, last)
                if end - start > 0.2:
                    yield chord._replace(start=start, length=end - start), section


def _chord(
    token: str, scale: tuple[int, ...], key: int, seventh: bool
) -> tuple[int, tuple[int, ...]]:
    degree = int(token.strip("bM")) - 1
    if token.startswith("b"):
        root, intervals = MODES["minor"][degree], (0, 4, 7)
    else:
        root = scale[degree]
        stacked = [(scale[(degree + 2 * i) % 7] - root) % 12 for i in range(4)]
        intervals = (0, 4, 7, 10) if token.endswith("M") else tuple(stacked)
        intervals = intervals if seventh else intervals[:3]
    return (key + root) % 12, intervals


def _plan_chords(rng, style: Style, key: int, mode: str, bars: int, beats: int) -> list[Chord]:
    pool = (
        style.minor
        if style.minor and mode in ("minor", "dorian", "phrygian")
        else style.progressions
    )
    patterns = [choose(rng, pool).split() for _ in range(2)]
    span = choose(rng, style.bars_per_chord) * beats
    rich = rng.random() < style.sevenths
    chords, start, index = [], 0.0, 0
    while start < bars * beats - 1e-6:
        pattern = patterns[int(start // (8 * beats)) % 2]
        root, intervals = _chord(pattern[index % len(pattern)], MODES[mode], key, rich)
        if rich and rng.random() < 0.25:
            intervals += (14,)
        elif not rich and rng.random() < 0.06:
            intervals = (0, choose(rng, (2, 5)), 7)
        chords.append(Chord(start, min(span, bars * beats - start), root, intervals))
        start, index = start + span, index + 1
    return chords


def _plan_sections(rng, bars: int, parts: list[str]) -> list[Section]:
    """Two to six sections; in each most roles play, in few only some."""
    sections, first = [], 0
    no_drums, no_bass = rng.random() < 0.05, rng.random() < 0.05
    while first < bars:
        length = min(int(choose(rng, {2: 1, 4: 4, 8: 2})), bars - first)
        roles = set()
        kind = rng.random()
        if kind < 0.05 and length <= 4:
            roles = {"drums"} | ({"bass"} if rng.random() < 0.4 else set())
        else:
            roles |= {"drums"} if rng.random() < 0.88 else set()
            roles |= {"bass"} if rng.random() < 0.9 else set()
            roles |= {part for part in parts if rng.random() < 0.72}
            roles |= {"melody"} if rng.random() < 0.72 else set()
            if not roles & set(parts) and rng.random() < 0.8:
                roles.add(choose(rng, parts))
        roles -= {"drums"} if no_drums else set()
        roles -= {"bass"} if no_bass else set()
        sections.append(Section(first, length, float(rng.uniform(0.35, 1.0)), frozenset(roles)))
        first += length
    if not any("melody" in section.roles for section in sections):
        longest = max(range(len(sections)), key=lambda i: sections[i].bars)
        sections[longest] = sections[longest]._replace(roles=sections[longest].roles | {"melody"})
    return sections


def plan_song(rng: np.random.Generator) -> Song:
    """Draws a style and everything that follows from it."""
    name = choose(rng, {key: style.weight for key, style in STYLES.items()})
    style = STYLES[name]
    tempo = float(rng.uniform(*style.tempo))
    groove_is_waltz = "waltz" in style.grooves and rng.random() < 0.2
    beats = 3 if groove_is_waltz else 4
    mode, key = choose(rng, style.modes), int(rng.integers(12))
    bars = max(6, int(round(rng.uniform(32, 42) * tempo / 60 / beats)))
    count = int(choose(rng, {1: 0.5, 2: 2, 3: 3, 4: 3, 5: 1.5}))
    names, weights = list(style.parts), np.array(list(style.parts.values()))
    drawn = rng.choice(len(names), min(count, len(names)), replace=False, p=weights / weights.sum())
    parts = [names[i] for i in drawn]
    return Song(
        name,
        style,
        tempo,
        beats,
        float(choose(rng, style.swing)),
        key,
        mode,
        bars,
        _plan_chords(rng, style, key, mode, bars, beats),
        _plan_sections(rng, bars, parts),
        parts,
    )


# --- Melody --------------------------------------------------------------------------------


def _rhythm(rng, beats: float, density: float) -> list[tuple[float, float]]:
    """Onsets and lengths in beats that fill a phrase of `beats` and leave a rest at its end."""
    lengths = {
        0.25: 0.3 * density,
        0.5: 2 * density,
        0.75: 0.5,
        1.0: 2.0,
        1.5: 0.7,
        2.0: 0.8,
        3.0: 0.2,
    }
    at, out = float(choose(rng, (0, 0, 0, 0.5, 1.0))), []
    end = beats - float(choose(rng, (0.5, 1, 1, 1.5, 2)))
    while at < end - 0.2:
        length = min(choose(rng, lengths), end - at)
        if rng.random() > 0.1:
            out.append((at, length))
        at += length
    return out


def _ladder(pitches, low: int, high: int) -> list[int]:
    return [midi for midi in range(low, high + 1) if midi % 12 in pitches]


def melody_line(
    rng, song: Song, role: str, low: int, high: int, density: float = 1.0
) -> list[Note]:
    """A mostly stepwise line within `low`...`high` that takes chord tones on strong beats."""
    ladder = _ladder(song.scale, low, high)
    reach = max(1, len(ladder) // 4)
    motifs = [_rhythm(rng, 2 * song.beats_per_bar, density) for _ in range(2)]
    contours = [
        [
            int(choose(rng, {-2: 1.5, -1: 4, 0: 1.5, 1: 4, 2: 1.5, 4: 0.4, -4: 0.4}))
            for _ in range(32)
        ]
        for _ in range(2)
    ]
    legato = rng.uniform(0.8, 1.0)
    notes, index = [], len(ladder) // 2
    for section in song.playing(role):
        for bar in range(section.first, section.first + section.bars, 2):
            if rng.random() < 0.5:  # a new phrase may begin elsewhere
                index = len(ladder) // 2 + int(rng.integers(-reach, reach + 1))
            which = (bar // 2) % 2 if rng.random() < 0.8 else int(rng.integers(2))
            for (at, length), move in zip(motifs[which], contours[which], strict=False):
                beat = bar * song.beats_per_bar + at
                if at + length > song.beats_per_bar * (section.first + section.bars - bar):
                    break
                index += move if rng.random() < 0.85 else int(rng.integers(-1, 2))
                if index < 1 or index > len(ladder) - 2:  # turn back toward the middle
                    index += 2 if index < 1 else -2
                index = int(np.clip(index, 0, len(ladder) - 1))
                midi = ladder[index]
                if at % 1 == 0 or length >= 1.5:
                    tones = _ladder(song.chord_at(beat).pitches, low, high)
                    midi = min(tones, key=lambda tone: abs(tone - midi)) if tones else midi
                start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
                duration = float(np.clip(length * song.beat * legato, 0.15, 2.0))
                notes.append(
                    Note(start, duration, midi, float(np.clip(rng.normal(0.75, 0.1), 0.4, 1)))
                )
    return [
        note._replace(duration=max(0.1, min(note.duration, after.start - note.start)))
        for note, after in zip(notes, [*notes[1:], Note(1e9, 0, 0, 0)], strict=True)
    ]


def plan_melody(rng, song: Song) -> dict:
    """The sung line as the contents of melody.json."""
    low = int(choose(rng, {45: 1, 48: 2, 50: 1, 53: 2, 55: 2, 57: 2, 60: 1}))
    notes = melody_line(
        rng, song, "melody", low, min(76, low + int(rng.integers(11, 17))), rng.uniform(0.6, 2.0)
    )
    notes = [note for note in notes if note.duration >= 0.15]
    return {
        "tempo": round(song.tempo, 3),
        "key": f"{PITCH_NAMES[song.key]} {song.mode}",
        "style": song.name,
        "seconds": round(song.seconds, 3),
        "notes": [
            {
                "start": round(note.start, 4),
                "duration": round(note.duration, 4),
                "midi": int(note.midi),
            }
            for note in notes
        ],
    }
