# SPDX-License-Identifier: MIT
"""What each style of music is made of. Weights are relative; names refer to the tables of
`drums_patterns`, `instruments_bass` and `instruments_parts`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}

# Chords as scale degrees; "b7" flattens, "5M" is a major chord whatever the scale says.
POP_MAJOR = ("1 5 6 4", "6 4 1 5", "1 6 4 5", "4 1 5 6", "1 4 6 5", "1 3 4 5", "1 4 1 5", "4 5 6 1", "1 2 4 5")
POP_MINOR = ("1 6 3 7", "1 4 6 5", "1 7 6 7", "1 6 4 5M", "6 7 1 1", "1 3 7 4", "4 1 5 1", "1 5 6 4")
ROCK = ("1 4 5 4", "1 b7 4 1", "1 5 4 4", "1 1 4 5", "1 b7 b6 5M", "1 4 1 5", "1 b3 4 1")
METAL = ("1 1 6 7", "1 2 1 7", "1 6 7 1", "1 1 2 3", "1 5 6 4", "1 7 6 5M")
STATIC = ("1 1 1 1", "1 1 4 4", "1 7 1 7", "1 1 6 7", "1 4 1 4")
JAZZ = ("2 5M 1 1", "1 6 2 5M", "3 6 2 5M", "1 4 3 6 2 5M 1 1", "2 5M 1 6", "1 1 4 4 1 6 2 5M")
JAZZ_MINOR = ("1 4 2 5M", "4 7 3 6 2 5M 1 1", "1 6 2 5M", "1 1 4 5M")
BLUES = ("1 1 1 1 4 4 1 1 5M 4 1 5M", "1 4 1 1 4 4 1 1 5M 4 1 1")
COUNTRY = ("1 4 1 5", "1 5 1 5", "1 1 4 1 5 5 1 1", "1 6 4 5", "1 4 5 1")


@dataclass(frozen=True)
class Style:
    """The ranges from which one song is drawn."""

    tempo: tuple[int, int]
    modes: dict[str, float]
    progressions: tuple[str, ...]
    grooves: tuple[str, ...]
    kits: dict[str, float]  # "acoustic", "electronic", "eight", "brush", "orchestra"
    lines: tuple[str, ...]  # bass lines
    basses: dict[str, float]  # "fluid:NN" or a synthetic bass
    parts: dict[str, float]
    swing: tuple[float, ...] = (0.5,)  # share of the first of two swung steps
    swung: float = 0.5  # the swung step in beats: 0.5 an eighth, 0.25 a sixteenth
    sevenths: float = 0.15
    bars_per_chord: tuple[float, ...] = (1,)
    looseness: float = 0.007  # standard deviation of the timing in seconds
    pump: float = 0.0  # probability of side-chain pumping
    drive: float = 0.2  # how often parts and buses are driven hard
    minor: tuple[str, ...] = field(default=())  # progressions of the minor modes, if others
    weight: float = 1.0


ELECTRIC = {"fluid:33": 3, "fluid:34": 3, "fluid:35": 1, "fluid:36": 0.5, "string": 1.5}
SYNTHETIC = {"saw": 2, "square": 2, "sub": 2, "fm": 1, "acid": 1, "reese": 1, "fluid:38": 1, "fluid:39": 1}
ROCK_KITS = {"acoustic": 8, "electronic": 1}
CLUB_KITS = {"electronic": 5, "eight": 3, "acoustic": 1}

STYLES = {
    "pop": Style((88, 128), {"major": 3, "minor": 2}, POP_MAJOR, ("pop", "rock", "disco"),
                 {"acoustic": 4, "electronic": 4, "eight": 1}, ("roots", "syncopated", "sustained", "octaves"),
                 ELECTRIC | {"saw": 1, "sub": 1, "square": 1},
                 {"piano": 3, "strum": 2, "pad": 3, "electric": 2, "epiano": 1, "pluck": 2, "strings": 2, "lead": 2,
                  "arpeggio": 2, "bells": 1, "effects": 1}, minor=POP_MINOR, pump=0.2, weight=1.6),
    "rock": Style((96, 160), {"major": 2, "minor": 2, "mixolydian": 2}, ROCK, ("rock", "rock", "halftime"), ROCK_KITS,
                  ("roots", "roots", "syncopated", "arpeggiated"), ELECTRIC,
                  {"power": 5, "electric": 3, "organ": 1.5, "solo guitar": 2, "strum": 1.5, "piano": 1, "riff": 3},
                  looseness=0.008, drive=0.6, minor=POP_MINOR, weight=1.6),
    "metal": Style((120, 200), {"minor": 3, "phrygian": 3}, METAL, ("metal", "blast", "halftime", "rock"), ROCK_KITS,
                   ("roots", "gallop", "riff"), {"fluid:34": 3, "string": 3, "saw": 0.5},
                   {"power": 5, "chug": 6, "solo guitar": 2, "strings": 0.7, "pad": 0.5}, drive=0.9, looseness=0.004),
    "funk": Style((92, 116), {"dorian": 3, "mixolydian": 3}, STATIC, ("funk",), {"acoustic": 6, "electronic": 1},
                  ("slap", "syncopated"), {"fluid:36": 2, "fluid:37": 2, "fluid:33": 2, "string": 2, "square": 0.5},
                  {"skank": 4, "clavinet": 2, "epiano": 2, "horns": 3, "organ": 2, "lead": 1.5},
                  swing=(0.5, 0.54, 0.57), swung=0.25, sevenths=0.9),
    "disco": Style((110, 128), {"minor": 3, "major": 1}, POP_MAJOR, ("disco",), {"acoustic": 4, "electronic": 2},
                   ("octaves", "syncopated"), ELECTRIC | {"square": 1, "saw": 1},
                   {"skank": 3, "strings": 3, "epiano": 2, "horns": 2, "piano": 1.5, "pluck": 1, "arpeggio": 1},
                   sevenths=0.6, minor=POP_MINOR),
    "house": Style((118, 130), {"minor": 3, "dorian": 1, "major": 1}, POP_MAJOR, ("house",), CLUB_KITS,
                   ("offbeat", "syncopated", "octaves"), SYNTHETIC,
                   {"stabs": 3, "pad": 3, "piano": 1.5, "pluck": 3, "supersaw": 2, "arpeggio": 2, "lead": 1,
                    "effects": 2, "organ": 1}, sevenths=0.5, looseness=0.001, pump=0.7, minor=POP_MINOR, weight=1.3),
    "techno": Style((124, 140), {"minor": 2, "phrygian": 1}, STATIC, ("house", "techno"), CLUB_KITS,
                    ("rolling", "offbeat", "acid"), SYNTHETIC | {"acid": 4},
                    {"stabs": 3, "arpeggio": 3, "pad": 2, "effects": 3, "pluck": 2, "bells": 1},
                    bars_per_chord=(1, 2, 4), looseness=0.0005, pump=0.6, drive=0.5),
    "hip-hop": Style((76, 100), {"minor": 3, "dorian": 2}, POP_MINOR, ("hip-hop",), {"acoustic": 4, "electronic": 3,
                     "eight": 2}, ("syncopated", "sustained"), ELECTRIC | {"sub": 3, "eight": 2},
                     {"epiano": 3, "piano": 2, "strings": 1.5, "bells": 1, "horns": 1, "pluck": 1.5, "lead": 1, "pad": 1},
                     swing=(0.5, 0.56, 0.6), swung=0.25, sevenths=0.6, drive=0.4),
    "trap": Style((130, 152), {"minor": 4, "phrygian": 1}, POP_MINOR, ("trap",), {"eight": 6, "electronic": 2},
                  ("eight",), {"eight": 6, "sub": 1}, {"bells": 3, "piano": 2, "pluck": 3, "pad": 3, "strings": 1,
                   "lead": 2, "effects": 1, "harp": 1}, bars_per_chord=(1, 2), looseness=0.001, drive=0.4, weight=1.2),
    "drum and bass": Style((165, 178), {"minor": 4, "dorian": 1}, STATIC + POP_MINOR, ("drum and bass",),
                           {"acoustic": 3, "electronic": 4}, ("sustained", "syncopated", "wobble"),
                           {"reese": 4, "sub": 2, "wobble": 3, "fm": 1}, {"pad": 4, "stabs": 2, "arpeggio": 2,
                            "piano": 1, "effects": 2, "bells": 1, "strings": 1}, bars_per_chord=(2, 1), looseness=0.002,
                           drive=0.5),
    "reggae": Style((66, 90), {"minor": 2, "major": 2}, ("1 4 1 4", "1 5 4 4", "1 2 1 2", "1 7 1 7"), ("reggae",),
                    {"acoustic": 5, "electronic": 1}, ("reggae",), {"fluid:33": 3, "fluid:32": 1, "sub": 2, "string": 1},
                    {"offbeat": 5, "organ": 3, "horns": 1.5, "clavinet": 1, "epiano": 1, "lead": 1},
                    swing=(0.5, 0.58, 0.64), swung=0.25, minor=("1 4 1 4", "1 7 6 7", "1 5 1 4")),
    "jazz": Style((96, 210), {"major": 2, "minor": 1}, JAZZ, ("jazz", "jazz", "waltz"), {"brush": 3, "acoustic": 3},
                  ("walking", "walking", "two"), {"fluid:32": 6, "fluid:35": 1, "string": 1},
                  {"comp": 5, "solo": 5, "jazz guitar": 2, "mallets": 1.5, "horns": 1}, swing=(0.6, 0.64, 0.667),
                  sevenths=1.0, bars_per_chord=(1, 0.5), minor=JAZZ_MINOR, looseness=0.012, drive=0.0, weight=1.2),
    "blues": Style((70, 130), {"mixolydian": 1}, BLUES, ("shuffle",), ROCK_KITS, ("walking", "arpeggiated", "roots"),
                   ELECTRIC | {"fluid:32": 1}, {"piano": 2, "organ": 2, "electric": 3, "solo guitar": 3, "harmonica": 1,
                    "horns": 1}, swing=(0.62, 0.667), sevenths=0.9, looseness=0.012),
    "latin": Style((92, 140), {"minor": 2, "major": 2, "dorian": 1}, JAZZ + ("1 4 5 4", "1 4 5 5"),
                   ("bossa", "latin", "dembow"), {"acoustic": 5, "brush": 1}, ("tumbao", "bossa"),
                   {"fluid:32": 3, "fluid:33": 2, "string": 1}, {"montuno": 3, "nylon": 4, "horns": 3, "solo": 2,
                    "strum": 1, "mallets": 1, "comp": 1}, sevenths=0.8, looseness=0.009, minor=JAZZ_MINOR + POP_MINOR),
    "ballad": Style((56, 84), {"major": 3, "minor": 2}, POP_MAJOR, ("ballad", "waltz", "pop"),
                    {"acoustic": 5, "electronic": 2, "brush": 1}, ("sustained", "roots"),
                    ELECTRIC | {"sub": 0.7}, {"piano": 5, "strings": 4, "strum": 2, "pad": 2, "solo": 1.5, "harp": 1,
                     "epiano": 1.5, "nylon": 1.5}, minor=POP_MINOR, looseness=0.012, drive=0.05, weight=1.3),
    "country": Style((84, 150), {"major": 1}, COUNTRY, ("country", "rock", "waltz"), ROCK_KITS, ("two", "roots"),
                     ELECTRIC | {"fluid:32": 2}, {"strum": 5, "electric": 3, "banjo": 2, "fiddle": 2, "piano": 2,
                      "harmonica": 1, "organ": 0.7}, looseness=0.01),
    "R&B": Style((62, 100), {"minor": 2, "dorian": 2, "major": 1}, POP_MAJOR, ("R&B", "hip-hop"),
                 {"electronic": 3, "eight": 3, "acoustic": 2}, ("syncopated", "sustained", "eight"),
                 {"sub": 3, "fluid:33": 2, "fm": 1, "square": 1, "eight": 2, "fluid:35": 1},
                 {"epiano": 5, "pad": 2, "pluck": 1.5, "electric": 2, "strings": 1, "bells": 1, "lead": 1},
                 swing=(0.5, 0.55, 0.6), swung=0.25, sevenths=1.0, minor=POP_MINOR),
    "synthwave": Style((84, 124), {"minor": 3, "major": 1}, POP_MAJOR, ("synthwave", "pop"), {"electronic": 5, "eight": 1},
                       ("rolling", "octaves"), {"saw": 4, "square": 2, "fm": 1, "fluid:38": 1},
                       {"pad": 4, "arpeggio": 4, "lead": 3, "supersaw": 2, "bells": 1.5, "solo guitar": 1},
                       looseness=0.001, pump=0.3, minor=POP_MINOR),
    "orchestral": Style((64, 132), {"minor": 3, "major": 2}, POP_MAJOR, ("march", "halftime", "ballad"),
                        {"orchestra": 4, "acoustic": 2}, ("sustained", "roots", "ostinato"),
                        {"fluid:43": 3, "fluid:42": 2, "fluid:32": 1, "sub": 1},
                        {"strings": 5, "ostinato": 4, "horns": 3, "harp": 2, "solo": 3, "piano": 2, "bells": 1,
                         "winds": 2}, minor=POP_MINOR, looseness=0.012, drive=0.0),
    "folk": Style((76, 130), {"major": 2, "dorian": 1, "minor": 1}, COUNTRY + POP_MAJOR, ("folk", "country", "waltz"),
                  {"acoustic": 2, "brush": 3}, ("two", "sustained"), {"fluid:32": 3, "string": 2, "fluid:33": 1},
                  {"strum": 4, "nylon": 3, "fiddle": 2, "banjo": 1, "winds": 1.5, "accordion": 1.5, "piano": 1},
                  looseness=0.012, drive=0.0, minor=POP_MINOR),
}
