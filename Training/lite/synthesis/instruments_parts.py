# SPDX-License-Identifier: MIT
"""The parts of the `other` stem: what guitars, keys, strings, winds and synths play."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from .music_plan import STEP, Note, Song, choose, melody_line

# Rhythms of chords; X accent, x normal, o soft, - hold, . rest; sixteenths.
HELD = ("x---------------", "x-------x-------", "x-----------x---")
QUARTERS = ("X---x---x---x---", "X---x---X---x-x-")
EIGHTHS = ("X-x-x-x-", "X-o-x-o-", "X-x-X-xxx-x-X-x-")
STRUMS = ("X---x-x-.-x-x-x-", "X---x-x---x-x-xo", "X-x-x-x-X-x-x-x-", "X-xoX-xo", "X--xx-x---x-x-x-", "X---x---x-x-x-x-")
SYNCOPATED = ("X--x--x---x-x---", "X-----x---x-..x-", "..x-..x-x---x-..", "X--X--X---X--X--", "X-..x-.x-.x-..x-")
STABS = ("..X...X...X...X.", "X..X..X...X.....", "..X..X....X..X..", "X.......X..X....", "...X..X...X...X.", "X...............")
OFFBEAT = ("....X.......X...", "..X.", "....X.o.....X.o.", "..X...X...X..oX.")
SKANKS = ("x.xXo.xX.oxX.oxX", "..X.o.Xo..X.oxX.", "X.oxX.ox.oXox.Xo", "....X.o.....X.ox")
CHARLESTON = ("X-....x---......", "....x-......x-..", "X-....x-....x---", "..x-....x-......", "......X-......x-")
CHUGS = ("X.XXX.XXX.XXX.XX", "XXXXXXXXXXXXXXXX", "X..XX..XX..XX.XX", "X.X.XX.XX.X.XX.X", "XX.XX.XXXX.XX.X.")
MONTUNO = ("X.xX.xX.xX.xX.x.", "X-X-.X.X-X.X-X-.", "..X.xX.x..X.xX.x")

SYNTH_LEADS = {"lead": 4, "fluid:80": 1, "fluid:81": 1, "fluid:84": 0.5, "fluid:87": 0.5}
GUITARS = {"fluid:25": 3, "fluid:24": 1.5, "string": 2, "fluid:26": 0.5}


@dataclass(frozen=True)
class Part:
    """How a part is played ('chords', 'arpeggio', 'line', 'riff', 'effects'), and by which sounds."""

    play: str
    sounds: dict[str, float]
    rhythms: tuple[str, ...] = HELD
    register: tuple[int, int] = (52, 76)
    voices: tuple[int, ...] = (3, 4)
    stagger: float = 0.0  # seconds between the notes of a strum
    left_hand: float = 0.0  # probability of bass notes
    gate: float = 0.95
    amp: str = "clean"  # "clean", "guitar", "distorted"
    width: tuple[float, float] = (0.4, 1.0)
    level: float = 0.0  # usual level in dB
    reverb: float = 0.25
    rates: tuple[float, ...] = field(default=(0.25, 0.5))


PARTS = {
    "piano": Part("chords", {"fluid:0": 4, "fluid:1": 2, "fluid:2": 1, "fluid:3": 0.3}, HELD + QUARTERS + EIGHTHS + SYNCOPATED, (50, 79), (3, 4), 0.008, 0.7),
    "comp": Part("chords", {"fluid:0": 4, "fluid:1": 1, "fluid:4": 1}, CHARLESTON, (52, 74), (3, 4), 0.006, 0.25),
    "epiano": Part("chords", {"fluid:4": 3, "fluid:5": 2, "keys": 2}, HELD + SYNCOPATED + QUARTERS, (50, 76), (3, 4), 0.006, 0.4, amp="keys"),
    "clavinet": Part("riff", {"fluid:7": 4, "string": 1}, SKANKS, (45, 66), (1, 2), gate=0.6, amp="guitar"),
    "organ": Part("chords", {"fluid:16": 2, "fluid:17": 2, "fluid:18": 2, "organ": 4, "fluid:19": 0.4}, HELD + OFFBEAT + SYNCOPATED, (50, 77), (3, 4), left_hand=0.2, amp="keys"),
    "accordion": Part("chords", {"fluid:21": 2, "fluid:23": 1, "fluid:20": 1}, HELD + QUARTERS + OFFBEAT, (52, 77)),
    "strum": Part("chords", GUITARS, STRUMS, (43, 72), (5, 6), 0.014, gate=1.0, width=(0.2, 0.8)),
    "nylon": Part("arpeggio", {"fluid:24": 4, "string": 2, "fluid:25": 1}, register=(40, 71), left_hand=0.6, rates=(0.25, 0.5, 0.5)),
    "banjo": Part("arpeggio", {"fluid:105": 3, "string": 1, "fluid:107": 0.5}, register=(52, 79), rates=(0.25,)),
    "electric": Part("chords", {"fluid:27": 3, "fluid:26": 1, "string": 2}, STRUMS + SYNCOPATED + HELD, (47, 74), (3, 4), 0.010, amp="guitar", width=(0, 0.5)),
    "jazz guitar": Part("chords", {"fluid:26": 3, "string": 1}, CHARLESTON + QUARTERS, (48, 70), (3, 4), 0.008, amp="guitar", width=(0, 0.4)),
    "skank": Part("chords", {"fluid:27": 3, "fluid:28": 2, "string": 2}, SKANKS, (57, 79), (3,), 0.004, gate=0.5, amp="guitar", width=(0, 0.4)),
    "power": Part("power", {"string": 4, "fluid:27": 2, "fluid:30": 1.5, "fluid:29": 1.5, "saw chord": 1}, HELD + EIGHTHS + SYNCOPATED + STRUMS, (40, 56), (2, 3), amp="distorted", level=1),
    "chug": Part("power", {"string": 4, "fluid:28": 2, "fluid:30": 1}, CHUGS, (38, 52), (2,), gate=0.5, amp="distorted", level=1),
    "riff": Part("riff", {"string": 3, "fluid:29": 1, "fluid:27": 2}, EIGHTHS + SYNCOPATED, (40, 60), (1, 2), amp="distorted"),
    "solo guitar": Part("line", {"string": 3, "fluid:29": 2, "fluid:30": 2, "fluid:27": 1, "lead": 0.7}, register=(55, 84), amp="distorted", reverb=0.4),
    "strings": Part("chords", {"fluid:48": 4, "fluid:49": 3, "fluid:50": 1, "fluid:51": 1, "fluid:44": 0.5}, HELD, (48, 84), (3, 4, 5), left_hand=0.35, reverb=0.45),
    "ostinato": Part("arpeggio", {"fluid:48": 3, "fluid:45": 3, "fluid:40": 1, "fluid:42": 1}, register=(48, 76), reverb=0.45),
    "horns": Part("chords", {"fluid:61": 4, "fluid:57": 1, "fluid:60": 1.5, "fluid:62": 1, "fluid:63": 1, "fluid:56": 1, "fluid:65": 0.7}, STABS + HELD, (50, 77), (2, 3, 4)),
    "winds": Part("line", {"fluid:73": 2, "fluid:68": 1, "fluid:71": 1.5, "fluid:74": 1, "fluid:75": 1, "fluid:77": 0.5, "fluid:60": 1}, register=(58, 84), reverb=0.4),
    "solo": Part("line", {"fluid:65": 2, "fluid:66": 2, "fluid:64": 1, "fluid:56": 2, "fluid:59": 1, "fluid:71": 1, "fluid:73": 1, "fluid:40": 1.5, "fluid:42": 1, "fluid:0": 1,
                          "fluid:26": 1, "fluid:57": 1, "fluid:67": 0.5}, register=(50, 81), reverb=0.35, level=1),
    "fiddle": Part("line", {"fluid:110": 2, "fluid:40": 2}, register=(55, 84), reverb=0.3),
    "harmonica": Part("line", {"fluid:22": 3, "fluid:21": 1}, register=(57, 81)),
    "harp": Part("arpeggio", {"fluid:46": 3, "string": 1, "fluid:15": 0.7}, register=(48, 88), reverb=0.4),
    "mallets": Part("arpeggio", {"fluid:11": 3, "fluid:12": 2, "fluid:13": 1, "fluid:108": 1}, register=(55, 84)),
    "montuno": Part("riff", {"fluid:0": 3, "fluid:1": 2}, MONTUNO, (53, 77), (2, 3), left_hand=0.3, gate=0.7),
    "pad": Part("chords", {"pad": 6, "fluid:88": 0.7, "fluid:89": 1, "fluid:90": 1, "fluid:94": 0.5, "fluid:50": 1}, HELD[:1], (45, 79), (3, 4, 5), left_hand=0.3, gate=1.0, level=-2, reverb=0.4),
    "supersaw": Part("chords", {"supersaw": 5}, HELD + SYNCOPATED + EIGHTHS, (52, 79), (3, 4), left_hand=0.3, gate=0.9),
    "stabs": Part("chords", {"pluck": 4, "keys": 1, "organ": 1, "supersaw": 1.5, "fluid:55": 0.2}, STABS + SYNCOPATED, (50, 76), (3, 4), gate=0.6),
    "offbeat": Part("chords", {"fluid:27": 3, "organ": 2, "fluid:0": 2, "fluid:28": 1, "string": 1.5, "keys": 0.5}, OFFBEAT, (53, 76), (3,), 0.005, gate=0.5, amp="guitar"),
    "pluck": Part("arpeggio", {"pluck": 5, "keys": 1, "string": 1, "fluid:45": 1}, register=(57, 88)),
    "arpeggio": Part("arpeggio", {"pluck": 3, "lead": 2, "keys": 1, "supersaw": 0.7, "fluid:81": 0.5}, register=(45, 88), rates=(0.25, 0.25, 0.5)),
    "bells": Part("arpeggio", {"bells": 4, "fluid:8": 1, "fluid:9": 1, "fluid:10": 1, "fluid:14": 0.5, "fluid:98": 0.5}, register=(64, 93), rates=(0.5, 1.0, 0.25), reverb=0.4),
    "lead": Part("line", SYNTH_LEADS | {"supersaw": 0.7}, register=(55, 84), reverb=0.3, level=1),
    "effects": Part("effects", {"noise": 1}, level=-5, reverb=0.4),
}


def voiced(rng, pitches, low: int, high: int, count: int, before: list[int]) -> list[int]:
    """`count` notes of a chord within the register, close to the voicing before."""
    centre = np.mean(before) if before else (low + high) / 2
    tones = [midi for midi in range(low, high + 1) if midi % 12 in pitches]
    start = min(range(len(tones)), key=lambda i: abs(np.mean(tones[i: i + count]) - centre) + (i + count > len(tones)) * 99)
    return tones[start: start + count]


def _chords(rng, song: Song, name: str, part: Part) -> list[Note]:
    low, high = part.register
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
            keys = [root, root + 7, root + 12][: count]
            if symbol == "o" or (len(part.rhythms[0]) > 8 and part.gate < 0.6 and rng.random() < 0.3):
                keys = [root]
        else:
            before = keys = voiced(rng, chord.pitches, low, high, count, before)
        if part.stagger and step % 4 >= 2 and rng.random() < 0.5:
            keys = keys[::-1]  # an up-stroke
        velocity = {"X": 0.9, "o": 0.4}.get(symbol, 0.7) * loud
        open_notes = list(range(len(notes), len(notes) + len(keys)))
        for i, key in enumerate(keys):
            delay = i * part.stagger * rng.uniform(0.6, 1.2)
            notes.append(Note(start + delay, length, key, float(np.clip(velocity * rng.normal(1, 0.07), 0.1, 1))))
    return sorted(note._replace(duration=max(0.05, note.duration * part.gate)) for note in notes)


def _arpeggio(rng, song: Song, name: str, part: Part) -> list[Note]:
    low = int(rng.integers(part.register[0], part.register[1] - 17))
    high = min(part.register[1], low + int(rng.integers(14, 30)))
    rate = float(choose(rng, part.rates))
    size = int(choose(rng, (4, 6, 8, 8, 16, 3)))
    order = rng.permutation(size) if rng.random() < 0.4 else np.concatenate([np.arange(size), np.arange(size)[::-1]])[:: choose(rng, (1, 1, -1))]
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
                velocity = (0.8 if i % max(1, int(1 / rate)) == 0 else 0.62) * (0.75 + 0.25 * section.energy) * rng.normal(1, 0.06)
                start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
                notes.append(Note(start, max(0.06, rate * song.beat * gate), tones[order[slot] % len(tones)], float(np.clip(velocity, 0.1, 1))))
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
        tones = [m for m in range(root, high + 12) if m % 12 in song.scale or m % 12 in chord.pitches]
        midi = tones[figure[step] % len(tones)]
        start = max(0.0, song.time(beat) + rng.normal(0, song.style.looseness))
        velocity = {"X": 0.9, "o": 0.45}.get(symbol, 0.7) * rng.normal(1, 0.06) * (0.75 + 0.25 * section.energy)
        for i in range(count):
            notes.append(Note(start, song.time(beat + STEP) - song.time(beat), midi + (0, 12, 7)[i], float(np.clip(velocity, 0.1, 1))))
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
        return melody_line(rng, song, name, low, min(part.register[1], low + int(rng.integers(12, 22))), rng.uniform(0.5, 3))
    return []
