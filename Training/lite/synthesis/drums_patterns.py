# SPDX-License-Identifier: MIT
"""Grooves of every style and their performance: variations, ghost notes, fills and crashes.

A pattern is a string of sixteenths: X accent, x normal, o soft, - ghost, . rest. It repeats.
Pieces: kick snare rim clap hat open pedal ride bell crash tom1 tom2 tom3 shaker tambourine
cowbell conga1 conga2 clave ("time" is played on the hat, the ride or the crash by section).
"""

from __future__ import annotations

from typing import NamedTuple

from .music_plan import STEP, Song, choose

LOUDNESS = {"X": 1.0, "x": 0.78, "o": 0.5, "-": 0.25}


class Hit(NamedTuple):
    """One stroke at `time` seconds."""

    time: float
    piece: str
    velocity: float


QUARTERS = "X..."
BACKBEAT = "....X.......X..."

# Per groove: for each piece the alternatives from which a song takes one.
GROOVES = {
    "rock": {
        "kick": (
            "X.......X.x.....",
            "X.x.....X.......",
            "X......xX.x.....",
            "X.....x...x.....",
            "X..x....X.X...x.",
        ),
        "snare": (BACKBEAT, BACKBEAT, "....X..-.-..X..-"),
        "time": ("X.x.", "X.x.", "X...", "x.x."),
    },
    "pop": {
        "kick": (
            "X.......X.......",
            "X.....x.x.......",
            "X..x..x...x.....",
            "X...x...X...x...",
            "X.......X.x.....",
        ),
        "snare": (BACKBEAT, "....X.......X..-"),
        "time": ("X.x.", "xoxo", "..x."),
        "clap": ("", "", BACKBEAT),
        "shaker": ("", "", "xoxo"),
        "tambourine": ("", "", "", BACKBEAT, "..x."),
    },
    "ballad": {
        "kick": ("X.......x.......", "X.........x.....", "X.......X.x....."),
        "snare": (BACKBEAT, "........X......."),
        "time": ("x.o.", "x...", "xo.o"),
        "shaker": ("", "", "o.-."),
        "rim": ("", "", "....x.......x..."),
    },
    "metal": {
        "kick": (
            "X.X.X.X.X.X.X.X.",
            "XxxxXxxxXxxxXxxx",
            "X..XX..XX..XX..X",
            "X.XXX.XXX.XXX.XX",
            "XX.XX.XXXX.XX.XX",
        ),
        "snare": (BACKBEAT, BACKBEAT, "........X......."),
        "time": ("X...", "X.x."),
    },
    "blast": {
        "kick": ("X.X.X.X.", "XXXXXXXX"),
        "snare": (".X.X.X.X", "X.X.X.X.", BACKBEAT),
        "time": ("X.X.", "X..."),
    },
    "halftime": {
        "kick": ("X.....x...x.....", "X..x......x..x..", "X.x..........x.."),
        "snare": ("........X.......",),
        "time": ("X.x.", "X...", "xoxo"),
    },
    "funk": {
        "kick": ("X.x....x..x.....", "X..x..x...x..x..", "X.....x..xx.....", "X.X.......x..X.."),
        "snare": ("....X..-.-..X..-", "....X..-.-.-X...", "..-.X..-.x..X.-."),
        "time": ("XoxoXoxoXoxoXoxo", "X.x.", "X-xo"),
        "open": ("", "......x.........", "..............x."),
        "tambourine": ("", "", "xoxo"),
        "conga1": ("", "", "x..o..x...x..o.."),
        "cowbell": ("", "", "", "X.x.X..."),
    },
    "disco": {
        "kick": (QUARTERS,),
        "snare": (BACKBEAT,),
        "time": ("x.", "xoxo", "x..."),
        "open": ("..X.",),
        "clap": ("", BACKBEAT),
        "tambourine": ("", "xoxo"),
        "conga1": ("", "", "..x..ox...x..oxo"),
        "conga2": ("", "", "x......x........"),
    },
    "house": {
        "kick": (QUARTERS,),
        "clap": (BACKBEAT, ""),
        "snare": ("", BACKBEAT, ".......x........"),
        "time": ("xoxo", "x.", "-o-o"),
        "open": ("..X.", "..X.", ""),
        "shaker": ("", "xoxo", "oxox"),
        "conga1": ("", "", "...x..x....x..x."),
        "rim": ("", "", "..x..x....x..x..", "x..x..x.....x..."),
        "tom1": ("", "", "", "......x..x......"),
    },
    "techno": {
        "kick": (QUARTERS, "X...X...X...X..x"),
        "clap": ("", BACKBEAT),
        "time": ("..x.", "xxxx", "-x-x"),
        "open": ("..X.", ""),
        "ride": ("", "..x."),
        "rim": ("", "...x..x..x....x."),
        "tom2": ("", "...x......x...x.", "..x...x...xx...."),
        "cowbell": ("", "", "", ".x..x..x"),
    },
    "hip-hop": {
        "kick": ("X.....x...x.....", "X..x......xx....", "X.x....x..x.....", "X......x..X..x.."),
        "snare": (BACKBEAT, "....X.......X.-.", "....X..-....X..."),
        "time": ("x.x.", "xoxo", "x.xox.x."),
        "open": ("", "", "..........x....."),
        "clap": ("", "", BACKBEAT),
        "shaker": ("", "", "..o."),
    },
    "trap": {
        "kick": ("X.........x.....", "X..x......x.....", "X.....x....x..x.", "X......x..x....."),
        "clap": ("........X.......", ""),
        "snare": ("........X.......", "........X......x", ""),
        "time": ("x.x.", "xoxo", "x.x.x.xxx.x.xxx."),
        "rolls": ("x",),
        "open": ("", "", "..............x."),
        "rim": ("", "", "...x......x..x.."),
        "tom2": ("", "", "", "............x.x."),
    },
    "drum and bass": {
        "kick": ("X.........X.....", "X.....x...X.....", "X.X.......XX...."),
        "snare": ("....X..-.-..X..-", BACKBEAT, "....X..x.x..X..."),
        "time": ("X.x.", "xoxo", "x.o.x.xo"),
        "shaker": ("", "", "xoxo"),
        "ride": ("", "", "x.x."),
    },
    "reggae": {
        "kick": ("........X.......", "X...X...X...X...", "........X.....x.", "X.......X......."),
        "rim": ("........X.......", ""),
        "snare": ("", "........X.......", "....x..x....x..x"),
        "time": ("x.x.", "..x.", "xoxo", "x..o"),
        "open": ("", "", "......x........."),
        "tambourine": ("", "", "..x."),
        "conga1": ("", "", "x..x..x."),
    },
    "jazz": {
        "ride": ("X...x.x.X...x.x.",),
        "pedal": ("....x.......x...",),
        "kick": ("", "o...o...", "..........o....."),
        "snare": ("..............-.", "......-.........", "..-........-....", "......o.....-..."),
    },
    "shuffle": {
        "kick": ("X.......X.......", "X.....x.X.....x.", "X...X..."),
        "snare": (BACKBEAT, "..-.X.-...-.X.-."),
        "time": ("X.x.", "X.xx", "X..."),
    },
    "bossa": {
        "kick": ("X.....x.X.....x.",),
        "rim": ("X..x..x...x..x..", "x..x...x..x...x."),
        "time": ("xoxo", "x.x."),
        "shaker": ("", "xoxo"),
        "conga1": ("", "..............xx"),
        "snare": ("",),
    },
    "latin": {
        "kick": ("......X.......X.", "X.....x.X.....x.", "X..x...."),
        "clave": ("X..X..X...X.X...", "..X.X...X..X..X.", ""),
        "conga1": ("..x...xx..x...xx", "x.ox..x.x.ox..xx"),
        "conga2": ("", "x.......x..x...."),
        "cowbell": ("X.x.X.xx", "X...x...", ""),
        "time": ("", "x.xo"),
        "snare": ("", "", "............x.xx"),
        "shaker": ("xoxo", ""),
    },
    "dembow": {
        "kick": (QUARTERS, "X.......X......."),
        "snare": ("...x..X....x..X.", "...X..x....X..x."),
        "time": ("x.x.", "xoxo", ""),
        "shaker": ("", "xoxo"),
        "conga1": ("", "..x..x.."),
    },
    "country": {
        "kick": ("X.......X.......", "X...X..."),
        "snare": ("..x.X.x...x.X.xo", "-oXo-oXo-oXo-oXo", BACKBEAT),
        "time": ("x.x.", "", "..x."),
    },
    "R&B": {
        "kick": ("X......x..x.....", "X..x......x..x..", "X.....x....x...."),
        "snare": (BACKBEAT, "....X.......X..-", "........X......."),
        "rim": ("", "", "...x..x.....x..."),
        "time": ("xoxo", "x.x.", "x.xxo.x."),
        "clap": ("", BACKBEAT),
        "shaker": ("", "", "xoxo"),
    },
    "synthwave": {
        "kick": ("X...X...X...X...", "X.......X.x....."),
        "snare": (BACKBEAT,),
        "time": ("x.", "xoxo", "..x."),
        "tom1": ("", "", "..............xx"),
        "clap": ("", BACKBEAT),
        "tambourine": ("", "", "xoxo"),
    },
    "march": {
        "kick": ("X...............", "X.......X.......", "X.....x.X......."),
        "snare": ("", "..x.x.xxx.x.x.xx", "x.ooX.oox.ooX.oo"),
        "tom2": ("", "X..x..x.", "x.x.X.x."),
        "tom3": ("", "X.......X..X...."),
        "tambourine": ("", "", "..x."),
        "time": ("", ""),
    },
    "folk": {
        "kick": ("X.......X.......", "X...X...", ""),
        "snare": ("", "..-.x.-...-.x.-.", BACKBEAT),
        "tambourine": ("....x...", "", "..x."),
        "shaker": ("xoxo", "x.o.", ""),
        "time": ("", "x.o."),
        "clap": ("", "", BACKBEAT),
    },
    "waltz": {
        "kick": ("X...........", "X.........x."),
        "snare": ("....x...x...", "........X...", "......-.x..."),
        "time": ("X...x...x...", "x.o.o.o.", "X.x.x.x."),
    },
}


def _fill(rng, song: Song, bar: int, energy: float) -> tuple[float, list[tuple[float, str, float]]]:
    """A fill at the end of `bar`: the beat where it starts, and its strokes."""
    beats = float(choose(rng, {0.5: 1, 1: 3, 2: 3, song.beats_per_bar: 1}))
    first = (bar + 1) * song.beats_per_bar - beats
    step = choose(rng, {0.25: 5, 0.5: 1.5, 1 / 3: 1, 0.125: 0.5 if song.tempo < 110 else 0.0})
    order = choose(
        rng,
        (
            ("snare",),
            ("snare", "tom1", "tom2", "tom3"),
            ("tom1", "tom2", "tom3"),
            ("snare", "kick"),
            ("tom1", "snare", "tom3"),
            ("snare", "tom2"),
        ),
    )
    strokes, count = [], max(1, int(round(beats / step)))
    for i in range(count):
        if rng.random() < 0.82:
            where = i / count
            piece = order[
                min(
                    len(order) - 1,
                    int(where * len(order) + rng.uniform(-0.3, 0.3) * (len(order) > 2)),
                )
            ]
            strokes.append((first + i * step, piece, (0.55 + 0.4 * where) * rng.uniform(0.8, 1.1)))
            if piece.startswith("tom") and rng.random() < 0.15:
                strokes.append((first + i * step, "kick", 0.7))
    return first, strokes


def perform_drums(rng, song: Song) -> list[Hit]:
    """All strokes of the song."""
    name = (
        "waltz"
        if song.beats_per_bar == 3
        else choose(rng, [g for g in song.style.grooves if g != "waltz"])
    )
    chosen = {piece: choose(rng, options) for piece, options in GROOVES[name].items()}
    accents = {piece: rng.uniform(0.75, 1.0) for piece in chosen}
    push = {piece: rng.normal(0, song.style.looseness) for piece in chosen}
    hits: list[Hit] = []

    def strike(beat: float, piece: str, velocity: float, lane: str = ""):
        time = song.time(beat) + push.get(lane, 0.0) + rng.normal(0, song.style.looseness * 0.6)
        hits.append(
            Hit(max(0.0, time), piece, float(min(1.0, max(0.05, velocity * rng.normal(1, 0.06)))))
        )

    for section in song.playing("drums"):
        pattern = dict(chosen)
        if rng.random() < 0.3:
            again = choose(rng, list(pattern))
            pattern[again] = choose(rng, GROOVES[name][again])
        muted = {piece for piece in pattern if rng.random() < 0.12 and len(pattern) > 3}
        timekeeper = choose(
            rng,
            {
                "hat": 5,
                "ride": 1 + section.energy,
                "open": 1.5 * section.energy**2,
                "crash": 0.5 * section.energy**2,
            },
        )
        last = section.first + section.bars - 1
        if rng.random() < 0.7 and name not in ("jazz", "bossa"):
            strike(section.first * song.beats_per_bar, "crash", 0.7 + 0.3 * section.energy)
        for bar in range(section.first, last + 1):
            filling = (bar == last and rng.random() < 0.7) or (bar % 4 == 3 and rng.random() < 0.25)
            stop, strokes = _fill(rng, song, bar, section.energy) if filling else (1e9, [])
            for beat, piece, velocity in strokes:
                strike(beat, piece, velocity)
            for lane, text in pattern.items():
                if not text or lane == "rolls" or lane in muted:
                    continue
                piece = timekeeper if lane == "time" else lane
                for step in range(4 * song.beats_per_bar):
                    beat = bar * song.beats_per_bar + step * STEP
                    if beat >= stop - 1e-6 and lane not in ("kick", "shaker"):
                        break
                    symbol = text[step % len(text)]
                    loud = LOUDNESS.get(symbol, 0.0)
                    if lane == "kick" and name not in (
                        "house",
                        "techno",
                        "disco",
                        "metal",
                        "blast",
                    ):
                        if symbol == "." and step % 2 == 0 and rng.random() < 0.03:
                            loud = 0.6
                        elif symbol == "x" and rng.random() < 0.12:
                            loud = 0.0
                    elif (
                        lane == "snare"
                        and symbol == "."
                        and song.style.looseness > 0.005
                        and rng.random() < 0.03
                    ):
                        loud = 0.2
                    if lane == "time" and timekeeper == "crash" and step % 4:
                        loud = 0.0
                    if loud:
                        strike(
                            beat, piece, loud * accents[lane] * (0.75 + 0.25 * section.energy), lane
                        )
                if lane == "time" and "rolls" in pattern and rng.random() < 0.5:
                    count, where = (
                        int(choose(rng, (3, 4, 6, 8))),
                        float(rng.integers(2, 4 * song.beats_per_bar - 2)) * STEP,
                    )
                    for i in range(count):
                        strike(
                            bar * song.beats_per_bar + where + i * 0.5 / count,
                            "hat",
                            0.4 + 0.4 * i / count,
                            lane,
                        )
            if name == "jazz":
                for step in range(2, 4 * song.beats_per_bar, 2):
                    if rng.random() < 0.12 * section.energy + 0.04:
                        strike(
                            bar * song.beats_per_bar + step * STEP,
                            choose(rng, ("snare", "snare", "kick", "tom2")),
                            rng.uniform(0.2, 0.6),
                        )
            if timekeeper == "ride" and rng.random() < 0.3 and name not in ("jazz",):
                strike(bar * song.beats_per_bar, "bell", 0.7)
    return sorted(hits)
