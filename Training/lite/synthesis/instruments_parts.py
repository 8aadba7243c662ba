# SPDX-License-Identifier: MIT
"""The parts of the `other` stem: what guitars, keys, strings, winds and synths play."""

from __future__ import annotations

from dataclasses import dataclass

# Rhythms of chords; X accent, x normal, o soft, - hold, . rest; sixteenths.
HELD = ("x---------------", "x-------x-------", "x-----------x---")
QUARTERS = ("X---x---x---x---", "X---x---X---x-x-")
EIGHTHS = ("X-x-x-x-", "X-o-x-o-", "X-x-X-xxx-x-X-x-")
STRUMS = (
    "X---x-x-.-x-x-x-",
    "X---x-x---x-x-xo",
    "X-x-x-x-X-x-x-x-",
    "X-xoX-xo",
    "X--xx-x---x-x-x-",
    "X---x---x-x-x-x-",
)
SYNCOPATED = (
    "X--x--x---x-x---",
    "X-----x---x-..x-",
    "..x-..x-x---x-..",
    "X--X--X---X--X--",
    "X-..x-.x-.x-..x-",
)
STABS = (
    "..X...X...X...X.",
    "X..X..X...X.....",
    "..X..X....X..X..",
    "X.......X..X....",
    "...X..X...X...X.",
    "X...............",
)
OFFBEAT = ("....X.......X...", "..X.", "....X.o.....X.o.", "..X...X...X..oX.")
SKANKS = ("x.xXo.xX.oxX.oxX", "..X.o.Xo..X.oxX.", "X.oxX.ox.oXox.Xo", "....X.o.....X.ox")
CHARLESTON = (
    "X-....x---......",
    "....x-......x-..",
    "X-....x-....x---",
    "..x-....x-......",
    "......X-......x-",
)
CHUGS = (
    "X.XXX.XXX.XXX.XX",
    "XXXXXXXXXXXXXXXX",
    "X..XX..XX..XX.XX",
    "X.X.XX.XX.X.XX.X",
    "XX.XX.XXXX.XX.X.",
)
MONTUNO = ("X.xX.xX.xX.xX.x.", "X-X-.X.X-X.X-X-.", "..X.xX.x..X.xX.x")

SYNTH_LEADS = {"lead": 4, "fluid:80": 1, "fluid:81": 1, "fluid:84": 0.5, "fluid:87": 0.5}
GUITARS = {"fluid:25": 3, "fluid:24": 1.5, "string": 2, "fluid:26": 0.5}


@dataclass(frozen=True)
class Part:
    """How a part is played and by which sounds.

    `play` is 'chords', 'power', 'arpeggio', 'line', 'riff' or 'effects'.
    """

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
    rates: tuple[float, ...] = (0.25, 0.5)  # beats between the notes of an arpeggio


PARTS = {
    "piano": Part(
        "chords",
        {"fluid:0": 4, "fluid:1": 2, "fluid:2": 1, "fluid:3": 0.3},
        HELD + QUARTERS + EIGHTHS + SYNCOPATED,
        (48, 77),
        (3, 4),
        0.008,
        0.8,
    ),
    "comp": Part(
        "chords",
        {"fluid:0": 4, "fluid:1": 1, "fluid:4": 1},
        CHARLESTON,
        (52, 74),
        (3, 4),
        0.006,
        0.25,
    ),
    "epiano": Part(
        "chords",
        {"fluid:4": 3, "fluid:5": 2, "keys": 2},
        HELD + SYNCOPATED + QUARTERS,
        (46, 74),
        (3, 4),
        0.006,
        0.4,
        amp="keys",
    ),
    "clavinet": Part(
        "riff", {"fluid:7": 4, "string": 1}, SKANKS, (45, 66), (1, 2), gate=0.6, amp="guitar"
    ),
    "organ": Part(
        "chords",
        {"fluid:16": 2, "fluid:17": 2, "fluid:18": 2, "organ": 4, "fluid:19": 0.4},
        HELD + OFFBEAT + SYNCOPATED,
        (45, 76),
        (3, 4),
        left_hand=0.4,
        amp="keys",
    ),
    "accordion": Part(
        "chords", {"fluid:21": 2, "fluid:23": 1, "fluid:20": 1}, HELD + QUARTERS + OFFBEAT, (52, 77)
    ),
    "strum": Part("chords", GUITARS, STRUMS, (43, 72), (5, 6), 0.014, gate=1.0, width=(0.2, 0.8)),
    "nylon": Part(
        "arpeggio",
        {"fluid:24": 4, "string": 2, "fluid:25": 1},
        register=(40, 71),
        left_hand=0.6,
        rates=(0.25, 0.5, 0.5),
    ),
    "banjo": Part(
        "arpeggio",
        {"fluid:105": 3, "string": 1, "fluid:107": 0.5},
        register=(52, 79),
        rates=(0.25,),
    ),
    "electric": Part(
        "chords",
        {"fluid:27": 3, "fluid:26": 1, "string": 2},
        STRUMS + SYNCOPATED + HELD,
        (47, 74),
        (3, 4),
        0.010,
        amp="guitar",
        width=(0, 0.5),
    ),
    "jazz guitar": Part(
        "chords",
        {"fluid:26": 3, "string": 1},
        CHARLESTON + QUARTERS,
        (48, 70),
        (3, 4),
        0.008,
        amp="guitar",
        width=(0, 0.4),
    ),
    "skank": Part(
        "chords",
        {"fluid:27": 3, "fluid:28": 2, "string": 2},
        SKANKS,
        (57, 79),
        (3,),
        0.004,
        gate=0.5,
        amp="guitar",
        width=(0, 0.4),
    ),
    "power": Part(
        "power",
        {"string": 4, "fluid:27": 2, "fluid:30": 1.5, "fluid:29": 1.5, "saw chord": 1},
        HELD + EIGHTHS + SYNCOPATED + STRUMS,
        (40, 56),
        (2, 3),
        amp="distorted",
        level=1,
    ),
    "chug": Part(
        "power",
        {"string": 4, "fluid:28": 2, "fluid:30": 1},
        CHUGS,
        (38, 52),
        (2,),
        gate=0.5,
        amp="distorted",
        level=1,
    ),
    "riff": Part(
        "riff",
        {"string": 3, "fluid:29": 1, "fluid:27": 2},
        EIGHTHS + SYNCOPATED,
        (40, 60),
        (1, 2),
        amp="distorted",
    ),
    "solo guitar": Part(
        "line",
        {"string": 3, "fluid:29": 2, "fluid:30": 2, "fluid:27": 1, "lead": 0.7},
        register=(55, 84),
        amp="distorted",
        reverb=0.4,
    ),
    "strings": Part(
        "chords",
        {"fluid:48": 4, "fluid:49": 3, "fluid:50": 1, "fluid:51": 1, "fluid:44": 0.5},
        HELD,
        (45, 81),
        (3, 4, 5),
        left_hand=0.5,
        reverb=0.45,
    ),
    "ostinato": Part(
        "arpeggio",
        {"fluid:48": 3, "fluid:45": 3, "fluid:40": 1, "fluid:42": 1},
        register=(48, 76),
        reverb=0.45,
    ),
    "horns": Part(
        "chords",
        {
            "fluid:61": 4,
            "fluid:57": 1,
            "fluid:60": 1.5,
            "fluid:62": 1,
            "fluid:63": 1,
            "fluid:56": 1,
            "fluid:65": 0.7,
        },
        STABS + HELD,
        (50, 77),
        (2, 3, 4),
    ),
    "winds": Part(
        "line",
        {
            "fluid:73": 2,
            "fluid:68": 1,
            "fluid:71": 1.5,
            "fluid:74": 1,
            "fluid:75": 1,
            "fluid:77": 0.5,
            "fluid:60": 1,
        },
        register=(58, 84),
        reverb=0.4,
    ),
    "solo": Part(
        "line",
        {
            "fluid:65": 2,
            "fluid:66": 2,
            "fluid:64": 1,
            "fluid:56": 2,
            "fluid:59": 1,
            "fluid:71": 1,
            "fluid:73": 1,
            "fluid:40": 1.5,
            "fluid:42": 1,
            "fluid:0": 1,
            "fluid:26": 1,
            "fluid:57": 1,
            "fluid:67": 0.5,
        },
        register=(50, 81),
        reverb=0.35,
        level=1,
    ),
    "fiddle": Part("line", {"fluid:110": 2, "fluid:40": 2}, register=(55, 84), reverb=0.3),
    "harmonica": Part("line", {"fluid:22": 3, "fluid:21": 1}, register=(57, 81)),
    "harp": Part(
        "arpeggio", {"fluid:46": 3, "string": 1, "fluid:15": 0.7}, register=(48, 88), reverb=0.4
    ),
    "mallets": Part(
        "arpeggio", {"fluid:11": 3, "fluid:12": 2, "fluid:13": 1, "fluid:108": 1}, register=(55, 84)
    ),
    "montuno": Part(
        "riff", {"fluid:0": 3, "fluid:1": 2}, MONTUNO, (53, 77), (2, 3), left_hand=0.3, gate=0.7
    ),
    "pad": Part(
        "chords",
        {"pad": 6, "fluid:88": 0.7, "fluid:89": 1, "fluid:90": 1, "fluid:94": 0.5, "fluid:50": 1},
        HELD[:1],
        (45, 79),
        (3, 4, 5),
        left_hand=0.3,
        gate=1.0,
        level=-2,
        reverb=0.4,
    ),
    "supersaw": Part(
        "chords",
        {"supersaw": 5},
        HELD + SYNCOPATED + EIGHTHS,
        (48, 77),
        (3, 4),
        left_hand=0.5,
        gate=0.9,
    ),
    "stabs": Part(
        "chords",
        {"pluck": 4, "keys": 1, "organ": 1, "supersaw": 1.5, "fluid:55": 0.2},
        STABS + SYNCOPATED,
        (50, 76),
        (3, 4),
        gate=0.6,
    ),
    "offbeat": Part(
        "chords",
        {"fluid:27": 3, "organ": 2, "fluid:0": 2, "fluid:28": 1, "string": 1.5, "keys": 0.5},
        OFFBEAT,
        (53, 76),
        (3,),
        0.005,
        gate=0.5,
        amp="guitar",
    ),
    "pluck": Part(
        "arpeggio", {"pluck": 5, "keys": 1, "string": 1, "fluid:45": 1}, register=(57, 88)
    ),
    "arpeggio": Part(
        "arpeggio",
        {"pluck": 3, "lead": 2, "keys": 1, "supersaw": 0.7, "fluid:81": 0.5},
        register=(45, 88),
        rates=(0.25, 0.25, 0.5),
    ),
    "bells": Part(
        "arpeggio",
        {"bells": 4, "fluid:8": 1, "fluid:9": 1, "fluid:10": 1, "fluid:14": 0.5, "fluid:98": 0.5},
        register=(64, 93),
        rates=(0.5, 1.0, 0.25),
        reverb=0.4,
    ),
    "lead": Part("line", SYNTH_LEADS | {"supersaw": 0.7}, register=(55, 84), reverb=0.3, level=1),
    "effects": Part("effects", {"noise": 1}, level=-5, reverb=0.4),
}
