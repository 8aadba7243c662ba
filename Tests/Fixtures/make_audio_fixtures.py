#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes Tests/AudioTests/Fixtures: small audio files and what decoding them must give.

WAV and AIFF files are packed here byte by byte and downmixes computed with NumPy, so that the
references share no code with what is tested; FLAC comes from python-soundfile, lossy files and
their references from ffmpeg. Needs numpy, soundfile and ffmpeg 5 or later:

    python3 Tests/Fixtures/make_audio_fixtures.py

A reference `NAME.f32` holds stereo little-endian floats, `NAME.s16` stereo 16-bit integers (of
lossy files, whose tests allow some difference anyway), both (frames, 2) interleaved.
"""

import pathlib
import struct
import subprocess
import tempfile

import numpy as np
import soundfile

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "AudioTests" / "Fixtures"
RATE = 44_100
rng = np.random.default_rng(775)


def tone_mix(seconds, channels, rate=RATE):
    """Distinct, slowly changing tones and a little noise in every channel, below 0.9."""
    time = np.arange(round(seconds * rate)) / rate
    columns = []
    for channel in range(channels):
        base = 220 * 1.37**channel
        tone = 0.4 * np.sin(2 * np.pi * base * time) + 0.2 * np.sin(2 * np.pi * 3.1 * base * time)
        columns.append(tone * (0.7 + 0.3 * np.cos(9 * time)))
    return np.stack(columns, 1) + 0.01 * rng.standard_normal((len(time), channels))


def wave_bytes(samples, kind, rate=RATE, mask=None, rf64=False):
    """Packs float samples as WAV; returns the file and the exact values in it."""
    frames, channels = samples.shape
    if kind == "u8":
        steps = np.clip(np.round(samples * 128), -128, 127)
        data, values, bits, tag = (steps + 128).astype("u1").tobytes(), steps / 128, 8, 1
    elif kind in ("s16", "s24", "s32"):
        bits, tag = int(kind[1:]), 1
        scale = 2.0 ** (bits - 1)
        steps = np.clip(np.round(samples * scale), -scale, scale - 1).astype("<i8")
        raw = steps.view("u1").reshape(frames, channels, 8)
        data, values = raw[:, :, : bits // 8].tobytes(), steps / scale
    else:
        bits, tag = int(kind[1:]), 3
        values = samples.astype(f"<f{bits // 8}")
        data = values.tobytes()
    block = channels * bits // 8
    fields = (channels, rate, rate * block, block, bits)
    if mask is None:
        form = struct.pack("<HHIIHH", tag, *fields)
    else:
        guid = struct.pack("<H", tag) + bytes.fromhex("000000001000800000aa00389b71")
        form = struct.pack("<HHIIHHHHI", 0xFFFE, *fields, 22, bits, mask) + guid
    pad = b"\0" * (len(data) & 1)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    if rf64:
        total = 4 + 36 + len(chunks) + 8 + len(data)
        ds64 = b"ds64" + struct.pack("<IQQQI", 28, total, len(data), frames, 0)
        body = ds64 + chunks + b"data" + struct.pack("<I", 0xFFFFFFFF) + data + pad
        return b"RF64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + body, values
    body = b"WAVE" + chunks + b"data" + struct.pack("<I", len(data)) + data + pad
    return b"RIFF" + struct.pack("<I", len(body)) + body, values


def aiff_bytes(samples, bits, rate=RATE):
    """Packs float samples as AIFF; returns the file and the exact values in it."""
    frames, channels = samples.shape
    scale = 2.0 ** (bits - 1)
    steps = np.clip(np.round(samples * scale), -scale, scale - 1).astype(">i8")
    data = steps.view("u1").reshape(frames, channels, 8)[:, :, 8 - bits // 8 :].tobytes()
    mantissa, exponent = rate, 16383 + 63
    while mantissa < 1 << 63:
        mantissa, exponent = mantissa * 2, exponent - 1
    comm = struct.pack(">hIhHQ", channels, frames, bits, exponent, mantissa)
    chunks = b"COMM" + struct.pack(">I", len(comm)) + comm
    chunks += b"SSND" + struct.pack(">III", len(data) + 8, 0, 0) + data + b"\0" * (len(data) & 1)
    return b"FORM" + struct.pack(">I", 4 + len(chunks)) + b"AIFF" + chunks, steps / scale


def bs775(values, layout):
    """ITU-R BS.775-3 downmix to two channels, unscaled."""
    root = np.sqrt(0.5)
    gains = {
        "M": (1, 1), "L": (1, 0), "R": (0, 1), "C": (root, root), "LFE": (0, 0),
        "Ls": (root, 0), "Rs": (0, root), "S": (0.5, 0.5),
    }  # fmt: skip
    return values @ np.array([gains[role] for role in layout])


def save(name, data):
    (FOLDER / name).write_bytes(data)


def save_float(name, values):
    save(name + ".f32", np.asarray(values).astype("<f4").tobytes())


def save_lossy(name, values):
    steps = np.clip(np.round(values * 32768), -32768, 32767)
    save(name + ".s16", steps.astype("<i2").tobytes())


def ffmpeg(*arguments):
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", *map(str, arguments)]
    return subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout


def decode(path, channels):
    # ffmpeg's own Opus decoder is not quite the reference decoder in every mode.
    decoder = ["-c:a", "libopus"] if path.suffix == ".opus" else []
    raw = ffmpeg(*decoder, "-i", path, "-map", "0:a:0", "-f", "f32le", "-c:a", "pcm_f32le", "-")
    return np.frombuffer(raw, "<f4").reshape(-1, channels).astype(float)


def lossless():
    stereo = tone_mix(0.01, 2)
    for kind in ("u8", "s16", "s24", "s32", "f32", "f64"):
        data, values = wave_bytes(stereo, kind)
        save(f"wave-{kind}.wav", data)
        save_float(f"wave-{kind}.wav", values)
    data, values = wave_bytes(stereo, "s24", mask=3)
    save("wave-extensible.wav", data)
    save_float("wave-extensible.wav", values)
    data, values = wave_bytes(stereo, "s16", rf64=True)
    save("wave-rf64.wav", data)
    save_float("wave-rf64.wav", values)
    mono = tone_mix(0.01, 1)
    data, values = wave_bytes(mono, "s16")
    save("mono.wav", data)
    save_float("mono.wav", np.repeat(values, 2, 1))
    for bits in (16, 24):
        data, values = aiff_bytes(stereo, bits)
        save(f"aiff-{bits}.aiff", data)
        save_float(f"aiff-{bits}.aiff", values)
        scale = 2.0 ** (bits - 1)
        steps = np.round(stereo * scale)
        soundfile.write(
            FOLDER / f"flac-{bits}.flac", steps / scale, RATE, subtype=f"PCM_{bits}")
        save_float(f"flac-{bits}.flac", steps / scale)
    # FLAC in Ogg, with the samples of wave-s16.wav.
    data, values = wave_bytes(stereo, "s16")
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source.wav"
        source.write_bytes(data)
        ffmpeg("-i", source, "-bitexact", "-c:a", "flac", "-f", "ogg", FOLDER / "flac.oga")
    save_float("flac.oga", values)
    # A FLAC long enough to be cut in half.
    long = np.round(tone_mix(0.3, 2) * 32768) / 32768
    soundfile.write(FOLDER / "long.flac", long, RATE, subtype="PCM_16")


def surround():
    layouts = {
        3: ("LRC", None), 4: ("L R Ls Rs", None), 5: ("L R C Ls Rs", None),
        6: ("L R C LFE Ls Rs", 0x3F), 7: ("L R C LFE S Ls Rs", 0x70F),
        8: ("L R C LFE Ls Rs Ls Rs", 0x63F),
    }  # fmt: skip
    for channels, (names, mask) in layouts.items():
        layout = names.split() if " " in names else list(names)
        for marked in [None] if mask is None else [None, mask]:
            data, values = wave_bytes(tone_mix(0.005, channels), "s16", mask=marked)
            name = f"surround-{channels}{'' if marked is None else '-mask'}.wav"
            save(name, data)
            save_float(name, bs775(values, layout))
    # 4.0 (front centre, back centre) by mask: not what four channels without a mask are.
    data, values = wave_bytes(tone_mix(0.005, 4), "s16", mask=0x107)
    save("surround-4-mask.wav", data)
    save_float("surround-4-mask.wav", bs775(values, ["L", "R", "C", "S"]))

    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source.wav"
        source.write_bytes(wave_bytes(tone_mix(0.12, 6, 48_000), "s16", 48_000, mask=0x3F)[0])
        for name, codec in {
            "surround.ogg": ["-c:a", "libvorbis", "-q:a", "6"],
            "surround.opus": ["-c:a", "libopus", "-b:a", "256k"],
            "surround.m4a": ["-c:a", "aac", "-b:a", "320k"],
            "surround.flac": ["-c:a", "flac"],
        }.items():
            ffmpeg("-i", source, "-bitexact", *codec, FOLDER / name)
            # ffmpeg gives 5.1 in the order of WAV whatever the codec's own order.
            save_lossy(name, bs775(decode(FOLDER / name, 6), "L R C LFE Ls Rs".split()) / 4)


def lossy():
    with tempfile.TemporaryDirectory() as folder:
        source = pathlib.Path(folder) / "source.wav"
        source.write_bytes(wave_bytes(tone_mix(0.25, 2), "f32")[0])
        for name, codec in {
            "lossy.mp3": ["-c:a", "libmp3lame", "-b:a", "128k"],
            "lossy.ogg": ["-c:a", "libvorbis", "-q:a", "4"],
            "lossy.opus": ["-c:a", "libopus", "-b:a", "96k"],
            "lossy.m4a": ["-c:a", "aac", "-b:a", "128k"],
            "lossy.webm": ["-c:a", "libopus", "-b:a", "96k"],
            "lossy.wma": ["-c:a", "wmav2", "-b:a", "128k"],
        }.items():
            ffmpeg("-i", source, "-bitexact", *codec, FOLDER / name)
            save_lossy(name, decode(FOLDER / name, 2))
        # A film: a picture track first, and the audio is not the only stream.
        ffmpeg(
            "-f", "lavfi", "-i", "color=c=black:s=32x32:d=0.25", "-i", source, "-bitexact",
            "-c:v", "mpeg4", "-c:a", "aac", FOLDER / "film.mp4")
        save_lossy("film.mp4", decode(FOLDER / "film.mp4", 2))
        # Variable bit rate without a Xing tag: the length cannot be told without decoding.
        changing = tone_mix(1.5, 1, 22_050)
        changing[: len(changing) // 2] *= 0.0001
        source.write_bytes(wave_bytes(changing, "f32", 22_050)[0])
        name = "no-length.mp3"
        ffmpeg(
            "-i", source, "-bitexact", "-c:a", "libmp3lame", "-q:a", "5", "-write_xing", "0",
            "-id3v2_version", "0", FOLDER / name)
        save(name + ".frames", str(len(decode(FOLDER / name, 1))).encode())


def main():
    FOLDER.mkdir(exist_ok=True)
    lossless()
    surround()
    lossy()


if __name__ == "__main__":
    main()
