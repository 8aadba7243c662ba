# SPDX-License-Identifier: MIT
"""Renders the demo song and its four true stems: `python3 DemoSong/generate.py`.

The song must never be trained on: its lines, melody, instruments and seed occur nowhere in the
training data, so that what the model does with it is honest. The singer is Flite's voice `slt`
(the command `flite` is needed), put on the melody by `Training/lite/synthesis`; training has heard
that voice, with other words, melodies and throats.

The stems are rounded to `BITS` bits and the mix is their sum, so they add up to it exactly, and
FLAC keeps all five files small.
"""

import argparse
import os
import sys
import warnings

import numpy as np
import soundfile
from scipy import ndimage

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "Training", "lite"))
warnings.filterwarnings("ignore")

import instruments as play  # noqa: E402
import score  # noqa: E402
from synthesis import voice_effects as fx, voice_sing, voice_speech  # noqa: E402

RATE = 44100
SEED = 20240229
BITS = 12
BEAT = 60 / score.TEMPO
FRAMES = int(score.BEATS * BEAT * RATE)
STEMS = ("drums", "bass", "other", "vocals")


def place(track, x, beat, gain=1.0, position=0.0, late=0.0):
    """Adds mono or stereo `x` at `beat`, panned to `position`."""
    start = max(0, int((beat * BEAT + late) * RATE))
    n = min(x.shape[-1], FRAMES - start)
    if n > 0:
        track[:, start:start + n] += gain * fx.pan(fx.stereo(x[..., :n]), position)


def drums(rng):
    track, air = np.zeros((2, FRAMES)), np.zeros((2, FRAMES))
    sounds = {"kick": (play.kick, 0.9, 0.0, 0.05), "snare": (play.snare, 0.55, 0.05, 0.5),
              "hat": (play.hat, 0.33, 0.3, 0.1), "clap": (play.clap, 0.5, -0.2, 0.6),
              "open": (lambda r: play.hat(r, True), 0.28, 0.3, 0.15),
              "crash": (play.crash, 0.36, -0.25, 0.2),
              "tom1": (lambda r: play.tom(r, 150), 0.6, 0.35, 0.4),
              "tom2": (lambda r: play.tom(r, 98), 0.65, -0.3, 0.4)}
    for beat, name, velocity in score.drums():
        make, gain, position, send = sounds[name]
        x = make(rng) * velocity * rng.uniform(0.93, 1.07)
        late = rng.normal(0, 0.0025)
        place(track, x, beat, gain, position, late)
        place(air, x, beat, gain * send, position, late)
    room = fx.room(rng, 0.55, 0.6, 0.8, 0.004)
    track = track + 0.25 * (fx.reverberate(air, room, 1.0) - air)
    return fx.compress(track, -20, 2.2, 0.012, 0.12)


def bass(rng):
    track = np.zeros((2, FRAMES))
    for beat, beats, midi in score.bass():
        place(track, play.bass(midi, beats * BEAT), beat, 0.5, 0.0, rng.normal(0, 0.003))
    track = fx.compress(track, -22, 3.0, 0.01, 0.15)
    return fx.band(fx.equalise(track, "low", 110, 2.5), low=35, high=4200)


def other(rng):
    keys, pads, strings, bells = (np.zeros((2, FRAMES)) for _ in range(4))
    for k, (start, beats, _, chord) in enumerate(score.CHORDS):
        chorus, last = start >= score.CHORUS, start >= score.END
        strokes = [(0, beats, 0.75)] if last or not chorus and start < score.VERSE else \
            [(b, 0.9, 0.8 if b % 2 == 0 else 0.5) for b in np.arange(0, beats, 1.0)] if chorus \
            else [(0, 1.4, 0.7), (1.5, 0.9, 0.55), (2.5, 1.4, 0.6)]
        for at, length, velocity in strokes:
            for note in chord:
                x = play.piano(note, length * BEAT, velocity * rng.uniform(0.9, 1.05))
                place(keys, x, start + at, 0.15, rng.uniform(-0.3, 0.3), rng.uniform(0, 0.012))
        for note in (chord if chorus or start < score.VERSE else chord[:2]):
            sides = np.stack([play.pad(note, beats * BEAT, c, rng) for c in (7, 9)])
            place(pads, sides, start, 0.05 if chorus else 0.035)
        if start >= score.VERSE and not last:  # broken chords, from low to high and back
            order = [0, 1, 2, 3, 2, 1, 3, 2]
            for b in range(int(beats * 2)):
                note = chord[order[b % 8]] + (12 if chorus else 0)
                x = play.guitar(note, 0.8 * BEAT, rng.uniform(0.55, 0.8), rng)
                place(strings, x, start + b / 2, 0.3, -0.55, rng.normal(0, 0.004))
        elif last:
            for b, note in enumerate((50, 57, 62, 66, 69, 74)):
                x = play.guitar(note, 3.4 * BEAT, 0.7, rng)
                place(strings, x, start + b * 0.05, 0.3, -0.5)
        if chorus or start < 8:
            for b, note in enumerate((chord[3] + 12, chord[1] + 12, chord[2] + 12)):
                if b * 0.75 < beats:
                    place(bells, play.bell(note, 0.8), start + b * 0.75, 0.14, 0.6)
    wobble = 0.25 * np.sin(2 * np.pi * 4.2 * np.arange(FRAMES) / RATE)
    keys = keys * np.stack([1 + wobble, 1 - wobble])
    track = fx.chorus(keys, rng, 0.35) + pads + strings + fx.echo(bells, 0.75 * BEAT, 0.4, 0.35)
    track = fx.reverberate(track, fx.room(rng, 1.5, 0.35, 0.9, 0.02), 0.14)
    return fx.band(fx.equalise(track, "peak", 2600, -2.0, 0.8), low=110, high=13000)


def sung(rng, singer, lines, pitches=None, said=None):
    """Sings `lines`: mono, and what was spoken for them (to be sung again by a second voice)."""
    out, spoken = np.zeros((2, FRAMES)), []
    for k, (words, syllables) in enumerate(lines):
        line = [(start * BEAT, beats * BEAT, float(pitches[k][i] if pitches else midi))
                for i, (start, beats, midi) in enumerate(syllables)]
        spoken.append(said[k] if said else voice_speech.spoken(words, singer.source))
        nuclei = sum(vowel for _, _, vowel in spoken[-1].sounds)
        if nuclei != len(line):
            raise ValueError(f"{words!r} has {nuclei} syllables for {len(line)} notes.")
        begin, x = voice_sing.phrase(rng, singer, line, spoken[-1])
        place(out, x, 0, late=begin)
    return out[0], spoken


def vocals(rng):
    singer = voice_sing.Singer(
        centre=68, source=("flite", "slt", 1.25, 190.0), formants=1.04, glide=0.07, damping=0.75,
        scoop=0.8, vibrato=0.32, vibrato_rate=5.6, vibrato_delay=0.35, drift=0.06, jitter=0.03,
        breath=0.06, tilt=0.8, ring=3.0, consonants=0.9, legato=0.15)
    verse, _ = sung(rng, singer, score.VERSE_LINES)
    chorus, said = sung(rng, singer, score.CHORUS_LINES)
    singer.tilt, singer.formants = 0.4, 1.01
    doubles = [sung(rng, singer, score.CHORUS_LINES, None, said)[0] for _ in range(2)]
    singer.formants = 1.08
    harmony, _ = sung(rng, singer, score.CHORUS_LINES, score.HARMONY, said)
    scale = fx.db(-18) / fx.loudness(verse)
    lead = fx.stereo(verse * scale + 1.1 * chorus * scale)
    backing = (fx.pan(fx.stereo(doubles[0]), -0.8) + fx.pan(fx.stereo(doubles[1]), 0.8)) * 0.22
    backing = (backing + fx.pan(fx.stereo(harmony), 0.4) * 0.3) * scale
    backing += fx.pan(fx.stereo(np.roll(harmony, 700)), -0.5) * 0.18 * scale
    dry = fx.compress(fx.band(lead, low=120), -26, 3.5, 0.003, 0.12) + fx.band(backing, low=200)
    dry = fx.equalise(fx.equalise(dry, "peak", 3200, 2.5, 0.8), "high", 9000, 3.0)
    wet = fx.echo(dry, 0.75 * BEAT, 0.3, 0.13, high=3200)
    return fx.reverberate(wet, fx.room(rng, 1.3, 0.4, 0.8, 0.03), 0.11)


def limiter(mix, ceiling=0.89):
    """One gain curve for all stems: it looks ahead 5 ms, holds the peaks below `ceiling`, and
    being a common factor it leaves the stems' sum equal to the mix."""
    peak = ndimage.maximum_filter1d(np.max(np.abs(mix), axis=0), 2 * RATE // 200 + 1)
    gain = np.minimum(1, ceiling / np.maximum(peak, 1e-9))
    return ndimage.uniform_filter1d(ndimage.minimum_filter1d(gain, RATE // 100), RATE // 100)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", default=HERE)
    arguments = parser.parse_args()
    levels = {"drums": -23.2, "bass": -24.2, "other": -26.0, "vocals": -23.0}  # RMS in dBFS
    stems = {}
    for index, (name, make) in enumerate(zip(STEMS, (drums, bass, other, vocals))):
        x = make(np.random.default_rng([SEED, index]))
        stems[name] = x * fx.db(levels[name]) / fx.loudness(x)
    gain = limiter(sum(stems.values()))
    end = np.clip((FRAMES - np.arange(FRAMES)) / (1.2 * RATE), 0, 1) ** 1.5
    step = 2 ** (16 - BITS)
    stems = {k: (np.round(x * gain * end * 32767 / step) * step).astype(np.int16)
             for k, x in stems.items()}
    os.makedirs(os.path.join(arguments.out, "stems"), exist_ok=True)
    for name, x in stems.items():
        soundfile.write(os.path.join(arguments.out, "stems", f"{name}.flac"), x.T, RATE,
                        subtype="PCM_16", compression_level=1.0)
    mix = sum(x.astype(np.int32) for x in stems.values())
    if np.max(np.abs(mix)) > 32767:
        raise ValueError("The mix clips.")
    soundfile.write(os.path.join(arguments.out, "demo.flac"), mix.astype(np.int16).T, RATE,
                    subtype="PCM_16", compression_level=1.0)


if __name__ == "__main__":
    main()
