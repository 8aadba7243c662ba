# SPDX-License-Identifier: MIT
"""Expected values of the neural network's layers and of whole networks, computed by PyTorch.

    python Tests/Fixtures/make_network_fixtures.py

writes

- Tests/NeuralNetworkTests/Fixtures/layers.f32 and layers.json: inputs, weights and outputs of each
  layer, all tensors one after the other, and where each lies;
- Tests/SeparationTests/Fixtures/scnet-NAME.safetensors: tiny SCNets of the training recipe's model
  with random weights, and in scnet-NAME.expected.safetensors what they give (`expected`);
- Tests/SeparationTests/Fixtures/lite-expected.safetensors: what the shipped network gives, and in
  the metadata the SHA-256 of its file.

Run it again when Sources/Separation/Resources/lite.safetensors changes. Needs torch, numpy and
safetensors.
"""

import hashlib
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Training" / "lite"))
from model import SCNet  # noqa: E402

LAYERS = ROOT / "Tests" / "NeuralNetworkTests" / "Fixtures"
NETWORKS = ROOT / "Tests" / "SeparationTests" / "Fixtures"


class Collection:
    """Tensors by name, written as raw float32 with an index."""

    def __init__(self):
        self.index, self.parts, self.count = {}, [], 0

    def add(self, name, tensor):
        values = np.ascontiguousarray(torch.as_tensor(tensor).detach().numpy(), dtype="<f4")
        self.index[name] = {"shape": list(values.shape), "offset": self.count}
        self.parts.append(values.ravel())
        self.count += values.size

    def layer(self, name, module):
        for key, value in module.state_dict().items():
            self.add(f"{name}.{key}", value)

    def write(self, stem):
        np.concatenate(self.parts).tofile(LAYERS / f"{stem}.f32")
        lines = ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in self.index.items())
        (LAYERS / f"{stem}.json").write_text("{\n" + lines + "\n}\n")


def channels_last(x):
    """(1, channels, height, width) to (height, width, channels)."""
    return x[0].permute(1, 2, 0)


def layers():
    torch.manual_seed(1)
    out = Collection()

    x = torch.randn(1, 6, 12, 9)
    out.add("convolution.input", channels_last(x))
    for name, module in {
        "dense": nn.Conv2d(6, 10, 3, padding=1),
        "strided": nn.Conv2d(6, 5, (4, 1), (4, 1)),
        "dilated": nn.Conv2d(6, 8, (3, 3), dilation=(1, 2), padding=(1, 2)),
        "depthwise": nn.Conv2d(6, 6, (1, 3), padding=(0, 1), groups=6),
    }.items():
        out.layer(f"convolution.{name}", module)
        out.add(f"convolution.{name}.output", channels_last(module(x)))
    module = nn.Conv2d(6, 5, (8, 1), (4, 1), (2, 0))
    out.layer("rows", module)
    out.add("rows.output", channels_last(module(x)))

    x = torch.randn(1, 6, 5, 7)
    out.add("transposed.input", channels_last(x))
    for name, kernel, stride in (
        ("same", 3, 1), ("patches", 4, 4), ("overlap", 5, 2), ("gaps", 2, 3),
    ):
        module = nn.ConvTranspose2d(6, 11, (kernel, 1), (stride, 1))
        out.layer(f"transposed.{name}", module)
        out.add(f"transposed.{name}.output", channels_last(module(x)))

    module = nn.Linear(13, 9)
    x = torch.randn(21, 13)
    out.layer("linear", module)
    out.add("linear.input", x)
    out.add("linear.output", module(x))

    for name, inputs, units in (("small", 5, 7), ("wide", 16, 24)):
        module = nn.LSTM(inputs, units, bidirectional=True, batch_first=True)
        x = torch.randn(10, 8, inputs)  # (rows, columns, inputs)
        out.layer(f"lstm.{name}", module)
        out.add(f"lstm.{name}.input", x)
        out.add(f"lstm.{name}.columns", module(x)[0])
        out.add(f"lstm.{name}.rows", module(x.transpose(0, 1))[0].transpose(0, 1))

    module = nn.GroupNorm(1, 12)
    nn.init.normal_(module.weight)
    nn.init.normal_(module.bias)
    x = 3 * torch.randn(4, 12, 11) + 5
    out.layer("norm", module)
    out.add("norm.input", x.transpose(1, 2))
    out.add("norm.output", module(x).transpose(1, 2))
    out.add("norm.swish", F.silu(module(x)).transpose(1, 2))

    out.add("norm.gelu", F.gelu(module(x)).transpose(1, 2))
    grouped = nn.GroupNorm(3, 12)
    grouped.load_state_dict(module.state_dict())
    out.add("norm.grouped", grouped(x).transpose(1, 2))
    out.add("norm.rows", F.layer_norm(x.transpose(1, 2), (12,), module.weight, module.bias))

    module = nn.ConvTranspose1d(5, 7, 8, 4)
    x = torch.randn(1, 5, 11)
    out.layer("upsampling", module)
    out.add("upsampling.input", x[0].T)
    out.add("upsampling.output", module(x)[0].T)
    out.add("upsampling.gelu", F.gelu(module(x))[0].T)

    layer, norm, gain = nn.Conv1d(5, 22, 1), nn.GroupNorm(1, 22), torch.randn(11)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    x = torch.randn(1, 5, 301) * torch.rand(5)[:, None] + torch.randn(5)[:, None]
    out.layer("gated.layer", layer)
    out.layer("gated.norm", norm)
    out.add("gated.gain", gain)
    out.add("gated.input", x[0].T)
    out.add("gated.output", (gain[:, None] * F.glu(norm(layer(x)), dim=1))[0].T)

    module = nn.Linear(1000, 37)
    x = torch.randn(107, 1000)
    out.layer("large", module)
    out.add("large.input", x)
    out.add("large.output", module(x))
    out.add("large.gelu", F.gelu(module(x)))

    for name, module, frames in (
        ("strided", nn.Conv1d(5, 9, 8, 4, 2), 214),
        ("dilated", nn.Conv1d(5, 9, 3, padding=2, dilation=2), 107),
        ("gated", nn.Conv1d(5, 18, 3, padding=1), 107),
        ("short", nn.Conv1d(5, 9, 3, padding=4, dilation=4), 3),
    ):
        x = torch.randn(1, 5, frames)
        y = module(x)
        out.layer(f"frames.{name}", module)
        out.add(f"frames.{name}.input", x[0].T)
        out.add(f"frames.{name}.output", (F.glu(y, dim=1) if name == "gated" else y)[0].T)

    module = nn.Conv2d(13, 38, 3, padding=1)
    x = torch.randn(1, 13, 10, 23)
    out.layer("square", module)
    out.add("square.input", channels_last(x))
    out.add("square.output", channels_last(F.glu(module(x), dim=1)))

    heads, width, count, others = 2, 21, 199, 523
    queries = torch.randn(count, heads * width)
    keys, values = torch.randn(2, others, heads * width)
    slopes = torch.rand(heads, count) / 50
    out.add("attention.queries", queries)
    out.add("attention.keys", torch.cat([keys, values], 1))
    out.add("attention.slopes", slopes)
    scores = torch.einsum(
        "qhw,khw->hqk", queries.view(count, heads, width), keys.view(others, heads, width))
    distance = (torch.arange(others)[None] - torch.arange(count)[:, None]).abs()
    decayed = scores - slopes[:, :, None] * distance
    decayed[:, torch.arange(count), torch.arange(count)] = -100
    for name, value in (("plain", scores), ("decayed", decayed)):
        mixed = torch.einsum("hqk,khw->qhw", value.softmax(2), values.view(others, heads, width))
        out.add(f"attention.{name}", mixed.reshape(count, heads * width))

    x = torch.cat([torch.linspace(-12, 12, 397), torch.randn(3)])
    out.add("gelu.input", x)
    out.add("gelu.output", F.gelu(x))
    for channels in (3, 4, 8, 20):
        x = 4 * torch.randn(17, 2 * channels)
        out.add(f"glu.{channels}.input", x)
        out.add(f"glu.{channels}.output", F.glu(x, dim=1))

    x = torch.randn(50, 2) * torch.logspace(-7, 4, 50)[:, None]
    out.add("compress.input", x)
    out.add("compress.output", x * (x.square().sum(1, keepdim=True) + 1e-12) ** ((0.3 - 1) / 2))
    x = 5 * torch.randn(7, 3, 2, 2)  # (positions, sources, channels, real and imaginary)
    shares = torch.stack([x[..., 0].softmax(1), x[..., 1] - x[..., 1].mean(1, keepdim=True)], -1)
    out.add("share.input", x)
    out.add("share.output", shares)

    x = torch.randn(3, 22, 5)  # (rows, frames, channels)
    spectrum = torch.fft.rfft(x, dim=1, norm="ortho")
    out.add("fourier.input", x)
    out.add("fourier.output", torch.cat([spectrum.real, spectrum.imag], dim=2))
    changed = spectrum * (1 + 0.5j)  # the ends are no longer real
    out.add("fourier.spectrum", torch.cat([changed.real, changed.imag], dim=2))
    out.add("fourier.inverse", torch.fft.irfft(changed, dim=1, norm="ortho"))

    for name, length, hop, size, window, normalized in (
        ("rectangular", 64, 16, 64, torch.ones(64), True),
        ("hann", 128, 32, 128, torch.hann_window(128), True),
        ("short", 128, 32, 96, torch.hann_window(96), False),
    ):
        options = dict(
            n_fft=length, hop_length=hop, win_length=size, center=True, normalized=normalized,
            window=window,
        )
        audio = torch.randn(2, 19 * hop)
        spectrum = torch.stft(audio, **options, return_complex=True)  # (2, bins, frames)
        out.add(f"stft.{name}.input", audio)
        out.add(f"stft.{name}.output", torch.view_as_real(spectrum).permute(1, 2, 0, 3))
        masks = torch.randn(2, *spectrum.shape, dtype=torch.complex64)  # of two stereo signals
        out.add(f"stft.{name}.masks", torch.view_as_real(masks).permute(2, 3, 0, 1, 4))
        moved = torch.view_as_complex(torch.view_as_real(masks) * 2 + 0.25)
        for key, value in (("masked", masks * spectrum), ("scaled", moved)):
            audio = torch.istft(value.flatten(0, 1), **options)
            out.add(f"stft.{name}.{key}", audio.unflatten(0, (2, 2)))

    # Between hops: reflected by 3/2 hops, without two frames at either end and the highest bin.
    length, hop, frames = 128, 32, 21 * 32 - 5
    audio = torch.randn(2, frames)
    padded = F.pad(audio, (48, 48 + 5), mode="reflect")
    options = dict(
        n_fft=length, hop_length=hop, win_length=length, center=True, normalized=True,
        window=torch.hann_window(length),
    )
    spectrum = torch.stft(padded, **options, return_complex=True)[:, :-1, 2:-2]
    out.add("stft.between.input", audio)
    out.add("stft.between.output", torch.view_as_real(spectrum).permute(1, 2, 0, 3))
    changed = torch.view_as_complex(torch.view_as_real(spectrum) * 2 + 0.25)
    back = torch.istft(F.pad(changed, (2, 2, 0, 1)), **options, length=padded.shape[1])
    out.add("stft.between.scaled", back[:, 48 : 48 + frames])
    out.write("layers")


def noise(frames):
    """Stereo noise whose level changes, from a linear congruential generator. (2, frames)

    SCNetTests.swift makes the same numbers, exactly.
    """
    values, state = np.empty((2, frames), dtype="<f4"), 1
    for channel in range(2):
        for frame in range(frames):
            state = (state * 1664525 + 1013904223) % 2**32
            level = np.float32((1 + (frame // 1024 + channel) % 7) / 8)
            values[channel, frame] = (np.float32((state >> 8) / 2**24) - np.float32(0.5)) * level
    return torch.from_numpy(values)


def expected(network, frames, step):
    """Every `step`th sample of what the network gives. (sources, 2, ceil(frames / step))"""
    with torch.no_grad():
        return network.eval()(noise(frames)[None])[0][..., ::step].contiguous()


def save(tensors, stem, metadata=None):
    path = NETWORKS / f"{stem}.safetensors"
    save_file(tensors, path, metadata)
    path.chmod(0o644)


def networks():
    for name, seed, frames, arguments in (
        ("published", 2, 9000, dict(dims=(4, 8, 8, 12))),
        ("mask", 3, 9000, dict(dims=(4, 8, 12, 8), window="hann", input_power=0.4, output="mask")),
        (
            "sizes", 4, 5120,
            dict(
                dims=(4, 6, 10), nfft=1024, hop_size=256, win_size=768, normalized=False,
                band_SR=(0.1, 0.3, 0.6), band_kernel=(5, 4, 10), band_stride=(1, 4, 10),
                conv_depths=(1, 0, 2), compress=2, conv_kernel=5, expand=2,
                sources=("a", "b", "c"), window="hann",
            ),
        ),
    ):
        torch.manual_seed(seed)
        network = SCNet(num_dplayer=2, **arguments)
        for parameter in network.parameters():
            parameter.data = parameter.data.half().float()
        tensors = {key: value.half() for key, value in network.state_dict().items()}
        metadata = {
            "klass": "SCNet", "kwargs": json.dumps(network.kwargs), "segment": str(frames),
            "samplerate": "44100",
        }
        save(tensors, f"scnet-{name}", metadata)
        save({"expected": expected(network, frames, 3)}, f"scnet-{name}.expected")


def lite():
    path = ROOT / "Sources" / "Separation" / "Resources" / "lite.safetensors"
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
        state = {key: file.get_tensor(key).float() for key in file.keys()}
    if metadata.get("klass") != "SCNet":
        print("lite.safetensors holds no SCNet yet")
        return
    network = SCNet(**json.loads(metadata["kwargs"]))
    network.load_state_dict(state)
    values = expected(network, int(metadata["segment"]), 997)
    checksum = hashlib.sha256(path.read_bytes()).hexdigest()
    save({"expected": values}, "lite-expected", {"sha256": checksum})


if __name__ == "__main__":
    layers()
    networks()
    lite()
