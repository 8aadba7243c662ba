# SPDX-License-Identifier: MIT
"""A small file system in memory that can be filled and emptied."""
import os
import subprocess


class Unavailable(Exception):
    """There can be no such file system here, for this reason."""


class Volume:
    """A tmpfs of a size; `data` is a folder in it, beside which lies what fills it."""

    def __init__(self, path, size):
        if os.geteuid() != 0:
            raise Unavailable("mounting a file system needs root")
        path.mkdir()
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tonmeister-faults", str(path)], check=False,
            capture_output=True, text=True)
        if done.returncode != 0:
            path.rmdir()
            raise Unavailable(f"mount -t tmpfs: {done.stderr.strip()}")
        self.path, self.data = path, path / "data"
        self._ballast = path / "ballast"

    @property
    def free_bytes(self):
        status = os.statvfs(self.path)
        return status.f_bavail * status.f_frsize

    def fill(self, leave=0):
        """Takes all space but so many bytes."""
        count = self.free_bytes - leave
        with open(self._ballast, "ab") as file:
            while count >= 4096:
                try:
                    os.posix_fallocate(file.fileno(), file.seek(0, os.SEEK_END), count)
                    return
                except OSError:
                    # Others write at the same time.
                    count = min(count // 2, self.free_bytes - leave)

    def clear(self):
        """Gives the space back."""
        self._ballast.unlink(missing_ok=True)

    def close(self):
        subprocess.run(["umount", "--lazy", str(self.path)], check=False, capture_output=True)
