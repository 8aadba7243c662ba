# SPDX-License-Identifier: MIT
"""Expected outputs and weights of the preference network, by PyTorch.

    python Tests/Fixtures/make_preference_fixtures.py

Weights and songs come from SplitMix64, which the test runs too.
"""

import json
from pathlib import Path

import torch

MASK = (1 << 64) - 1
SIZES = [23, 64, 32, 16, 4]


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        """A multiple of 2^-24 from 0 to 1, exact in single precision."""
        return (self.next() >> 40) / (1 << 24)


def network(random):
    layers = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        # TensorFlow.js has kernels as [in, out].
        kernel = [[random.uniform() - 0.5 for _ in range(outputs)] for _ in range(inputs)]
        layer.weight.data = torch.tensor(kernel).T.contiguous() / 2
        layer.bias.data = torch.tensor([random.uniform() - 0.5 for _ in range(outputs)]) / 4
        layers += [layer, torch.nn.ReLU() if outputs != SIZES[-1] else torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)


def flat(model):
    values = []
    for layer in model[::2]:
        values += layer.weight.detach().T.flatten().tolist() + layer.bias.detach().tolist()
    return values


def train(model, inputs, targets, epochs, batch):
    adam = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    for _ in range(epochs):
        for start in range(0, len(inputs), batch):
            adam.zero_grad()
            outputs = model(inputs[start : start + batch])
            torch.nn.functional.mse_loss(outputs, targets[start : start + batch]).backward()
            adam.step()


if __name__ == "__main__":
    torch.set_num_threads(1)
    random = SplitMix64(2024)
    model = network(random)
    songs = torch.tensor([[random.uniform() for _ in range(23)] for _ in range(11)])
    gains = torch.tensor([[36 * random.uniform() - 24 for _ in range(4)] for _ in range(11)])
    targets = (gains + 6) / 18
    result = {"forward": model(songs).tolist()}
    train(model, songs[:1], targets[:1], 5, 1)
    result["afterOne"] = {"parameters": flat(model)[::37], "outputs": model(songs).tolist()}
    train(model, songs, targets, 10, 8)
    result["afterAll"] = {"parameters": flat(model)[::37], "outputs": model(songs).tolist()}
    path = Path(__file__).parent.parent / "MixCoreTests" / "Fixtures" / "preference.json"
    path.write_text(json.dumps(result) + "\n")
