# SPDX-License-Identifier: MIT
"""What mixes are compared by: the features of FxNorm-Automix and of Diff-MST.

FxNorm-Automix (Martínez-Ramírez et al., 2022) compares running means of loudness, spectrum, panning and dynamics as
mean absolute percentage errors; Diff-MST (Vanka et al., 2024) level, crest factor, width, imbalance and the bark
spectrum. Both are written anew from the papers.
"""

import librosa
import numpy as np
from scipy.signal import butter, sosfilt

FRAME, HOP = 4096, 1024
EPSILON = 1e-8


def running_mean(values, count=20):
    values = np.atleast_2d(values)
    if values.shape[1] < count:
        return values.mean(axis=1, keepdims=True)
    kernel = np.ones(count) / count
    return np.array([np.convolve(row, kernel, "valid") for row in values])


def fxnorm(mix, rate):
    """Running means of features by group, from (frames, 2)."""
    mono = mix.mean(axis=1)
    frames = librosa.util.frame(mono, frame_length=FRAME, hop_length=HOP)
    rms = np.sqrt((frames**2).mean(axis=0) + EPSILON)
    peak = np.abs(frames).max(axis=0) + EPSILON
    magnitude = np.abs(librosa.stft(mono, n_fft=FRAME, hop_length=HOP))
    left, right = (librosa.stft(mix[:, c], n_fft=FRAME, hop_length=HOP) for c in (0, 1))
    similarity = 2 * np.abs(left * right.conj()) / (np.abs(left)**2 + np.abs(right)**2 + EPSILON)
    place = (1 - similarity) * np.sign(np.abs(left) - np.abs(right))
    hertz = librosa.fft_frequencies(sr=rate, n_fft=FRAME)
    bands = [(0, rate), (0, 250), (250, 2500), (2500, rate)]
    lows = sosfilt(butter(2, 1000, fs=rate, output="sos"), mono)
    lows = librosa.util.frame(lows, frame_length=FRAME, hop_length=HOP)
    return {
        "spectrum": [
            librosa.feature.spectral_centroid(S=magnitude, sr=rate),
            librosa.feature.spectral_bandwidth(S=magnitude, sr=rate),
            librosa.feature.spectral_contrast(
                S=magnitude, sr=rate, fmin=250, n_bands=4, quantile=0.02),
            librosa.feature.spectral_rolloff(S=magnitude, sr=rate),
            librosa.amplitude_to_db(librosa.feature.spectral_flatness(S=magnitude)),
        ],
        "panning": [
            np.sqrt((place[(hertz >= low) & (hertz < high)]**2).mean(axis=0))
            for low, high in bands
        ],
        "dynamics": [
            20 * np.log10(rms), 20 * np.log10(peak / rms),
            np.sqrt((lows**2).mean(axis=0) + EPSILON) / rms,
        ],
    }


def distance(mix, truth, rate):
    """Mean absolute percentage errors by group, in percent."""
    result = {}
    ours, theirs = fxnorm(mix, rate), fxnorm(truth, rate)
    for group, features in theirs.items():
        errors = []
        for ours_now, theirs_now in zip(ours[group], features):
            a, b = running_mean(ours_now), running_mean(theirs_now)
            count = min(a.shape[1], b.shape[1])
            # Against the mean magnitude, so that values near 0 do not decide.
            error = np.abs(a[:, :count] - b[:, :count]).mean(axis=1)
            errors.append((error / (np.abs(b).mean(axis=1) + EPSILON)).mean())
        result[group] = 100 * float(np.mean(errors))
    return result


BARK = np.array([
    0, 100, 200, 300, 400, 510, 630, 770, 920, 1080, 1270, 1480, 1720, 2000, 2320, 2700, 3150,
    3700, 4400, 5300, 6400, 7700, 9500, 12000, 15500])


def diff_mst(mix, rate):
    """Level, crest factor, width, imbalance and bark spectrum in dB, from (frames, 2)."""
    left, right = mix[:, 0], mix[:, 1]
    middle, side = (left + right) / 2, (left - right) / 2
    rms = np.sqrt((mix**2).mean() + EPSILON)
    spectra = []
    for signal in (middle, side):
        power = (np.abs(librosa.stft(signal, n_fft=32768, hop_length=16384))**2).mean(axis=1)
        hertz = librosa.fft_frequencies(sr=rate, n_fft=32768)
        spectra += [
            np.log(power[(hertz >= low) & (hertz < high)].mean() + EPSILON)
            for low, high in zip(BARK, BARK[1:])
        ]
    a, b = (left**2).sum() + EPSILON, (right**2).sum() + EPSILON
    return {
        "rms": (0.1, [rms]), "crest": (0.001, [20 * np.log10(np.abs(mix).max() / rms)]),
        "width": (1.0, [(side**2).sum() / ((middle**2).sum() + EPSILON)]),
        "imbalance": (1.0, [(b - a) / (a + b)]), "bark": (0.1, spectra),
    }


def audio_feature_loss(mix, truth, rate):
    """The weighted mean squares of Diff-MST."""
    ours, theirs = diff_mst(mix, rate), diff_mst(truth, rate)
    return float(sum(
        weight * np.mean((np.array(ours[name][1]) - np.array(values))**2)
        for name, (weight, values) in theirs.items()))


def masked(vocals, backing, rate):
    """By how many dB the backing stands over the vocals, where it does, in octaves of 500 to 4000 Hz, mean over the
    tenths of a second in which the vocals sound."""
    length = rate // 10
    count = min(len(vocals), len(backing)) // length
    def levels(signal, centre):
        sos = butter(2, [centre / 2**0.5, centre * 2**0.5], "bandpass", fs=rate, output="sos")
        blocks = sosfilt(sos, signal.mean(axis=1))[:count * length].reshape(count, length)
        return 10 * np.log10((blocks**2).mean(axis=1) + 1e-12)
    power = (vocals.mean(axis=1)[:count * length].reshape(count, length)**2).mean(axis=1)
    sounds = power > 0.01 * power.mean()
    if not sounds.any():
        return None
    return float(np.mean([
        np.maximum(0, levels(backing, centre) - levels(vocals, centre))[sounds].mean()
        for centre in (500, 1000, 2000, 4000)]))
