# SPDX-License-Identifier: MIT
"""Holds a running service against its own description (OpenAPI 3.1).

Usage: interface.py PROGRAM, the built `tonmeister`. Exits with 0 where the description is valid, every answer to
made-up requests is one that it describes, and none is an error of the server.
"""
import json
import math
import os
import pathlib
import struct
import subprocess
import sys
import tempfile
import time
import wave

import openapi_spec_validator
import requests

HERE = pathlib.Path(__file__).parent
# The longest that the made-up requests may take; they take a minute on two cores.
SECONDS = 300


def song(path):
    """Writes a second of two sines."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(22050)
        for frame in range(22050):
            left, right = (math.sin(frame * pitch) for pitch in (0.03, 0.2))
            file.writeframesraw(struct.pack("<hh", int(9000 * left), int(9000 * right)))


def start(program, folder):
    """Starts the service on a free port; gives the process and its address."""
    process = subprocess.Popen(
        [program, "serve", "--port", "0", "--data", str(folder / "data"), "--queue", "200"],
        stdout=subprocess.PIPE, stderr=open(folder / "log", "w"), text=True)
    address = process.stdout.readline().strip().rstrip("/")
    if not address:
        sys.exit("the service did not start: " + (folder / "log").read_text())
    return process, address


def finished(address, response):
    """Waits for the job that an answer tells of; gives its identifier."""
    response.raise_for_status()
    job = response.json()
    while job["state"] in ("queued", "running"):
        time.sleep(0.05)
        job = requests.get(address + job["links"]["self"], timeout=10).json()
    assert job["state"] == "succeeded", job
    return job["id"]


def jobs(address, folder):
    """Makes a song's job and a mix of it."""
    song(folder / "song.wav")
    separated = finished(address, requests.post(
        address + "/v1/separations?name=song.wav", data=(folder / "song.wav").read_bytes(),
        headers={"Content-Type": "audio/wav"}, timeout=30))
    plan = requests.post(address + "/v1/plans", json={"job": separated}, timeout=60).json()
    mixed = finished(address, requests.post(
        address + "/v1/mixes", json={"job": separated, "plan": plan}, timeout=30))
    return separated, mixed


def check_paths(address, description):
    """Every path of the description is there: its methods are those that the service names itself."""
    for path, item in description["paths"].items():
        described = {name.upper() for name in item if name in ("get", "post", "put", "delete")}
        if "GET" in described:
            described.add("HEAD")
        response = requests.request("PATCH", address + path.replace("{", "").replace("}", ""), timeout=10)
        allowed = set(response.headers.get("Allow", "").split(", "))
        assert response.status_code == 405 and allowed == described, (path, allowed, described)


def fuzz(address, separated, mixed, folder):
    """Runs schemathesis, which keeps things in the folder; gives its exit status."""
    environment = dict(
        os.environ, SCHEMATHESIS_HOOKS="hooks", PYTHONPATH=str(HERE), TONMEISTER_SONG=separated,
        TONMEISTER_MIX=mixed)
    # Noise is no song, so that right requests are refused (415), and names of jobs have to exist (404).
    checks = (
        "not_a_server_error,status_code_conformance,content_type_conformance,"
        "response_headers_conformance,response_schema_conformance,unsupported_method,"
        "allow_header_conformance")
    return subprocess.run(
        [pathlib.Path(sys.executable).with_name("st"), "run", address + "/v1/openapi.json",
         "--checks", checks, "--phases", "examples,coverage,fuzzing", "--max-examples", "12",
         "--seed", "1", "--exclude-path", "/v1/jobs/{id}/events", "--request-timeout", "30",
         "--suppress-health-check", "all", "--generation-database", "none", "--no-color"],
        env=environment, cwd=folder, check=False, timeout=SECONDS).returncode


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        process, address = start(sys.argv[1], folder)
        try:
            description = requests.get(address + "/v1/openapi.json", timeout=10).json()
            openapi_spec_validator.validate(description)
            separated, mixed = jobs(address, folder)
            check_paths(address, description)
            status = fuzz(address, separated, mixed, folder)
            health = requests.get(address + "/readyz", timeout=10)
            assert health.status_code == 200, health.text
        finally:
            process.terminate()
            process.wait(timeout=30)
        assert process.returncode == 0, process.returncode
        lines = (folder / "log").read_text().splitlines()
        found = sum(" status=20" in line and (separated in line or mixed in line) for line in lines)
        print(f"{found} made-up requests found what they asked for")
        errors = [line for line in lines if " error " in line]
        for line in errors[:20]:
            print(line, file=sys.stderr)
        sys.exit(status or bool(errors) or found == 0)


if __name__ == "__main__":
    main()
