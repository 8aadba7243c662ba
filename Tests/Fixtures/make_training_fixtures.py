# SPDX-License-Identifier: MIT
"""Expected values of training: passes forward and backward and steps of Adam, by PyTorch.

    python Tests/Fixtures/make_training_fixtures.py

writes Tests/NeuralNetworkTests/Fixtures/training.f32 and training.json: tensors one after the
other, and where each lies. A name is CASE.WHAT; `layers` of each case are in training-cases.json.
All values are computed in double precision. Also Tests/SeparationTests/Fixtures/written.safetensors,
a file as the Python package writes it. Needs torch, numpy and safetensors.
"""

import json
import pathlib

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

TESTS = pathlib.Path(__file__).resolve().parents[1]
FIXTURES = TESTS / "NeuralNetworkTests" / "Fixtures"

CASES = {
    # The network this is for, smaller; 30 and 29 rows leave a border that no window covers.
    "image": ((2, 30, 29), 3, [
        "convolution 8 3", "batchNorm", "relu", "maxPool 2", "convolution 10 3", "batchNorm",
        "relu", "maxPool 2", "flatten", "linear 3"]),
    # Layers in other orders: no normalisation, the rectifier alone, means of channels.
    "plain": ((1, 9, 12), 4, [
        "convolution 5 3", "relu", "maxPool 3", "convolution 6 2", "tanh", "globalAveragePool",
        "linear 2"]),
    # Normalisation without a rectifier, and last.
    "bare": ((3, 6, 6), 5, ["batchNorm", "convolution 4 1", "batchNorm", "globalAveragePool"]),
    "perceptron": ((7, 1, 1), 16, [
        "linear 12", "batchNorm", "relu", "linear 9", "tanh", "linear 4", "batchNorm"]),
}
ADAM = {"lr": 0.01, "betas": (0.8, 0.95), "eps": 1e-6, "weight_decay": 0.02}
STEPS = 3


def make(layers, shape):
    """The chain as a `Sequential`, in double precision; `shape` is that of one item."""
    modules = []
    for layer in layers:
        name, *numbers = layer.split()
        numbers = [int(number) for number in numbers]
        module = {
            "convolution": lambda: nn.Conv2d(shape[0], *numbers),
            "batchNorm": lambda: (nn.BatchNorm2d if len(shape) == 3 else nn.BatchNorm1d)(shape[0]),
            "relu": nn.ReLU, "tanh": nn.Tanh, "flatten": nn.Flatten,
            "maxPool": lambda: nn.MaxPool2d(*numbers),
            "globalAveragePool": lambda: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            "linear": lambda: nn.Linear(shape[0], *numbers),
        }[name]().double().eval()
        shape = tuple(module(torch.zeros(1, *shape, dtype=torch.float64)).shape[1:])
        modules.append(module)
    return nn.Sequential(*modules).train()


def main():
    index, parts, count, cases = {}, [], 0, {}

    def add(name, tensor):
        nonlocal count
        values = np.ascontiguousarray(tensor.detach().numpy(), dtype="<f4")
        index[name] = {"shape": list(values.shape), "offset": count}
        parts.append(values.ravel())
        count += values.size

    def add_state(prefix, network):
        for name, tensor in network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                add(f"{prefix}.{name}", tensor)

    torch.manual_seed(3)
    for case, (shape, items, layers) in CASES.items():
        size = (shape[0],) if shape[1:] == (1, 1) else shape
        network = make(layers, size)
        # Numbers that single precision holds, so that both begin alike.
        for tensor in network.state_dict().values():
            if tensor.dtype == torch.float64:
                tensor.copy_((tensor + 0.3 * torch.rand_like(tensor)).float().double())
        x = (torch.randn(items, *size) + 0.5).double()
        target_gradient = torch.randn(items, network(x[:2]).flatten(1).shape[1]).double()
        # The pass above has changed the running statistics: they are part of the start.
        for tensor in network.state_dict().values():
            if tensor.dtype == torch.float64:
                tensor.copy_(tensor.float().double())
        cases[case] = {"input": list(shape), "items": items, "layers": layers}
        add(f"{case}.input", x)
        add(f"{case}.outputGradient", target_gradient)
        add_state(f"{case}.start", network)
        optimizer = torch.optim.Adam(network.parameters(), **ADAM)
        for step in range(STEPS):
            optimizer.zero_grad()
            x.grad = None
            y = network(x.requires_grad_()).flatten(1)
            # Each step has another gradient: it depends on the result.
            y.backward(target_gradient + 0.5 * y.detach())
            if step == 0:
                add(f"{case}.output", y)
                add(f"{case}.inputGradient", x.grad)
                for name, parameter in network.named_parameters():
                    add(f"{case}.gradient.{name}", parameter.grad)
                for name, buffer in network.named_buffers():
                    if "running" in name:
                        add(f"{case}.running.{name}", buffer)
            optimizer.step()
        add_state(f"{case}.end", network)
        network.eval()
        add(f"{case}.inference", network(x).flatten(1))

    np.concatenate(parts).tofile(FIXTURES / "training.f32")
    (FIXTURES / "training.json").write_text(json.dumps(index, indent=1) + "\n")
    (FIXTURES / "training-cases.json").write_text(json.dumps(cases, indent=1) + "\n")

    written = {
        "b.weight": [[0, 1, -2.5], [1e-30, 3e30, 0.1]], "step": 7, 'a"ü/': [-1],
        "empty": np.zeros((0, 4))}
    save_file(
        {name: np.array(values, dtype="<f4") for name, values in written.items()},
        TESTS / "SeparationTests" / "Fixtures" / "written.safetensors",
        {"layers": '["convolution 8 3"]\n\u0001é\\'})


if __name__ == "__main__":
    main()
