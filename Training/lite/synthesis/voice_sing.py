# SPDX-License-Identifier: MIT
"""Singers made of speech: spoken phrases are stretched onto notes and get the notes' pitch."""

from dataclasses import dataclass, replace

import numpy as np
from scipy import signal

from . import voice_effects as fx, voice_lyrics as lyrics, voice_melody as melody
from . import voice_speech as speech, voice_world as world

FRAME = melody.FRAME


@dataclass
class Singer:
    """Everything that tells one singer from another."""

    centre: float  # MIDI number in the middle of the comfortable range
    source: tuple  # see voice_speech.spoken; ("formant",) for voice_formant
    language: str = "en"
    formants: float = 1.0  # factor on all resonances
    glide: float = 0.08  # s from note to note
    damping: float = 0.8
    scoop: float = 1.0  # semitones below at the start of a phrase, at most
    vibrato: float = 0.3  # semitones
    vibrato_rate: float = 5.5
    vibrato_delay: float = 0.3  # share of the note before it sets in
    vibrato_share: float = 0.8
    drift: float = 0.08
    jitter: float = 0.05
    fall: float = 0.0  # semitones of fall at the end of phrases
    breath: float = 0.0  # 0 to 1: noise instead of tone
    tilt: float = 0.0  # dB per octave above 500 Hz: effort
    ring: float = 0.0  # dB of the singer's formant near 3 kHz
    rasp: float = 0.0  # 0 to 1: every other glottal pulse weaker
    whisper: bool = False
    rap: bool = False
    consonants: float = 1.0  # factor on the length of consonants
    legato: float = 0.2  # gaps up to this many s are sung through


def cast(rng, kind=None):
    """A random singer. `kind`: "male", "female", "child" or None."""
    kind = kind or str(rng.choice(["male", "female", "child"], p=[0.42, 0.5, 0.08]))
    sex = "male" if kind == "male" else "female"
    centre = {"male": rng.uniform(47, 61), "female": rng.uniform(58, 72),
              "child": rng.uniform(66, 77)}[kind]
    language = "en"
    draw = rng.random()
    if draw < 0.38:
        voice = str(rng.choice(["rms", "awb"] if sex == "male" else ["slt", "slt", "slt", "awb"]))
        source = ("flite", voice, rng.uniform(1.0, 1.5),
                  speech.FLITE_VOICES[voice] * rng.uniform(0.9, 1.25))
        factor = rng.uniform(0.86, 1.12) if voice != "awb" or sex == "male" else 1.18
    elif draw < 0.85:
        language = str(rng.choice(["en", "en-us"])) if rng.random() < 0.35 else \
            str(rng.choice(lyrics.LANGUAGES))
        voice = f"{language}+{rng.choice(speech.VARIANTS[sex])}"
        source = ("espeak", voice, rng.uniform(110, 170), rng.uniform(30, 75))
        factor = rng.uniform(0.85, 1.15)
    else:
        source, factor = ("formant",), rng.uniform(0.92, 1.06) * (1.0 if sex == "male" else 1.16)
    style = str(rng.choice(["pop", "belt", "breathy", "raspy", "tuned", "classical", "rap",
                            "whisper", "plain"],
                           p=[.26, .13, .11, .08, .11, .09, .11, .02, .09]))
    singer = Singer(
        centre, source, language, float(factor * (1.15 if kind == "child" else 1.0)),
        glide=float(rng.uniform(0.04, 0.16)), damping=float(rng.uniform(0.55, 1.0)),
        scoop=float(rng.uniform(0, 2.5)), vibrato=float(rng.uniform(0.1, 0.55)),
        vibrato_rate=float(rng.uniform(4.4, 6.8)), vibrato_delay=float(rng.uniform(0.1, 0.6)),
        vibrato_share=float(rng.uniform(0.3, 1)), drift=float(rng.uniform(0.03, 0.16)),
        jitter=float(rng.uniform(0.02, 0.09)), fall=float(max(0, rng.normal(0, 1.2))),
        breath=float(rng.uniform(0, 0.15)), tilt=float(rng.uniform(-1, 2.5)),
        ring=float(rng.uniform(0, 6)), consonants=float(rng.uniform(0.8, 1.3)),
        legato=float(rng.uniform(0.05, 0.3)))
    changes = {
        "belt": dict(tilt=3.5, ring=8.0, vibrato_delay=0.5, centre=centre + 3),
        "breathy": dict(breath=float(rng.uniform(0.25, 0.6)), tilt=-2.0, ring=0.0),
        "raspy": dict(rasp=float(rng.uniform(0.2, 0.7)), jitter=0.16, tilt=2.0, breath=0.2),
        "tuned": dict(glide=float(rng.choice([0.0, 0.01, 0.02])), drift=0.0, jitter=0.005,
                      scoop=0.0, vibrato=float(rng.choice([0, 0.2])), damping=1.0),
        "classical": dict(vibrato=float(rng.uniform(0.45, 0.9)), vibrato_delay=0.08, ring=10.0,
                          vibrato_share=1.0, legato=0.35, glide=0.12),
        "rap": dict(rap=source[0] != "formant", consonants=0.9, legato=0.05),
        "whisper": dict(whisper=True),
    }
    return replace(singer, **changes.get(style, {}))


def syllables(rng, sounds, notes):
    """Lays the nuclei on the notes: [(start, end of singing, index into sounds)]."""
    nuclei = [i for i, sound in enumerate(sounds) if sound[2]]
    count = min(len(nuclei), len(notes))
    first = np.sort(np.concatenate([[0], 1 + rng.permutation(len(notes) - 1)[: count - 1]]))
    result = []
    for k, index in enumerate(first.astype(int)):
        last = (int(first[k + 1]) if k + 1 < count else len(notes)) - 1
        result.append((notes[index][0], notes[last][0] + notes[last][1], nuclei[k]))
    return result


def time_map(singer, spoken, sung):
    """Anchors (time in s, frame of the speech, gain) of a phrase, and the vowels' times."""
    sounds = spoken.sounds
    stop = next((i for i, s in enumerate(sounds) if s[2] and i > sung[-1][2]), len(sounds))
    anchors, vowels = [], []

    def duration(a, b):
        return (b - a) * FRAME * singer.consonants

    start, begin = sung[0][0], sounds[0][0]
    onset = sounds[sung[0][2]][0]
    if onset > begin:
        lead = min(duration(begin, onset), 0.35)
        anchors += [(start - lead - 0.03, begin, 0.0), (start - lead, begin, 1.0)]
    else:
        anchors += [(start - 0.03, onset, 0.0)]
    for k, (on, off, index) in enumerate(sung):
        a, b, _ = sounds[index]
        if k + 1 < len(sung):
            next_on, following = sung[k + 1][0], sounds[sung[k + 1][2]][0]
            cluster = min(duration(b, following), 0.45 * (next_on - on))
            rest = next_on - cluster - off
            end = off if rest > singer.legato else next_on - cluster
        else:
            following = sounds[stop][0] if stop < len(sounds) else sounds[-1][1]
            if stop < len(sounds):
                following = (b + following) // 2
            cluster, rest, end = min(duration(b, following), 0.3), 1.0, off
        end = max(end, on + 0.04)
        hold = min(0.07, 0.4 * (b - a) * FRAME, 0.4 * (end - on))
        step = hold / FRAME
        anchors += [(on, a, 1.0), (on + hold, a + step, 1.0), (end - hold, b - step, 1.0),
                    (end, b, 1.0)]
        vowels.append((on, end, a, b))
        if k + 1 == len(sung):
            anchors += [(end + cluster + 0.01, following, 1.0),
                        (end + cluster + 0.07, following, 0.0)]
        elif rest > singer.legato:
            middle = (b + following) / 2
            anchors += [(end + cluster / 2, middle, 1.0), (end + cluster / 2 + 0.04, middle, 0.0),
                        (next_on - cluster / 2 - 0.02, middle, 0.0),
                        (next_on - cluster / 2, middle, 1.0)]
    return np.array(sorted(anchors, key=lambda x: x[0])), vowels


def colour(singer, envelope, effort):
    """Effort, singer's formant and throat length on a power envelope; `effort` (frames,) in dB."""
    envelope = world.warp(envelope, singer.formants)
    hertz = np.arange(world.BINS) * fx.RATE / world.SIZE
    octaves = np.clip(np.log2(np.maximum(hertz, 1) / 500), 0, 4)
    shape = singer.tilt * octaves + singer.ring * np.exp(-((hertz - 2900) / 600) ** 2)
    gain = shape[None] + effort[:, None] * (1 + 0.15 * octaves[None])
    return envelope * 10 ** (gain / 10)


def phrase(rng, singer, notes, spoken):
    """Sings one phrase: (start in s, mono sound)."""
    sung = syllables(rng, spoken.sounds, notes)
    anchors, vowels = time_map(singer, spoken, sung)
    begin, end = anchors[0, 0] - 0.02, anchors[-1, 0] + 0.05
    frames = int((end - begin) / FRAME) + 1
    t = begin + np.arange(frames) * FRAME
    at = np.interp(t, anchors[:, 0], anchors[:, 1])
    gain = np.interp(t, anchors[:, 0], anchors[:, 2])
    vowel = np.zeros(frames, bool)
    for on, off, _, _ in vowels:
        vowel |= (t > on + 0.01) & (t < off - 0.01)
    at = at + vowel * 1.2 * melody.slow_noise(rng, frames, 3)
    f0, envelope, noise = world.resample(spoken.f0, spoken.envelope, spoken.noise, at)
    voiced_frames = spoken.f0 > 0
    if not voiced_frames.any():
        raise ValueError("The speech has no voice.")
    forced = vowel & (f0 <= 0)
    noise[forced] = np.median(spoken.noise[voiced_frames], axis=0)
    sounding = (f0 > 0) | vowel
    pitch = melody.curve(rng, notes, frames, begin, singer)
    if singer.rap:  # the speech's own intonation around the singer's pitch
        own = 12 * np.log2(np.where(f0 > 0, f0, np.median(spoken.f0[voiced_frames])) / 440) + 69
        own -= 12 * np.log2(np.median(spoken.f0[voiced_frames]) / 440) + 69
        pitch = singer.centre - 3 + 1.2 * own + 0.25 * (pitch - np.median(pitch))
    # Every vowel about as loud as the others, then accents and an arc over the phrase.
    levels = [np.log10(spoken.envelope[a:max(b, a + 1)].sum(1).mean() + 1e-12)
              for _, _, a, b in vowels]
    effort = np.zeros(frames)
    for (on, off, _, _), level in zip(vowels, levels):
        accent = 0.85 * 10 * (np.mean(levels) - level) + rng.normal(0, 1.5)
        effort[(t >= on - 0.05) & (t < off + 0.05)] = np.clip(accent, -12, 12)
    effort = signal.filtfilt([0.15], [1, -0.85], effort)
    effort += rng.uniform(0, 3) * np.sin(np.pi * np.linspace(0, 1, frames))
    effort += 0.8 * melody.slow_noise(rng, frames, 4)
    envelope = colour(singer, envelope, effort)
    power = envelope.sum(1) + 1e-12  # consonants must not be louder than vowels
    most = np.where(sounding, 4.0, 0.5) * np.median(power[vowel] if vowel.any() else power)
    envelope *= (np.minimum(1, most / power) * gain ** 2)[:, None]
    noise = noise + (1 - noise) * singer.breath * np.linspace(0.4, 1, world.BINS)
    hertz = 440 * 2 ** ((np.clip(pitch, 28, 96) - 69) / 12)
    f0 = np.where(sounding, hertz, 0.0)
    if singer.whisper:
        f0, noise = np.zeros(frames), np.ones_like(noise)
    x = world.synthesise(f0, np.maximum(envelope, 1e-14), noise)
    if singer.rasp > 0:
        cycles = np.cumsum(np.interp(np.arange(len(x)) / fx.RATE / FRAME, np.arange(frames),
                                     hertz)) / fx.RATE
        x = x * (1 - singer.rasp * 0.5 * (1 + np.sin(np.pi * cycles)))
    return begin, x


def lyric(rng, singer, notes):
    """Spoken words with about as many syllables as there are notes."""
    words = max(1, int(np.ceil(len(notes) * 0.62)))
    for _ in range(4):
        said = speech.spoken(lyrics.text(rng, singer.language, words), singer.source)
        nuclei = sum(vowel for _, _, vowel in said.sounds)
        if nuclei and nuclei >= 0.7 * len(notes):
            return said
        words += 2
    if not nuclei:
        raise ValueError("No vowels were spoken.")
    return said


def sing(rng, singer, notes, seconds, repeat=None):
    """Sings a whole line: mono, `seconds` long, and the phrases' speech. Give the latter as
    `repeat` to a second take (a double, a harmony) so that it has the same words."""
    out = np.zeros(int(seconds * fx.RATE))
    groups = melody.phrases(notes)
    said = []
    for k, group in enumerate(groups):
        if singer.source[0] == "formant":
            from . import voice_formant
            said.append(repeat[k] if repeat else voice_formant.lyric(rng, len(group)))
            begin, x = voice_formant.phrase(rng, singer, group, said[-1])
        else:
            same = k >= 2 and rng.random() < 0.3 and len(groups[k - 2]) == len(group)
            said.append(repeat[k] if repeat else said[k - 2] if same
                        else lyric(rng, singer, group))
            begin, x = phrase(rng, singer, group, said[-1])
        start = int(begin * fx.RATE)
        if start < 0:
            x, start = x[-start:], 0
        n = min(len(x), len(out) - start)
        if n > 0:
            out[start:start + n] += x[:n]
    return out, said
