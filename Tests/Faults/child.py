# SPDX-License-Identifier: MIT
"""A process that was started: its output, its signals, its end; and what was left running."""
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

# Everything that is started has this in its environment, and so have the children of that.
MARK = "TONMEISTER_FAULTS_RUN"
YOUNG_SECONDS = 10
BEGINS = re.compile(rb"A job begins\..*?job\"?[=:]\"?([0-9a-f]{32})")


class Child:
    """A process whose output goes to two files in a folder."""

    def __init__(self, name, command, logs, environment, cwd=None):
        self.name = name
        self.out, self.log = logs / f"{name}.out", logs / f"{name}.log"
        self._read, self._begun = 0, []
        self.is_stopped = False
        self._started = time.monotonic()
        with open(self.out, "wb") as out, open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=out, stderr=log,
                env=environment, cwd=cwd, start_new_session=True)
        self.pid = self.process.pid

    @property
    def is_running(self):
        return self.process.poll() is None

    def begun(self):
        """The jobs that it has begun, by its log, in their order."""
        with open(self.log, "rb") as file:
            file.seek(self._read)
            text = file.read()
        end = text.rfind(b"\n") + 1
        self._begun += [match.decode() for match in BEGINS.findall(text[:end])]
        self._read += end
        return self._begun

    @property
    def is_young(self):
        """Whether it may not have come so far yet that it can end in order."""
        return time.monotonic() - self._started < YOUNG_SECONDS and not self.begun()

    def send(self, number):
        """Sends a signal; nothing where the process has ended."""
        if self.is_running:
            os.kill(self.pid, number)
            if number in (signal.SIGSTOP, signal.SIGCONT):
                self.is_stopped = number == signal.SIGSTOP

    def kill(self):
        self.send(signal.SIGKILL)
        self.process.wait()

    def end(self, seconds):
        """Asks it to end; gives its status, nil where it had to be killed after so many seconds."""
        if self.is_stopped:
            self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        return self.wait(seconds)

    def wait(self, seconds):
        """Waits for its end; gives its status, nil where it had to be killed after so many seconds."""
        try:
            return self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self._keep_state()
            self.kill()
            return None

    def _keep_state(self):
        """Keeps beside the log where the threads of a stuck process are, and which signals wait."""
        with open(self.log.with_suffix(".stuck"), "w", encoding="utf-8") as file:
            for path in sorted(Path(f"/proc/{self.pid}/task").glob("*/status")):
                file.write(path.read_text() + "\n")
            if program := shutil.which("gdb"):
                command = [program, "-p", str(self.pid), "-batch", "-ex", "thread apply all bt 20"]
                file.flush()
                subprocess.run(command, stdin=subprocess.DEVNULL, stdout=file, stderr=file, check=False)

    def peak_bytes(self):
        """The most memory that it has had resident, while it runs."""
        try:
            found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{self.pid}/status").read_text())
        except OSError:
            return 0
        return int(found[1]) << 10 if found else 0


def related(mark, sessions):
    """The processes with the mark in their environment or of these sessions: commands by identifier."""
    found = {}
    wanted = f"{MARK}={mark}".encode()
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            environment = Path(entry.path, "environ").read_bytes().split(b"\0")
            # The name of the program in front may have spaces.
            status = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            if status[0] != "Z" and (wanted in environment or int(status[3]) in sessions):
                command = Path(entry.path, "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(entry.name)] = command.decode(errors="replace").strip()
        except (OSError, IndexError):
            continue
    return found


def left_over(mark, sessions, seconds=5):
    """What still runs after so many seconds; it is killed then."""
    deadline = time.monotonic() + seconds
    while (found := related(mark, sessions)) and time.monotonic() < deadline:
        time.sleep(0.2)
    # What was just being started shows no environment.
    time.sleep(0.2)
    found |= related(mark, sessions)
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    return found
