# SPDX-License-Identifier: MIT
"""A service and a worker with folders of their own, which have a database and a bucket in common.

Usage: bucket.py PROGRAM, the built `tonmeister`. Exits with 0 where everything is as it should be. The bucket is that of
moto, a stand-in for Amazon S3; the database is a PostgreSQL of its own (Debian's `postgresql`).
"""
import io
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import wave

import boto3
import requests
from moto.server import ThreadedMotoServer

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Faults"))
from postgres import PostgreSQL  # noqa: E402

BUCKET = "songs"


def song(seconds, seed):
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(bytes((seed * index * index) % 251 for index in range(int(seconds * 8000) * 2)))
    return buffer.getvalue()


def finished(url, job):
    """Waits for the end of a job."""
    for _ in range(1200):
        document = requests.get(f"{url}/v1/jobs/{job}", timeout=60).json()
        if document["state"] not in ("queued", "running"):
            return document
        time.sleep(0.1)
    raise AssertionError(document)


def send(url, data):
    answer = requests.post(
        url + "/v1/separations", data=data, headers={"Content-Type": "audio/wav"}, timeout=120)
    assert answer.status_code == 202, (answer.status_code, answer.text)
    return answer.json()


class Machines:
    """Processes with data folders of their own."""

    def __init__(self, program, folder, environment, database):
        self.program, self.folder, self.environment, self.database = program, folder, environment, database
        self.processes = []

    def start(self, name, *words, **environment):
        """Starts one; gives its address where it has one."""
        process = subprocess.Popen(
            [self.program, words[0], "--data", str(self.folder / name), "--bucket", f"s3://{BUCKET}/a", *words[1:]],
            stdout=subprocess.PIPE, stderr=open(self.folder / f"{name}.log", "w"), text=True,
            env=self.environment | environment)
        self.processes.append(process)
        return process.stdout.readline().strip().rstrip("/") if words[0] == "serve" else None

    def stop(self):
        for process in self.processes:
            process.send_signal(signal.SIGTERM)
        assert [process.wait(timeout=120) for process in self.processes] == [0] * len(self.processes)


def check(machines, client, bucket):
    """The way of songs from one machine over another and back."""
    folder = machines.folder

    def objects():
        return [found["Key"] for found in client.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    first = machines.start("first", "serve", "--port", "0")
    machines.start("work", "worker")
    job = send(first, song(2, 1))
    document = finished(first, job["id"])
    assert document["state"] == "succeeded", document
    (made,) = (folder / "work/results").iterdir()
    names = {name.split("/")[-1] for name in objects() if name.startswith(f"a/results/{made.name}/")}
    assert names == {"original.wav", *(f"stem-{stem}.wav" for stem in ("bass", "drums", "other", "vocals"))}, names
    second = machines.start("second", "serve", "--port", "0")
    for url in (first, second):
        for stem in ("drums", "vocals"):
            answer = requests.get(f"{url}/v1/jobs/{job['id']}/stems/{stem}", timeout=60)
            assert answer.content == (made / f"stem-{stem}.wav").read_bytes(), stem
    # The same song, sent elsewhere, is there already.
    assert send(second, song(2, 1))["state"] == "succeeded"
    # A mix of stems that the worker no longer has.
    shutil.rmtree(made)
    plan = requests.post(second + "/v1/plans", json={"job": job["id"], "advice": "rules"}, timeout=120).json()
    mix = requests.post(second + "/v1/mixes", json={"job": job["id"], "plan": plan}, timeout=120).json()
    assert finished(first, mix["id"])["state"] == "succeeded"
    answers = [requests.get(f"{url}/v1/jobs/{mix['id']}/mix", timeout=60) for url in (first, second)]
    assert answers[0].status_code == 200 and answers[0].content == answers[1].content
    # Without the bucket nothing is taken in that would be lost, and what is here goes on being given.
    bucket.stop()
    answer = requests.post(
        first + "/v1/separations", data=song(1, 2), headers={"Content-Type": "audio/wav"}, timeout=120)
    assert answer.status_code == 503, (answer.status_code, answer.text)
    answer = requests.get(f"{first}/v1/jobs/{job['id']}/stems/drums", timeout=60)
    assert answer.status_code == 200
    bucket.start()
    check_strangers(machines)
    check_sweeping(machines, objects, job["id"], mix["id"])
    machines.stop()
    staged = [path for name in ("first", "second", "third", "work") for path in (folder / name / "staging").iterdir()]
    assert not staged, staged


def check_strangers(machines):
    """Who has another database, or no bucket, touches nothing."""
    for name, url, reason in (("stranger", machines.database.new_database("strangers"), "another database"),
                              ("without", None, f"--bucket s3://{BUCKET}/a")):
        environment = machines.environment | ({"TONMEISTER_STORE": url} if url else {})
        words = ["--bucket", f"s3://{BUCKET}/a"] if url else []
        for command in ("serve", "worker"):
            ended = subprocess.run(
                [machines.program, command, "--data", machines.folder / name, *words,
                 *(["--port", "0"] if command == "serve" else [])],
                capture_output=True, text=True, env=environment, timeout=60)
            assert ended.returncode == 1 and reason in ended.stderr, (command, ended)


def check_sweeping(machines, objects, job, unneeded):
    """What no job needs goes from the bucket; what there is no room for goes from a folder, and comes again."""
    url = machines.start(
        "third", "serve", "--port", "0", "--disk-budget", "0.000001", TONMEISTER_SWEEP_SECONDS="0.1")
    assert requests.delete(f"{url}/v1/jobs/{unneeded}", timeout=60).ok
    until(lambda: sorted(name.split("/")[1] for name in objects()) == ["owner"] + 5 * ["results"], objects)
    stems = []
    for _ in range(2):
        answer = requests.get(f"{url}/v1/jobs/{job}/stems/drums", timeout=60)
        assert answer.status_code == 200, (answer.status_code, answer.text)
        stems.append(answer.content)
        (result,) = (machines.folder / "third/results").iterdir()
        # As if it had not been used for long.
        os.utime(result, (0, 0))
        until(lambda: not result.exists(), lambda: result)
    assert stems[0] == stems[1]


def until(holds, what):
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise AssertionError(what())


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        os.chmod(folder, 0o755)
        bucket = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        bucket.start()
        host, port = bucket.get_host_and_port()
        bucket._port = port
        environment = {
            "PATH": "/usr/bin:/bin", "HOME": name, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": f"http://{host}:{port}"}
        client = boto3.client(
            "s3", endpoint_url=environment["AWS_ENDPOINT_URL"], region_name="us-east-1",
            aws_access_key_id="a", aws_secret_access_key="b")
        client.create_bucket(Bucket=BUCKET)
        database = PostgreSQL(folder / "database", folder / "database.log", dict(os.environ))
        environment["TONMEISTER_STORE"] = database.url()
        machines = Machines(program, folder, environment, database)
        try:
            check(machines, client, bucket)
        except BaseException:
            for log in folder.glob("*.log"):
                print(log.name, log.read_text()[-3000:], sep="\n", file=sys.stderr)
            raise
        finally:
            for process in machines.processes:
                process.kill()
            database.close()
            bucket.stop()
    print("a bucket is as it should be")


if __name__ == "__main__":
    main()
