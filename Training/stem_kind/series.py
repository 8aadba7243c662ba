# SPDX-License-Identifier: MIT
"""The values of every frame of recordings, as `tonmeister features --json --frames` has them."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess

import numpy as np

KEPT = {"melPowers": "mel", "chroma": "chroma"}


def series(tool: str, path: str, cache: str) -> dict[str, np.ndarray]:
    """The frames of a file: `mel` (frames, 128) and `chroma` (frames, 12)."""
    path = os.path.abspath(path)
    name = hashlib.sha256(path.encode()).hexdigest()[:24] + ".npz"
    cached = os.path.join(cache, name)
    if os.path.exists(cached):
        with np.load(cached) as arrays:
            return dict(arrays)
    done = subprocess.run(
        [tool, "features", "--json", "--frames", path], capture_output=True, check=True
    )
    frames = json.loads(done.stdout)["files"][0]["frames"]
    arrays = {short: np.array(frames[long], np.float32) for long, short in KEPT.items()}
    os.makedirs(cache, exist_ok=True)
    np.savez(cached, **arrays)
    return arrays
