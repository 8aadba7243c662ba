# SPDX-License-Identifier: MIT
"""Endless random mixtures out of folders of stems.

A data folder holds one folder a song with any of drums.flac, bass.flac, other.flac, vocals.flac
(44.1 kHz, stereo, equal lengths). Half of the examples are a song as it is; the others take every
source from another song. Each stem is changed in gain, pan, polarity, speed (pitch and tempo
together), equalisation, saturation and reverb, vocals in echo, doubling and backing voices besides;
some stems are left out, and some mixtures are band-limited as lossy codecs do.
"""

import hashlib
from pathlib import Path

import numpy as np
import soundfile
import torch

from prepare_evaluation import NEVER_TRAINED_ON

RATE = 44100
SOURCES = ("drums", "bass", "other", "vocals")
# How often a source is left out of an example.
ABSENCE = {"drums": 0.12, "bass": 0.15, "other": 0.08, "vocals": 0.1}
# How often a source is put into a room.
REVERB = {"drums": 0.15, "bass": 0.05, "other": 0.15, "vocals": 0.4}
# Lengths, as a ratio of the segment's, that a Fourier transform resamples fast: -4 to +4 semitones.
SPEEDS = np.array([13, 14, 15, 16, 17, 18, 20]) / 16


class Library:
    """The stems below the data folders, decoded once into memory-mapped 16-bit files.

    Raises a ValueError where a folder holds a song, or a stem of one, that is for evaluation.
    """

    def __init__(self, folders, weights, cache):
        self.cache, self.arrays = Path(cache), {}
        self.cache.mkdir(parents=True, exist_ok=True)
        self.sets, known = [], {}
        for folder in folders:
            self.sets.append([])
            for song in sorted(Path(folder).iterdir()):
                name = song.name.lower()
                if any(name == held or name.startswith(held + "-") for held in NEVER_TRAINED_ON):
                    raise ValueError(f"{song}: a song of that name is for evaluation; remove it")
                stems = {s: song / f"{s}.flac" for s in SOURCES if (song / f"{s}.flac").exists()}
                if not stems or song.name.endswith(".partial"):
                    continue
                self.sets[-1].append(stems)
                # A song may have its vocals in another folder, under the same name.
                first = known.setdefault(song.name, stems)
                for source, path in stems.items():
                    first.setdefault(source, path)
        self.weights = np.array(weights, float)

    def songs_with(self, source):
        """For each data folder, the songs that have the source."""
        return [[song for song in songs if source in song] for songs in self.sets]

    def array(self, path):
        """The stem as int16 (frames, 2), mapped from the cache."""
        if path not in self.arrays:
            state = path.stat()
            key = f"{path.resolve()} {state.st_size} {state.st_mtime_ns}"
            name = self.cache / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".npy")
            if not name.exists():
                partial = name.with_suffix(f".{np.random.randint(1 << 30)}.partial")
                audio, _ = soundfile.read(path, dtype="int16", always_2d=True)
                with open(partial, "wb") as file:
                    np.save(file, audio)
                partial.rename(name)
            self.arrays[path] = np.load(name, mmap_mode="r")
        return self.arrays[path]


def spectrum_shape(bins, frames, random):
    """A smooth random equaliser over the bins of a transform of `frames` samples."""
    frequencies = np.fft.rfftfreq(frames, 1 / RATE)
    octaves = np.log2(np.maximum(frequencies, 20) / 20)
    knots = random.normal(0, random.uniform(0, 4), 11)
    return (10 ** (np.interp(octaves, np.arange(11), knots) / 20)).astype(np.float32)[:bins]


def reverb(random, frames):
    """The transform of a short decaying noise behind the direct sound, (2, bins)."""
    decay = random.uniform(0.1, 2.0)
    time = np.arange(int(min(decay, frames / RATE / 2) * RATE)) / RATE
    tail = random.normal(0, 1, (2, len(time))) * np.exp(-6.9 * time / decay)
    tail *= random.uniform(0.1, 0.7) / np.sqrt((tail**2).sum(axis=1, keepdims=True) + 1e-9)
    tail[:, 0] += 1
    return np.fft.rfft(tail.astype(np.float32), frames)


def echo(random, frames):
    """The transform of echoes, or of the second take of a doubled voice, behind the sound, (2, bins)."""
    frequencies = np.fft.rfftfreq(frames, 1 / RATE).astype(np.float32)
    doubled = random.random() < 0.5
    bounds = (0.012, 0.04) if doubled else (0.09, 0.6)
    delays = random.uniform(*bounds, (2, 1)) if random.random() < 0.5 else random.uniform(*bounds)
    turn = np.exp(-2j * np.pi * frequencies * delays).astype(np.complex64)
    turn *= np.float32(random.uniform(0.15, 0.7 if doubled else 0.5))
    return np.broadcast_to(1 + turn if doubled else 1 + turn * (1 + turn), (2, len(frequencies)))


class Mixtures(torch.utils.data.IterableDataset):
    """Yields (sources, 2, frames) float32; the mixture is the sum over sources."""

    def __init__(self, library, frames, seed):
        self.library, self.frames, self.seed = library, frames, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        random = np.random.default_rng((*self.seed, worker.id if worker else 0))
        by_source = {source: self.library.songs_with(source) for source in SOURCES}
        while True:
            yield torch.from_numpy(self.example(random, by_source))

    def choose(self, random, sets):
        weights = self.library.weights * [bool(songs) for songs in sets]
        songs = sets[random.choice(len(sets), p=weights / weights.sum())]
        return songs[random.integers(len(songs))]

    def example(self, random, by_source):
        target = np.zeros((4, 2, self.frames), np.float32)
        coherent = random.random() < 0.5
        speed = random.choice(SPEEDS) if random.random() < 0.5 else 1.0
        if coherent:
            song = self.choose(random, self.library.sets)
            coherent = len(song) > 2
        start = random.random()
        for index, source in enumerate(SOURCES):
            if random.random() < ABSENCE[source]:
                continue
            if not coherent:
                song = self.choose(random, by_source[source])
                speed = random.choice(SPEEDS) if random.random() < 0.5 else 1.0
            if source not in song:
                continue
            array = self.library.array(song[source])
            target[index] = self.stem(source, array, speed, start if coherent else None, random)
            if source == "vocals" and random.random() < 0.15:  # a backing voice
                array = self.library.array(self.choose(random, by_source[source])[source])
                backing = self.stem(source, array, 1.0, None, random)
                target[index] += backing * np.float32(random.uniform(0.2, 0.7))
        if random.random() < 0.25:  # the band limit of a lossy codec or an old recording
            limit = int(random.uniform(9000, 17000) / RATE * self.frames)
            spectrum = np.fft.rfft(target)
            spectrum[..., limit:] = 0
            target = np.fft.irfft(spectrum, self.frames).astype(np.float32)
        peak = np.abs(target.sum(axis=0)).max()
        return target * np.float32(min(1, random.uniform(0.5, 1) / max(peak, 1e-6)))

    def stem(self, source, array, speed, start, random):
        """A changed piece of one stem, (2, frames)."""
        length = int(self.frames * speed)
        for _ in range(4):  # prefer a place where something sounds
            place = random.random() if start is None else start
            offset = int(place * max(0, len(array) - length))
            piece = np.array(array[offset : offset + length], np.float32).T / 32768
            if start is not None or np.abs(piece).max() > 0.01:
                break
        piece = np.pad(piece, ((0, 0), (0, length - piece.shape[1])))
        if random.random() < 0.5:
            piece = piece[::-1]
        bins = min(length, self.frames) // 2 + 1
        spectrum = np.zeros((2, self.frames // 2 + 1), np.complex64)
        spectrum[:, :bins] = np.fft.rfft(piece)[:, :bins] * (self.frames / length)
        if random.random() < 0.5:
            spectrum[:, :bins] *= spectrum_shape(bins, self.frames, random)
        if source == "vocals" and random.random() < 0.25:
            spectrum = spectrum * echo(random, self.frames)
        if random.random() < REVERB[source]:
            spectrum = spectrum * reverb(random, self.frames)
        piece = np.fft.irfft(spectrum, self.frames).astype(np.float32)
        peak = np.abs(piece).max()
        if random.random() < 0.15 and peak > 0:  # compression or overdrive, as soft clipping
            drive = np.float32(random.uniform(1, 5) / peak)
            piece = np.tanh(drive * piece) / np.tanh(drive * peak) * peak
        if random.random() < 0.3:  # pan by up to 6 dB
            tilt = 10 ** (random.uniform(-3, 3) / 20)
            piece *= np.array([[tilt], [1 / tilt]], np.float32)
        gain = 10 ** (np.clip(random.normal(0, 3.5), -10, 8) / 20)
        return piece * np.float32(gain if random.random() < 0.5 else -gain)
