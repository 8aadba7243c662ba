# SPDX-License-Identifier: MIT
"""Calls a running service over gRPC with the client of another language.

Usage: rpc.py PROGRAM, the built `tonmeister`. Exits with 0 where everything is as it should be.
"""
import base64
import importlib
import io
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import wave

import grpc
import numpy
import requests
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2 as reflection
from grpc_tools import protoc

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROTO = ROOT / "Sources/RPCInterface/Proto"
STEMS = ["bass", "drums", "other", "vocals"]
TOKEN = "a-token-of-this-test"


def song(seconds=2.0, rate=22050, channels=1):
    """Noise as WAV of 16 bits."""
    frames = numpy.random.default_rng(1).normal(0, 3000, (int(seconds * rate), channels)).astype("<i2")
    return wav(frames, rate)


def wav(frames, rate):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((frames.shape[1], 2, rate, 0, "NONE", ""))
        file.writeframes(frames.tobytes())
    return buffer.getvalue()


def samples(data):
    with wave.open(io.BytesIO(data)) as file:
        values = numpy.frombuffer(file.readframes(file.getnframes()), "<i2")
        return values.reshape(-1, file.getnchannels()).astype(int), file.getframerate()


class Service:
    """`tonmeister serve` on free ports."""

    def __init__(self, program, folder, token=""):
        self.process = subprocess.Popen(
            [program, "serve", "--port", "0", "--grpc-port", "0", "--data", str(folder)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            env={"PATH": "/usr/bin:/bin", "HOME": str(folder), "TONMEISTER_TOKEN": token})
        lines = sorted(self.process.stdout.readline().strip() for _ in range(2))
        self.target = lines[0].removeprefix("grpc://")
        self.url = lines[1].rstrip("/")
        self.channel = grpc.insecure_channel(
            self.target, options=[("grpc.max_receive_message_length", 64 << 20)])

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(timeout=60) == 0, self.process.returncode


def refused(code, call):
    """Makes a call that has to fail."""
    try:
        call()
    except grpc.RpcError as error:
        assert error.code() == code, (error.code(), error.details())
        assert len(error.details()) > 10
        return
    raise AssertionError(f"not refused with {code}")


def check_demixing(service, stubs):
    """The published interface: one call, stems in base64."""
    stub = stubs["demixing_grpc"].demixingStub(service.channel)
    query = stubs["demixing"].Query
    data = song()
    text = base64.b64encode(data).decode()
    answer = json.loads(stub.demixing(query(audio_file=text, sounds="all")).demixed_audio)
    assert sorted(answer) == STEMS
    stems = [samples(base64.b64decode(value)) for value in answer.values()]
    original, rate = samples(data)
    assert all(stem.shape == (len(original), 2) and found == rate for stem, found in stems)
    two = json.loads(stub.demixing(query(audio_file=text, sounds="drums")).demixed_audio)
    assert sorted(two) == ["drums", "no_drums"]
    assert (samples(base64.b64decode(two["drums"]))[0] == samples(base64.b64decode(answer["drums"]))[0]).all()
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.demixing(query(audio_file=text, sounds="horns")))
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.demixing(query(audio_file="?", sounds="all")))
    noise = base64.b64encode(b"no audio at all").decode()
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.demixing(query(audio_file=noise, sounds="all")))
    # The same over HTTP.
    response = requests.post(
        service.url + "/v1/demix?source=all", data=data, headers={"Content-Type": "audio/wav"}, timeout=60)
    assert response.status_code == 200 and response.json() == answer
    response = requests.post(
        service.url + "/v1/demix?source=horns", data=data, headers={"Content-Type": "audio/wav"}, timeout=60)
    assert response.status_code == 422 and "drums" in response.json()["detail"], response.text


def messages(proto, data, size=100_000, **settings):
    yield proto.CreateRequest(settings=proto.Settings(**settings))
    for start in range(0, len(data), size):
        yield proto.CreateRequest(chunk=data[start:start + size])


def check_separations(service, stubs):
    """Songs in chunks, jobs that are watched, stems in chunks."""
    proto = stubs["tonmeister"]
    stub = stubs["tonmeister_grpc"].SeparationsStub(service.channel)
    job = stub.Create(messages(proto, song(20.0, 44100, 2), name="a song.wav"))
    seen = list(stub.Watch(proto.JobRequest(id=job.id)))
    assert seen[-1].state == proto.Job.SUCCEEDED and seen[-1].progress == 1, seen[-1]
    assert [stem.name for stem in sorted(seen[-1].stems, key=lambda stem: stem.name)] == STEMS
    assert seen[-1] == stub.Get(proto.JobRequest(id=job.id))
    for form in ("wav", "flac"):
        chunks = list(stub.ReadStem(proto.StemRequest(job_id=job.id, stem="drums", format=form)))
        data = b"".join(chunk.data for chunk in chunks)
        assert max(chunk.ByteSize() for chunk in chunks) < 1_000_000
        assert len(data) == chunks[0].file_size
        assert data == requests.get(
            f"{service.url}/v1/jobs/{job.id}/stems/drums?format={form}", timeout=60).content
    rest = stub.ReadStem(proto.StemRequest(job_id=job.id, stem="drums", format="flac", offset=1000))
    assert b"".join(chunk.data for chunk in rest) == data[1000:]
    refused(grpc.StatusCode.NOT_FOUND, lambda: stub.Get(proto.JobRequest(id="0" * 32)))
    refused(grpc.StatusCode.NOT_FOUND, lambda: list(stub.ReadStem(proto.StemRequest(job_id=job.id, stem="horns"))))
    refused(grpc.StatusCode.OUT_OF_RANGE, lambda: list(
        stub.ReadStem(proto.StemRequest(job_id=job.id, stem="drums", offset=1 << 40))))
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.Create(messages(proto, b"noise", model="none")))
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.Create(messages(proto, song(60.0), size=2_000_000)))
    refused(grpc.StatusCode.INVALID_ARGUMENT, lambda: stub.Create(iter([proto.CreateRequest(chunk=b"a")])))
    long = stub.Create(messages(proto, song(600.0, 16000), size=1 << 20))
    stub.Cancel(proto.JobRequest(id=long.id))
    assert list(stub.Watch(proto.JobRequest(id=long.id)))[-1].state == proto.Job.CANCELLED


def check_deadline(service, stubs):
    """A call whose time is over takes its job with it."""
    stub = stubs["demixing_grpc"].demixingStub(service.channel)
    text = base64.b64encode(song(900.0, 8000)).decode()
    refused(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: stub.demixing(
        stubs["demixing"].Query(audio_file=text, sounds="all"), timeout=3))
    for _ in range(300):
        newest = requests.get(service.url + "/v1/jobs", timeout=10).json()["jobs"][0]
        if newest["state"] == "cancelled":
            return
        time.sleep(0.1)
    raise AssertionError(newest)


def check_tools(service):
    """Health and reflection, as the libraries for them ask."""
    health = health_pb2_grpc.HealthStub(service.channel)
    serving = health_pb2.HealthCheckResponse.SERVING
    for name in ("", "demixing.demixing", "tonmeister.v1.Separations"):
        assert health.Check(health_pb2.HealthCheckRequest(service=name)).status == serving
    refused(grpc.StatusCode.NOT_FOUND, lambda: health.Check(health_pb2.HealthCheckRequest(service="horns")))
    # The messages of versions 1 and 1alpha are the same.
    ask = service.channel.stream_stream(
        "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
        reflection.ServerReflectionRequest.SerializeToString, reflection.ServerReflectionResponse.FromString)
    answers = list(ask(iter([
        reflection.ServerReflectionRequest(list_services=""),
        reflection.ServerReflectionRequest(file_containing_symbol="tonmeister.v1.Job.State"),
        reflection.ServerReflectionRequest(file_containing_symbol="demixing.demixing.demixing"),
        reflection.ServerReflectionRequest(file_by_filename="none.proto"),
    ])))
    names = [found.name for found in answers[0].list_services_response.service]
    assert names == sorted(names) and "tonmeister.v1.Separations" in names and "demixing.demixing" in names
    assert all(len(found.file_descriptor_response.file_descriptor_proto) == 1 for found in answers[1:3])
    assert answers[3].error_response.error_code == grpc.StatusCode.NOT_FOUND.value[0]


def check_shutdown(service, stubs):
    """Who watches is told, and nobody is waited for."""
    proto = stubs["tonmeister"]
    stub = stubs["tonmeister_grpc"].SeparationsStub(service.channel)
    job = stub.Create(messages(proto, song(900.0, 16000), size=1 << 20))
    watching = stub.Watch(proto.JobRequest(id=job.id))
    next(watching)
    began = time.monotonic()
    service.stop()
    assert time.monotonic() - began < 18, "the end was waited for"
    refused(grpc.StatusCode.UNAVAILABLE, lambda: list(watching))


def check_token(service, stubs):
    proto = stubs["tonmeister"]
    stub = stubs["tonmeister_grpc"].SeparationsStub(service.channel)
    refused(grpc.StatusCode.UNAUTHENTICATED, lambda: stub.Create(messages(proto, song())))
    refused(grpc.StatusCode.UNAUTHENTICATED, lambda: stub.Get(
        proto.JobRequest(id="0" * 32), metadata=[("authorization", "Bearer wrong")]))
    metadata = [("authorization", f"Bearer {TOKEN}")]
    job = stub.Create(messages(proto, song()), metadata=metadata)
    assert stub.Get(proto.JobRequest(id=job.id), metadata=metadata).id == job.id


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        files = [str(file) for file in sorted(PROTO.glob("*.proto")) if file.stem in ("demixing", "tonmeister")]
        assert protoc.main(
            ["protoc", f"-I{PROTO}", f"--python_out={folder}", f"--grpc_python_out={folder}", *files]) == 0
        sys.path.insert(0, name)
        stubs = {kind + part: importlib.import_module(f"{kind}_pb2{part}")
                 for kind in ("demixing", "tonmeister") for part in ("", "_grpc")}
        service = Service(program, folder / "open")
        try:
            for check in (check_demixing, check_separations, check_deadline):
                check(service, stubs)
            check_tools(service)
            check_shutdown(service, stubs)
            service = Service(program, folder / "closed", TOKEN)
            check_token(service, stubs)
            service.stop()
        finally:
            service.process.kill()
    print("gRPC is as it should be")


if __name__ == "__main__":
    main()
