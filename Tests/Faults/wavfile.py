# SPDX-License-Identifier: MIT
"""What the header of a WAV file says, and whether the file has as many bytes."""
import struct


class Malformed(Exception):
    """The file is no complete WAV file."""


def frame_count(path):
    """The frames and the rate of a WAV or RF64 file; raises `Malformed`, also where bytes are missing."""
    size = path.stat().st_size
    with open(path, "rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
            raise Malformed(f"{path.name} has no RIFF header")
        block, rate, long_size = 0, 0, None
        while len(chunk := file.read(8)) == 8:
            name, length = struct.unpack("<4sI", chunk)
            if name == b"ds64":
                long_size = struct.unpack("<QQ", file.read(16))[1]
                file.seek(length - 16, 1)
            elif name == b"fmt ":
                _, _, rate, _, block = struct.unpack("<HHIIH", file.read(14))
                file.seek(length - 14, 1)
            elif name == b"data":
                length = long_size if length == 0xFFFFFFFF and long_size is not None else length
                if block == 0 or file.tell() + length > size:
                    raise Malformed(f"{path.name} has fewer bytes than its header says")
                return length // block, rate
            else:
                file.seek(length + length % 2, 1)
    raise Malformed(f"{path.name} has no samples")
