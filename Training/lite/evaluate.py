# SPDX-License-Identifier: MIT
"""Measure separation on songs that were never trained on.

    python evaluate.py --songs DIR --checkpoint RUN/checkpoint.pt     (PyTorch)
    python evaluate.py --songs DIR --estimates DIR                    (OUT/{song}/{stem}.wav)
    python evaluate.py --songs DIR --baseline                         (non-neural)
    python evaluate.py --songs DIR --mixture                          (nothing done)

Whole-clip SDR is 10 log10(Σs² / Σ(s-ŝ)²) over channels and time (Mitsufuji et al., "Music Demixing
Challenge 2021", eq. 1); `--museval` adds the median over seconds of BSSEval v4.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import soundfile
import torch

SOURCES = ("drums", "bass", "other", "vocals")


def whole_clip_sdr(reference, estimate):
    error = ((reference - estimate) ** 2).sum()
    return 10 * np.log10(((reference**2).sum() + 1e-7) / (error + 1e-7))


def baseline(mixture):
    """Drums by median filtering (HPSS), vocals by REPET-SIM, bass below 200 Hz, other the rest."""
    import librosa
    from scipy.signal import butter, sosfiltfilt

    estimates = {source: np.zeros_like(mixture) for source in SOURCES}
    low = butter(4, 200, fs=44100, output="sos")
    for channel in range(2):
        spectrum = librosa.stft(mixture[:, channel], n_fft=2048)
        magnitude, length = np.abs(spectrum), len(mixture)
        harmonic, percussive = librosa.decompose.hpss(spectrum, margin=1.0)
        repeating = np.minimum(
            magnitude,
            librosa.decompose.nn_filter(
                magnitude, aggregate=np.median, metric="cosine",
                width=int(librosa.time_to_frames(2, sr=44100)),
            ),
        )
        voice = librosa.util.softmask(magnitude - repeating, 10 * repeating, power=2)
        estimates["drums"][:, channel] = librosa.istft(percussive, length=length)
        estimates["vocals"][:, channel] = librosa.istft(voice * spectrum, length=length)
        tonal = librosa.istft(harmonic, length=length)
        estimates["bass"][:, channel] = sosfiltfilt(low, tonal)
        estimates["other"][:, channel] = librosa.istft(harmonic * (1 - voice), length=length)
        estimates["other"][:, channel] -= estimates["bass"][:, channel]
    return estimates


def separator(arguments):
    """A function from (mixture, song name) to {source: (samples, 2)}."""
    if arguments.mixture:
        return lambda mixture, song: {source: mixture for source in SOURCES}
    if arguments.baseline:
        return lambda mixture, song: baseline(mixture)
    if arguments.estimates:
        read = lambda song, s: soundfile.read(arguments.estimates / song / f"{s}.wav", always_2d=True)[0]
        return lambda mixture, song: {source: read(song, source) for source in SOURCES}
    from export import load_average
    from separate import separate

    model, config = load_average(arguments.checkpoint)

    def run(mixture, song):
        audio = torch.from_numpy(mixture.T.astype(np.float32).copy())
        stems = separate(model, audio, config["segment"], arguments.overlap)
        return {source: stem.T.numpy() for source, stem in zip(model.sources, stems)}

    return run


def museval_medians(references, estimates):
    import museval

    names = list(references)
    sdr, _, _, _ = museval.evaluate(
        np.stack([references[n] for n in names]), np.stack([estimates[n] for n in names])
    )
    return {name: float(np.nanmedian(values)) for name, values in zip(names, sdr)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--songs", type=Path, required=True)
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--checkpoint", type=Path)
    how.add_argument("--estimates", type=Path)
    how.add_argument("--baseline", action="store_true")
    how.add_argument("--mixture", action="store_true")
    parser.add_argument("--overlap", type=float, default=0.25)
    parser.add_argument("--museval", action="store_true")
    parser.add_argument("--seconds", type=float, help="only the middle of each song, for a quick look")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", type=Path, help="write every number there")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    run, table = separator(arguments), {}
    for folder in sorted(p for p in arguments.songs.iterdir() if (p / "mixture.wav").exists()):
        mixture, rate = soundfile.read(folder / "mixture.wav", always_2d=True)
        part = slice(None)
        if arguments.seconds and len(mixture) > arguments.seconds * rate:
            first = int((len(mixture) - arguments.seconds * rate) / 2)
            part = slice(first, first + int(arguments.seconds * rate))
        mixture = mixture[part]
        stems = run(mixture, folder.name)
        if arguments.estimates:
            stems = {source: stem[part] for source, stem in stems.items()}
        references, estimates = {}, {}
        for path in sorted(folder.glob("*.wav")):
            if path.stem != "mixture":
                references[path.stem] = soundfile.read(path, always_2d=True)[0][part]
                estimates[path.stem] = sum(stems[s] for s in path.stem.split("+"))
        table[folder.name] = {
            name: {"sdr": whole_clip_sdr(references[name], estimates[name])} for name in references
        }
        if arguments.museval:
            for name, value in museval_medians(references, estimates).items():
                table[folder.name][name]["museval"] = value
        row = "  ".join(
            f"{name} " + " / ".join(f"{value:.2f}" for value in values.values())
            for name, values in table[folder.name].items()
        )
        print(f"{folder.name:18s} {row}", flush=True)
    summary = {}
    for measure in ("sdr", "museval")[: 1 + arguments.museval]:
        means = {
            source: float(np.mean([song[source][measure] for song in table.values() if source in song]))
            for source in SOURCES
        }
        summary[f"mean {measure}"] = means
        print(f"mean {measure:13s} " + "  ".join(f"{s} {v:.2f}" for s, v in means.items()), flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(table | summary, indent=2) + "\n")


if __name__ == "__main__":
    main()
