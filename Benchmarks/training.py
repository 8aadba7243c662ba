# SPDX-License-Identifier: MIT
"""Items per second of a training step in PyTorch with two threads, fastest of many; the other side
is Benchmarks/Training/TrainingBenchmark.swift.

    make bench-training
"""

import time

import torch
from torch import nn


def network(channels):
    modules = []
    for outputs in (8, 16, 32, 64):
        modules += [
            nn.Conv2d(channels, outputs, 3), nn.BatchNorm2d(outputs), nn.ReLU(), nn.MaxPool2d(2)]
        channels = outputs
    return nn.Sequential(*modules, nn.Flatten(), nn.Dropout(0.3), nn.Linear(256, 10))


def best(body):
    fastest, end = 1e9, time.perf_counter() + 3
    while time.perf_counter() < end:
        start = time.perf_counter()
        body()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def main():
    torch.set_num_threads(2)
    for channels in (1, 2):
        for items in (16, 32, 64):
            for layout in (torch.contiguous_format, torch.channels_last):
                model = network(channels).to(memory_format=layout)
                optimizer = torch.optim.Adam(model.parameters())
                x = torch.randn(items, channels, 64, 64).contiguous(memory_format=layout)
                gradient = torch.randn(items, 10)

                def step():
                    optimizer.zero_grad()
                    model(x).backward(gradient)
                    optimizer.step()

                def inference():
                    with torch.inference_mode():
                        model(x)

                training = items / best(step)
                model.eval()
                print(f"{channels} channels, {items} items, {str(layout)[6:]}: "
                      f"training {training:.0f}, inference {items / best(inference):.0f} items/s")


if __name__ == "__main__":
    main()
