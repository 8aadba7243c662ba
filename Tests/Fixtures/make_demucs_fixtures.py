# SPDX-License-Identifier: MIT
"""Small networks of Demucs with random weights, and what PyTorch computes with them.

    python Tests/Fixtures/make_demucs_fixtures.py

writes Tests/SeparationTests/Fixtures/demucs-*.safetensors: checkpoints as the hub has them (metadata
`klass`, `args` and `kwargs`), and in the same file what the network gives for the noise of
make_network_fixtures.py (`expected`), and what Demucs gives for whole tracks of it. Needs torch, safetensors and demucs 4.1.0.

    python Tests/Fixtures/make_demucs_fixtures.py --full FOLDER

writes networks of the released sizes there, too large for the repository, for a test that runs where
TONMEISTER_FULL_SIZE_NETWORKS names that folder.
"""

import argparse
import json
import pathlib
from fractions import Fraction

import torch
from demucs.apply import apply_model
from demucs.hdemucs import HDemucs
from demucs.htdemucs import HTDemucs
from safetensors.torch import save_file

from make_network_fixtures import NETWORKS, noise

STEMS = ["drums", "bass", "other", "vocals"]
# The arguments with which the released models were made.
RELEASED = dict(channels=48, dconv_mode=3, depth=4, t_layers=5, segment=Fraction(39, 5))
SMALL = {
    "transformer": (
        HTDemucs,
        dict(
            sources=STEMS, channels=4, nfft=2048, bottom_channels=16, t_layers=3, t_heads=2,
            t_hidden_scale=2.0, dconv_mode=3, dconv_comp=2, segment=Fraction(9001, 44100),
        ),
    ),
    "transformer-6": (
        HTDemucs,
        dict(
            sources=[*STEMS, "guitar", "piano"], channels=4, nfft=512, depth=3, t_layers=2,
            t_heads=4, t_cross_first=True, dconv_mode=1, dconv_comp=2, kernel_size=8, context=0,
            freq_emb=0, segment=Fraction(6000, 44100),
        ),
    ),
    "hybrid": (
        HDemucs,
        dict(
            sources=["a", "b"], channels=4, nfft=1024, depth=5, norm_starts=3, norm_groups=2,
            dconv_attn=3, dconv_lstm=3, dconv_comp=4, segment=Fraction(60100, 44100),
        ),
    ),
}
FULL = {
    "htdemucs": (HTDemucs, dict(sources=STEMS, bottom_channels=512, **RELEASED)),
    "htdemucs_6s": (
        HTDemucs, dict(sources=[*STEMS, "guitar", "piano"], bottom_channels=0, **RELEASED),
    ),
    "hdemucs_mmi": (HDemucs, dict(sources=STEMS, channels=48, segment=44)),
}


def randomize(network):
    """Makes every part of the network count: gains near 1 instead of 0, norms that are not plain."""
    for name, parameter in network.named_parameters():
        if name.endswith(".scale"):
            parameter.data.uniform_(0.2, 0.8)
        elif parameter.dim() == 1 and "norm" in name:
            parameter.data.add_(0.3 * torch.randn_like(parameter))
        parameter.data = parameter.data.half().float()


def separated(network, frames, step):
    """What `demucs.api.Separator.separate_tensor` gives without shifts."""
    track = noise(frames)
    mono = track.mean(0)
    mean, deviation = mono.mean(), mono.std() + 1e-8
    stems = apply_model(network, ((track - mean) / deviation)[None], shifts=0, overlap=0.25)[0]
    return (stems * deviation + mean)[..., ::step].contiguous()


def encoded(value):
    if isinstance(value, Fraction):
        return {"_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
    return value


def write(path, kind, arguments, seed, step):
    torch.manual_seed(seed)
    network = kind(**arguments).eval()
    randomize(network)
    frames = int(arguments["segment"] * 44100)
    with torch.no_grad():
        result = network(noise(frames)[None])[0][..., ::step].contiguous()
    tensors = {key: value.half().contiguous() for key, value in network.state_dict().items()}
    tensors["expected"] = result
    if step < 100:
        # Chunks begin every int(0.75 * frames) samples. The second last ends with a chunk that is
        # shorter than what is reflected around it.
        stride = int(0.75 * frames)
        for length in (int(2.6 * frames), 2 * stride, stride + 200, frames // 2):
            tensors[f"separated.{length}"] = separated(network, length, 2 * step)
    kwargs = {key: encoded(value) for key, value in arguments.items()}
    metadata = {
        "klass": f"{kind.__module__}.{kind.__name__}", "args": "[]", "kwargs": json.dumps(kwargs),
    }
    save_file(tensors, path, metadata)
    path.chmod(0o644)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", type=pathlib.Path)
    folder = parser.parse_args().full
    for seed, (name, (kind, arguments)) in enumerate((FULL if folder else SMALL).items()):
        write(
            (folder or NETWORKS) / f"{name if folder else 'demucs-' + name}.safetensors",
            kind, arguments, seed, 997 if folder else 7,
        )
