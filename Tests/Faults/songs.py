# SPDX-License-Identifier: MIT
"""Songs of noise, and what is asked for with them."""
import dataclasses
import hashlib
import io
import shutil
import subprocess
import tempfile
import wave
from pathlib import Path

RATES = (16000, 22050, 44100, 48000)
SHORT = (0.3, 3.0)
LONG = (10.0, 20.0)
# One song in so many is long; is MP4, which only ffmpeg reads; is asked for twice; also with other settings.
LONG_EVERY, MP4_EVERY, TWICE_EVERY, OTHERWISE_EVERY = 10, 25, 10, 15


@dataclasses.dataclass(frozen=True)
class Song:
    """A file to send. `frames` is nil where the length after decoding is not known to the frame."""
    name: str
    type: str
    data: bytes
    digest: str
    seconds: float
    rate: int
    frames: int | None


@dataclasses.dataclass(frozen=True)
class Request:
    """A song and the settings that it is asked for with; two with the same key want the same result."""
    song: Song
    settings: tuple = ()

    @property
    def key(self):
        return self.song.digest, dict(self.settings).get("two-stems")


def wav(rng, seconds, rate, channels):
    """Noise as WAV of 16 bits; and how many frames it has."""
    frames = int(seconds * rate)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((channels, 2, rate, 0, "NONE", ""))
        file.writeframes(rng.randbytes(frames * channels * 2))
    return buffer.getvalue(), frames


def mp4(data):
    """A WAV file as AAC in MP4; nil where there is no ffmpeg."""
    program = shutil.which("ffmpeg")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "song.m4a"
        done = subprocess.run(
            [program, "-v", "error", "-f", "wav", "-i", "-", "-c:a", "aac", str(path)], input=data,
            check=False)
        return path.read_bytes() if done.returncode == 0 else None


def song(rng, name, seconds, rate=None, as_mp4=False):
    """A song of about so many seconds."""
    rate = rate or rng.choice(RATES)
    data, frames = wav(rng, seconds, rate, rng.choice((1, 2)))
    if as_mp4 and (packed := mp4(data)):
        return Song(
            f"{name}.m4a", "audio/mp4", packed, hashlib.sha256(packed).hexdigest(), seconds, rate, None)
    return Song(f"{name}.wav", "audio/wav", data, hashlib.sha256(data).hexdigest(), seconds, rate, frames)


def requests(rng, count, prefix, only_short=False):
    """So many requests for songs that all differ in length, some of them asked for more than once."""
    asked, lengths = [], set()
    while len(asked) < count:
        number = len(asked) + 1
        if asked and number % TWICE_EVERY == 0:
            asked.append(rng.choice(asked))
        elif asked and number % OTHERWISE_EVERY == 0:
            asked.append(Request(rng.choice(asked).song, (("two-stems", "vocals"),)))
        else:
            is_long = not only_short and number % LONG_EVERY == 5
            made = song(
                rng, f"{prefix}-{number:03}", rng.uniform(*(LONG if is_long else SHORT)),
                as_mp4=number % MP4_EVERY == 8)
            if made.frames in lengths:
                continue
            lengths.add(made.frames or -number)
            asked.append(Request(made))
    return asked


def result_bytes(asked):
    """About how much the results of requests take: the song and its stems, stereo in 32-bit floats."""
    files = {request.key: 3 if request.settings else 5 for request in asked}
    sizes = {request.key: (request.song.seconds + 0.1) * request.song.rate * 8 for request in asked}
    return int(sum(sizes[key] * files[key] for key in files))
