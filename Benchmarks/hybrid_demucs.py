# SPDX-License-Identifier: MIT
"""Hybrid Transformer Demucs: speed, memory and latency beside the `demucs` command, in one run.

    make bench          (or: python Benchmarks/hybrid_demucs.py --tool .build/release/tonmeister)

Both load the same network of the released size with random weights, and separate the same WAV file,
made by repeating the demo song, into four float WAV stems, without shifts, each as a command of its
own that starts from nothing. Seconds are wall-clock for the whole command; memory is the peak
resident set of the process. The floor is what 335 GFLOP a segment take at the rate at which PyTorch
multiplies large matrices here. Runs alternate, and the fastest of each counts, since the speed of a
shared machine changes from minute to minute.

On a processor with instructions for bfloat16 both run in bfloat16, too (PyTorch under autocast).
"""

import argparse
import hashlib
import json
import os
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import soundfile
import torch
from demucs.htdemucs import HTDemucs
from safetensors.torch import save_file

from separation import ROOT, agreement, run, song

STEMS = ["drums", "bass", "other", "vocals"]
# The arguments with which the released model was made.
ARGUMENTS = dict(
    channels=48, dconv_mode=3, depth=4, t_layers=5, bottom_channels=512, segment=Fraction(39, 5)
)
GFLOP_A_SEGMENT = 335
SECONDS_A_SEGMENT = 7.8 * 0.75  # with an overlap of a quarter


def checkpoints(folder, raises_gains):
    """Writes the same random network as Demucs has it and as we read it.

    PyTorch begins with gains of the residual branches near zero, so that errors in them hardly
    show; raised, every part of the network counts, and amplifies what the parts before it round.
    """
    torch.manual_seed(0)
    network = HTDemucs(sources=STEMS, **ARGUMENTS)
    for name, parameter in network.named_parameters():
        if raises_gains and name.endswith(".scale"):
            parameter.data.uniform_(0.2, 0.8)
    state = {name: value.half() for name, value in network.state_dict().items()}
    kwargs = dict(sources=STEMS, **ARGUMENTS)
    package = dict(klass=HTDemucs, args=(), kwargs=kwargs, state=state, training_args={})
    path = folder / "random.th"
    torch.save(package, path)
    path.rename(folder / f"random-{hashlib.sha256(path.read_bytes()).hexdigest()[:8]}.th")
    fraction = {"_type": "fraction", "numerator": 39, "denominator": 5}
    save_file(state, folder / "random.safetensors", {
        "klass": "demucs.htdemucs.HTDemucs", "args": "[]",
        "kwargs": json.dumps(kwargs | {"segment": fraction}), "licence": "CC0-1.0",
    })


def matrix_rate(threads):
    """GFLOP/s of a product of two matrices of 2048 x 2048."""
    torch.set_num_threads(threads)
    a, b = torch.randn(2048, 2048), torch.randn(2048, 2048)
    best = 0
    for _ in range(10):
        began = time.monotonic()
        a @ b
        best = max(best, 2 * 2048**3 / (time.monotonic() - began) / 1e9)
    return best


def has_bfloat16():
    return "avx512_bf16" in Path("/proc/cpuinfo").read_text()


# `demucs` with the products of its network in bfloat16.
AUTOCAST = """
import sys, torch, demucs.separate
with torch.autocast("cpu", torch.bfloat16):
    demucs.separate.main(sys.argv[1:])
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", type=Path, default=ROOT / ".build/release/tonmeister")
    parser.add_argument("--seconds", type=float, nargs="*", default=[180])
    parser.add_argument("--latency-seconds", type=float, default=7.8, help="length of the short clip")
    parser.add_argument("--repeat", type=int, default=1, help="the fastest of so many runs counts")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--bfloat16", action=argparse.BooleanOptionalAction, default=has_bfloat16())
    parser.add_argument(
        "--initial-gains", action="store_true", help="leave the gains as PyTorch initialises them")
    parser.add_argument("--json", type=Path, help="write every number there")
    arguments = parser.parse_args()
    results = []
    os.environ["OMP_NUM_THREADS"] = str(arguments.threads)
    rate = matrix_rate(arguments.threads)
    print(f"PyTorch multiplies matrices at {rate:.0f} GFLOP/s")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        checkpoints(folder, raises_gains=not arguments.initial_gains)
        path = folder / "song.wav"

        def ours(precision):
            return [arguments.tool, "separate", path, "--repo", folder, "-n", "random", "-o",
                    folder / precision, "--float32", "--clip-mode", "none", "--progress", "none",
                    "-j", str(arguments.threads), "--precision", precision]

        theirs = ["--repo", folder, "-n", "random", "-o", folder / "theirs", "--shifts", "0",
                  "--float32", "--clip-mode", "none", "-d", "cpu", path]
        python = [sys.executable, "-W", "ignore"]
        commands = {"tonmeister": ours("f32"), "demucs": [*python, "-m", "demucs", *theirs]}
        if arguments.bfloat16:
            theirs = [folder / "autocast" if part == folder / "theirs" else part for part in theirs]
            commands["tonmeister bf16"] = ours("bf16")
            commands["demucs bf16"] = [*python, "-c", AUTOCAST, *theirs]

        def stems_agree(a, b):
            return min(
                agreement(folder / a / "random/song" / f"{stem}.wav",
                          folder / b / "random/song" / f"{stem}.wav") for stem in STEMS)

        for seconds in [arguments.latency_seconds, *arguments.seconds]:
            # Quiet, since Demucs clips float files, too.
            song(path, seconds, level=0.2)
            runs = {name: [] for name in commands}
            for _ in range(arguments.repeat):
                for name, command in commands.items():
                    runs[name].append(run(command))
            fastest = {name: min(r[0] for r in all) for name, all in runs.items()}
            memory = {name: max(r[1] for r in all) for name, all in runs.items()}
            for name in commands:
                results.append({"what": name, "seconds of audio": seconds, "seconds": fastest[name],
                                "times real time": seconds / fastest[name],
                                "peak MB": memory[name]})
                print(f"{name:16s} {seconds:6.1f} s of audio  {fastest[name]:8.2f} s  "
                      f"{seconds / fastest[name]:6.2f} × real time  {memory[name]:6.0f} MB",
                      flush=True)
            floor = GFLOP_A_SEGMENT / rate * np.ceil(seconds / SECONDS_A_SEGMENT)
            worst = stems_agree("f32", "theirs")
            print(f"{'':16s} {fastest['demucs'] / fastest['tonmeister']:.2f} times as fast, "
                  f"{memory['tonmeister'] / memory['demucs']:.2f} of the memory, "
                  f"{floor / fastest['tonmeister']:.0%} of the floor; the stems agree to "
                  f"{worst:.0f} dB", flush=True)
            if arguments.bfloat16:
                print(f"{'bf16':16s} {fastest['demucs'] / fastest['tonmeister bf16']:.2f} times as "
                      f"fast as float32, {fastest['demucs bf16'] / fastest['tonmeister bf16']:.2f} "
                      f"as bf16; {stems_agree('bf16', 'f32'):.0f} dB from our float32, theirs "
                      f"{stems_agree('autocast', 'theirs'):.0f} dB", flush=True)
            if worst < 60:
                sys.exit("the two do not compute the same")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
