# SPDX-License-Identifier: MIT
"""What the players of the parts play: chords, arpeggios, riffs and lines."""

from __future__ import annotations

import numpy as np

from .instruments_parts import HELD, PARTS, Part
from .music_plan import STEP, Note, Song, choose, melody_line


def voiced(rng, pitches, low: int, high: int, count: int, before: list[int]) -> list[int]:
    """`count` notes of a chord within the register, close to the voicing before."""
    centre = np.mean(before) if before else (low + high) / 2
    tones = [midi for midi in range(low, high + 1) if midi % 12 in pitches]
    start = min(
        range(len(tones)),
        key=lambda i: abs(np.mean(tones[i : i + count]) - centre) + (i + count > len(tones)) * 99,
    )
    return tones[start : start + count]


def _velocity(rng, loudness: float, spread: float = 0.06) -> float:
    return float(np.clip(loudness * rng.normal(1, spread), 0.1, 1))


def _chords(rng, song: Song, name: str, part: Part) -> list[Note]:
    """Chords in a rhythm, strummed or together, perhaps over a left hand."""
    low, high = part.register
    if part.stagger == 0 and part.play == "chords":
        high -= int(rng.integers(0, 9))  # some players stay low
    count = int(choose(rng, part.voices))
    patterns = [choose(rng, part.rhythms) for _ in range(2)]
    left = rng.random() < part.left_hand
    left_pattern = choose(rng, HELD + ("x-------x---x---", "x---x---", "x-o-x-o-"))
    power = part.play == "power"
    before: list[int] = []
    notes: list[Note] = []
    open_notes: list[int] = []  # indices of the notes that sound now
    left_open: list[int] = []

    def extend(indices, beat):
        for i in indices:
            notes[i] = notes[i]._replace(duration=song.time(beat + STEP) - notes[i].start)

    for beat, step, bar, section in song.steps(name):
        pattern = patterns[1 if bar % 4 == 3 else 0]
        chord = song.chord_at(beat)
        fresh = abs(chord.start - beat) < 1e-6
        loud = 0.75 + 0.25 * section.energy
        start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
        length = song.time(beat + STEP) - song.time(beat)
        if left:
            symbol = left_pattern[step % len(left_pattern)]
            if symbol != "-" or fresh:
                root = 36 + (chord.root - 36) % 12 - (12 if rng.random() < 0.15 else 0)
                keys = [root] + ([root + 12] if rng.random() < 0.4 else [])
                left_open = list(range(len(notes), len(notes) + len(keys)))
                notes += [Note(start, length, key, 0.65 * loud) for key in keys]
            else:
                extend(left_open, beat)
        symbol = pattern[step % len(pattern)]
        if symbol == "-" and not (fresh and open_notes):
            extend(open_notes, beat)
            continue
        if symbol == ".":
            open_notes = []
            continue
        if power:
            root = low + (chord.root - low) % 12
            keys = [root, root + 7, root + 12][:count]
            if symbol == "o" or (
                len(part.rhythms[0]) > 8 and part.gate < 0.6 and rng.random() < 0.3
            ):
                keys = [root]
        else:
            before = keys = voiced(rng, chord.pitches, low, high, count, before)
        if part.stagger and step % 4 >= 2 and rng.random() < 0.5:
            keys = keys[::-1]  # an up-stroke
        velocity = {"X": 0.9, "o": 0.4}.get(symbol, 0.7) * loud
        open_notes = list(range(len(notes), len(notes) + len(keys)))
        for i, key in enumerate(keys):
            delay = i * part.stagger * rng.uniform(0.6, 1.2)
            notes.append(Note(start + delay, length, key, _velocity(rng, velocity, 0.07)))
    return sorted(note._replace(duration=max(0.05, note.duration * part.gate)) for note in notes)


def _arpeggio(rng, song: Song, name: str, part: Part) -> list[Note]:
    """Chord tones one after the other in an order that repeats."""
    low = part.register[0] + int((part.register[1] - part.register[0] - 16) * rng.random() ** 1.7)
    high = min(part.register[1], low + int(rng.integers(14, 30)))
    rate = float(choose(rng, part.rates))
    size = int(choose(rng, (4, 6, 8, 8, 16, 3)))
    order = (
        rng.permutation(size)
        if rng.random() < 0.4
        else np.concatenate([np.arange(size), np.arange(size)[::-1]])[:: choose(rng, (1, 1, -1))]
    )
    rests = rng.random(len(order)) < choose(rng, (0.0, 0.1, 0.35))
    gate, left = rng.uniform(0.4, 1.3), rng.random() < part.left_hand
    notes = []
    for chord, section in song.chords_of(name):
        tones = [midi for midi in range(low, high + 1) if midi % 12 in chord.pitches]
        for i in range(int(round(chord.length / rate))):
            slot = i % len(order)
            beat = chord.start + i * rate
            if left and i % max(1, int(2 / rate)) == 0:
                root = part.register[0] + (chord.root - part.register[0]) % 12
                notes.append(Note(song.time(beat), song.beat * 1.5, root, 0.75))
            if not rests[slot] or i == 0:
                velocity = (
                    (0.8 if i % max(1, int(1 / rate)) == 0 else 0.62)
                    * (0.75 + 0.25 * section.energy)
                    * rng.normal(1, 0.06)
                )
                start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
                notes.append(
                    Note(
                        start,
                        max(0.06, rate * song.beat * gate),
                        tones[order[slot] % len(tones)],
                        float(np.clip(velocity, 0.1, 1)),
                    )
                )
    return sorted(notes)


def _riff(rng, song: Song, name: str, part: Part) -> list[Note]:
    """A one-bar figure that is moved to every chord."""
    low, high = part.register
    pattern = choose(rng, part.rhythms)
    figure = [int(choose(rng, {0: 3, 1: 1, 2: 1.5, 3: 1, 4: 1})) for _ in range(16)]
    count = int(choose(rng, part.voices))
    notes: list[Note] = []
    for beat, step, _, section in song.steps(name):
        symbol = pattern[step % len(pattern)]
        if symbol == "-" and notes:
            notes[-1] = notes[-1]._replace(duration=song.time(beat + STEP) - notes[-1].start)
        if symbol in "-.":
            continue
        chord = song.chord_at(beat)
        root = low + (chord.root - low) % 12
        tones = [
            m for m in range(root, high + 12) if m % 12 in song.scale or m % 12 in chord.pitches
        ]
        midi = tones[figure[step] % len(tones)]
        start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
        velocity = (
            {"X": 0.9, "o": 0.45}.get(symbol, 0.7)
            * rng.normal(1, 0.06)
            * (0.75 + 0.25 * section.energy)
        )
        for i in range(count):
            notes.append(
                Note(
                    start,
                    song.time(beat + STEP) - song.time(beat),
                    midi + (0, 12, 7)[i],
                    float(np.clip(velocity, 0.1, 1)),
                )
            )
    return [note._replace(duration=max(0.05, note.duration * part.gate)) for note in notes]


def perform_part(rng: np.random.Generator, song: Song, name: str) -> list[Note]:
    """The notes of one part; effects have none."""
    part = PARTS[name]
    if part.play in ("chords", "power"):
        return _chords(rng, song, name, part)
    if part.play == "arpeggio":
        return _arpeggio(rng, song, name, part)
    if part.play == "riff":
        return _riff(rng, song, name, part)
    if part.play == "line":
        low = int(rng.integers(part.register[0], part.register[1] - 15))
        return melody_line(
            rng,
            song,
            name,
            low,
            min(part.register[1], low + int(rng.integers(12, 22))),
            rng.uniform(0.5, 3),
        )
    return []
