# SPDX-License-Identifier: MIT
"""Train the lite model; run again with the same arguments to go on where it stopped.

    python train.py --config lite.json --data DIR[=WEIGHT] ... --run DIR --steps N

The learning rate warms up, stays, and falls to zero along a cosine over the last `--decay` steps,
so that a run can be lengthened by a larger `--steps` until it decays.
"""

import argparse
import json
import math
import os
import sys
import time
from pathlib import Path

# Without these, glibc gives every large tensor back to the kernel, and page faults take over a
# third of the time.
if os.environ.get("MALLOC_TRIM_THRESHOLD_") is None:
    os.environ.update(MALLOC_TRIM_THRESHOLD_="100000000000", MALLOC_MMAP_THRESHOLD_="100000000000")
    os.execv(sys.executable, [sys.executable, *sys.argv])

import torch

from dataset import Library, Mixtures
from model import SCNet


def real(spectrogram):
    return torch.view_as_real(spectrogram).square().sum(dim=-1)


def loss_of(estimate, target, mixture, tilt, floor=3e-3, silence_floor=5e-2):
    """Mean of the error in dB below the mixture, floored (arXiv 2106.00847, eq. 5), and the SDRs.

    Half of it is measured on the spectrograms as they are, as the signal-to-distortion ratio is;
    half is measured with `tilt` (bins), which lifts the treble that music has little energy in.
    A source that is silent has the higher floor: else the network learns first, and for long, that
    vocals are best left out altogether.
    """
    error, power = real(estimate - target), real(mixture)
    loudness = real(target).sum(dim=(2, 3, 4))
    heard = loudness > 0.01 * power.sum(dim=(1, 2, 3))[:, None]
    floor = torch.where(heard, floor, silence_floor)
    total = 0
    for weight in (torch.ones_like(tilt), tilt):
        below = (error * weight).sum(dim=(2, 3, 4)) / ((power * weight).sum(dim=(1, 2, 3))[:, None] + 1e-9)
        total = total + 5 * torch.log10(below + floor)
    # For the log: the ratio of signal to distortion in dB, of the sources that are to be heard.
    distortion = error.sum(dim=(2, 3, 4)) + 1e-9
    ratio = torch.where(heard, 10 * torch.log10(loudness / distortion + 1e-9), torch.nan)
    return total.mean(), ratio.detach().nanmean(dim=0)


def learning_rate(step, arguments):
    left = (arguments.steps - step) / max(1, arguments.decay)
    fade = 1 if left >= 1 else 0.5 - 0.5 * math.cos(math.pi * max(0, left))
    return arguments.rate * min(1, (step + 1) / arguments.warmup) * fade


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", type=Path, default=Path(__file__).parent / "lite.json")
    parser.add_argument("--data", nargs="+", required=True, help="folders of songs, with weights")
    parser.add_argument("--run", type=Path, required=True, help="folder of the checkpoint and log")
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--decay", type=int, default=1500)
    parser.add_argument("--warmup", type=int, default=100)
    parser.add_argument("--batch", type=int, default=6)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop after this long")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    config = json.loads(arguments.config.read_text())
    model = SCNet(**config["kwargs"]).to(arguments.device)
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=1e-3, betas=(0.9, 0.98))
    average = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    step, arguments.run = 0, arguments.run.resolve()
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=arguments.device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        average, step = state["average"], state["step"]

    folders, weights = zip(*((d.split("=") + ["1"])[:2] for d in arguments.data))
    library = Library(folders, [float(w) for w in weights], arguments.run.parent / "cache")
    loader = torch.utils.data.DataLoader(
        Mixtures(library, config["segment"], (arguments.seed, step)),
        batch_size=arguments.batch,
        num_workers=arguments.workers,
        prefetch_factor=4 if arguments.workers else None,
    )

    def save():
        partial = checkpoint.with_suffix(".partial")
        torch.save(
            dict(model=model.state_dict(), optimizer=optimizer.state_dict(), average=average,
                 step=step, config=config),
            partial,
        )
        partial.rename(checkpoint)

    bins = torch.arange(config["kwargs"]["nfft"] // 2 + 1, device=arguments.device)
    tilt = (bins / 100).clamp(0.05, 4)[:, None] ** 1.5
    began, running = time.time(), None
    for target in loader:
        if step >= arguments.steps or time.time() - began > 60 * arguments.minutes:
            break
        target = target.to(arguments.device)
        with torch.no_grad():
            spectra, _ = model.spectrogram(target.flatten(1, 2))
            spectra = spectra.unflatten(1, target.shape[1:3])
            mixture = spectra.sum(dim=1)
        loss, ratio = loss_of(model.estimate(mixture), spectra, mixture, tilt)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, arguments)
        if torch.isfinite(norm):
            optimizer.step()
        step += 1
        keep = min(0.999, step / (step + 10))
        with torch.no_grad():
            for name, tensor in model.state_dict().items():
                average[name].lerp_(tensor, 1 - keep)
        ratio = torch.cat([loss.detach()[None], ratio])
        running = ratio if running is None else torch.where(
            ratio.isnan(), running, 0.98 * running + 0.02 * ratio
        ).where(~running.isnan(), ratio)
        if step % 50 == 0:
            save()
            each = " ".join(f"{s} {v:.2f}" for s, v in zip(config["kwargs"]["sources"], running[1:].tolist()))
            speed = (time.time() - began) / 60
            line = f"step {step} minutes {speed:.1f} loss {running[0]:.3f} SDR {each}"
            print(line, flush=True)
            with open(arguments.run / "log.txt", "a") as log:
                log.write(line + "\n")
    save()


if __name__ == "__main__":
    main()
