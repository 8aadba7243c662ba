# SPDX-License-Identifier: MIT
"""Separate with PyTorch as the Swift engine does: overlapping segments, triangular weights."""

import torch


def separate(model, audio, segment, overlap=0.25, batch=4):
    """(channels, samples) to (sources, channels, samples)."""
    channels, length = audio.shape
    stride = int((1 - overlap) * segment)
    ramp = torch.cat([torch.arange(1, segment // 2 + 1), torch.arange(segment - segment // 2, 0, -1)])
    weight = ramp / ramp.max()
    result = torch.zeros(len(model.sources), channels, length)
    total = torch.zeros(length)
    offsets = list(range(0, length, stride))
    for first in range(0, len(offsets), batch):
        group, pieces = offsets[first : first + batch], []
        for offset in group:
            # A short last chunk is centred, with what is there of its neighbours around it.
            size = min(segment, length - offset)
            start = offset - (segment - size) // 2
            piece = torch.zeros(channels, segment)
            low, high = max(0, start), min(length, start + segment)
            piece[:, low - start : high - start] = audio[:, low:high]
            pieces.append(piece)
        with torch.no_grad():
            estimates = model(torch.stack(pieces))
        for offset, estimate in zip(group, estimates):
            size = min(segment, length - offset)
            start = (segment - size) // 2
            result[..., offset : offset + size] += weight[:size] * estimate[..., start : start + size]
            total[offset : offset + size] += weight[:size]
    return result / total
