# SPDX-License-Identifier: MIT
"""What a style of music is described by."""

from __future__ import annotations

from dataclasses import dataclass


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
    minor: tuple[str, ...] = ()  # progressions of the minor modes, if others
    weight: float = 1.0
