# SPDX-License-Identifier: MIT
"""Trains the classifier of stems and says what it is worth.

    python train.py --audio AUDIO --data DATA --single SINGLE --falcon FALCON --tool TOOL

AUDIO holds songs/ and clips/, DATA synth/ and voice/ of Training/lite, SINGLE what render.py made,
FALCON the four streams of falcon-69 as WAV. With --write, the table of the package and the fixture of
its tests are made anew.
"""

from __future__ import annotations

import argparse
import os
import zlib
from collections import Counter

import numpy as np
import torch

from data import Recording, descriptors, evaluation, training
from descriptor import NAMES, describe

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
TABLE = os.path.join(ROOT, "Sources", "AutoMix", "Analysis", "StemKindTable.swift")
FIXTURE = os.path.join(ROOT, "Tests", "AutoMixTests", "Support", "StemKindFixture.swift")
TRAINED_ON = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recordings.txt")
KINDS = ("drums", "kick", "bass", "vocals", "other")
# Guitars, keys and synthesisers are not told apart.
MERGED = {"guitar": "other", "piano": "other", "synth": "other"}
SOURCE_WEIGHTS = {
    "songs": 1.0,
    "mdn": 1.0,
    "single": 0.7,
    "voice": 0.6,
    "changed": 0.6,
    "synth": 0.5,
}
LIMIT = 4.0  # standard deviations
PENALTY = 1e-2
THRESHOLD = 0.6
Sample = tuple[Recording, np.ndarray]  # a recording and its descriptors


def kind(recording: Recording) -> str:
    return MERGED.get(recording.kind, recording.kind)


class Model:
    """Standardised, limited descriptors, a linear layer, softmax."""

    def __init__(self, samples: list[Sample]):
        rows, targets, weights = [], [], []
        for recording, table in samples:
            rows += list(table)
            targets += [KINDS.index(kind(recording))] * len(table)
            weights += [SOURCE_WEIGHTS[recording.source] / len(table)] * len(table)
        x, y, w = np.array(rows), np.array(targets), np.array(weights)
        for index in range(len(KINDS)):  # half-way to equal shares of all kinds
            if (y == index).any():
                w[y == index] /= np.sqrt(w[y == index].sum())
        w /= w.sum()
        self.means = _rounded(w @ x)
        self.scales = _rounded(np.sqrt(w @ (x - self.means) ** 2) + 1e-6)
        inputs = torch.tensor(self._standardised(x))
        targets, weights = torch.tensor(y), torch.tensor(w)
        layer = torch.nn.Linear(len(NAMES), len(KINDS), dtype=torch.float64)
        torch.nn.init.zeros_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
        optimiser = torch.optim.LBFGS(
            layer.parameters(), max_iter=300, line_search_fn="strong_wolfe"
        )

        def loss():
            optimiser.zero_grad()
            errors = torch.nn.functional.cross_entropy(layer(inputs), targets, reduction="none")
            value = (weights * errors).sum() + PENALTY * (layer.weight**2).sum()
            value.backward()
            return value

        optimiser.step(loss)
        self.weights = _rounded(layer.weight.detach().numpy())
        self.biases = _rounded(layer.bias.detach().numpy())

    def _standardised(self, x: np.ndarray) -> np.ndarray:
        return np.clip((x - self.means) / self.scales, -LIMIT, LIMIT)

    def probabilities(self, x: np.ndarray) -> np.ndarray:
        scores = self._standardised(x) @ self.weights.T + self.biases
        powers = np.exp(scores - scores.max())
        return powers / powers.sum()


def _rounded(values: np.ndarray) -> np.ndarray:
    return np.array([float(f"{v:.4g}") for v in values.ravel()]).reshape(values.shape)


def decide(p: np.ndarray) -> str:
    """The kind that the package takes; a kick that may be a drum is a drum."""
    best = int(p.argmax())
    if p[best] >= THRESHOLD:
        return KINDS[best]
    return "drums" if p[0] + p[1] >= THRESHOLD and best < 2 else "other"


def folds(samples: list[Sample], name: str):
    """(what to train with, what to test with) of a validation."""
    real = {"songs", "mdn"}
    if name == "songs":  # without what was made of the singing of these songs
        for group in sorted({r.group for r, _ in samples if r.source in real}):
            yield (
                [s for s in samples if s[0].group != group and s[0].source != "changed"],
                [s for s in samples if s[0].group == group],
            )
    elif name == "songs, trained without any":
        yield (
            [s for s in samples if s[0].source in ("voice", "synth", "single")],
            [s for s in samples if s[0].source in real],
        )
    else:
        for fold in range(5):
            def inside(r, fold=fold):
                return zlib.crc32(r.group.split("-")[-1].encode()) % 5 == fold

            yield (
                [s for s in samples if s[0].source in real or not inside(s[0])],
                [s for s in samples if s[0].source not in real and inside(s[0])],
            )


def report(title: str, results: list[tuple[str, str]]) -> None:
    """Prints a confusion matrix: rows are what it is, columns what it was taken for."""
    counts = Counter(results)
    print(f"\n{title}: {sum(a == b for a, b in results)} of {len(results)} right")
    print("".ljust(8), *[k.rjust(7) for k in KINDS])
    for row in KINDS:
        print(row.ljust(8), *[str(counts[row, column]).rjust(7) for column in KINDS])



def signal(seed: int, frames: int = 60) -> tuple[np.ndarray, np.ndarray]:
    """(frames, 128) mel powers and (frames, 12) chroma that Swift makes too."""
    state, values = seed, []
    for _ in range(frames * 140):
        state = (state * 1664525 + 1013904223) % 2**32
        values.append(state >> 8)
    table = np.array(values, np.float64).reshape(frames, 140) / 2**24
    # Whole powers of two, so that both have the same bits.
    band = np.arange(128)[None, :]
    time = np.arange(frames)[:, None]
    fall = (band * seed) // 40 + (time * 3) % (5 * seed) // 4
    mel = (table[:, :128] + 0.125) * 2.0 ** -fall
    mel[20:25] = 0
    chroma = table[:, 128:]
    return mel.astype(np.float32), chroma.astype(np.float32)


def _lines(values: np.ndarray, indent: str, form: str) -> str:
    lines, line = [], indent
    for value in values:
        text = form.format(value) + ","
        if len(line) + len(text) + 1 > 96:
            lines.append(line.rstrip())
            line = indent
        line += text + " "
    return "\n".join([*lines, line.rstrip()])


def write_table(model: Model) -> None:
    rows = "\n".join(
        f"    // {kind}\n" + _lines(row, "    ", "{:g}")
        for kind, row in zip(KINDS, model.weights, strict=True)
    )
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write(f"""\
// SPDX-License-Identifier: MIT
// Made by Training/stem_kind/train.py.

/// The constants of ``StemKindClassifier``.
enum StemKindTable {{
  /// What it tells apart.
  static let kinds: [StemKind] = [{", ".join("." + k for k in KINDS)}]
  /// How far from the mean a number counts, in standard deviations.
  static let limit = {LIMIT}
  /// The probability below which a kind is not believed.
  static let threshold = {THRESHOLD}
  /// (47): the means of the descriptors.
  static let means: [Double] = [
{_lines(model.means, "    ", "{:g}")}
  ]
  /// (47): their standard deviations.
  static let scales: [Double] = [
{_lines(model.scales, "    ", "{:g}")}
  ]
  /// (kinds, 47).
  static let weights: [Double] = [
{rows}
  ]
  /// (kinds).
  static let biases: [Double] = [{", ".join(f"{b:g}" for b in model.biases)}]
}}
""")


def write_fixture(model: Model) -> None:
    cases = []
    for seed in (1, 2, 3, 5, 7):
        row = describe(*signal(seed))
        p = model.probabilities(row)
        cases.append(f"""\
    Case(
      seed: {seed},
      descriptor: [
{_lines(row, "        ", "{:.9g}")}
      ],
      probabilities: [{", ".join(f"{v:.7g}" for v in p)}]),
""")
    with open(FIXTURE, "w", encoding="utf-8") as file:
        file.write(f"""\
// SPDX-License-Identifier: MIT
// Made by Training/stem_kind/train.py.

/// What the Python code makes of signals that both can make.
enum StemKindFixture {{
  struct Case: Sendable {{
    let seed: Int
    let descriptor: [Double]
    /// Of `StemKindTable.kinds`.
    let probabilities: [Double]
  }}

  static let cases = [
{"".join(cases)}  ]
}}
""")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--audio", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--single", required=True)
    parser.add_argument("--falcon", required=True)
    parser.add_argument("--tool", default="tonmeister", help="the built command")
    parser.add_argument("--cache", default="cache", help="where computed features are kept")
    parser.add_argument("--everything", action="store_true", help="not only recordings.txt")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    torch.set_num_threads(1)

    def load(recordings):
        rows = [
            (r, descriptors(r, options.tool, options.cache)) for r in recordings
        ]
        return [(r, x) for r, x in rows if len(x)]

    recordings = training(options.audio, options.data, options.single)
    if not options.everything:
        with open(TRAINED_ON, encoding="utf-8") as file:
            names = set(file.read().split("\n"))
        recordings = [r for r in recordings if r.name in names]
    samples = load(recordings)
    print("recordings:", dict(Counter((r.source, kind(r)) for r, _ in samples)))
    for name in ("songs", "songs, trained without any", "synthesised"):
        results = []
        for known, unknown in folds(samples, name):
            model = Model(known)
            results += [(kind(r), decide(model.probabilities(x[0]))) for r, x in unknown]
        report(f"left out: {name}", results)
    model = Model(samples)
    results = []
    for recording, x in load(evaluation(options.audio, options.falcon)):
        p = model.probabilities(x[0])
        results.append((kind(recording), decide(p)))
        text = ", ".join(f"{k} {v:.2f}" for k, v in zip(KINDS, p, strict=True))
        print(f"{recording.source}/{os.path.basename(recording.path)}: {decide(p)} ({text})")
    report("evaluation clips", results)
    if options.write:
        write_table(model)
        write_fixture(model)


if __name__ == "__main__":
    main()
