# SPDX-License-Identifier: MIT
"""Opens what `tonmeister export` writes with readers that are not ours.

    make interoperability

Readers: Python's zipfile and lxml, and the package `dawproject` where it is installed (it is not on PyPI;
github.com/roex-audio/dawproject-py), for DAWproject; rpp for REAPER; stempeg and ffprobe for stem files; wavinfo
for broadcast WAV. With the folder of DAWproject's Project.xsd and MetaData.xsd in DAWPROJECT_SCHEMAS the
documents are validated against them too.
"""

import io
import json
import math
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import wave
import zipfile

import lxml.etree
import numpy
import rpp
import stempeg
import wavinfo

NAMES = ["vocals & <choir>", "drums", "bass", "other 🎸"]
RATE = 44100
FRAMES = 5 * RATE


def make_stem(path: pathlib.Path, seed: int) -> None:
    """A tone under noise that comes and goes, in 16 bits."""
    source = random.Random(seed)
    frames = bytearray()
    for n in range(FRAMES):
        tone = math.sin(2 * math.pi * 110 * (seed + 1) * n / RATE)
        noise = source.uniform(-1, 1) * (1 if n // (RATE // 4) % 2 else 0.2)
        left, right = 0.2 * tone + 0.1 * noise, 0.15 * tone + 0.12 * noise
        frames += struct.pack("<hh", round(32767 * left), round(32767 * right))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(bytes(frames))


def make_song(folder: pathlib.Path) -> dict:
    tracks = []
    for index, name in enumerate(NAMES):
        make_stem(folder / f"{name.replace('<', '_').replace('>', '_')}.wav", index)
        tracks.append({"name": name, "gain": -index, "reverbSend": -12})
    tracks[0].update(
        highPass={"frequency": 90, "slope": 24}, compressor={"ratio": 4}, deEsser={},
        equalizer=[{"type": "bell", "frequency": 3000, "gain": 2}])
    tracks[1].update(gate={})
    tracks[2].update(mute=True)
    tracks[3].update(pan=0.4)
    plan = {
        "version": 1, "tracks": tracks, "reverb": {"gain": -2},
        "master": {"loudness": -16, "limiter": {}, "compressor": {}}}
    (folder / "plan.json").write_text(json.dumps(plan))
    return plan


def check_dawproject(path: pathlib.Path, plan: dict) -> None:
    archive = zipfile.ZipFile(path)
    assert archive.testzip() is None
    documents = {
        name: lxml.etree.fromstring(archive.read(name)) for name in ("project.xml", "metadata.xml")}
    for element in documents["project.xml"].iter("File"):
        with_audio = archive.read(element.get("path"))
        assert with_audio[:4] == b"RIFF" and len(with_audio) > 8 * FRAMES
    print(f"  zipfile: {len(archive.namelist())} members, checksums right")
    schemas = os.environ.get("DAWPROJECT_SCHEMAS")
    for name, schema in (("project.xml", "Project.xsd"), ("metadata.xml", "MetaData.xsd")):
        if schemas:
            lxml.etree.XMLSchema(file=f"{schemas}/{schema}").assertValid(documents[name])
            print(f"  lxml: {name} is valid after {schema}")
    if not schemas:
        print("  DAWPROJECT_SCHEMAS is not set: not validated against the published schemas")
    try:
        import dawproject
    except ImportError:
        print("  dawproject is not installed: not opened with it")
        return
    dawproject.Referenceable.reset_id()
    project = dawproject.DawProject.load_project(str(path))
    channels = {track.name: track.channel for track in project.structure}
    assert list(channels) == NAMES + ["Reverb", "Reverb send", "Master"], list(channels)
    for track in plan["tracks"]:
        channel = channels[track["name"]]
        assert abs(channel.volume.value - 10 ** (track["gain"] / 20)) < 1e-6
        assert channel.mute.value == track.get("mute", False)
        assert abs(channel.pan.value - (track.get("pan", 0) + 1) / 2) < 1e-6
        assert abs(channel.sends[0].volume.value - 10 ** (-12 / 20)) < 1e-6
    kinds = [type(device).__name__ for device in channels[NAMES[0]].devices]
    assert kinds == ["Equalizer", "Compressor"], kinds
    assert [type(device).__name__ for device in channels["Master"].devices] == [
        "Compressor", "Limiter"]
    assert len(project.arrangement.lanes.lanes) == 5
    print(f"  dawproject: {len(channels)} tracks with the plan's levels, {', '.join(kinds)}")


def check_reaper(path: pathlib.Path, plan: dict) -> None:
    project = rpp.load(io.StringIO(path.read_text()))
    tracks = project.findall(".//TRACK")
    assert [track.find("NAME")[1] for track in tracks] == NAMES + ["Reverb", "Reverb send"]
    for track, wanted in zip(tracks, plan["tracks"]):
        volume, pan = track.find("VOLPAN")[1:3]
        assert abs(float(volume) - 10 ** (wanted["gain"] / 20)) < 1e-6
        assert float(pan) == wanted.get("pan", 0)
        assert (track.find("MUTESOLO")[1] == "1") == wanted.get("mute", False)
    files = [source.find("FILE")[1] for source in project.findall(".//SOURCE")]
    for file in files:
        with open(path.parent / file, "rb") as audio:
            assert audio.read(4) == b"RIFF"
    print(f"  rpp: {len(tracks)} tracks with the plan's levels, {len(files)} files found")


def check_stem_file(path: pathlib.Path, is_lossless: bool) -> None:
    stems, rate = stempeg.read_stems(str(path))
    assert rate == RATE and stems.shape[0] == 5 and abs(stems.shape[1] - FRAMES) <= 2048
    names = stempeg.Info(str(path)).title_streams
    mix, parts = stems[0], stems[1:].sum(axis=0)
    gain = (mix * parts).sum() / (parts * parts).sum()
    residual = numpy.sqrt(((mix - gain * parts) ** 2).mean() / (mix**2).mean())
    print(
        f"  stempeg: {names}, {stems.shape[1]} frames; mix against the sum of its stems "
        f"{20 * math.log10(residual):.1f} dB (the master's dynamics)")
    assert abs(20 * math.log10(gain)) < 3 and residual < 0.3
    streams = json.loads(
        subprocess.check_output(
            ["ffprobe", "-v", "error", "-show_streams", "-of", "json", str(path)]))["streams"]
    assert [s["codec_name"] for s in streams] == ["alac" if is_lossless else "aac"] * 5
    assert [s["disposition"]["default"] for s in streams] == [1, 0, 0, 0, 0]
    print(f"  ffprobe: 5 streams of {streams[0]['codec_name']}, the first enabled")


def check_broadcast(folder: pathlib.Path) -> None:
    for path in sorted(folder.glob("*.wav")):
        bext = wavinfo.WavInfoReader(str(path)).bext
        assert bext.version == 2 and bext.originator == "Tonmeister" and bext.time_reference == 0
        print(
            f"  wavinfo: {path.name}: {bext.loudness_value} LUFS, {bext.loudness_range} LU, "
            f"{bext.max_true_peak} dBTP, momentary {bext.max_momentary_loudness}, "
            f"short-term {bext.max_shortterm_loudness} LUFS")
    mix = wavinfo.WavInfoReader(str(folder / "mix.wav")).bext
    assert abs(mix.loudness_value + 16) < 0.1 and mix.max_true_peak <= -1


def main() -> None:
    root = pathlib.Path(__file__).resolve().parents[2]
    tool = sys.argv[1] if len(sys.argv) > 1 else str(root / ".build/release/tonmeister")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        plan = make_song(folder)

        def export(*arguments: str) -> None:
            print(f"export {' '.join(arguments)}", flush=True)
            subprocess.run(
                [tool, "export", "plan.json", "--progress", "none", "--json", *arguments],
                cwd=folder, check=True, stdout=subprocess.DEVNULL)

        export("-o", "song.dawproject")
        check_dawproject(folder / "song.dawproject", plan)
        export("--format", "reaper", "-o", "Song")
        check_reaper(folder / "Song/Song.rpp", plan)
        export("-o", "song.stem.mp4")
        check_stem_file(folder / "song.stem.mp4", False)
        export("--alac", "-o", "song.stem.mp4")
        check_stem_file(folder / "song.stem.mp4", True)
        export("--format", "bwf", "-o", "files")
        check_broadcast(folder / "files")
    print("all exports were opened")


if __name__ == "__main__":
    main()
