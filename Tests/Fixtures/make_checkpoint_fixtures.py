#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes Tests/SeparationTests/Fixtures/checkpoints: small files as PyTorch and Demucs write them,
the same values as safetensors, and files that attack whoever reads them.

The older format holds addresses, so its files differ from run to run.

    pip install torch safetensors numpy demucs==4.1.0
    python Tests/Fixtures/make_checkpoint_fixtures.py
"""
import collections
import io
import json
import os
import pickle
import shutil
import sys
import types
import warnings
import zipfile
from fractions import Fraction
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

import demucs.hdemucs
import demucs.htdemucs
import demucs.states

FOLDER = Path(__file__).parent.parent / "SeparationTests" / "Fixtures" / "checkpoints"
HOSTILE = FOLDER / "hostile"


class OldFraction:
    """A fraction as older Pythons pickle it."""

    def __reduce__(self):
        return Fraction, ("39/5",)


def encode(value):
    """Arguments as Demucs' export to its hub has them."""
    if isinstance(value, OldFraction):
        value = Fraction(39, 5)
    if isinstance(value, Fraction):
        return {
            "_type": "fraction", "numerator": value.numerator, "denominator": value.denominator}
    if isinstance(value, dict):
        return {key: encode(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [encode(item) for item in value]
    return value


def write_reference(package, path):
    """The hub's safetensors of a package."""
    klass = package["klass"]
    save_file(
        {name: tensor.detach().clone(memory_format=torch.contiguous_format)
         for name, tensor in package["state"].items()},
        path,
        metadata={
            "klass": f"{klass.__module__}.{klass.__name__}",
            "args": json.dumps(encode(package["args"])),
            "kwargs": json.dumps(encode(package["kwargs"])),
        })


def real():
    """A whole package by Demucs' own functions, with the checksum in its name."""
    torch.manual_seed(1)
    model = demucs.htdemucs.HTDemucs(
        sources=["drums", "bass", "other", "vocals"], channels=4, growth=1, depth=2, nfft=256,
        bottom_channels=0, t_layers=1, t_heads=2, t_hidden_scale=1.0, dconv_depth=1, dconv_comp=2,
        segment=Fraction(39, 5))
    # What serialize_model does, without omegaconf.
    args, kwargs = model._init_args_kwargs
    package = {
        "klass": model.__class__, "args": args, "kwargs": kwargs,
        "state": demucs.states.get_state(model, quantizer=None, half=True),
        "training_args": {"seed": 42, "lr": 3e-4, "dset": {"musdb": "/datasets", "sources": None}},
        "metrics": ({"nsdr": 1.5}, {"nsdr": np.float64(6.25), "count": np.int64(50)}),
    }
    demucs.states.save_with_checksum(package, FOLDER / "955717e8.th")
    write_reference(package, FOLDER / "955717e8.safetensors")


def kinds():
    """Every kind of tensor and of argument."""
    torch.manual_seed(2)
    base = torch.randn(6, 4)
    state = collections.OrderedDict({
        "float32": torch.randn(2, 3, 4),
        "float16": torch.randn(5).half(),
        "bfloat16": torch.randn(3, 2).bfloat16(),
        "float64": torch.randn(2).double(),
        "subnormal": torch.tensor([6e-8, -6e-8, 65504.0]).half(),
        "scalar": torch.tensor(-2.5),
        "empty": torch.zeros(0, 3),
        "int64": torch.tensor(2 ** 40 + 7),
        "int32": torch.tensor([[1, -2], [3, 4]], dtype=torch.int32),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "boolean": torch.tensor([True, False, True]),
        "shared": base,
        "shared.view": base[2:4],
        "shared.column": base[:, 1],
        "transposed": torch.randn(3, 5).t(),
        "permuted": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last),
        "steps": torch.randn(4, 6)[::2, 1::2],
        "steps.float16": torch.randn(4, 6).half()[:, ::3],
        "ones": torch.randn(1, 4, 1).transpose(0, 2),
        "parameter": torch.nn.Parameter(torch.randn(2, 2)),
        "größe": torch.randn(1),
    })
    state._metadata = collections.OrderedDict({"": {"version": 1}})
    shared = ["drums", "bass"]
    package = {
        "klass": demucs.hdemucs.HDemucs,
        "args": (shared, 2),
        "kwargs": {
            "sources": shared, "segment": Fraction(39, 5), "old_segment": OldFraction(),
            "nothing": None, "yes": True, "no": False, "zero": 0, "byte": 200, "short": 44100,
            "int": -70000, "long": -(2 ** 40), "longest": 2 ** 63 - 1, "least": -(2 ** 63),
            "double": -0.1, "large": 1e300, "text": "Größe 𝄞", "empty": "", "none": [],
            "nested": {"a": [1, [2.5, ["x"]], {}], "b": ()},
        },
        "state": state,
        "training_args": {"huge": 2 ** 200, "bytes": b"abc", "class": demucs.htdemucs.HTDemucs},
    }
    # The older format holds the source of a module's class; ours shall be short.
    torch.serialization.get_source_lines_and_file = lambda _: (["class HDemucs: ...\n"], 1, "x.py")
    for protocol in (2, 4):
        for name, is_zip in (("zip", True), ("legacy", False)):
            torch.save(
                package, FOLDER / f"kinds-{name}-{protocol}.th", pickle_protocol=protocol,
                _use_new_zipfile_serialization=is_zip)
    write_reference(package, FOLDER / "kinds.safetensors")


class Call:
    """Pickles as the call of a function."""

    def __init__(self, function, *args):
        self.call = function, args

    def __reduce__(self):
        return self.call


class Plain:
    """Pickles as an object with attributes."""

    def __init__(self):
        self.attribute = 1


class View:
    """Pickles as a tensor with any numbers."""

    def __init__(self, tensor, offset, shape, strides):
        self.call = torch._utils._rebuild_tensor_v2, (
            tensor.storage(), offset, shape, strides, False, collections.OrderedDict())

    def __reduce__(self):
        return self.call


def package_of(state=None, **kwargs):
    return {"klass": demucs.hdemucs.HDemucs, "args": (), "kwargs": kwargs,
            "state": {"a": torch.ones(4)} if state is None else state}


def hostile():
    ones = torch.ones(4)
    bomb = "text"
    for _ in range(28):
        bomb = [bomb, bomb]
    loop = []
    loop.append(loop)
    deep = []
    for _ in range(400):
        deep = [deep]
    diffq = types.ModuleType("diffq.diffq")
    diffq.DiffQuantizer = type("DiffQuantizer", (), {"__module__": "diffq.diffq"})
    sys.modules.update({"diffq": types.ModuleType("diffq"), "diffq.diffq": diffq})
    Plain.__module__ = "demucs.plain"
    plain = types.ModuleType("demucs.plain")
    plain.Plain = Plain
    sys.modules["demucs.plain"] = plain
    packages = {
        "system": package_of(x=Call(os.system, "touch executed")),
        "system-in-state": package_of({"a": Call(os.system, "touch executed")}),
        "eval": Call(eval, "1"),
        "getattr": package_of(x=Call(getattr, "x", "upper")),
        "object": package_of(x=Plain()),
        "set": package_of(x={1, 2}),
        "complex": package_of(x=1j),
        "complex-tensor": package_of({"a": torch.ones(2, dtype=torch.complex64)}),
        "bytearray": package_of(x=bytearray(b"abc")),
        "called-class": package_of(x=Call(torch.FloatStorage, 1 << 40)),
        "quantized": package_of({"quantized": [], "__quantized": True}),
        "quantized-class": package_of({"meta": {"klass": diffq.DiffQuantizer}}),
        "bomb": package_of(x=bomb),
        "text-bomb": package_of(x=["x" * 1000] * 2000),
        "loop": package_of(x=loop),
        "deep": package_of(x=deep),
        "huge-shape": package_of({"a": View(ones, 0, (1 << 40, 1 << 40), (1, 1))}),
        "huge-stride": package_of({"a": View(ones, 0, (2, 2), (1 << 62, 1 << 62))}),
        "huge-offset": package_of({"a": View(ones, (1 << 63) - 1, (2,), (1,))}),
        "negative-offset": package_of({"a": View(ones, -1, (2,), (1,))}),
        "negative-shape": package_of({"a": View(ones, 0, (-2, -2), (1, 1))}),
        "negative-stride": package_of({"a": View(ones, 3, (2,), (-1,))}),
        "repeated": package_of({"a": View(ones, 0, (1 << 20, 1 << 20), (0, 0))}),
        "outside": package_of({"a": View(ones, 1, (4,), (1,))}),
        "rank": package_of({"a": View(ones, 0, (1,) * 17, (1,) * 17)}),
        "number-in-state": package_of({"a": 1}),
        "no-state": {"klass": demucs.hdemucs.HDemucs, "args": (), "kwargs": {}},
        "list": [1, 2],
        "function-as-class": {**package_of(), "klass": torch._utils._rebuild_tensor_v2},
    }
    for name, package in packages.items():
        for kind, is_zip in (("zip", True), ("legacy", False)):
            if name == "text-bomb" and not is_zip:
                continue
            torch.save(
                package, HOSTILE / f"{name}-{kind}.th", _use_new_zipfile_serialization=is_zip)

    # A storage that says it has more values than there are.
    buffer = io.BytesIO()
    torch.save(package_of(), buffer)
    whole = buffer.getvalue()
    count = whole.index(b"K\x04tq")
    assert whole.count(b"K\x04tq") == 1
    (HOSTILE / "storage-count-zip.th").write_bytes(
        whole[:count] + b"K\xff" + whole[count + 2:])

    archive = zipfile.ZipFile(io.BytesIO(whole))
    entries = {info.filename: archive.read(info) for info in archive.infolist()}
    root = next(iter(entries)).split("/")[0]

    def rewrite(name, change=None, compression=zipfile.ZIP_STORED, duplicate=None):
        with zipfile.ZipFile(HOSTILE / name, "w", compression) as file:
            for entry, data in {**entries, **(change or {})}.items():
                if data is not None:
                    file.writestr(entry, data)
                if entry == duplicate:
                    file.writestr(entry, data)

    rewrite("compressed-zip.th", compression=zipfile.ZIP_DEFLATED)
    rewrite("big-endian-zip.th", {f"{root}/byteorder": b"big"})
    rewrite("no-pickle-zip.th", {f"{root}/data.pkl": None})
    rewrite("two-pickles-zip.th", {"other/data.pkl": entries[f"{root}/data.pkl"]})
    rewrite("no-storage-zip.th", {f"{root}/data/0": None})
    rewrite("short-storage-zip.th", {f"{root}/data/0": b"\0" * 12})
    rewrite("more-pickle-zip.th", {f"{root}/data.pkl": entries[f"{root}/data.pkl"] + b"N."})
    rewrite("duplicate-zip.th", duplicate=f"{root}/data/0")

    # Wrong places in the zip archive's records.
    directory = whole.index(b"PK\x01\x02")
    large = whole.index(b"PK\x06\x06")
    second = whole.index(b"PK\x01\x02", directory + 4)
    for name, place, value in [
        ("entry-offset", directory + 42, b"\xff\xff\xff\x7f"),
        ("entry-offset-other", directory + 42, whole[second + 42:second + 46]),
        ("entry-size", directory + 20, b"\xf0\xff\xff\xff\xf0\xff\xff\xff"),
        ("entry-large", directory + 20, b"\xff\xff\xff\xff\xff\xff\xff\xff"),
        ("entry-encrypted", directory + 8, b"\x09"),
        ("name-length", directory + 28, b"\xff\xff"),
        ("directory-offset", large + 48, b"\xff" * 8),
        ("directory-size", large + 40, b"\xff" * 8),
        ("directory-count", large + 32, b"\xff" * 8),
        ("directory-place", whole.index(b"PK\x06\x07") + 8, b"\xff" * 8),
    ]:
        (HOSTILE / f"{name}-zip.th").write_bytes(
            whole[:place] + value + whole[place + len(value):])

    # The older format with a storage that is longer than the file, and with more behind it.
    buffer = io.BytesIO()
    torch.save(package_of(), buffer, _use_new_zipfile_serialization=False)
    whole = buffer.getvalue()
    start = len(whole) - 24
    (HOSTILE / "storage-count-legacy.th").write_bytes(
        whole[:start] + b"\xff" * 7 + b"\x7f" + whole[start + 8:])
    (HOSTILE / "more-legacy.th").write_bytes(whole + b"\0")
    version = pickle.dumps(1001, protocol=2)
    (HOSTILE / "version-legacy.th").write_bytes(
        whole.replace(version, pickle.dumps(1002, protocol=2), 1))
    (HOSTILE / "big-endian-legacy.th").write_bytes(
        whole.replace(b"little_endianq\x02\x88", b"little_endianq\x02\x89", 1))


def main():
    warnings.simplefilter("ignore")
    shutil.rmtree(FOLDER, ignore_errors=True)
    HOSTILE.mkdir(parents=True)
    real()
    kinds()
    hostile()
    for path in FOLDER.rglob("*.*"):
        path.chmod(0o644)


if __name__ == "__main__":
    main()
