# SPDX-License-Identifier: MIT
"""Expected audio features by librosa, pyloudnorm and NumPy.

    python Tests/Fixtures/make_feature_fixtures.py

The signals are those of Tests/MixCoreTests/Features/FeatureSignals.swift, made anew here; the song is
DemoSong/demo.flac. librosa is given Float64, so that its own rounding does not count.
"""

import json
import warnings
from pathlib import Path

import librosa
import numpy as np
import pyloudnorm
import soundfile

ROOT = Path(__file__).parent.parent.parent
RATE = 22_050
MASK = (1 << 64) - 1
warnings.simplefilter("ignore")


def noise(count, seed):
    state = (seed * 2862933555777941757 + 3037000493) & MASK
    values = []
    for _ in range(count):
        state = (state * 6364136223846793005 + 1442695040888963407) & MASK
        value = state >> 32
        values.append((value - (1 << 32) if value >> 31 else value) / 2147483648)
    return np.array(values)


def chirp(count):
    t = np.arange(count) / RATE
    return 0.4 * np.sin(2 * np.pi * (100 + 650 * t) * t) + 1e-3 * noise(count, 2)


def clicks(count, tempo, seed=3):
    t = np.arange(count) / RATE
    period = 60 / tempo
    since = t - np.floor(t / period) * period
    return (0.8 * np.exp(-since / 0.01) + 1e-3) * noise(count, seed)


TIMBRES = {
    "sine": [1],
    "organ": [1, 0.5, 0, 0.25],
    "saw": [1 / k for k in range(1, 9)],
    "clarinet": [1, 0, 1 / 3, 0, 1 / 5, 0, 1 / 7],
}
# Tonic, subdominant, dominant, tonic: root and triad in semitones above the tonic.
CHORDS = {
    "major": [(0, [0, 4, 7]), (5, [5, 9, 12]), (7, [7, 11, 14]), (0, [0, 4, 7])],
    "minor": [(0, [0, 3, 7]), (5, [5, 8, 12]), (7, [7, 11, 14]), (0, [0, 3, 7])],
}


def progression(tonic, mode, timbre, chord_frames):
    t = np.arange(chord_frames) / RATE
    parts = []
    for root, triad in CHORDS[mode]:
        chord = np.zeros(chord_frames)
        for pitch in [36 + tonic + root] + [60 + tonic + note for note in triad]:
            frequency = 440 * 2 ** ((pitch - 69) / 12)
            for k, amplitude in enumerate(TIMBRES[timbre], 1):
                chord += amplitude * np.sin(2 * np.pi * frequency * k * t)
        parts.append(chord / 8)
    return np.concatenate(parts)


def burst():
    signal = np.zeros(3 * RATE)
    signal[RATE : 2 * RATE] = 0.3 * noise(RATE, 5)
    return signal


def song():
    """The demo song: the mean of its channels and of every two frames."""
    samples, _ = soundfile.read(ROOT / "DemoSong" / "demo.flac", dtype="float32")
    mono = (samples[:, 0] + samples[:, 1]) / np.float32(2)
    mono = mono[: len(mono) // 2 * 2]
    return (mono[0::2] + mono[1::2]) / np.float32(2)


def spectral(y, stride):
    y = np.asarray(y, np.float32).astype(float)
    f = librosa.feature
    magnitude = np.abs(librosa.stft(y))
    mel = f.melspectrogram(y=y, sr=RATE)
    onset = librosa.onset.onset_strength(y=y, sr=RATE)
    chroma = f.chroma_stft(y=y, sr=RATE, tuning=0.0)
    flux = np.sqrt((np.diff(magnitude, axis=1) ** 2).sum(axis=0)) / len(magnitude)
    series = {
        "rms": f.rms(y=y),
        "zeroCrossingRate": f.zero_crossing_rate(y),
        "centroidHz": f.spectral_centroid(y=y, sr=RATE),
        "bandwidthHz": f.spectral_bandwidth(y=y, sr=RATE),
        "rollOffHz": f.spectral_rolloff(y=y, sr=RATE, roll_percent=0.85),
        "flatness": f.spectral_flatness(y=y),
        "flux": np.concatenate([[0], flux])[None],
        "contrastDB": f.spectral_contrast(y=y, sr=RATE),
        "mfcc": f.mfcc(y=y, sr=RATE, n_mfcc=13),
        "melPowers": mel,
        "onsetStrength": onset[None],
        "chroma": chroma,
    }
    result = {
        "frameCount": mel.shape[1],
        "stride": stride,
        "tempo": float(f.tempo(y=y, sr=RATE)[0]),
        "mean": {},
        "standardDeviation": {},
        "series": {},
    }
    for name, values in series.items():
        result["mean"][name] = short(values.mean(axis=1))
        result["standardDeviation"][name] = short(values.std(axis=1))
        step = 16 * stride if name == "melPowers" else stride
        result["series"][name] = short(values.T[::step].ravel())
    return result


def short(values):
    return [float(f"{value:.7g}") for value in np.ravel(values)]


MAJOR = np.array([6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88])
MINOR = np.array([6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17])


def keys():
    """The best key of every progression by np.corrcoef, beside the one it is in."""
    result = []
    for timbre in TIMBRES:
        for mode in CHORDS:
            for tonic in range(12):
                y = progression(tonic, mode, timbre, 5512).astype(np.float32).astype(float)
                chroma = librosa.feature.chroma_stft(y=y, sr=RATE, tuning=0.0).mean(axis=1)
                scores = sorted(
                    (float(np.corrcoef(np.roll(profile, t), chroma)[0, 1]), t, name)
                    for name, profile in (("major", MAJOR), ("minor", MINOR))
                    for t in range(12)
                )
                assert scores[-1][1:] == (tonic, mode), (timbre, mode, tonic)
                result.append(
                    {
                        "timbre": timbre,
                        "mode": mode,
                        "tonic": tonic,
                        "correlation": round(scores[-1][0], 7),
                        "secondCorrelation": round(scores[-2][0], 7),
                    }
                )
    return result


def tempi():
    result = []
    for tempo in [60, 75, 90, 100, 110, 120, 128, 140, 155, 174]:
        y = clicks(15 * RATE, tempo).astype(np.float32).astype(float)
        found = float(librosa.feature.tempo(y=y, sr=RATE)[0])
        result.append({"clicksPerMinute": tempo, "beatsPerMinute": found})
    return result


def stereo(rate, seed):
    """Noise whose level changes every quarter of a second, over a tone."""
    count = 12 * rate
    n = np.arange(count)
    level = 10 ** (-(n // (rate // 4) * 7 % 24) / 20)
    tone = 0.1 * np.sin(2 * np.pi * 220 * n / rate)
    return np.float32(
        [tone + 0.5 * level * noise(count, seed), tone + 0.3 * level * noise(count, seed + 1)])


def dynamic_range(samples, rate):
    """The TT meter's DR, not rounded."""
    ranges = []
    for channel in samples:
        blocks = [channel[i : i + 3 * rate] for i in range(0, len(channel), 3 * rate)]
        rms = np.sort([np.sqrt(2 * np.mean(block**2)) for block in blocks])
        peaks = np.sort([np.abs(block).max() for block in blocks])
        loud = rms[-max(1, len(blocks) // 5) :]
        ranges.append(-20 * np.log10(np.sqrt(np.mean(loud**2)) / peaks[-2]))
    return float(np.mean(ranges))


def level_range(samples, meter, rate):
    """P95 - P10 of gated 100-ms levels, nearest rank as in EBU Tech 3342."""
    weighted = samples.copy()
    for stage in meter._filters.values():
        weighted = np.array([stage.apply_filter(channel) for channel in weighted])
    step = rate // 10
    count = weighted.shape[1] // step
    power = (weighted[:, : count * step].reshape(len(weighted), count, step) ** 2).mean(2).sum(0)
    power = power[-0.691 + 10 * np.log10(power) >= -70]
    gate = -0.691 + 10 * np.log10(power.mean()) - 20
    levels = -0.691 + 10 * np.log10(power)
    levels = np.sort(levels[levels >= gate])
    rank = lambda share: levels[int(np.floor((len(levels) - 1) * share + 0.5))]
    return float(rank(0.95) - rank(0.1))


def levels(samples, rate):
    samples = np.asarray(samples, float)
    # The filters of BS.1770-4 itself; pyloudnorm's default is a design of its own close to them.
    exact = pyloudnorm.Meter(rate, filter_class="DeMan")
    rms = np.sqrt(np.mean(samples**2))
    peak = np.abs(samples).max()
    return {
        "rmsDB": float(20 * np.log10(rms)),
        "samplePeakDB": float(20 * np.log10(peak)),
        "crestDB": float(20 * np.log10(peak / rms)),
        "integratedLUFS": float(exact.integrated_loudness(samples.T)),
        "pyloudnormDefaultLUFS": float(
            pyloudnorm.Meter(rate).integrated_loudness(samples.T)),
        "levelRangeLU": level_range(samples, exact, rate),
        "dynamicRangeDB": dynamic_range(samples, rate),
    }


def song_levels():
    samples, rate = soundfile.read(ROOT / "DemoSong" / "demo.flac", dtype="float32")
    return levels(samples[: len(samples) // (rate // 10) * (rate // 10)].T, rate)


if __name__ == "__main__":
    signals = {
        "noise": (0.5 * noise(2 * RATE, 1), 8),
        "chirp": (chirp(3 * RATE), 8),
        "clicks": (clicks(12 * RATE, 120), 24),
        "chords": (
            progression(2, "major", "saw", 2 * RATE) + 1e-3 * noise(8 * RATE, 4), 24),
        "burst": (burst(), 8),
        "short": (0.5 * noise(300, 6), 1),
        "one": (np.array([0.5]), 1),
        "silence": (np.zeros(RATE), 8),
        "song": (song(), 64),
    }
    values = {
        "spectral": {name: spectral(y, stride) for name, (y, stride) in signals.items()},
        "keys": keys(),
        "tempi": tempi(),
        "levels": {
            "stereo44100": levels(stereo(44_100, 7), 44_100),
            "stereo48000": levels(stereo(48_000, 9), 48_000),
            "mono44100": levels(stereo(44_100, 7)[:1], 44_100),
            "song": song_levels(),
        },
    }
    path = ROOT / "Tests" / "MixCoreTests" / "Fixtures" / "features.json"
    path.write_text(json.dumps(values, separators=(",", ":")) + "\n")
