# SPDX-License-Identifier: MIT
"""Renders training singing: `python -m synthesis.render_voice --out DIR --engine cc0 …`.

Every seed gives one folder `<out>/<name>/vocals.flac` (44.1 kHz, stereo, 16 bits). Engines:
`cc0` (changed CC0 singing), `free` (synthesised singers with their own melodies), `songs`
(synthesised singers on the melodies of rendered songs, equally long and equally named). Folders
appear complete or not at all, and those which exist are skipped, so a run can go on later.
"""

import argparse
import os
import shutil
import tempfile
import time
import warnings
import zlib

import numpy as np
import soundfile

warnings.filterwarnings("ignore")

from . import voice_cc0, voice_effects as fx  # noqa: E402


def write(out, name, x, frames=None):
    """Writes one take atomically; says why when it is not fit to be used."""
    if frames is not None:
        x = np.pad(x, ((0, 0), (0, max(0, frames - x.shape[1]))))[:, :frames]
    if not np.all(np.isfinite(x)) or np.max(np.abs(x)) > 0.9999 or fx.loudness(x) < 0.005:
        return f"unfit: peak {np.max(np.abs(x)):.3f}, level {fx.loudness(x):.4f}"
    folder = tempfile.mkdtemp(prefix=".voice-", dir=out)
    dither = np.random.default_rng(0).uniform(-0.5, 0.5, x.shape) / 32768
    soundfile.write(os.path.join(folder, "vocals.flac"), (x + dither * (x != 0)).T, fx.RATE,
                    subtype="PCM_16")
    os.chmod(folder, 0o755)
    target = os.path.join(out, name)
    if os.path.exists(target):
        shutil.rmtree(folder)
    else:
        os.rename(folder, target)
    return None


def jobs(arguments):
    """Yields (name, frames or None, function giving the sound)."""
    seeds = range(arguments.first_seed, arguments.first_seed + arguments.count)
    if arguments.engine == "cc0":
        sounds = voice_cc0.library(arguments.cc0)
        print(f"{len(sounds)} pieces of CC0 singing", flush=True)
        for seed in seeds:
            yield f"cc0-{seed:05d}", None, lambda s=seed: voice_cc0.render(s, sounds)
        return
    from . import voice_singer
    if arguments.engine == "free":
        for seed in seeds:
            yield f"free-{seed:05d}", None, lambda s=seed: voice_singer.render(s)
        return
    songs = sorted(n for n in os.listdir(arguments.songs)
                   if os.path.exists(os.path.join(arguments.songs, n, "melody.json")))
    for name in songs[arguments.first_seed:arguments.first_seed + arguments.count]:
        folder = os.path.join(arguments.songs, name)
        flac = sorted(f for f in os.listdir(folder) if f.endswith(".flac"))
        if flac:
            frames = soundfile.info(os.path.join(folder, flac[0])).frames
            yield name, frames, lambda f=folder, n=name, k=frames: voice_singer.render_song(f, n, k)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", required=True)
    parser.add_argument("--engine", choices=["cc0", "free", "songs"], default="songs")
    parser.add_argument("--songs", help="folder of rendered songs with melody.json")
    parser.add_argument("--cc0", help="folder of CC0 songs with manifest.json")
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    os.makedirs(arguments.out, exist_ok=True)
    started, seconds = time.time(), 0.0
    for name, frames, make in jobs(arguments):
        if os.path.exists(os.path.join(arguments.out, name)):
            continue
        try:
            x = fx.finish(make(), np.random.default_rng([9, zlib.crc32(name.encode())]))
            problem = write(arguments.out, name, x, frames)
        except (ValueError, RuntimeError, IndexError, OSError) as error:
            problem = repr(error)
        if problem:
            print(f"{name}: {problem}", flush=True)
            continue
        seconds += x.shape[1] / fx.RATE
        print(f"{name} {x.shape[1] / fx.RATE:.1f} s, {seconds / (time.time() - started):.1f}x",
              flush=True)


if __name__ == "__main__":
    main()
