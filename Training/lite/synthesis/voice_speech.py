# SPDX-License-Identifier: MIT
"""Spoken phrases with the time of every sound, from eSpeak NG (its library) and Flite (its
command). The phrases are what the singers of `voice_sing` stretch onto melodies."""

import ctypes
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass

import numpy as np
import soundfile

from . import voice_world as world

VOWELS = set("aeiouyøœæɑɒɔəɘɵɤɜɞɐʌɛɪʏʊɨʉɯɚɝäɶᵻ")
FLITE_VOICES = {"awb": 110, "rms": 95, "slt": 175}  # and their usual pitch in Hz
VARIANTS = {
    "male": ["m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "adam", "Andy", "david", "klatt",
             "klatt2", "klatt3", "klatt4", "max", "Gene", "edward", "norbert", "rob", "victor"],
    "female": ["f1", "f2", "f3", "f4", "f5", "Annie", "Alicia", "belinda", "linda", "steph",
               "Andrea", "anika", "aunty", "klatt2", "klatt4", "shelby"],
}


@dataclass
class Spoken:
    """A phrase: WORLD's analysis and its sounds, (first frame, end frame, whether a vowel)."""

    f0: np.ndarray
    envelope: np.ndarray
    noise: np.ndarray
    sounds: list


class _Id(ctypes.Union):
    _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]


class _Event(ctypes.Structure):  # espeak_EVENT of speak_lib.h
    _fields_ = [("type", ctypes.c_int), ("uid", ctypes.c_uint), ("text", ctypes.c_int),
                ("length", ctypes.c_int), ("milliseconds", ctypes.c_int),
                ("sample", ctypes.c_int), ("user", ctypes.c_void_p), ("id", _Id)]


_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int,
                             ctypes.POINTER(_Event))


class ESpeak:
    """eSpeak NG in this process: one object, one voice at a time."""

    PHONEME_EVENT, UTF8, SYNCHRONOUS, PHONEMES_AS_IPA = 7, 1, 2, 3

    def __init__(self):
        self.library = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self.library.espeak_Initialize(self.SYNCHRONOUS, 0, None, self.PHONEMES_AS_IPA)
        self.chunks, self.marks = [], []
        self.callback = _CALLBACK(self._receive)
        self.library.espeak_SetSynthCallback(self.callback)

    def _receive(self, wave, count, events):
        if wave and count:
            self.chunks.append(np.ctypeslib.as_array(wave, (count,)).copy())
        index = 0
        while events[index].type != 0:
            if events[index].type == self.PHONEME_EVENT:
                name = events[index].id.string.decode("utf-8", "ignore")
                self.marks.append((events[index].milliseconds / 1000, name))
            index += 1
        return 0

    def say(self, text, voice, speed, pitch):
        """Mono sound, its rate, and [(start in seconds, name of the sound)]."""
        self.chunks, self.marks = [], []
        if self.library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"eSpeak NG has no voice {voice}.")
        self.library.espeak_SetParameter(1, int(speed), 0)
        self.library.espeak_SetParameter(3, int(pitch), 0)
        data = text.encode()
        self.library.espeak_Synth(data, len(data) + 1, 0, 1, 0, self.UTF8, None, None)
        if not self.chunks:
            raise ValueError(f"eSpeak NG said nothing for {text!r}.")
        return np.concatenate(self.chunks) / 32768.0, self.rate, list(self.marks)


_espeak = None


def say_espeak(text, voice, speed, pitch):
    global _espeak
    _espeak = _espeak or ESpeak()
    x, rate, marks = _espeak.say(text, voice, speed, pitch)
    ends = [time for time, _ in marks[1:]] + [len(x) / rate]
    sounds = []
    for (start, name), end in zip(marks, ends):
        if not name or name.startswith("(") or end <= start:
            continue
        sounds.append((start, end, bool(set(name) & VOWELS)))
    return x, rate, sounds


def say_flite(text, voice, stretch, pitch):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a.wav")
        said = subprocess.run(["flite", "-voice", voice, "-psdur", "--setf",
                               f"duration_stretch={stretch:.2f}", "--setf",
                               f"int_f0_target_mean={pitch:.0f}", "-t", text, "-o", path],
                              check=True, capture_output=True, text=True).stdout
        x, rate = soundfile.read(path)
    sounds, start = [], 0.0
    for name, end in re.findall(r"(\w+):([\d.]+)", said):
        if name != "pau":
            sounds.append((start, float(end), name[0] in "aeiou"))
        start = float(end)
    return x, rate, sounds


def spoken(text, source):
    """Speaks and analyses. `source` is ("espeak", voice, speed, pitch) or ("flite", …)."""
    engine, voice, speed, pitch = source
    x, rate, sounds = (say_flite if engine == "flite" else say_espeak)(text, voice, speed, pitch)
    x = x / (np.std(x) + 1e-6) * 0.1
    f0, envelope, noise = world.analyse(x, rate)
    frames = [(int(a * 1000 / world.PERIOD), int(b * 1000 / world.PERIOD), v)
              for a, b, v in sounds]
    merged = []
    for a, b, v in frames:  # neighbouring vowels are one nucleus
        b = min(b, len(f0) - 1)
        if merged and v and merged[-1][2] and merged[-1][1] >= a - 1:
            merged[-1] = (merged[-1][0], b, True)
        elif b > a:
            merged.append((a, b, v))
    return Spoken(f0, envelope, noise, merged)
