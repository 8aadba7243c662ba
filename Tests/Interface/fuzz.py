# SPDX-License-Identifier: MIT
"""Sends a running service what no client should send; it has to refuse that, and to go on.

Usage: fuzz.py PROGRAM [--seconds 60] [--seed 1] [--case N]. PROGRAM is the built `tonmeister`.

Songs, forms, framing, JSON, plans, listeners, queries, and messages of gRPC where the program has it, are
made broken in ways that a seed and the number of a case determine; `--case` sends one case again. Start and
end take up to two minutes besides `--seconds`. Exits with 0 where nothing was found.
"""
import argparse
import base64
import collections
import json
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse

import grpc

SCHEMA = pathlib.Path(__file__).resolve().parents[2] / "Documentation/mixplan.schema.json"
# The longest that an answer may take, in seconds, and the most memory in MB.
PATIENCE = 10
MEMORY = 400
# A case of this many is a large document.
RARITY = 25
# Formats that ffmpeg makes: the ending, and how it is told.
FORMATS = {
    "flac": ["-c:a", "flac"], "mp3": ["-c:a", "libmp3lame"], "ogg": ["-c:a", "libvorbis"],
    "opus": ["-c:a", "libopus"], "m4a": ["-c:a", "aac"], "aiff": [], "au": [], "caf": [], "w64": [],
}
INTERESTING = [0, 1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE,
    0xFFFFFFFF]
# JSON that stands in the place of a value.
LITERALS = [
    b"NaN", b"Infinity", b"-Infinity", b"1e308", b"-1e308", b"1e309", b"1e-400", b"-0", b"-1", b"0", b"01",
    b"+1",
    b".5", b"1.", b"0x10", b"1e99999999999999999999", b"1e-99999999999999999999", b"9223372036854775808",
    b"18446744073709551616", b"9" * 390, b"9" * 401, b"0." + b"3" * 300, b"null", b"true", b"[]", b"{}",
    b'""',
    b'"\\ud800"', b'"\\udc00\\ud800"', b'"\\u0000"', b'"\\x"', b'"\x00"', b'"\n"', b'"\xff\xfe"',
    b'"\xc0\x80"',
    b'"\xed\xa0\x80"', b'"a', b'"' + b"a" * 70_000 + b'"', b'"../../etc/passwd"', b"[" * 63 + b"]" * 63,
    b"[" * 65 + b"]" * 65, b"[" * 100_000, b'{"a":' * 70, b"[1,]", b"[,]", b'{"a" 1}', b"{1:1}", b"/* */1",
    b"tru",
]
WORDS = [
    "", "0", "-1", "1", "1e308", "NaN", "inf", "9223372036854775808", "all", "lite", "none", "a" * 5000, "..",
    "../../x",
    "%", "%00", "%ff", "%2e%2e%2f", "drums", "drums,drums", "drums," * 500, "vocals", "\u00e9", "\u202e",
    "😀" * 60,
    "*", "wav", "flac", "mp3", "opus", "float32", "int16", "int24", "f32", "bf16", "0x10", "1.5", "+1", " 1",
]


class Finding(Exception):
    """Something that the service must not do."""


# Audio

def wav(frames, channels=1, rate=22050, bits=16, tag=1, size=None, align=None, extra=b"", riff=None):
    """A WAV file whose head says what it is told to."""
    align = (channels * bits // 8) & 0xFFFF if align is None else align
    form = struct.pack("<HHIIHH", tag, channels & 0xFFFF, rate, (rate * align) & 0xFFFFFFFF, align, bits)
    size = len(frames) if size is None else size
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form + extra + b"data" + struct.pack("<I",
        size) + frames
    return b"RIFF" + struct.pack("<I", len(body) if riff is None else riff) + body


def noise(seed, seconds=1.0, rate=22050):
    """A song of 16 bits that is another for every seed."""
    source = random.Random(f"song {seed}")
    values = (int(source.gauss(0, 3000)) for _ in range(int(seconds * rate)))
    return wav(b"".join(struct.pack("<h", max(-32768, min(32767, value))) for value in values), rate=rate)


def encodings(folder):
    """The same short song in every format that can be made here."""
    songs = {"wav": noise("base", 0.3)}
    (folder / "song.wav").write_bytes(songs["wav"])
    if shutil.which("ffmpeg"):
        for ending, options in FORMATS.items():
            file = folder / f"song.{ending}"
            made = subprocess.run(
                ["ffmpeg", "-nostdin", "-v", "quiet", "-y", "-i", folder / "song.wav", *options,
                 "-map_metadata", "-1", "-fflags", "+bitexact", "-flags:a", "+bitexact", file], check=False)
            if made.returncode == 0:
                songs[ending] = file.read_bytes()
    return songs


def strange_wav(chance):
    """A WAV file whose head is right in form and wrong in what it says."""
    value = chance.choice([float("nan"), float("inf"), -float("inf"), 3e38, 1e-40, 1e30, 1.0])
    count = chance.choice([0, 1, 2, 3, 100, 4000])
    size = chance.choice([0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0xFFFFFFFE, None])
    rate = chance.choice([0, 1, 7999, 8000, 192_000, 192_001, 4_000_000_000, 0xFFFFFFFF])
    channels = chance.choice([0, 1, 2, 8, 9, 255, 65535])
    return chance.choice([
        lambda: wav(struct.pack("<f", value) * count, bits=32, tag=3),
        lambda: wav(struct.pack("<d", value) * count, bits=64, tag=3, channels=2),
        lambda: wav(bytes(count), channels=channels),
        lambda: wav(bytes(count), rate=rate),
        lambda: wav(bytes(count), size=size),
        lambda: wav(bytes(count), riff=chance.choice(INTERESTING)),
        lambda: wav(bytes(count), bits=chance.choice([0, 1, 7, 8, 12, 24, 33, 64, 65535])),
        lambda: wav(bytes(count), align=chance.choice([0, 1, 3, 65535])),
        lambda: wav(bytes(count), tag=chance.choice([0, 2, 6, 7, 0x11, 0x31, 0x55, 0xFFFE, 0xFFFF])),
        lambda: wav(bytes(count), extra=b"junk" + struct.pack("<I", chance.choice(INTERESTING)) + b"abc"),
        lambda: wav(bytes(count), extra=b"LIST\4\0\0\0INFO" * 2000),
        lambda: wav(bytes(count)).replace(b"RIFF", chance.choice([b"RF64", b"RIFX", b"riff", b"BW64"])),
    ])()


def mutated(chance, data):
    """Bytes with some of them changed, mostly at the beginning, where heads are."""
    data = bytearray(data)
    for _ in range(chance.choice([1, 1, 2, 4, 16])):
        reach = len(data) if chance.random() < 0.3 else min(len(data), 128)
        if reach == 0:
            return bytes(data)
        at = chance.randrange(reach)
        what = chance.randrange(8)
        if what == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            data[at] = chance.choice(INTERESTING) & 0xFF
        elif what == 2:
            data[at:at + 4] = struct.pack(chance.choice("<>") + "I", chance.choice(INTERESTING))
        elif what == 3:
            data[at:at + 2] = struct.pack(chance.choice("<>") + "H", chance.choice(INTERESTING) & 0xFFFF)
        elif what == 4:
            del data[at:at + chance.choice([1, 4, 100])]
        elif what == 5:
            data[at:at] = chance.randbytes(chance.choice([1, 4, 100]))
        elif what == 6:
            data[at:at] = data[at:at + chance.choice([4, 16, 100])]
        elif chance.random() < 0.3:
            del data[at:]
    return bytes(data)


# JSON

class Raw(bytes):
    """Text that stands in a document as it is."""


class Twin:
    """A key that an object has already."""

    def __init__(self, name):
        self.name = name


def dump(value):
    """A document as bytes, with what is not JSON in it."""
    if isinstance(value, Raw):
        return bytes(value)
    if isinstance(value, dict):
        names = ((name.name if isinstance(name, Twin) else name, inner) for name, inner in value.items())
        return b"{" + b",".join(json.dumps(name).encode() + b":" + dump(inner) for name,
            inner in names) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(dump(inner) for inner in value) + b"]"
    return json.dumps(value).encode()


def places(value):
    """Every place of a document: what it is in, and its key there."""
    keys = list(value) if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        yield value, key
        yield from places(value[key])


def broken(chance, document):
    """A document in which some values are others, missing, there twice or far too many."""
    document = json.loads(json.dumps(document))
    for _ in range(chance.choice([1, 1, 2, 5])):
        found = list(places(document))
        if not found:
            break
        inside, key = chance.choice(found)
        what = chance.randrange(10)
        if what < 6:
            inside[key] = Raw(chance.choice(LITERALS))
        elif what == 6:
            del inside[key]
        elif what == 7 and isinstance(inside, dict):
            inside[Twin(key.name if isinstance(key, Twin) else key)] = inside[key]
        elif what == 8 and isinstance(inside, dict):
            inside[chance.choice(WORDS)] = chance.choice([1, "a", None, [], {}])
        elif isinstance(inside, list) and len(found) < 300:
            inside *= chance.choice([2, 17, 130])
    text = dump(document)
    return mutated(chance, text) if chance.random() < 0.15 else text


def made(chance, schema):
    """A value that a schema allows, at the ends of ranges where it has some; seldom just beyond."""
    if "anyOf" in schema:
        return made(chance, chance.choice(schema["anyOf"]))
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return chance.choice(schema["enum"])
    kind = schema.get("type", "null")
    kind = chance.choice(kind) if isinstance(kind, list) else kind
    if kind == "object":
        inner = schema.get("properties", {})
        needed = schema.get("required", ())
        return {name: made(chance, inner[name]) for name in inner if name in needed or chance.random() < 0.6}
    if kind == "array":
        return [made(chance, schema["items"]) for _ in range(chance.choice([0, 1, 2,
            schema.get("maxItems", 3)]))]
    if kind in ("number", "integer"):
        low, high = schema.get("minimum", -1e3), schema.get("maximum", 1e3)
        value = chance.choice([low, high, chance.uniform(low, high), chance.uniform(low, high)])
        if chance.random() < 0.01:
            value = chance.choice([low - 1e-9, high + 1e-9, -value])
        return round(value) if kind == "integer" else value
    return {"string": chance.choice(["", "a", "drums", "vocals"]), "boolean": chance.random() < 0.5}.get(kind)


# HTTP

class Request:
    """What is sent.

    `is_lenient`: it is no HTTP, so that the connection may just be closed. `is_cut`: no more is sent, which
    the service is told. `is_left`: nobody waits for the answer.
    """

    def __init__(self, data, is_lenient=False, is_cut=False, is_left=False, patience=PATIENCE):
        self.data, self.is_lenient, self.is_cut, self.is_left = data, is_lenient, is_cut, is_left
        self.patience = patience


class Answer:
    """A complete answer."""

    def __init__(self, head, seconds):
        lines = head.decode("latin-1").split("\r\n")
        match = re.fullmatch(r"HTTP/1\.[01] ([1-5][0-9][0-9]).*", lines[0])
        if not match:
            raise Finding(f"an answer that is no HTTP: {lines[0][:80]!r}")
        self.status, self.seconds, self.body = int(match[1]), seconds, b""
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.headers[name.strip().lower()] = value.strip()

    @property
    def type(self):
        return self.headers.get("content-type", "").split(";")[0]


def chunked(data):
    """The body of chunks; None where it is not complete."""
    body = b""
    while True:
        line, found, rest = data.partition(b"\r\n")
        if not found:
            return None
        size = int(line.split(b";")[0], 16)
        if size == 0:
            return body if b"\r\n" in rest else None
        if len(rest) < size + 2:
            return None
        body, data = body + rest[:size], rest[size + 2:]


def parsed(data, has_body, is_closed, seconds):
    """The first answer of some bytes; None where it is not complete."""
    while True:
        head, found, data = data.partition(b"\r\n\r\n")
        if not found:
            return None
        answer = Answer(head, seconds)
        if answer.status < 200 and answer.status != 101:
            continue
        if not has_body or answer.status in (101, 204, 304):
            return answer
        if "chunked" in answer.headers.get("transfer-encoding", ""):
            answer.body = chunked(data)
        elif "content-length" in answer.headers:
            size = int(answer.headers["content-length"])
            answer.body = data[:size] if len(data) >= size else None
        else:
            answer.body = data if is_closed else None
        return answer if answer.body is not None else None


def exchange(place, request, is_complete=parsed):
    """Sends a request and reads its answer meanwhile; None where the connection is closed without one."""
    began = time.monotonic()
    unsent, received, is_open, is_writing = memoryview(request.data), b"", True, True
    patience = 0.1 if request.is_left else request.patience
    with socket.create_connection(place, timeout=PATIENCE) as connection:
        connection.setblocking(False)
        while time.monotonic() - began < (PATIENCE if request.is_left and unsent else patience):
            readable, writable, _ = select.select(
                [connection], [connection] if unsent else [], [], 0.05 if request.is_left else 0.5)
            try:
                if writable:
                    unsent = unsent[connection.send(unsent[:1 << 20]):]
                if not unsent and request.is_cut and is_writing:
                    is_writing = False
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                unsent = memoryview(b"")
            if not readable:
                continue
            try:
                block = connection.recv(1 << 20)
            except OSError:
                block = b""
            received += block
            is_open = bool(block)
            answer = is_complete(
                received, not request.data.startswith(b"HEAD "), not is_open, time.monotonic() - began)
            if answer is not None:
                return answer
            if not is_open:
                if received and not request.is_lenient:
                    raise Finding(f"an answer that is not complete: {received[:200]!r}")
                return None
    if not request.is_left:
        raise Finding(f"no complete answer within {patience} s; there were {len(received)} bytes")
    return None


def head(method, target, headers, host):
    """The head of a request; texts and bytes are taken."""
    lines = [b" ".join([raw(method), raw(target), b"HTTP/1.1"]), b"Host: " + raw(host)]
    lines += [raw(name) + b": " + raw(value) for name, value in headers]
    return b"\r\n".join(lines) + b"\r\n\r\n"


def raw(text):
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogateescape")


class World:
    """The service, and what is known to be there."""

    def __init__(self, program, folder, seed):
        self.seed, self.folder, self.outstanding = seed, folder, collections.deque()
        self.states = collections.Counter()
        has_rpc = "--grpc-port" in subprocess.run(
            [program, "serve", "--help"], capture_output=True, text=True, check=True).stdout
        self.songs = encodings(folder)
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--data", folder / "data", "--queue", "200",
             *(["--grpc-port", "0"] if has_rpc else [])],
            stdout=subprocess.PIPE, stderr=open(folder / "log", "w"), text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder)})
        lines = sorted(self.process.stdout.readline().strip() for _ in range(1 + has_rpc))
        if not lines[-1]:
            sys.exit("the service did not start: " + (folder / "log").read_text())
        self.host = lines[-1].removeprefix("http://").rstrip("/")
        name, port = self.host.rsplit(":", 1)
        self.place = (name, int(port))
        self.rpc = lines[0].removeprefix("grpc://") if has_rpc else None
        self.channel = grpc.insecure_channel(self.rpc, options=[
            ("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1),
            ("grpc.enable_retries", 0)]) if has_rpc else None

    def prepare(self):
        """Makes what right requests need: a song, a plan, a mix, a listener."""
        self.song = noise("known")
        self.job = self.separated(self.song)["id"]
        self.plan = self.ask("POST", "/v1/plans", {"job": self.job})
        self.mix = self.ended(self.ask("POST", "/v1/mixes", {"job": self.job, "plan": self.plan}))["id"]
        self.listener = self.ask("PUT", "/v1/listeners/somebody", {
            "version": 1, "name": "somebody", "learner": "residual", "edits": [], "museTheme": "dark"})
        # One who has changed many stems, none of them twice.
        changes = {"gain": [0, 3], "pan": [0, 0.5], "tilt": [0, 1], "reverbSend": [-20, -10]}
        self.ask("PUT", "/v1/listeners/many", dict(self.listener, name="many", edits=[
            {"title": f"song {edit}", "features": [0.1] * 23,
             "stems": [{"stem": f"{edit} {stem}", **changes} for stem in range(100)]} for edit in range(200)]))
        self.schema = json.loads(SCHEMA.read_text())
        description = self.ask("GET", "/v1/openapi.json")
        shared = description["components"]["parameters"]
        self.operations = []
        for path, item in description["paths"].items():
            parameters = [*item.get("parameters", ()), *item.get("get", {}).get("parameters", ())]
            fields = [shared[one["$ref"].split("/")[-1]] if "$ref" in one else one for one in parameters]
            names = [one["name"] for one in fields if one["in"] == "query"]
            self.operations += [(path, names)] * (5 if "get" in item else 1)
        # What is opened once, such as connections of the library of gRPC, is open now.
        for index in range(5):
            self.ask("GET", f"/v1/jobs/{self.job}/stems/drums/peaks?points={10 + index}")
        if self.channel:
            call(self, "/grpc.health.v1.Health/Check", [b""])
        self.files = self.open_files()

    def request(self, method, target, body=None, headers=(), **options):
        """A request whose length is right."""
        headers = list(headers) + ([] if body is None else [("Content-Length", str(len(body)))])
        return Request(head(method, target, headers, self.host) + (body or b""), **options)

    def ask(self, method, target, document=None):
        """A right request; its JSON."""
        body = None if document is None else json.dumps(document).encode()
        answer = exchange(self.place, self.request(method, target, body, patience=60))
        if answer is None or answer.status >= 300:
            raise Finding(f"{method} {target}: {answer and (answer.status, answer.body[:300])}")
        return json.loads(answer.body) if answer.body else None

    def separated(self, song):
        """Takes a song apart."""
        answer = exchange(self.place, self.request(
            "POST", "/v1/separations?name=song.wav", song, [("Content-Type", "audio/wav")]))
        if answer is None or answer.status != 202:
            raise Finding(f"a good song is not taken: {answer and (answer.status, answer.body[:300])}")
        return self.ended(json.loads(answer.body))

    def ended(self, job, seconds=120):
        """Waits for the end of a job that has to succeed."""
        limit = time.monotonic() + seconds
        while job["state"] in ("queued", "running") and time.monotonic() < limit:
            time.sleep(0.05)
            job = self.ask("GET", job["links"]["self"])
        if job["state"] != "succeeded":
            raise Finding(f"a good job does not succeed: {json.dumps(job)[:500]}")
        return job

    def open_files(self):
        return len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def memory(self, name="VmRSS"):
        """What the process has, in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(rf"{name}:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0

    def staged(self):
        """What is not complete; the folder of the process and its lock are there for as long as it lives."""
        staging = self.folder / "data/staging"
        return [str(path.relative_to(staging)) for path in staging.rglob("*")
                if path.suffix != ".lock" and not (path.is_dir() and path.parent == staging)]

    def children(self):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [word for task in tasks for word in task.read_text().split()]

    def accepted(self, job, case):
        """Remembers what was taken in, and removes what has waited longest where much waits."""
        self.outstanding.append((job, case))
        if len(self.outstanding) > 12:
            self.remove(*self.outstanding.popleft())

    def remove(self, job, case):
        """Looks at a job, which may not have failed for a reason that is ours, and cancels or removes it."""
        answer = exchange(self.place, self.request("GET", f"/v1/jobs/{job}"))
        if answer is None or answer.status != 200:
            # A case that is a right request to remove it.
            return
        found = json.loads(answer.body)
        self.states[found["state"]] += 1
        exchange(self.place, self.request("DELETE", f"/v1/jobs/{job}"))
        problem = found.get("error", {})
        if problem.get("type", "").endswith(":failed") or problem.get("status", 0) == 500:
            raise Finding(f"the job of case {case} failed: {problem}")


# What is sent over HTTP: each makes a request of chance.

def upload(chance, world):
    """A song that is none, or says wrong things of itself."""
    ending = chance.choice(sorted(world.songs))
    song = world.songs[ending]
    song = chance.choice([
        lambda: mutated(chance, song), lambda: mutated(chance, song), lambda: strange_wav(chance),
        lambda: song[:chance.randrange(len(song))], lambda: chance.randbytes(chance.choice([0, 1, 100,
            5000])),
        lambda: mutated(chance, song[:200]) + chance.choice(sorted(world.songs.values()))[100:],
        lambda: chance.choice(PLAYLISTS),
    ])()
    target = chance.choice(["/v1/separations"] * 6 + ["/start_separation", "/v1/demix?source=drums",
        "/v1/takes"])
    if target == "/v1/separations" and chance.random() < 0.3:
        target += "?" + query(chance, ["name", "model", "stems", "two-stems", "precision"])
    kind = chance.choice(["audio/wav"] * 5 + ["application/octet-stream", "audio/mpeg", "text/plain", "",
        "a" * 300, "audio/"])
    # The older kind of call waits for the stems, and others may be before them.
    return world.request(
        "POST", target, song, [("Content-Type", kind)], patience=60 if "demix" in target else PATIENCE)


# Texts that make readers of media open other files.
PLAYLISTS = [
    b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", b"ffconcat version 1.0\nfile /etc/passwd\n",
    b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1,\nconcat:http://127.0.0.1:9/|file:///etc/passwd\n",
    b"[playlist]\nFile1=http://127.0.0.1:9/\n", b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=audio 9 RTP/AVP 0\n",
]


def part(head, data):
    return b"\r\n".join([*(raw(line) for line in head), b"", data])


def form(parts, boundary=b"edge", end=b"--"):
    """Parts with boundaries."""
    edge = b"--" + boundary
    return b"".join(edge + b"\r\n" + one + b"\r\n" for one in parts) + edge + end + b"\r\n"


def disposition(name, file=None):
    text = b'Content-Disposition: form-data; name="' + raw(name) + b'"'
    return [text + (b"" if file is None else b'; filename="' + raw(file) + b'"')]


def multipart(chance, world):
    """A form that is broken, or has strange names and parts."""
    song = mutated(chance,
        world.songs[chance.choice(sorted(world.songs))]) if chance.random() < 0.5 else world.songs["wav"]
    name = chance.choice([
        "a" * 200_000, "a\x00b", 'a"b', "a\\", "a\r\nX: y", "../../../etc/passwd", "\u202egpj.wav", "",
        "\udcff\udcfe", "😀" * 300,
        "song.wav", "C:\\song.wav", "a%00b", ".", "/", "con", "a; filename=b", "=?utf-8?B?YQ==?="])
    file = part(disposition("file", name), song)
    whole = form([file])
    boundary = chance.choice([
        b"boundary=edge"] * 4 + [
        b"boundary=", b"", b"boundary=other", b'boundary="edge', b'boundary="ed\\ge"',
        b"boundary=" + b"e" * 71,
        b"boundary=" + b"e" * 5000, b"boundary=\x01", b"boundary=edge; boundary=other", b"boundary=edge;;;;=",
        b"BOUNDARY=EDGE"])
    fields = [part(disposition(field), raw(chance.choice(WORDS))) for field in (
        "name", "model", "stems", "two-stems", "precision", "latency", "denoise", "debleed", "tune", "key",
        "other")]
    body = chance.choice([
        lambda: whole, lambda: mutated(chance, whole), lambda: mutated(chance, whole),
        lambda: form([file], end=b""), lambda: form([file], end=b"-"),
        lambda: whole[:chance.randrange(len(whole))],
        lambda: form([file, file]), lambda: form([]), lambda: b"", lambda: b"--edge--",
        lambda: b"\r\n" * 9000 + whole,
        lambda: form([part(["Content-Type: multipart/mixed; boundary=inner"] + disposition("file"),
            form([file], b"inner"))]),
        lambda: b"--edge\r\n" + b"A: b\r\n" * 10_000 + b"\r\n" + whole,
        lambda: b"--edge\r\nContent-Disposition: form-data; name=" + b"a" * 100_000,
        lambda: form([part([f"X-{index}: y" for index in range(10_000)] + disposition("file"), song)]),
        lambda: form([part([], song)]), lambda: form([part(["Content-Disposition: form-data"], song)]),
        lambda: form([part(["Content-Disposition: attachment; name=file"], song)]),
        lambda: form([part(["Content-Disposition: form-data; name*=utf-8''file; filename*=utf-8''%ff%00"],
            song)]),
        lambda: form([part(['Content-Disposition: form-data; name="file'], song)]),
        lambda: form([part(disposition(name), song)]), lambda: form(chance.sample(fields, 3) + [file]),
        lambda: form([part(disposition("name"), b"a" * 70_000), file]),
        lambda: form([part(disposition(f"f{index}"), b"") for index in range(100)] + [file]),
        lambda: form([part(disposition(field, name), song) for field in ("vocal",
            "backing")] + chance.sample(fields, 2)),
        lambda: form([part(disposition("vocals_gain"), raw(chance.choice(WORDS)))]),
        lambda: whole.replace(b"\r\n", b"\n"), lambda: whole.replace(b"--edge", b"--edge \t", 1),
        lambda: whole.replace(b"--edge--", b"--edge--edge--"),
        lambda: (b"--edge" * 1000 + b"\r\n") * 20 + whole,
    ])()
    target = chance.choice(["/v1/separations"] * 4 + ["/v1/takes"] * 3 + ["/start_separation", "/mix",
        "/v1/demix", "/v1/plans"])
    kind = [("Content-Type", b"multipart/form-data; " + boundary)]
    length = chance.random()
    # A head with control characters is not HTTP's, and is refused without words.
    is_lenient = b"\x01" in boundary
    patience = 60 if target in ("/v1/demix", "/mix") else PATIENCE
    if length < 0.1:
        # More is promised than comes.
        promised = kind + [("Content-Length", str(len(body) + chance.choice([1, 100, 1 << 40])))]
        cut = chance.random() < 0.5
        return Request(head("POST", target, promised, world.host) + body, True, is_cut=cut, is_left=not cut)
    if length < 0.2 and body:
        promised = kind + [("Content-Length", str(chance.randrange(len(body))))]
        return Request(head("POST", target, promised, world.host) + body, is_lenient, patience=patience)
    return world.request("POST", target, body, kind, patience=patience, is_lenient=is_lenient)


def in_chunks(chance, body, size=None):
    """A body in chunks, one of them broken where a size is given."""
    text = b""
    for start in range(0, len(body), 1000):
        block = body[start:start + 1000]
        text += (size if size is not None and start == 0 else b"%x" % len(block)) + b"\r\n" + block + b"\r\n"
    return text + chance.choice([b"0\r\n\r\n"] * 3 + [b"0\r\nA: b\r\n\r\n", b"", b"0\r\n",
        b"0\r\n" + b"A: b\r\n" * 5000 + b"\r\n"])


def framing(chance, world):
    """Requests that are no HTTP, or hardly any."""
    host, song = world.host, world.songs["wav"]
    good = head("GET", f"/v1/jobs/{world.job}", [], host)
    post = [("Content-Type", "audio/wav")]

    def with_length(*values):
        return head("POST", "/v1/separations", post + [("Content-Length", value) for value in values],
            host) + song

    def with_chunks(size=None, coding="chunked", *more):
        return head("POST", "/v1/separations", post + [("Transfer-Encoding", coding), *more],
            host) + in_chunks(chance, song, size)

    data = chance.choice([
        lambda: chance.randbytes(chance.choice([1, 100, 70_000])), lambda: mutated(chance, good),
        lambda: mutated(chance, good),
        lambda: mutated(chance, good),
        lambda: b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + chance.randbytes(500),
        lambda: b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(9), lambda: b"GET /\r\n\r\n",
        lambda: b"\r\n" * 1000 + good,
        lambda: good.replace(b"HTTP/1.1", chance.choice([b"HTTP/0.9", b"HTTP/1.0", b"HTTP/1.9", b"HTTP/2.0",
            b"HTTP/9.9", b"HTTP/1.1 x", b"ICY"])),
        lambda: b"GET /v1/limits HTTP/1.1\r\n\r\n", lambda: b"GET /v1/limits HTTP/1.0\r\n\r\n",
        lambda: head("GET", "/v1/limits", [("Host", chance.choice(["evil.example", "", host,
            "127.0.0.1:99999", "[::1", "a b"]))], host),
        lambda: head(chance.choice([b"get", b"A" * 10_000, b"", b"G\x00T", b"TRACE", b"CONNECT", b"PRI",
            b"PROPFIND", b"M-SEARCH"]), "/v1/limits", [], host),
        lambda: head("GET", chance.choice([b"/" + b"a" * 100_000, b"/a b", b"/\x00", b"\xff\xfe", b"*", b"",
            b"http://evil.example/", b"//", b"/" * 5000, b"?", b"#", b"/%", b"/../../etc/passwd",
            b"/v1/jobs/../../x"]), [], host),
        lambda: head("OPTIONS", "*", [], host),
        lambda: with_length(chance.choice(["-1", "+5", "5,5", "5, 6", "0x5", "99999999999999999999",
            "9223372036854775807", " 5 ", "1e3", "", "a", "5\x00", "٣"])),
        lambda: with_length("5", "6"), lambda: with_length("5", "5"),
        lambda: with_chunks(None, "chunked", ("Content-Length", "5")),
        lambda: with_chunks(chance.choice([b"zz", b"-1", b"FFFFFFFFFFFFFFFF", b"7FFFFFFFFFFFFFFF", b"1" * 40,
            b"", b" 5", b"0x5", b"5;" + b"x" * 100_000, b"5 5", b"\x00", b"1", b"fff"])),
        lambda: with_chunks(None, chance.choice(["gzip, chunked", "chunked, chunked", "chunked, gzip",
            "xchunked", "identity", "", "Chunked", "chunked\x0b"])),
        lambda: with_chunks(None, "chunked", ("Trailer", "Content-Length"), ("TE", "trailers")),
        lambda: head("GET", "/v1/limits", [(f"X-{index}", "y") for index in range(10_000)], host),
        lambda: head("GET", "/v1/limits", [("X", "y" * 1_000_000)], host),
        lambda: head("GET", "/v1/limits", [("X" * 100_000, "y")], host),
        lambda: head("GET", "/v1/limits", [chance.choice([("X Y", "z"), ("", "z"), ("X", "\x00"),
            ("X", "a\rb"), ("X", "a\nb"), (b"X", b"\xff"), ("X", "a\r\n folded"), ("\u00e9", "z"),
            ("Cookie", "a=b; " * 2000)])], host),
        lambda: good.replace(b"\r\n", b"\n"), lambda: good.replace(b"\r\n", b"\r"), lambda: good[:-2],
        lambda: head("POST", "/v1/separations", [("Expect", chance.choice(["100-continue", "nonsense"])),
            ("Content-Length", str(len(song)))], host) + song,
        lambda: head("GET", "/v1/limits", [("Connection", "Upgrade, HTTP2-Settings"),
            ("Upgrade", chance.choice(["h2c", "websocket"])), ("HTTP2-Settings", "AAMAAABkAAQAAP__")], host),
        lambda: good * 20 + b"garbage\r\n\r\n", lambda: head("GET", "/v1/limits", [("Content-Length", "5")],
            host) + b"abcde" + good,
        lambda: with_length(str(len(song) + 1)),
    ])()
    # Without an end the service waits for half a minute, which nobody here does.
    cut = chance.random() < 0.6
    return Request(data, True, is_cut=cut, is_left=not cut)


def documents(chance, world):
    """JSON that is none, or of the wrong kinds."""
    target, document = chance.choice([
        ("/v1/plans", {"job": world.job, "advice": ["rules", "loudness"], "genre": "rock",
            "listener": "somebody"}),
        ("/v1/plans", {"job": world.job, "advice": "all", "plan": {"version": 1}}),
        ("/v1/mixes", {"job": world.job, "plan": world.plan, "format": "flac", "encoding": "int16",
            "normalize": "peak"}),
        ("/v1/mixes", {"job": chance.choice([world.job, world.mix, "0" * 32]),
            "plan": {"version": 1, "tracks": []}}),
        ("/mix", {"vocals_gain": 1.5, "drums_gain": -3, "bass_gain": 0, "other_gain": 0}),
    ])
    text = chance.choice([
        lambda: broken(chance, document), lambda: broken(chance, document), lambda: broken(chance, document),
        lambda: mutated(chance, dump(document)), lambda: chance.choice(LITERALS), lambda: b"",
        lambda: dump(document)[:chance.randrange(20)], lambda: b"\xef\xbb\xbf" + dump(document),
        lambda: dump(document) * 2,
        lambda: dump(document).decode().encode(chance.choice(["utf-16", "utf-32-be"])),
        lambda: b" " * 100_000 + dump(document),
        lambda: dump({**document, Twin("job"): "0" * 32}), lambda: dump([document]),
        lambda: b"[" * chance.choice([64, 65, 1_000_000]),
    ])()
    kind = chance.choice(["application/json"] * 20 + ["application/problem+json", "text/json", "",
        "application/x-www-form-urlencoded"])
    return world.request("POST", target, text, [("Content-Type", kind)],
        patience=60 if target == "/mix" else PATIENCE)


def plans(chance, world):
    """A plan of any values that the schema allows, mostly broken then."""
    plan = world.plan if chance.random() < 0.3 else made(chance, world.schema)
    plan = dict(plan, version=1)
    names = ["drums", "bass", "other", "vocals"]
    if chance.random() < 0.9 and isinstance(plan.get("tracks"), list):
        plan["tracks"] = [dict(track, name=name) for track, name in zip(plan["tracks"], names)]
        for track in plan["tracks"]:
            compressor = track.get("compressor")
            if compressor and compressor.get("sideChain") is not None:
                compressor["sideChain"] = chance.choice(names)
    text = dump(plan) if chance.random() < 0.4 else broken(chance, plan)
    settings = {"job": world.job, "plan": Raw(text)}
    if chance.random() < 0.4:
        return world.request("POST", "/v1/plans", dump(settings | {"advice": chance.choice(["all",
            ["loudness"], []])}))
    settings["format"] = chance.choice(["wav", "flac", "mp3", "opus"])
    settings["normalize"] = chance.choice(["peak", "loudness", "none"])
    return world.request("POST", "/v1/mixes", dump(settings), [("Content-Type", "application/json")])


def listeners(chance, world):
    """Documents of listeners, and their names."""
    strange = ["a" * 64, "a" * 65, "..", ".", "%2e%2e", "a%2fb", "%00", "a%20b", "%ff", "-a", "a.",
        "%e2%80%ae", ""]
    name = chance.choice(["somebody"] * 30 + ["other"] * 15 + strange)
    edit = {"song": "a", "features": [0.5] * 23, "stem": "drums", "quantity": "gain", "before": 0, "after": 3}
    song = {"features": [0.1] * 23, "gains": {"drums": 1, "bass": 0, "other": -2, "vocals": 3}}
    layer = {"weights": [[0.1] * 23] * 4, "biases": [0] * 4}
    document = chance.choice([
        world.listener, dict(world.listener, edits=[edit]), dict(world.listener, learner="network"),
        {"userModel_a": {"layers": [layer]}, "audioMixSongs": {"a": [song]}},
        {"userModel_a": "{}", "museTheme": 1},
        {"userModel_a": json.dumps(layer), "audioMixSongs": json.dumps({"a": [song]})},
    ])
    if chance.random() < 0.2:
        return world.request(chance.choice(["GET", "HEAD", "DELETE"]), "/v1/listeners/" + name)
    return world.request("PUT", "/v1/listeners/" + name, broken(chance, document),
        [("Content-Type", "application/json")])


def query(chance, names):
    """Fields of a query, well encoded or not."""
    pairs = [(chance.choice(names + ["other", ""]), chance.choice(WORDS)) for _ in range(chance.choice([1, 1,
        2, 3]))]
    if chance.random() < 0.7:
        return urllib.parse.urlencode(pairs, errors="surrogateescape")
    return "&".join(f"{name}={value}" for name, value in pairs).replace(" ",
        "+").encode("unicode-escape").decode()


def queries(chance, world):
    """Paths, queries and headers of everything that can be got."""
    path, names = chance.choice(world.operations)
    wrong = ["0" * 32, "a", "", "..", "%2e%2e", "%00", "A" * 32, "a" * 5000, "%ff"]
    values = {"id": [world.job, world.job, world.mix] * 4 + wrong,
              "stem": ["drums", "vocals", "horns"] * 3 + wrong, "name": ["somebody"] + wrong}
    target = re.sub(r"\{(\w+)\}", lambda match: chance.choice(values.get(match[1], wrong)), path)
    if chance.random() < 0.6:
        target += "?" + query(chance, names or ["limit"])
    numbers = ["0", "1", "99", "-1", "100000000000000000000", "9223372036854775807", "18446744073709551615",
        "", "a", " 1"]
    span = f"bytes={chance.choice(numbers)}-{chance.choice(numbers)}"
    headers = {
        "Range": [span, span + "," + span, span.replace("bytes", "lines"), "bytes=-", "bytes=-0",
            "bytes=" + "0-0," * 2000, "bytes"],
        "If-None-Match": ["*", '"a"', 'W/"a"', '"', '"' * 1000, ", " * 1000, "a"],
        "If-Range": ['"a"', "*", "Thu, 01 Jan 1970 00:00:00 GMT"],
        "Accept-Encoding": ["gzip", "gzip;q=0", "br, *;q=0", "gzip;q=nan", ","],
        "Accept": ["*/*", "text/html", "a"],
        "Origin": ["null", "http://evil.example", "http://" + world.host, "//", "http://"],
        "Authorization": ["Bearer", "Bearer a", "Basic YTpi", ""],
        "Last-Event-ID": ["1", "-1", "a"], "Access-Control-Request-Method": ["PUT"],
        "X-Request-Id": ["a" * 500, "a b"],
        "Content-Length": ["0"], "X-Forwarded-For": ["1.2.3.4"], "X-Forwarded-Host": ["evil.example"],
    }
    chosen = [(name, chance.choice(headers[name])) for name in chance.sample(sorted(headers),
        chance.choice([0, 1, 1, 2, 4]))]
    method = chance.choice(["GET"] * 8 + ["HEAD"] * 3 + ["OPTIONS", "POST", "PUT", "PATCH"])
    chosen += [("Content-Length", "0")] if method in ("POST", "PUT",
        "PATCH") and "Content-Length" not in dict(chosen) else []
    return Request(head(method, target, chosen, world.host))


def large(number, world):
    """Documents as large as they may be, of what may take longest."""
    def plan(text):
        return "POST", "/v1/mixes", b'{"job":"%b","plan":%b}' % (world.job.encode(), text)

    def advice(words):
        return "POST", "/v1/plans", dump({"job": world.job, "advice": words})

    def many(count, text):
        return b",".join([text] * count if b"%d" not in text else (text % index for index in range(count)))

    def listener(text):
        return "PUT", "/v1/listeners/somebody", text

    band = b'{"frequency":100,"gain":3}'
    inside, numbers = b'{"version":1,"tracks":[%b]}', b'{"version":1,"x":[%b]}'
    pairs = b",".join(b'"k%d":%d' % (index, index) for index in range(200_000))
    chained = b'{"name":"t%d","compressor":{"sideChain":"t0"}}'
    cases = [
        lambda: plan(inside % (b'{"name":"drums","equalizer":[%b]}' % many(100_000, band))),
        lambda: plan(inside % (b'{"name":"drums","because":{%b}}' % many(100_000, b'"k%d":"b"'))),
        lambda: plan(inside % many(100_000, b'{"name":"drums"}')), lambda: plan(inside % many(128, chained)),
        lambda: plan(b'{"version":1,' + pairs + b"}"),
        lambda: plan(numbers % many(2_000_000, b"1e-307")),
        lambda: plan(numbers % many(10_000, b"9" * 300 + b"e-310")),
        lambda: plan(numbers % many(2_000_000, b"0")),
        lambda: plan(b'{"version":1,"x":"' + b"\\u00e9" * 1_000_000 + b'"}'),
        lambda: advice(["rules"] * 100_000), lambda: advice(["loudness", "masking", "reverb"] * 30_000),
        lambda: advice(["x" * 1_000_000]), lambda: listener(b"{" + many(100_000, b'"userModel_%d":1') + b"}"),
        lambda: listener(dump(dict(world.listener, edits=[{"a": 1}] * 100_000))),
        lambda: listener(dump(world.listener)[:-1] + b"," + pairs + b"}"),
        lambda: listener(b" " * (17 << 20)),
        lambda: ("POST", "/mix", b"a_gain=1&" * 7_000), lambda: ("POST", "/mix", b"[" * 60_000),
        lambda: ("POST", "/v1/plans", b'{"a":' * 1_000_000), lambda: (
            "POST", "/v1/plans", dump({"job": world.job, "advice": [], "listener": "many"})),
    ]
    method, target, body = cases[number % len(cases)]()
    kind = "application/x-www-form-urlencoded" if body.startswith(b"a_gain") else "application/json"
    return world.request(method, target, body, [("Content-Type", kind)])


# What is sent over gRPC.

def varint(value):
    value &= (1 << 64) - 1
    data = b""
    while value > 0x7F:
        data, value = data + bytes([value & 0x7F | 0x80]), value >> 7
    return data + bytes([value])


def field(number, value):
    """A field of a message: bytes and texts with their length, numbers as they are."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(raw(value))) + raw(value)


class Call:
    """A call over gRPC with messages as they are on the wire."""

    def __init__(self, path, messages, patience=PATIENCE):
        self.path, self.messages, self.patience = path, messages, patience

    @property
    def data(self):
        return self.path.encode() + b" " + b" ".join(self.messages)


def call(world, path, messages, patience=PATIENCE):
    """Makes a call; gives the name of the status, what it says, and the first message."""
    has_many = path.endswith(("/Create", "Info"))
    streams = path.endswith(("/Watch", "/ReadStem", "Info"))
    kind = ("stream" if has_many else "unary") + "_" + ("stream" if streams else "unary")
    method = getattr(world.channel, kind)(
        path, request_serializer=lambda data: data, response_deserializer=lambda data: data)
    try:
        answer = method(iter(messages) if has_many else messages[0], timeout=patience)
        if streams:
            answer = b"".join(answer)
        return "OK", "", answer
    except grpc.RpcError as error:
        return error.code().name, error.details() or "", b""


def calls(chance, world):
    """Messages that are broken, in the wrong order, or ask for what is not there."""
    service = "/tonmeister.v1.Separations/"
    identifiers = [world.job] * 6 + ["", "0" * 32, "a" * 5000, "\x00", "\udcff", ".."]
    song = world.songs[chance.choice(sorted(world.songs))]
    song = song if chance.random() < 0.3 else mutated(chance, song)
    settings = b"".join(field(number, chance.choice(WORDS)) for number in range(1,
        6) if chance.random() < 0.25)
    first, chunk = field(1, settings), field(2, song)
    nested = b""
    for _ in range(200):
        nested = field(1, nested)

    def some(message):
        return chance.choice([
            message, mutated(chance, message), mutated(chance, message), message + message,
            message[:chance.randrange(len(message) + 1)],
            chance.randbytes(50), nested, field(1, 5), field(15, b"a") + message, varint(1 << 3 | 3) * 200,
            b"\xff" * 20,
            varint(1 << 3 | 2) + varint(chance.choice([1 << 31, (1 << 31) - 1, 1 << 63,
                (1 << 64) - 1])) + b"a",
        ])

    def create():
        return Call(service + "Create", chance.choice([
            [first, chunk], [some(first), chunk], [first, some(chunk)], [chunk, first], [first, first],
            [first, chunk, first], [chunk], [first], [],
            [b""], [first, b""], [first, field(2, b"")],
            [first] + [field(2, song[index:index + 7]) for index in range(0, 2000, 7)],
            [first, field(2, bytes((1 << 20) + 1))], [first] + [some(chunk) for _ in range(3)],
            [first + chunk], [field(1, settings) * 1000, chunk]]))

    text = base64.b64encode(song)
    demixing = field(1, chance.choice([text, text[:-1], text[:-2], text + b"=", b"?" * 100, b"", b"=" * 1000,
        song[:100], text.replace(b"A", b"\n")]))
    demixing += field(2, chance.choice(["all", "drums", "horns", "", "a" * 5000, "\udcff"]))
    offset = chance.choice([0, 1, 44, 100, 1 << 40, -1, (1 << 63) - 1, -(1 << 63)])
    stem = field(1, chance.choice(identifiers)) + field(2,
        chance.choice(["drums", "horns", "", "../x"])) + field(
        3, chance.choice(["wav", "flac", "mp3", "x", ""])) + field(4,
        chance.choice(["", "int16", "int24", "float32", "x"])) + field(5, offset)
    job = field(1, chance.choice(identifiers))
    return chance.choice([
        create, create, create, lambda: Call("/demixing.demixing/demixing", [some(demixing)], 5),
        lambda: Call(service + "Get", [some(job)]), lambda: Call(service + "Watch", [some(job)]),
        lambda: Call(service + "Cancel",
            [some(field(1, chance.choice([one for one in identifiers if one != world.job])))]),
        lambda: Call(service + "ReadStem", [some(stem)]), lambda: Call(service + "ReadStem", [some(stem)]),
        lambda: Call("/grpc.health.v1.Health/Check", [some(field(1, chance.choice(WORDS)))]),
        lambda: Call("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [
            some(field(chance.randrange(1, 9), chance.choice([*WORDS[:20],
                "tonmeister.v1.Job"]))) for _ in range(chance.randrange(4))]),
        lambda: Call(chance.choice(["/a/b", service + "Nothing", "/" + "a" * 3000 + "/b", "//", "/a"]),
            [b""]),
    ])()


def frame(kind, flags, stream, data):
    return struct.pack(">I", len(data))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + data


def literal(name, value):
    return b"\x00" + b"".join(bytes([len(part)]) + part for part in (raw(name), raw(value)))


def frames(chance, world):
    """A call in frames of HTTP/2 that are broken; its status is not read, since heads are compressed."""
    names = [(":method", "POST"), (":scheme", "http"), (":path", "/tonmeister.v1.Separations/Get"),
        (":authority", "localhost"),
             ("content-type", "application/grpc"), ("te", "trailers")]
    if chance.random() < 0.3:
        names[chance.randrange(len(names))] = (chance.choice([":method", ":status", "Upper", "te", "",
            "grpc-timeout", "grpc-encoding"]),
                                                chance.choice(["GET", "", "1n", "99999999H", "gzip",
                                                    "a" * 100, "\x00"]))
    message = field(1, world.job)
    sizes = [len(message)] * 4 + [0, 1, len(message) + 1, 0x7FFFFFFF, 0xFFFFFFFF, 128 << 20]
    payload = bytes([chance.choice([0, 0, 0, 1, 255])]) + struct.pack(">I", chance.choice(sizes)) + message
    top = b"".join(literal(name, value) for name, value in names)
    parts = [frame(4, 0, 0, b""), frame(1, 4, 1, top), frame(0, 1, 1, payload)]
    extra = chance.choice([
        b"", b"", frame(4, 0, 0, b"\x00\x04\xff\xff\xff\xff"), frame(4, 0, 0, b"abc"),
        frame(8, 0, 0, bytes(4)), frame(8, 0, 1, b"\x7f\xff\xff\xff"),
        frame(3, 0, 1, bytes(4)), frame(6, 0, 0, bytes(8)) * 50, frame(6, 0, 0, b"abc"),
        frame(7, 0, 0, bytes(8)), frame(9, 4, 1, top), frame(2, 0, 1, bytes(5)),
        frame(0, 0, 99, b"a"), frame(1, 4, 2, top), frame(1, 0, 3, top), frame(255, 255, 1, b"a" * 100),
        b"\xff\xff\xff\x00\x00\x00\x00\x00\x01",
        b"".join(frame(1, 4, number, top) + frame(3, 0, number, bytes(4)) for number in range(3, 203, 2))])
    parts.insert(chance.randrange(4), extra)
    data = b"".join(parts)
    if chance.random() < 0.4:
        data = mutated(chance, data)
    preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    return Request((mutated(chance, preface) if chance.random() < 0.05 else preface) + data, True,
        is_left=chance.random() < 0.3, is_cut=True)


def ended(data, _has_body, is_closed, _seconds):
    """Whether frames tell the end of the first stream, or of all."""
    while len(data) >= 9:
        size = int.from_bytes(data[:3])
        kind, flags, stream = data[3], data[4], int.from_bytes(data[5:9])
        if kind == 7 or (stream == 1 and (kind == 3 or (kind < 2 and flags & 1))):
            return "ended"
        data = data[9 + size:]
    return "closed" if is_closed else None


# What has to hold.

KINDS = {"upload": upload, "multipart": multipart, "framing": framing, "documents": documents, "plans": plans,
         "listeners": listeners, "queries": queries}
RPC_KINDS = {"calls": calls, "frames": frames}


def strict(constant):
    raise Finding(f"JSON with {constant} in it")


def check(request, answer):
    """Holds an answer against what every answer has to be."""
    if answer is None:
        if not (request.is_lenient or request.is_left):
            raise Finding("the connection was closed without an answer")
        return
    if answer.seconds > request.patience:
        raise Finding(f"the answer took {answer.seconds:.1f} s")
    if answer.status >= 500 and answer.status not in (503, 507):
        raise Finding(f"{answer.status}: {answer.body[:300]!r}")
    if answer.status >= 400 and answer.body:
        problem = json.loads(answer.body) if answer.type == "application/problem+json" else {}
        if problem.get("status") != answer.status or not problem.get("type") or not problem.get("detail"):
            raise Finding(f"{answer.status} that is no problem document: {answer.type}, {answer.body[:99]!r}")
    elif answer.status >= 400 and not request.is_lenient and not request.data.startswith(b"HEAD "):
        raise Finding(f"{answer.status} with an empty answer")
    elif answer.type == "application/json" and answer.body:
        json.loads(answer.body, parse_constant=strict)


def send(kind, number, world):
    """Makes a case of its number and sends it; gives how it was answered, what was sent, and for how long."""
    chance = random.Random(f"{world.seed} {number}")
    if kind == "large":
        thing = large(number // RARITY, world)
    else:
        thing = (KINDS | RPC_KINDS)[kind](chance, world)
    began = time.monotonic()
    try:
        result = send_call(thing, number, world) if kind == "calls" else send_bytes(kind, thing, number,
            world)
    except Finding as error:
        result = error
    except OSError as error:
        result = Finding(f"the connection failed: {error}")
    except ValueError as error:
        result = Finding(f"an answer that cannot be read: {error}")
    return result, thing, time.monotonic() - began


def send_call(thing, number, world):
    code, details, data = call(world, thing.path, thing.messages, thing.patience)
    if code in ("UNKNOWN", "INTERNAL") or (code == "DEADLINE_EXCEEDED" and "demixing" not in thing.path):
        raise Finding(f"{code}: {details}")
    if code == "OK" and thing.path.endswith("/Create") and data[:2] == b"\x0a\x20":
        world.accepted(data[2:34].decode(), number)
    return code


def send_bytes(kind, thing, number, world):
    if kind == "frames":
        name, port = world.rpc.rsplit(":", 1)
        return exchange((name, int(port)), thing, ended) or "left"
    answer = exchange(world.place, thing)
    check(thing, answer)
    if answer and answer.status == 202:
        world.accepted(json.loads(answer.body)["id"], number)
    return str(answer.status) if answer else "left" if thing.is_left else "closed"


class Fuzzer:
    """Counts what was sent and answered, and tells what was found."""

    def __init__(self, world):
        self.world, self.counts, self.findings, self.slowest = world, collections.Counter(), [], (0, "")

    def kind(self, number):
        """What kind of case a number is."""
        if number % RARITY == RARITY - 1:
            return "large"
        kinds = list(KINDS) + (list(RPC_KINDS) if self.world.rpc else [])
        return random.Random(f"{self.world.seed} {number} kind").choice(kinds)

    def run(self, number):
        kind = self.kind(number)
        result, thing, seconds = send(kind, number, self.world)
        self.slowest = max(self.slowest, (seconds, f"{kind}, case {number}"))
        if self.world.process.poll() is not None:
            result = Finding(f"the process ended with {self.world.process.returncode}")
        elif not isinstance(result, Finding) and self.world.memory() > 4 * MEMORY:
            result = Finding(f"the process has {self.world.memory():.0f} MB")
        if isinstance(result, Finding):
            self.tell(kind, number, result, thing.data)
            result = "found"
        self.counts[kind, result] += 1

    def tell(self, kind, number, finding, data=b""):
        """Tells a finding; `number` is None for what no single case did."""
        self.findings.append(finding)
        case = "" if number is None else f", --seed {self.world.seed} --case {number}"
        print(f"FOUND {finding}\n  {kind}{case}", flush=True)
        if data:
            print(f"  {len(data)} bytes, the first: {data[:200].hex()}", flush=True)

    def finish(self):
        """Checks that nothing is left of all that."""
        world = self.world
        while world.outstanding and len(self.findings) < 20:
            try:
                world.remove(*world.outstanding.popleft())
            except (Finding, OSError) as error:
                self.tell("jobs", None, error)
        for what, holds in {
            "/healthz is not 200": lambda: world.ask("GET", "/healthz") is not None,
            "a good song does not come apart": lambda: world.separated(noise(time.time())) is not None,
            "a mix of it fails": lambda: world.ended(world.ask("POST", "/v1/mixes",
                {"job": world.job, "plan": world.plan})),
        }.items():
            try:
                holds()
            except (Finding, OSError) as error:
                self.tell("end", None, Finding(f"{what}: {error}"))
        if world.channel:
            world.channel.close()
        left = []
        # A connection whose request has no end is open for half a minute, as the limits have it.
        limit = time.monotonic() + 45
        while time.monotonic() < limit:
            staged, children, files = world.staged(), world.children(), world.open_files()
            left = [(f"staging/ is not empty: {staged[:5]}", bool(staged)),
                    (f"processes are left: {children}", bool(children)),
                    (f"{files} open files, {world.files} at the beginning", files > world.files + 8)]
            if not any(is_left for _, is_left in left):
                break
            time.sleep(0.25)
        for what, is_left in left:
            if is_left:
                self.tell("end", None, Finding(what))
        if world.memory() > MEMORY:
            self.tell("end", None, Finding(f"the process has {world.memory():.0f} MB"))

    def stop(self):
        self.world.process.send_signal(signal.SIGTERM)
        try:
            if self.world.process.wait(timeout=40) != 0:
                self.tell("end", None, Finding(f"ended with {self.world.process.returncode} on SIGTERM"))
        except subprocess.TimeoutExpired:
            self.tell("end", None, Finding("did not end within 40 s of SIGTERM"))

    def summary(self, seconds):
        self.counts.update({("jobs", state): count for state, count in self.world.states.items()})
        kinds = sorted({kind for kind, _ in self.counts})
        for kind in kinds:
            results = sorted((result, count) for (name, result), count in self.counts.items() if name == kind)
            print(f"{kind:10} {sum(count for _, count in results):6}  "
                  + "  ".join(f"{result}: {count}" for result, count in results))
        cases = sum(count for (kind, _), count in self.counts.items() if kind != "jobs")
        longest, case = self.slowest
        print(f"{cases} cases in {seconds:.0f} s; the slowest took {longest:.1f} s ({case})")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="send this case only")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        world = World(options.program, pathlib.Path(name), options.seed)
        fuzzer = Fuzzer(world)
        try:
            world.prepare()
            began, number = time.monotonic(), options.case or 0
            while len(fuzzer.findings) < 10 and world.process.poll() is None:
                fuzzer.run(number)
                number += 1
                if options.case is not None or time.monotonic() - began > options.seconds:
                    break
            seconds = time.monotonic() - began
            if world.process.poll() is None:
                fuzzer.finish()
                peak, memory = world.memory("VmHWM"), world.memory()
                print(f"memory {memory:.0f} MB, at most {peak:.0f} MB; formats: {', '.join(world.songs)}")
                fuzzer.stop()
        finally:
            world.process.kill()
            world.process.wait()
        fuzzer.summary(seconds)
        if fuzzer.findings:
            for line in (world.folder / "log").read_text(errors="replace").splitlines()[-20:]:
                print(line[:300], file=sys.stderr)
    print(f"{len(fuzzer.findings)} found")
    sys.exit(bool(fuzzer.findings))


if __name__ == "__main__":
    main()
