# SPDX-License-Identifier: MIT
"""Other clocks for processes, with libfaketime: the time of day only, not the time that has passed."""
import contextlib
from pathlib import Path

DAY = 86_400


class Unavailable(Exception):
    """There is no libfaketime on this machine."""


def library():
    """The library for programs with several threads."""
    found = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not found:
        raise Unavailable("libfaketime was not found: install faketime")
    return found[0]


class Clock:
    """A clock that is so many seconds off, and can be set while a process uses it."""

    def __init__(self, path, offset=0):
        self._path = path
        self.environment = {
            "LD_PRELOAD": str(library()), "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1",
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
