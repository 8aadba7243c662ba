# SPDX-License-Identifier: MIT
"""What automatic mixing is worth, in figures.

    make bench-mix SONGS=…      or      python Benchmarks/automix SONGS

SONGS is a folder with a folder of aligned stems for each song, at the levels of the finished mix, named so that their
kind can be read; the minute from 1:00 counts, unless told otherwise. Models are learned from the other songs only: the
songs are divided into `--folds` parts, and each is left out once. `--model` measures the gains of one model instead,
beside the rules, on songs that it has not seen. A finished mix is one of many good ones; none of this is a listening test.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent))

import gains  # noqa: E402
import mixes  # noqa: E402
import reverb  # noqa: E402
import songs as material  # noqa: E402
import vocals  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent


def learn(tool, folders, options):
    """A model by song that has not seen it; and how learning went."""
    models = {}
    for fold in range(options.folds):
        left_out = folders[fold::options.folds]
        others = [folder for folder in folders if folder not in left_out]
        model = options.models / f"fold-{fold}" if options.models else tool.new("model")
        if not (model / "model.safetensors").exists():
            start = time.monotonic()
            subprocess.run(
                [tool.path, "learn", "--multitracks", *others, "-o", model, "--progress", "none"],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            print(
                f"fold {fold}: learned from {len(others)} songs in "
                f"{(time.monotonic() - start) / 60:.1f} minutes", flush=True)
        card = json.loads(tool.card(model))
        seen = {song["name"] for song in card["songs"] + card["heldOut"]}
        assert not seen & {folder.name for folder in left_out}, f"{model} has seen its test songs"
        unused = [r["task"] for r in card["reports"] if not tool.is_better(r)]
        print(f"fold {fold}: not used, since no better: {', '.join(unused) or 'nothing'}", flush=True)
        for folder in left_out:
            models[folder.name] = model
    return models


def show(title, rows, digits=2):
    print(f"\n{title}")
    for name, value in rows.items():
        print(f"  {name:34} {value:7.{digits}f}")
    sys.stdout.flush()


def show_gains(title, errors):
    show(f"{title}, gains of {len(errors['rules'])} stems: mean absolute error, dB",
         {name: float(np.mean(values)) for name, values in errors.items()})


def invariance(tool, song):
    """The largest change of the mix in dB when gains, order and silence around the stems change."""
    # Those that sound, 20 dB down, so that none is over full scale when it is raised: thresholds end there.
    loudest = sorted(song.stems, key=lambda name: -float((song.stems[name] ** 2).mean()))[:4]
    stems = {name: song.stems[name] / 10 for name in loudest}
    generator = np.random.default_rng(0)
    moved = {
        name: (x * 10 ** (generator.uniform(-20, 20) / 20)).astype(np.float32)
        for name, x in stems.items()
    }
    silence = np.zeros((material.RATE * 2, 2), np.float32)
    padded = {name: np.concatenate([silence, x, silence]) for name, x in stems.items()}
    mix, _, _ = tool.mix(stems, "--auto", "all")
    result = {}
    for name, other in {
        "gains by up to ±20 dB": moved, "order": dict(reversed(stems.items())), "silence": padded,
    }.items():
        again, _, _ = tool.mix(other, "--auto", "all")
        if name == "silence":
            again = again[len(silence):]
        count = min(len(mix), len(again))
        ours, theirs = levels(mix[:count]), levels(again[:count])
        result[name] = float(np.abs(ours - theirs)[ours > -50].max())
    return result


def levels(mix):
    """The levels of 100 ms in dB."""
    length = material.RATE // 10
    blocks = mix[:len(mix) // length * length].reshape(-1, 2 * length)
    return 10 * np.log10((blocks**2).mean(axis=1) + 1e-9)


def speed(tool, song):
    """Seconds for analysis and mix of four stems of three minutes."""
    stems = {
        name: np.tile(x, (3, 1)) for name, x in list(song.stems.items())[:4]
    }
    paths = [f"{name}={tool.write(name, x)}" for name, x in stems.items()]
    start = time.monotonic()
    tool.run("mix", *paths, "-o", tool.new("mix.wav"), "--auto", "all", "--progress", "none")
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("songs", type=Path)
    parser.add_argument("--tool", default=ROOT / ".build" / "release" / "tonmeister")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--models", type=Path, help="where learned models are kept and looked for")
    parser.add_argument("--model", type=Path, help="a model to measure the gains of, song by song")
    parser.add_argument("--start", type=float, default=60, help="the first second that counts")
    parser.add_argument("--seconds", type=float, default=60, help="how many seconds count")
    options = parser.parse_args()
    folders = sorted(path for path in options.songs.iterdir() if path.is_dir())
    tool = material.Tool(options.tool)
    if options.model:
        for folder in folders:
            song = material.load(folder, options.start, options.seconds)
            show_gains(song.name, gains.measure(tool, [song], {song.name: options.model}))
        return
    models = learn(tool, folders, options)
    songs = [material.load(folder, options.start, options.seconds) for folder in folders]
    sung = [song for song in songs if np.abs(song.vocals).max() > 0]

    show_gains("all songs", gains.measure(tool, songs, models))
    show("vocals against the backing: mean absolute error, LU", vocals.level(tool, sung, models))
    show("a random equalizer on vocals: what is left, dB", vocals.equalizer(tool, sung, models))
    show("range of the vocals' levels: distance, LU", vocals.compression(tool, sung, models))
    show("a take with something heard in its pauses: distance of thresholds, dB",
         vocals.pauses(tool, sung))
    for room, row in reverb.measure(tool).items():
        show(f"a room fitted to an impulse response, {room}", row)
    table = mixes.measure(tool, songs, models)
    for name in next(iter(table.values())):
        show(f"whole mixes, {name}",
             {method: row[name] for method, row in table.items() if name in row})
    show("the same mix, largest change in dB", invariance(tool, songs[0]))
    show("four stems of three minutes", {"seconds": speed(tool, songs[0])})


if __name__ == "__main__":
    main()
