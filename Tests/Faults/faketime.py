# SPDX-License-Identifier: MIT
"""Other clocks for processes, with libfaketime: the time of day only, not the time that has passed."""
import contextlib
import shutil
import subprocess
from pathlib import Path

DAY = 86_400
# The library moves timers of every clock, also of those that it leaves alone: a sleep would last a day.
TIMERS = """
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <unistd.h>
int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *old) {
  return syscall(SYS_timerfd_settime, timer, flags, value, old);
}
int timerfd_gettime(int timer, struct itimerspec *value) {
  return syscall(SYS_timerfd_gettime, timer, value);
}
"""


class Unavailable(Exception):
    """This machine lacks what a clock is made with."""


def library():
    """The library for programs with several threads."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise Unavailable("libfaketime was not found: install faketime")
    return found[0]


def timers(folder):
    """A library that gives timers back to the system."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if not compiler:
        raise Unavailable("there is no C compiler")
    place = folder / "timers.so"
    if not place.exists():
        subprocess.run([compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", place], input=TIMERS, text=True, check=True)
    return place


class Clock:
    """A clock that is so many seconds off, and can be set while a process uses it."""

    def __init__(self, path, offset=0):
        self._path = path
        self.environment = {
            "LD_PRELOAD": f"{timers(path.parent)} {library()}", "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            # Times of files come from the file system, whatever the clock says.
            "NO_FAKE_STAT": "1",
            # Names of what is not there, so that the library makes its own and puts their names here. A new
            # variable would move the environment in memory, and Swift looks for the arguments in front of it.
            "FAKETIME_SHARED": "/none /none"}
        self.set(offset)

    def set(self, offset):
        # Renamed, so that nobody reads half of it.
        new = self._path.with_suffix(".new")
        new.write_text(f"{offset:+d}\n")
        new.rename(self._path)


@contextlib.contextmanager
def tidying(pids):
    """Removes in the end what the library has left in /dev/shm of processes that were killed."""
    yield
    for pid in pids():
        for name in (f"faketime_shm_{pid}", f"sem.faketime_sem_{pid}"):
            (Path("/dev/shm") / name).unlink(missing_ok=True)
