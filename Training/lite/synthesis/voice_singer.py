# SPDX-License-Identifier: MIT
"""Whole vocal tracks: a lead with doubles and harmonies, or backing voices, with production."""

import zlib
from dataclasses import replace

import numpy as np

from . import voice_effects as fx, voice_formant, voice_melody as melody, voice_sing as sing


def loose(rng, notes, amount):
    """Human timing: every note moves by about `amount` s."""
    return [(s + rng.normal(0, amount), d, m) for s, d, m in notes]


def level(x, decibels):
    return x / (fx.loudness(x) + 1e-9) * fx.db(decibels)


def other_take(rng, singer, notes, seconds, said, steps=0):
    """The same words again: a little different singer, perhaps some scale steps away."""
    again = replace(singer, formants=singer.formants * rng.uniform(0.96, 1.05),
                    vibrato=singer.vibrato * rng.uniform(0.5, 1.2),
                    vibrato_rate=singer.vibrato_rate * rng.uniform(0.93, 1.07))
    line = melody.harmony(notes, steps) if steps else notes
    moved = [(s, d, m) for (s, d, _), (_, _, m) in zip(notes, line)]
    shift = rng.normal(0.0, 0.012)
    moved = [(s + shift, d, m) for s, d, m in moved]
    return sing.sing(rng, again, moved, seconds, said)[0]


def choir(rng, notes, seconds, vowel):
    """Four to eight formant singers on one vowel, spread over the stereo field."""
    out = np.zeros((2, int(seconds * fx.RATE)))
    base = sing.cast(rng, str(rng.choice(["male", "female"])))
    line = melody.fit(notes, base.centre)
    for k in range(int(rng.integers(3, 7))):
        singer = replace(base, source=("formant",), rap=False, whisper=False, rasp=0.0,
                         formants=(1.0 if base.centre < 59 else 1.16) * rng.uniform(0.94, 1.07),
                         vibrato=rng.uniform(0.1, 0.4), drift=rng.uniform(0.08, 0.2),
                         vibrato_rate=rng.uniform(4.6, 6.2), breath=rng.uniform(0.05, 0.3))
        steps = int(rng.choice([0, 0, 2, -3, 4, -5, 7]))
        part = [(s + rng.normal(0, 0.02), d, m + rng.normal(0, 0.06))
                for s, d, m in melody.harmony(line, steps)]
        for group in melody.phrases(part, longest=8):
            begin, x = voice_formant.phrase(rng, singer, group,
                                            voice_formant.lyric(rng, len(group), vowel))
            start = max(0, int(begin * fx.RATE))
            n = min(len(x), out.shape[1] - start)
            if n > 0:
                out[:, start:start + n] += fx.pan(fx.stereo(x[:n]), rng.uniform(-0.9, 0.9))
    return out


def pad_notes(notes, seconds):
    """Long notes for a choir: the melody's strongest note of every two seconds."""
    result = []
    for start in np.arange(0, seconds - 1, 2.2):
        inside = [n for n in notes if start <= n[0] < start + 2.2]
        if inside:
            result.append((start + 0.1, 2.05, max(inside, key=lambda n: n[1])[2]))
    return result


def arrange(rng, notes, seconds, tempo):
    """Sings `notes` as one of several line-ups: `(2, frames)`, before effects."""
    plan = str(rng.choice(["solo", "doubled", "harmony", "backing", "choir"],
                          p=[.42, .22, .22, .06, .08]))
    if plan == "choir":
        vowel = str(rng.choice(["a", "u", "o", "oo", "uh"]))
        line = pad_notes(notes, seconds) if rng.random() < 0.6 else notes
        return choir(rng, line or notes, seconds, vowel)
    singer = sing.cast(rng)
    line = loose(rng, melody.fit(notes, singer.centre), 0.008)
    lead, said = sing.sing(rng, singer, line, seconds)
    if plan == "backing":  # echoes of the ends of phrases only, in two parts
        ends = [n for group in melody.phrases(line) for n in group[-3:]]
        lead, said = sing.sing(rng, singer, ends, seconds)
        out = fx.pan(fx.stereo(level(lead, -20)), -0.5)
        other = other_take(rng, singer, ends, seconds, said, int(rng.choice([2, -3, 4])))
        return out + fx.pan(fx.stereo(level(other, -20)), 0.5)
    out = fx.stereo(level(lead, -18))
    if plan in ("doubled", "harmony") and not singer.rap or plan == "doubled":
        steps = [0, 0] if plan == "doubled" else [int(s) for s in
                                                  rng.choice([2, -2, 4, -5, 7, -7, 5], 2)]
        wide = rng.uniform(0.3, 1.0)
        for k in range(int(rng.integers(1, 3))):
            take = other_take(rng, singer, line, seconds, said, steps[k])
            out += fx.pan(fx.stereo(level(take, rng.uniform(-32, -22))), wide * (1, -1)[k])
    if rng.random() < 0.12:
        vowel = str(rng.choice(["a", "u", "oo"]))
        pad = choir(rng, pad_notes(notes, seconds) or notes, seconds, vowel)
        out += level(pad, rng.uniform(-34, -26))
    return out


def render(seed):
    """A take with a melody of its own."""
    rng = np.random.default_rng([1, seed])
    seconds = float(rng.uniform(18, 36))
    tempo, notes = melody.invent(rng, seconds, rng.uniform(55, 67), rng.random() < 0.12)
    return fx.produce(arrange(rng, notes, seconds, tempo), rng, tempo)


def render_song(folder, name, frames):
    """The line of a rendered song, aligned with it."""
    rng = np.random.default_rng([2, zlib.crc32(name.encode())])
    tempo, notes = melody.load(folder)
    seconds = frames / fx.RATE
    notes = [(s, min(d, seconds - s - 0.1), m) for s, d, m in notes if s < seconds - 0.4]
    x = arrange(rng, notes, seconds, tempo)
    x = np.pad(x, ((0, 0), (0, max(0, frames - x.shape[1]))))[:, :frames]
    return fx.produce(x, rng, tempo)
