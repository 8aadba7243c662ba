# SPDX-License-Identifier: MIT
"""A formant singer of our own: glottal pulses and noise through a cascade of resonances, after
D. Klatt's synthesiser (1980, doi:10.1121/1.383940) with Rosenberg pulses (1971,
doi:10.1121/1.1912389). No recording is involved."""

import numba
import numpy as np
from scipy import signal

from . import voice_melody as melody
from .voice_effects import RATE

FRAME = melody.FRAME
# Means for men in Peterson & Barney 1952 (doi:10.1121/1.1906875), and a few neighbours.
VOWELS = {"a": (730, 1090, 2440), "e": (530, 1840, 2480), "i": (270, 2290, 3010),
          "o": (570, 840, 2410), "u": (300, 870, 2240), "ae": (660, 1720, 2410),
          "ih": (390, 1990, 2550), "uh": (640, 1190, 2390), "er": (490, 1350, 1690),
          "oo": (440, 1020, 2240), "y": (260, 1850, 2200), "schwa": (500, 1450, 2450)}
# name: formants, voice, breath, friction, friction's centre and width, duration in s
CONSONANTS = {
    "m": ((250, 1100, 2200), .45, 0, 0, 2000, 1000, .08),
    "n": ((250, 1500, 2500), .45, 0, 0, 2000, 1000, .07),
    "l": ((340, 1050, 2700), .6, 0, 0, 2000, 1000, .07),
    "r": ((340, 1200, 1550), .6, 0, 0, 2000, 1000, .07),
    "w": ((300, 700, 2200), .6, 0, 0, 2000, 1000, .08),
    "j": ((260, 2200, 3000), .6, 0, 0, 2000, 1000, .08),
    "h": (None, 0, .5, 0, 2000, 1000, .08),
    "s": ((350, 1600, 2600), 0, .02, .55, 7000, 3500, .12),
    "sh": ((350, 1700, 2500), 0, .05, .6, 3300, 1800, .12),
    "f": ((350, 1100, 2300), 0, .05, .14, 6000, 9000, .10),
    "z": ((300, 1600, 2600), .3, .05, .3, 7000, 3500, .08),
    "v": ((300, 1100, 2300), .4, .05, .08, 5000, 8000, .07),
    "p": ((350, 900, 2200), 0, 0, .5, 900, 1200, .09),
    "t": ((350, 1700, 2600), 0, 0, .6, 5000, 3500, .09),
    "k": ((350, 1900, 2300), 0, 0, .6, 2100, 1100, .10),
    "b": ((300, 900, 2200), .15, 0, .3, 800, 1000, .07),
    "d": ((300, 1700, 2600), .15, 0, .35, 4500, 3500, .06),
    "g": ((300, 1900, 2300), .15, 0, .35, 2000, 1000, .07),
}
STOPS = set("ptkbdg")


def lyric(rng, count, choir=None):
    """`count` syllables: (onset, vowel, glide towards a vowel or None, coda)."""
    names, weights = list(VOWELS), np.array([5, 4, 4, 4, 3, 2, 3, 3, 1, 2, .7, 2])
    if choir:
        return [("" if rng.random() < 0.7 else "h", choir, None, "")] * count
    result = []
    for _ in range(count):
        onset = str(rng.choice(list(CONSONANTS))) if rng.random() < 0.85 else ""
        vowel = str(rng.choice(names, p=weights / weights.sum()))
        glide = str(rng.choice(["i", "u", "schwa"])) if rng.random() < 0.25 else None
        coda = str(rng.choice(["n", "m", "s", "t", "k", "l", "r"])) if rng.random() < 0.25 else ""
        result.append((onset, vowel, glide, coda))
    return result


@numba.njit(cache=True)
def _cascade(voice, friction, centres, widths, place, spread, hop):
    """`voice` through the resonances of every frame in a row, `friction` through one band."""
    n, count = len(voice), centres.shape[1]
    out = np.zeros(n)
    state = np.zeros((count, 2))
    f1, f2 = 0.0, 0.0
    a, b, c = np.zeros(count), np.zeros(count), np.zeros(count)
    fa, fb, fc = 0.0, 0.0, 0.0
    for i in range(n):
        if i % 44 == 0:
            position = min(i / hop, centres.shape[0] - 1.001)
            k = int(position)
            u = position - k
            for j in range(count):
                hertz = centres[k, j] * (1 - u) + centres[k + 1, j] * u
                width = widths[k, j] * (1 - u) + widths[k + 1, j] * u
                c[j] = -np.exp(-2 * np.pi * width / 44100)
                b[j] = 2 * np.exp(-np.pi * width / 44100) * np.cos(2 * np.pi * hertz / 44100)
                a[j] = 1 - b[j] - c[j]
            fc = -np.exp(-2 * np.pi * spread[k] / 44100)
            fb = 2 * np.exp(-np.pi * spread[k] / 44100) * np.cos(2 * np.pi * place[k] / 44100)
            fa = (1 + fc) * 1.2
        x = voice[i]
        for j in range(count):
            y = a[j] * x + b[j] * state[j, 0] + c[j] * state[j, 1]
            state[j, 1] = state[j, 0]
            state[j, 0] = y
            x = y
        y = fa * friction[i] + fb * f1 + fc * f2
        f2 = f1
        f1 = y
        out[i] = x + y
    return out


@numba.njit(cache=True)
def _rosenberg(hertz, openness, level):
    """The flow through the glottis at twice the rate; `level` per cycle."""
    out = np.zeros(2 * len(hertz))
    rise, fall = openness * 0.68, openness * 0.32
    phase, cycle = 0.0, 0
    for i in range(len(out)):
        if phase < rise:
            out[i] = level[cycle] * (0.5 - 0.5 * np.cos(np.pi * phase / rise))
        elif phase < rise + fall:
            out[i] = level[cycle] * np.cos(0.5 * np.pi * (phase - rise) / fall)
        phase += hertz[i // 2] / 88200
        if phase >= 1:
            phase -= 1
            cycle += 1
    return out


def glottis(rng, hertz, openness, shimmer, rasp):
    """Rosenberg pulses, differentiated (the lips' radiation), made at twice the rate; and the
    openness of the glottis at 44.1 kHz. `hertz` per sample."""
    cycles = int(np.sum(hertz) / RATE) + 3
    level = 1 + shimmer * rng.standard_normal(cycles)
    level[::2] *= 1 - rasp
    flow = _rosenberg(hertz, openness, level)
    pulses = signal.resample_poly(np.diff(flow, append=0.0), 1, 2)[: len(hertz)]
    return pulses * RATE / 40 / np.maximum(hertz, 60), flow[::2]


def tracks(singer, notes, syllables, begin, frames):
    """Control tracks of a phrase: formants (frames, 3), then voice, breath, friction, its centre
    and width (frames,)."""
    t = begin + np.arange(frames) * FRAME
    formants = np.zeros((frames, 3))
    voice, breath, friction = np.zeros(frames), np.zeros(frames), np.zeros(frames)
    place, spread = np.full(frames, 3000.0), np.full(frames, 2000.0)

    def consonant(name, start, end, vowel):
        shape, tone, air, noise, centre, width, _ = CONSONANTS[name]
        span = (t >= start) & (t < end)
        formants[span] = shape or VOWELS[vowel]
        voice[span], breath[span], friction[span] = tone, air, noise
        place[span], spread[span] = centre, width
        if name in STOPS:
            burst = end - (0.015 if name in "bdg" else 0.03)
            friction[span & (t < burst)] = 0
            breath[span & (t >= burst)] = 0.25 if name in "ptk" else 0
            friction[(t >= burst + 0.012) & span] = 0

    formants[:] = VOWELS[syllables[0][1]]
    for k, ((start, length, _), (onset, vowel, glide, coda)) in enumerate(zip(notes, syllables)):
        end = start + length
        if k + 1 < len(notes) and notes[k + 1][0] - end < singer.legato:
            end = notes[k + 1][0]
        span = (t >= start) & (t < end)
        formants[t >= start] = VOWELS[vowel]
        voice[span] = 1.0
        if glide:
            late = span & (t > start + 0.6 * length)
            formants[late] = 0.35 * np.array(VOWELS[vowel]) + 0.65 * np.array(VOWELS[glide])
        if coda and end - start > 0.2:
            consonant(coda, end - 0.07, end, vowel)
    for (start, _, _), (onset, vowel, _, _) in zip(notes, syllables):
        if onset:
            consonant(onset, start - CONSONANTS[onset][6] * singer.consonants, start, vowel)
    return formants, voice, breath, friction, place, spread


def smooth(x, seconds):
    pole = np.exp(-FRAME / seconds)
    return signal.filtfilt([1 - pole], [1, -pole], x, axis=0)


def phrase(rng, singer, notes, syllables):
    """Sings one phrase of `lyric` syllables: (start in s, mono sound)."""
    begin, end = notes[0][0] - 0.25, notes[-1][0] + notes[-1][1] + 0.2
    frames = int((end - begin) / FRAME) + 1
    formants, voice, breath, friction, place, spread = tracks(singer, notes, syllables, begin,
                                                              frames)
    pitch = melody.curve(rng, notes, frames, begin, singer)
    hertz = 440 * 2 ** ((np.clip(pitch, 28, 96) - 69) / 12)
    formants = smooth(formants, 0.014) * singer.formants
    formants *= 1 + 0.012 * np.stack([melody.slow_noise(rng, frames, 4) for _ in range(3)], axis=1)
    formants[:, 0] = np.maximum(formants[:, 0], 1.03 * hertz)  # high voices open their mouths
    upper = np.array([3400, 4300, 5300, 6700, 8600]) * singer.formants
    upper = upper - np.array([500, 700, 0, 0, 0]) * min(singer.ring / 10, 1)
    centres = np.concatenate([formants, np.tile(upper, (frames, 1))], axis=1)
    widths = np.tile([70.0, 90, 130, 200, 260, 400, 600, 900], (frames, 1))
    widths[:, 0] += 200 * singer.breath
    arc = 1 + 0.3 * np.sin(np.pi * np.linspace(0, 1, frames))
    arc *= 1 + 0.1 * melody.slow_noise(rng, frames, 4)
    fade = np.minimum(1, np.arange(frames)[::-1] * FRAME / 0.1)
    voice, breath = smooth(voice, 0.010) * arc * fade, smooth(breath, 0.006)
    friction = smooth(friction, 0.003) * fade

    count = int((frames - 1) * FRAME * RATE)
    grid = np.arange(count) / RATE / FRAME

    def samples(track):
        return np.interp(grid, np.arange(frames), track)

    openness = float(np.clip(0.72 - 0.06 * singer.tilt + 0.2 * singer.breath, 0.45, 0.9))
    pulses, flow = glottis(rng, samples(hertz), openness, 0.03 + 0.1 * singer.rasp,
                           0.5 * singer.rasp)
    if singer.tilt < 1:
        pole = 0.35 - 0.15 * singer.tilt
        pulses = signal.lfilter([1 - pole], [1, -pole], pulses)
    noise = rng.standard_normal((2, count))
    air = noise[0] * (samples(voice) * (0.015 + 0.12 * singer.breath) * (0.3 + flow)
                      + 0.15 * samples(breath))
    tone = air * 3 if singer.whisper else pulses * samples(voice) + air
    x = _cascade(tone, 0.06 * noise[1] * samples(friction), centres, widths,
                 np.ascontiguousarray(place), np.ascontiguousarray(spread), FRAME * RATE)
    return begin, signal.lfilter([1, -0.6], [1], x)
