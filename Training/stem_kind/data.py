# SPDX-License-Identifier: MIT
"""The recordings with their kinds, and their descriptors."""

from __future__ import annotations

import glob
import hashlib
import json
import os
import zlib
from dataclasses import dataclass

import numpy as np

from descriptor import BANDS, NAMES, describe
from series import series

CROPS = 5


@dataclass(frozen=True)
class Recording:
    """`group` is what may not lie on both sides of a split; `source` where it comes from."""

    path: str
    kind: str
    source: str
    group: str

    @property
    def name(self) -> str:
        """The same on every machine."""
        parts = os.path.abspath(self.path).split(os.sep)
        return "/".join([self.source, *parts[-1 if self.source == "single" else -2 :]])


def _kind_of_song_stem(source: str, name: str) -> str | None:
    words = name.replace("_", " ").split()
    if source == "drums":
        return "kick" if "KICK" in words and "HATS" not in words else "drums"
    if source in ("bass", "vocals"):
        return source
    if source != "other":
        return None
    if "PIANO" in words or "KEYS" in words:
        return "piano"
    synth = {"MINILOGUE", "PLUCK", "PAD", "ARP", "MALLET", "STABS", "MELODY"}
    return "synth" if synth & set(words) else "other"


def training(audio: str, synthesised: str, single: str) -> list[Recording]:
    """Everything that may be trained on."""
    found = []
    with open(os.path.join(audio, "songs", "manifest.json"), encoding="utf-8") as file:
        for stem in json.load(file):
            kind = _kind_of_song_stem(stem["source"], stem["name"])
            if kind:
                path = os.path.join(audio, "songs", stem["song"], stem["file"])
                found.append(Recording(path, kind, "songs", stem["song"]))
    mdn = {
        "drums": "drums",
        "bassguitar": "bass",
        "clav": "piano",
        "horns": "synth",
        "leadguitar": "guitar",
    }
    for name, kind in mdn.items():
        path = os.path.join(audio, "clips", "mdn-multitrack", name + ".mp3")
        found.append(Recording(path, kind, "mdn", "mdn"))
    for path in sorted(glob.glob(os.path.join(synthesised, "voice", "*", "vocals.flac"))):
        folder = path.split(os.sep)[-2]
        if folder.startswith("cc0"):
            found.append(Recording(path, "vocals", "changed", "changed"))
        else:
            found.append(Recording(path, "vocals", "voice", "voice-" + folder))
    for path in sorted(glob.glob(os.path.join(synthesised, "synth", "*", "*.flac"))):
        folder, name = path.split(os.sep)[-2:]
        found.append(Recording(path, name[:-5], "synth", "synth-" + folder))
    for path in sorted(glob.glob(os.path.join(single, "*.flac"))):
        seed, kind = os.path.basename(path).split("-")[:2]
        found.append(Recording(path, kind, "single", "single-" + seed))
    return found


def evaluation(audio: str, falcon: str) -> list[Recording]:
    """What is never trained on."""
    clips = os.path.join(audio, "clips")
    kinds = {
        "trackswitch/bass.mp3": "bass", "trackswitch/drums.mp3": "drums",
        "trackswitch/synth.mp3": "synth", "trackswitch/violins.mp3": "synth",
        "waveform-playlist/BassDrums30.mp3": "drums", "waveform-playlist/Guitar30.mp3": "guitar",
        "waveform-playlist/PianoSynth30.mp3": "piano", "waveform-playlist/Vocals30.mp3": "vocals",
    }
    found = [Recording(os.path.join(clips, p), k, p.split("/")[0], p) for p, k in kinds.items()]
    for name in ("drums", "bass", "other", "vocals"):
        found.append(Recording(os.path.join(falcon, name + ".wav"), name, "falcon-69", name))
    return found


def _augmented(rng, mel: np.ndarray) -> np.ndarray:
    """The frames through a random tilt, a wide bell, a low-pass and hiss."""
    place = np.linspace(-1, 1, BANDS)
    gain = rng.normal(0, 3) * place
    gain = gain + rng.normal(0, 3) * np.exp(-(((place - rng.uniform(-1, 1)) / 0.35) ** 2))
    if rng.random() < 0.3:
        gain = gain - np.maximum(0, np.arange(BANDS) - rng.uniform(90, 127)) * 6
    mel = mel * 10 ** (gain / 10)
    if rng.random() < 0.3:
        mel = mel + mel.sum(axis=1).mean() / BANDS * 10 ** rng.uniform(-7, -4.5)
    return mel


def descriptors(recording: Recording, tool: str, cache: str) -> np.ndarray:
    """(1 + CROPS, features): of the whole, and of changed excerpts; fewer where it is silent."""
    code = os.path.join(os.path.dirname(os.path.abspath(__file__)), "descriptor.py")
    with open(code, "rb") as file:
        state = hashlib.sha256(recording.name.encode() + file.read()).hexdigest()[:24]
    kept = os.path.join(cache, state + ".npy")
    if os.path.exists(kept):
        return np.load(kept)
    frames = series(tool, recording.path, cache)
    rng = np.random.default_rng(zlib.crc32(recording.name.encode()))
    mel, chroma = frames["mel"], frames["chroma"]
    rows = [describe(mel, chroma)]
    if rows[0] is not None:
        sounding = np.flatnonzero(mel.sum(axis=1) > 1e-3 * mel.sum(axis=1).max())
        for _ in range(CROPS):
            length = int(rng.uniform(6, 30) * 43)
            start = max(0, int(rng.choice(sounding)) - length // 2)
            excerpt = slice(start, start + length)
            rows.append(describe(_augmented(rng, mel[excerpt]), chroma[excerpt]))
    table = np.array([row for row in rows if row is not None]).reshape(-1, len(NAMES))
    np.save(kept, table)
    return table
