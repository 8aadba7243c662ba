# SPDX-License-Identifier: MIT
"""Load on the service: requests a second, listeners to a job, and memory over time, with a peer in one run.

    make bench-service       (or: python Benchmarks/service.py .build/release/tonmeister --minutes 30)

Client, peer and service are processes of their own on the same machine and share its cores; what each took is
in the tables, in hundredths of a core. The peer answers two of the requests with as many bytes: Python's
`http.server` with a thread for each connection, and, where it is installed, nginx. Needs nothing besides
Python. Exits with 1 where an answer was an error or a listener missed a change of state.
"""
import argparse
import asyncio
import concurrent.futures
import http.client
import http.server
import io
import json
import multiprocessing
import os
import platform
import random
import re
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time
import wave
from pathlib import Path

PART = 64 << 10
# What is sent before a measurement begins, in seconds.
WARMING = 0.5
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def song(seconds, seed, rate=22050):
    """Two sines and noise that is another for every seed, as WAV of 16 bits and two channels."""
    source = random.Random(seed)
    second = bytearray()
    for frame in range(rate):
        value = int(6000 * ((frame * 220 // rate) % 2 - 0.5)) + source.randrange(-500, 500)
        second += struct.pack("<hh", value, value // 2)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((2, 2, rate, 0, "NONE", ""))
        for _ in range(max(1, round(seconds))):
            file.writeframesraw(bytes(second))
    return buffer.getvalue()


class Process:
    """A server that is measured."""

    def __init__(self, process, port):
        self.process, self.port = process, port

    @property
    def seconds(self):
        """Of processor time so far, with what its processes took that have ended."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(int(field) for field in fields[11:15]) / os.sysconf("SC_CLK_TCK")

    @property
    def kilobytes(self):
        return int(re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{self.process.pid}/status").read_text())[1])

    @property
    def files(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def stop(self):
        self.process.terminate()
        if isinstance(self.process, subprocess.Popen):
            self.process.wait(timeout=60)
        else:
            self.process.join()


class Service(Process):
    """`tonmeister serve` on a free port."""

    def __init__(self, program, folder):
        super().__init__(subprocess.Popen(
            [program, "serve", "--port", "0", "--data", str(folder), "--queue", "200"],
            stdout=subprocess.PIPE, stderr=open(folder.parent / "log", "w"), text=True), 0)
        line = self.process.stdout.readline()
        if not line:
            sys.exit("the service did not start: " + (folder.parent / "log").read_text())
        self.port = int(line.strip().rstrip("/").rsplit(":", 1)[1])

    def ask(self, method, target, body=None, kind="application/json"):
        """JSON, or bytes where the answer is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        connection.request(method, target, body, {} if body is None else {"Content-Type": kind})
        response = connection.getresponse()
        data = response.read()
        connection.close()
        if response.status >= 400:
            raise OSError(f"{method} {target}: {response.status} {data[:300]!r}")
        return json.loads(data) if response.headers.get_content_subtype() == "json" else data

    def send(self, data, name="song"):
        return self.ask("POST", f"/v1/separations?name={name}", data, "audio/wav")

    def ended(self, job):
        """Waits until a job has succeeded."""
        while job["state"] in ("queued", "running"):
            time.sleep(0.05)
            job = self.ask("GET", job["links"]["self"])
        if job["state"] != "succeeded":
            raise OSError(f"a job has {job['state']}: {job.get('error')}")
        return job


# The client: runs in a process of its own.

class Connection(asyncio.Protocol):
    """Sends the same request again as soon as it is answered."""

    def __init__(self, load):
        self.load, self.left, self.head = load, None, b""

    def connection_made(self, transport):
        self.transport = transport
        self.send()

    def send(self):
        self.left, self.head, self.began = None, b"", time.perf_counter()
        self.transport.write(self.load.request)

    def data_received(self, data):
        if self.left is None:
            self.head += data
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                return
            self.load.bytes = int(LENGTH.search(self.head, 0, end + 2)[1])
            self.left = self.load.bytes + end + 4 - len(self.head)
            if self.head[9:10] != b"2":
                self.load.errors += 1
        else:
            self.left -= len(data)
        if self.left > 0:
            return
        now = time.perf_counter()
        if now >= self.load.begins:
            self.load.times.append(now - self.began)
        if now < self.load.ends:
            self.send()
        else:
            self.transport.close()

    def connection_lost(self, error):
        if self.left != 0:
            self.load.errors += 1
        self.load.open -= 1
        if self.load.open == 0:
            self.load.finished.set_result(None)


class Load:
    """So many connections, for so long."""

    def __init__(self, request, connections, seconds):
        self.request, self.open = request, connections
        self.times, self.errors, self.bytes = [], 0, 0
        self.begins = time.perf_counter() + WARMING
        self.ends = self.begins + seconds

    async def run(self, port):
        loop = asyncio.get_running_loop()
        self.finished = loop.create_future()
        for _ in range(self.open):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", port)
        await self.finished


def load(port, request, connections, seconds):
    """Times of answers, errors, the length of an answer, and the processor time of the client."""
    began = time.process_time()
    load = Load(request, connections, seconds)
    asyncio.run(load.run(port))
    return load.times, load.errors, load.bytes, time.process_time() - began


async def listen(port, job, begun, until):
    """What one listener is told: when, which version, which state."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(f"GET /v1/jobs/{job}/events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    told, version = [], 0
    is_complete = False
    try:
        async with asyncio.timeout(until):
            while line := await reader.readline():
                if line.startswith(b"id: "):
                    version = int(line[4:])
                elif line.startswith(b"data: "):
                    told.append((time.monotonic(), version, json.loads(line[6:])["state"]))
                    begun.set()
                elif line == b"0\r\n":
                    is_complete = True
                    break
    except TimeoutError:
        pass
    writer.close()
    return told, is_complete


def listeners(port, job, count, pipe, until):
    """What all listeners are told. Says in the pipe when each knows how the job stands."""
    async def run():
        begun = [asyncio.Event() for _ in range(count)]
        tasks = [asyncio.create_task(listen(port, job, event, until)) for event in begun]
        for event in begun:
            await event.wait()
        pipe.send("all")
        return await asyncio.gather(*tasks)

    began = time.process_time()
    pipe.send((asyncio.run(run()), time.process_time() - began))


# Peers.

def serve_peer(document, stem, pipe):
    """The peer in Python: a document and parts of a file."""
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        # One write for an answer, as others have it.
        wbufsize = -1

        def do_GET(self):
            if self.path == "/document":
                return self.answer(200, "application/json", document)
            first, last = (int(word) for word in self.headers["Range"].removeprefix("bytes=").split("-"))
            with open(stem, "rb") as file:
                file.seek(first)
                self.answer(206, "audio/wav", file.read(last - first + 1))

        def answer(self, status, kind, body):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        pipe.send(server.server_address[1])
        server.serve_forever()


class PythonPeer(Process):
    name = "http.server"

    def __init__(self, document, stem, _folder):
        context = multiprocessing.get_context("spawn")
        receiver, sender = context.Pipe(False)
        process = context.Process(target=serve_peer, args=(document, stem, sender), daemon=True)
        process.start()
        super().__init__(process, receiver.recv())


class NginxPeer(Process):
    """nginx with one worker process, whose processor time is what counts."""
    name = "nginx"

    def __init__(self, document, stem, folder):
        (folder / "root").mkdir()
        (folder / "root/document").write_bytes(document)
        os.symlink(stem, folder / "root/stem")
        port = free_port()
        (folder / "nginx.conf").write_text(f"""
            {'user root;' if os.geteuid() == 0 else ''}
            daemon off; master_process off; pid {folder}/pid; error_log {folder}/error;
            events {{ worker_connections 1024; }}
            http {{
                access_log off; sendfile on; tcp_nopush on; keepalive_requests 100000000;
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
                fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi;
                scgi_temp_path {folder}/scgi;
                server {{ listen 127.0.0.1:{port}; root {folder}/root; }}
            }}""")
        super().__init__(subprocess.Popen(
            ["nginx", "-p", folder, "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL), port)
        for _ in range(100):
            try:
                http.client.HTTPConnection("127.0.0.1", port).connect()
                return
            except OSError:
                time.sleep(0.05)
        sys.exit("nginx did not start: " + (folder / "error").read_text())


def free_port():
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        return server.server_address[1]


# What is measured.

def table(head, rows):
    """A table in Markdown, its first column to the left."""
    print("| " + " | ".join(head) + " |")
    print("|---|" + "---:|" * (len(head) - 1))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
    print()


def machine(program):
    """What all figures belong to."""
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) / (1 << 20)
    version = subprocess.run([program, "--version"], capture_output=True, text=True,
        check=False).stdout.strip()
    print(f"{os.cpu_count()} cores of {model[1] if model else platform.machine()}, {memory:.0f} GB, "
          f"Linux {platform.release()}, Python {platform.python_version()}, tonmeister {version}; "
          f"load average at the beginning {os.getloadavg()[0]:.2f}\n")


def request(method, target, port, headers=(), body=b""):
    lines = [f"{method} {target} HTTP/1.1", f"Host: 127.0.0.1:{port}", *headers]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def measure_requests(service, folder, options, pool):
    """Requests a second of the service and of its peers. False where there was an error."""
    data = song(5, 1)
    job = service.ended(service.send(data))
    for index in range(20):
        service.send(data, f"song{index}")
    path = job["links"]["self"]
    stem = f"{path}/stems/drums"
    whole = service.ask("GET", stem)
    part = [f"Range: bytes={1 << 17}-{(1 << 17) + PART - 1}"]
    port = service.port
    kinds = {
        "GET a job": request("GET", path, port),
        "GET jobs (20)": request("GET", "/v1/jobs?limit=20", port),
        "GET 64 kB of a stem": request("GET", stem, port, part),
        "GET peaks (1000)": request("GET", stem + "/peaks?points=1000", port),
        "GET limits": request("GET", "/v1/limits", port),
        f"POST a known song ({len(data) // 1000} kB)": request(
            "POST", "/v1/separations?name=song", port, ["Content-Type: audio/wav"], data),
    }
    document = http_body(port, path)
    (folder / "stem").write_bytes(whole)
    rows = [("tonmeister", service, name, sent) for name, sent in kinds.items()]
    peers = [PythonPeer] + ([NginxPeer] if shutil.which("nginx") else [])
    peers = [peer(document, folder / "stem", folder) for peer in peers]
    for peer in peers:
        rows.append((peer.name, peer, "GET a document", request("GET", "/document", peer.port)))
        rows.append((peer.name, peer, "GET 64 kB of a file", request("GET", "/stem", peer.port, part)))
    is_right, results = True, []
    for name, server, what, sent in rows:
        for connections in options.connections:
            began, before = time.perf_counter(), server.seconds
            times, errors, size, client = pool.submit(
                load, server.port, sent, connections, options.seconds).result()
            elapsed = time.perf_counter() - began
            took = server.seconds - before
            is_right = is_right and errors == 0 and bool(times)
            times.sort()
            results.append((
                f"{name}: {what}", connections, f"{size:,}", f"{len(times) / options.seconds:,.0f}",
                *(f"{1000 * quantile(times, share):.2f}" for share in (0.5, 0.99)),
                f"{100 * took / elapsed:.0f} %", f"{100 * client / elapsed:.0f} %", errors))
            progress(results[-1])
    for peer in peers:
        peer.stop()
    print("### Requests a second\n\n"
          f"Each for {options.seconds:g} s after {WARMING} s of warming, on connections that are kept; “core” "
          "is processor time in hundredths of one core.\n")
    table(("what", "connections", "bytes", "requests/s", "p50 ms", "p99 ms", "server, core", "client, core",
        "errors"), results)
    return is_right


def http_body(port, target):
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", target)
    return connection.getresponse().read()


def quantile(values, share):
    """Of sorted values."""
    return values[min(len(values) - 1, int(share * len(values)))] if values else float("nan")


def progress(row):
    print(*row, file=sys.stderr, flush=True)


def measure_listeners(service, options):
    """Streams of events while a long song is separated. False where one missed something."""
    context = multiprocessing.get_context("spawn")
    # Another job first, so that all hear of the beginning.
    first = service.send(song(600, 2), "first")
    job = service.send(song(options.song, 3), "long")
    receiver, sender = context.Pipe(False)
    client = context.Process(target=listeners, args=(
        service.port, job["id"], options.listeners, sender, 60 + 20 * options.song))
    client.start()
    receiver.recv()
    began, before = time.perf_counter(), service.seconds
    service.ask("DELETE", f"/v1/jobs/{first['id']}")
    told, seconds = receiver.recv()
    client.join()
    elapsed = time.perf_counter() - began
    rows, misses = [], 0
    for state in ("queued", "running", "succeeded"):
        # Who listens later than the change is told how it stands, which says nothing of delays.
        times = [next((moment for moment, _, known in one if known == state), None) for one, _ in told]
        heard = [moment for moment in times if moment is not None]
        misses += len(times) - len(heard)
        spread = spread_of(heard) if state != "queued" else ["", "", ""]
        rows.append((state, f"{len(heard)} of {len(times)}", *spread))
    versions = [{version: moment for moment, version, _ in reversed(one)} for one, _ in told]
    common = set.intersection(*(set(one) for one in versions))
    every = set.union(*(set(one) for one in versions))
    late = sorted(moment - min(heard) for version in common
                  for heard in [[one[version] for one in versions]] for moment in heard)
    rows.append((f"{len(common)} of {len(every)} versions, all",
        f"{options.listeners} of {options.listeners}",
                 *(f"{1000 * quantile(late, share):.1f}" for share in (0.5, 0.99, 1))))
    complete = sum(is_complete for _, is_complete in told)
    rows.append(("the end of the stream", f"{complete} of {len(told)}", "", "", ""))
    print(f"### {options.listeners} listeners\n\n"
          f"To a song of {options.song:g} s; how much later than the first of them the others were told, in "
          "ms. Versions in between may be left out where a newer one is there already.\n")
    table(("told of", "listeners", "median", "p99", "most"), rows)
    events = sum(len(one) for one, _ in told)
    took = service.seconds - before
    print(f"{events} events in {elapsed:.0f} s; the server took {100 * took / elapsed:.0f} % of a core, most "
          f"of it for the song, the client {100 * seconds / elapsed:.0f} %.\n")
    orders = {tuple(dict.fromkeys(state for _, _, state in one)) for one, _ in told}
    return misses == 0 and complete == len(told) and orders == {("queued", "running", "succeeded")}


def spread_of(moments):
    late = sorted(moment - min(moments) for moment in moments)
    return [f"{1000 * quantile(late, share):.1f}" for share in (0.5, 0.99, 1)]


class Traffic:
    """Mixed traffic of some threads until it is told to stop."""

    def __init__(self, service):
        self.service, self.counts, self.errors, self.is_over = service, {}, [], threading.Event()
        self.known = song(2, 4)
        self.path = service.ended(service.send(self.known))["links"]["self"]
        self.threads = [threading.Thread(target=self.read, args=(number,)) for number in range(3)]
        self.threads.append(threading.Thread(target=self.separate))
        for thread in self.threads:
            thread.start()

    def stop(self):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def do(self, kind, *arguments):
        try:
            self.counts[kind] = self.counts.get(kind, 0) + 1
            return self.service.ask(*arguments)
        except (OSError, http.client.HTTPException) as error:
            self.errors.append(f"{kind}: {error}")
            return None

    def read(self, number):
        """What a client that looks at a song asks for."""
        chance = random.Random(number)
        while not self.is_over.wait(0.03):
            stem = f"{self.path}/stems/" + chance.choice(["drums", "bass", "other", "vocals"])
            kind, *arguments = chance.choice([
                ("a job", "GET", self.path), ("jobs", "GET", "/v1/jobs?limit=50"),
                ("limits", "GET", "/v1/limits"),
                ("a stem", "GET", stem), ("a stem", "GET", stem + "?format=flac"),
                ("a stem", "GET", stem + "?format=mp3"),
                ("peaks", "GET", f"{stem}/peaks?points={chance.randrange(10, 2000)}"),
                ("metrics", "GET", "/metrics"),
                ("the end of a stream", "GET", self.path + "/events"), ("the page", "GET", "/"),
                ("a known song", "POST", "/v1/separations?name=song", self.known, "audio/wav")])
            self.do(kind, *arguments)

    def separate(self):
        """New songs, their plans and mixes; the older ones are removed."""
        number, old = 100, []
        while not self.is_over.is_set():
            try:
                number += 1
                job = self.service.ended(self.service.send(song(2, number)))
                plan = self.service.ask("POST", "/v1/plans", {"job": job["id"]})
                mix = self.service.ended(self.service.ask("POST", "/v1/mixes",
                    {"job": job["id"], "plan": plan}))
                self.service.ask("GET", f"/v1/jobs/{mix['id']}/mix")
                old += [mix["id"], job["id"]]
                while len(old) > 20:
                    self.service.ask("DELETE", f"/v1/jobs/{old.pop(0)}")
                self.counts["separations and mixes"] = self.counts.get("separations and mixes", 0) + 1
            except (OSError, http.client.HTTPException) as error:
                self.errors.append(f"separation: {error}")
            self.is_over.wait(2)


def measure_memory(service, options):
    """Memory of the process under mixed traffic. False where there was an error."""
    files = service.files
    traffic = Traffic(service)
    began, samples = time.monotonic(), []
    while (minute := (time.monotonic() - began) / 60) < options.minutes:
        samples.append((minute, service.kilobytes))
        time.sleep(1)
    traffic.stop()
    window = min(5, options.minutes / 3)
    first = [size for minute, size in samples if minute < window]
    last = [size for minute, size in samples if minute >= options.minutes - window]
    later = [(minute, size) for minute, size in samples if minute >= window]
    print(f"### Memory over {options.minutes:g} minutes of mixed traffic\n\n"
          "Resident memory of the process, once a second; "
          + ", ".join(f"{count} × {kind}" for kind, count in sorted(traffic.counts.items())) + ".\n")
    table(("what", "value"), [
        (f"mean of the first {window:.2g} minutes", f"{statistics.mean(first) / 1024:.1f} MB"),
        (f"mean of the last {window:.2g} minutes", f"{statistics.mean(last) / 1024:.1f} MB"),
        ("most", f"{max(size for _, size in samples) / 1024:.1f} MB"),
        ("slope, all of it", f"{slope(samples):+.0f} kB a minute"),
        (f"slope without the first {window:.2g} minutes", f"{slope(later):+.0f} kB a minute"),
        ("open files before, and after", f"{files}, {service.files}"),
        ("errors", len(traffic.errors)),
    ])
    for error in traffic.errors[:10]:
        print(f"- {error}")
    return not traffic.errors


def slope(samples):
    """Of the straight line with the least squares."""
    return statistics.linear_regression(*zip(*samples, strict=True)).slope


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=Path)
    parser.add_argument("--seconds", type=float, default=10,
        help="of each measurement of requests; 0 for none")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8, 32])
    parser.add_argument("--listeners", type=int, default=50, help="of the long song's events; 0 for none")
    parser.add_argument("--song", type=float, default=300, help="the seconds of the long song")
    parser.add_argument("--minutes", type=float, default=30, help="of mixed traffic; 0 for none")
    parser.add_argument("--folder", type=Path, help="where there is room for the data folder")
    options = parser.parse_args()
    machine(options.program)
    is_right = True
    context = multiprocessing.get_context("spawn")
    with (tempfile.TemporaryDirectory(dir=options.folder) as name,
          concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool):
        folder = Path(name)
        service = Service(options.program, folder / "data")
        try:
            if options.seconds:
                is_right &= measure_requests(service, folder, options, pool)
            if options.listeners:
                is_right &= measure_listeners(service, options)
            if options.minutes:
                is_right &= measure_memory(service, options)
        finally:
            service.stop()
    sys.exit(not is_right)


if __name__ == "__main__":
    main()
