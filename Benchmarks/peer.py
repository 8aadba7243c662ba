# SPDX-License-Identifier: MIT
"""The peer of the benchmark: PyTorch runs the same network over the same segments."""

import argparse
import json
import sys
from pathlib import Path

import soundfile
import torch
from safetensors import safe_open

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Training" / "lite"))

from model import SCNet  # noqa: E402
from separate import separate  # noqa: E402


def load(path):
    """The network of a safetensors file, and the frames of its segment."""
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        state = {name: file.get_tensor(name).float() for name in file.keys()}
    model = SCNet(**json.loads(metadata["kwargs"])).eval()
    model.load_state_dict(state)
    return model, int(metadata["segment"])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("song", type=Path)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    model, segment = load(arguments.model)
    audio, rate = soundfile.read(arguments.song, dtype="float32", always_2d=True)
    stems = separate(model, torch.from_numpy(audio.T.copy()), segment, batch=1)
    for source, stem in zip(model.sources, stems):
        soundfile.write(arguments.out / f"{source}.wav", stem.T.numpy(), rate, subtype="PCM_16")


if __name__ == "__main__":
    main()
