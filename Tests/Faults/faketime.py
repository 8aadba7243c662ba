# SPDX-License-Identifier: MIT
"""Other clocks for processes, with libfaketime: the time of day only, not the time that has passed."""
import contextlib
import shutil
import subprocess
from pathlib import Path

DAY = 86_400
# The library moves timers of every clock, also of those that it leaves alone, so that a sleep would last a day; and where a
# file is to have the present time, it gives the system no time at all.
MENDS = """
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <unistd.h>
int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *old) {
  return syscall(SYS_timerfd_settime, timer, flags, value, old);
}
int timerfd_gettime(int timer, struct itimerspec *value) {
  return syscall(SYS_timerfd_gettime, timer, value);
}
int utimes(const char *path, const struct timeval *times) {
  struct timespec exact[2];
  for (int index = 0; times && index < 2; index++) {
    exact[index].tv_sec = times[index].tv_sec;
    exact[index].tv_nsec = times[index].tv_usec * 1000;
  }
  return syscall(SYS_utimensat, AT_FDCWD, path, times ? exact : 0, 0);
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


def mends(folder):
    """A library that does right what libfaketime does not."""
    compiler = shutil.which("cc") or shutil.which("clang")
    if not compiler:
        raise Unavailable("there is no C compiler")
    place = folder / "mends.so"
    if not place.exists():
        made = subprocess.run(
            [compiler, "-shared", "-fPIC", "-x", "c", "-", "-o", place], input=MENDS, text=True, capture_output=True)
        if made.returncode != 0:
            raise Unavailable(f"{compiler} makes no library: {made.stderr[:200]}")
    return place


class Clock:
    """A clock that is so many seconds off, and can be set while a process uses it."""

    def __init__(self, path, offset=0):
        self._path = path
        self.environment = {
            "LD_PRELOAD": f"{mends(path.parent)} {library()}", "FAKETIME_TIMESTAMP_FILE": str(path), "FAKETIME_NO_CACHE": "1",
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
