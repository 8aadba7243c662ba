# SPDX-License-Identifier: MIT
"""Scales, and the chord progressions of the styles."""

MODES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}

# Chords as scale degrees; "b7" flattens, "5M" is a major chord whatever the scale says.
POP_MAJOR = (
    "1 5 6 4",
    "6 4 1 5",
    "1 6 4 5",
    "4 1 5 6",
    "1 4 6 5",
    "1 3 4 5",
    "1 4 1 5",
    "4 5 6 1",
    "1 2 4 5",
)
POP_MINOR = (
    "1 6 3 7",
    "1 4 6 5",
    "1 7 6 7",
    "1 6 4 5M",
    "6 7 1 1",
    "1 3 7 4",
    "4 1 5 1",
    "1 5 6 4",
)
ROCK = ("1 4 5 4", "1 b7 4 1", "1 5 4 4", "1 1 4 5", "1 b7 b6 5M", "1 4 1 5", "1 b3 4 1")
METAL = ("1 1 6 7", "1 2 1 7", "1 6 7 1", "1 1 2 3", "1 5 6 4", "1 7 6 5M")
STATIC = ("1 1 1 1", "1 1 4 4", "1 7 1 7", "1 1 6 7", "1 4 1 4")
JAZZ = ("2 5M 1 1", "1 6 2 5M", "3 6 2 5M", "1 4 3 6 2 5M 1 1", "2 5M 1 6", "1 1 4 4 1 6 2 5M")
JAZZ_MINOR = ("1 4 2 5M", "4 7 3 6 2 5M 1 1", "1 6 2 5M", "1 1 4 5M")
BLUES = ("1 1 1 1 4 4 1 1 5M 4 1 5M", "1 4 1 1 4 4 1 1 5M 4 1 1")
COUNTRY = ("1 4 1 5", "1 5 1 5", "1 1 4 1 5 5 1 1", "1 6 4 5", "1 4 5 1")
