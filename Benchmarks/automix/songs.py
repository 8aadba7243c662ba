# SPDX-License-Identifier: MIT
"""Songs with their stems, cut to a minute, and the program that is measured."""

import json
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

RATE = 44_100
ENDINGS = {".opus", ".wav", ".flac", ".mp3", ".ogg", ".m4a"}
MIXES = {"mix", "mixture", "master"}
SUNG = re.compile(r"vox|vocal|voice", re.IGNORECASE)


@dataclass
class Song:
    """A minute of a song: its stems by name, (frames, 2), at the levels of the finished mix."""

    name: str
    stems: dict

    @property
    def mix(self):
        return sum(self.stems.values())

    @property
    def vocals(self):
        return sum((x for name, x in self.stems.items() if SUNG.search(name)), 0 * self.mix)

    @property
    def backing(self):
        return self.mix - self.vocals


def load(folder, start=60, seconds=60):
    """Cuts the stems of a folder by ffmpeg."""
    stems = {}
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in ENDINGS or path.stem.lower() in MIXES:
            continue
        raw = subprocess.run(
            ["ffmpeg", "-v", "error", "-ss", str(start), "-t", str(seconds), "-i", path,
             "-f", "f32le", "-ac", "2", "-ar", str(RATE), "-"],
            check=True, capture_output=True).stdout
        stems[path.stem] = np.frombuffer(raw, np.float32).reshape(-1, 2).copy()
    length = max(len(stem) for stem in stems.values())
    stems = {name: np.pad(stem, ((0, length - len(stem)), (0, 0))) for name, stem in stems.items()}
    return Song(folder.name, stems)


class Tool:
    """The program, run as a person would, in a folder that is gone at the end."""

    def __init__(self, path):
        self.path = path
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name)
        self.count = 0

    def run(self, *arguments):
        result = subprocess.run(
            [self.path, *map(str, arguments)], capture_output=True, text=True)
        if result.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, arguments))}\n{result.stderr}")
        return result.stdout

    def json(self, *arguments):
        return json.loads(self.run(*arguments, "--json", "--progress", "none"))

    def write(self, name, samples):
        """A WAV of 32-bit floats; its folder is new."""
        self.count += 1
        folder = self.folder / str(self.count)
        folder.mkdir()
        path = folder / f"{name}.wav"
        soundfile.write(path, samples, RATE, subtype="FLOAT")
        return path

    def new(self, name):
        self.count += 1
        return self.folder / f"{self.count}-{name}"

    @staticmethod
    def card(model):
        """The card of a learned model, JSON in the header of its file."""
        with open(model / "model.safetensors", "rb") as file:
            header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return header["__metadata__"]["card"]

    @staticmethod
    def is_better(report):
        """Whether the program uses what was learned: as `TaskReport` decides it."""
        errors = report["heldOutErrors"]
        if not errors or report["heldOutCount"] < report["fewestHeldOut"]:
            return False
        width = min(5, len(errors))
        means = [np.mean(errors[i:i + width]) for i in range(len(errors) - width + 1)]
        return min(means) < 0.95 * report["baselineError"]

    def loudness(self, *paths):
        """Integrated loudness in LUFS of each file; None for silence."""
        return [file.get("integratedLUFS") for file in self.json("meter", *paths)["files"]]

    def mix(self, stems, *arguments):
        """Mixes stems by name; the samples of the mix, the plan and the tracks as they sound in it."""
        paths = [f"{name}={self.write(name, samples)}" for name, samples in stems.items()]
        return self.render(*paths, *arguments)

    def render(self, *arguments):
        mix, plan, tracks = self.new("mix.wav"), self.new("plan.json"), self.new("tracks")
        self.run(
            "mix", *arguments, "-o", mix, "--float32", "--write-plan", plan, "--stems-out", tracks,
            "--progress", "none")
        sounds = {path.stem: soundfile.read(path, dtype="float32")[0] for path in tracks.iterdir()}
        return soundfile.read(mix, dtype="float32")[0], json.loads(plan.read_text()), sounds
