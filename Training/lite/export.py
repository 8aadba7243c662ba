# SPDX-License-Identifier: MIT
"""Write the averaged weights of a run as float16 safetensors, as the Swift engine loads them.

    python export.py --checkpoint RUN/checkpoint.pt --out lite.safetensors
"""

import argparse
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from model import SCNet


def load_average(checkpoint):
    """The model with the run's averaged weights, ready to use, and its configuration."""
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    model = SCNet(**state["config"]["kwargs"]).eval()
    model.load_state_dict(state["average"])
    return model, state["config"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    model, config = load_average(arguments.checkpoint)
    tensors = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    metadata = {
        "name": "lite",
        "klass": "SCNet",
        "kwargs": json.dumps(config["kwargs"]),
        "segment": str(config["segment"]),
        "samplerate": "44100",
        "licence": "CC0-1.0",
    }
    partial = arguments.out.with_suffix(".partial")
    save_file(tensors, partial, metadata)
    partial.rename(arguments.out)
    print(f"{arguments.out}: {arguments.out.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
