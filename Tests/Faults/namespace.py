# SPDX-License-Identifier: MIT
"""A network namespace with one cable to the host, which can be pulled."""
import os
import shutil
import subprocess


class Unavailable(Exception):
    """There can be no namespace here, for this reason."""


class Namespace:
    """A namespace; `host` is the address at which the host is reached from inside."""

    def __init__(self):
        if os.geteuid() != 0:
            raise Unavailable("network namespaces need root")
        if shutil.which("ip") is None:
            raise Unavailable("ip was not found: install iproute2")
        number = os.getpid()
        self.name = f"tonmeister-{number}"
        self._outside, inside = f"tmo{number}", f"tmi{number}"
        network = f"10.213.{number % 250}"
        self.host = f"{network}.1"
        try:
            self._ip("netns", "add", self.name)
            self._ip("link", "add", self._outside, "type", "veth", "peer", "name", inside, "netns", self.name)
            self._ip("address", "add", f"{self.host}/30", "dev", self._outside)
            self._ip("link", "set", self._outside, "up")
            self._ip("-n", self.name, "address", "add", f"{network}.2/30", "dev", inside)
            self._ip("-n", self.name, "link", "set", inside, "up")
            self._ip("-n", self.name, "link", "set", "lo", "up")
        except subprocess.CalledProcessError as error:
            self.close()
            raise Unavailable(f"{' '.join(error.cmd)}: {error.stderr.strip()}") from error

    @property
    def prefix(self):
        """What is put before a command to run it inside; the process keeps its identifier."""
        return ["ip", "netns", "exec", self.name]

    def cut(self):
        """Pulls the cable: packets are lost, and nobody is told."""
        self._ip("link", "set", self._outside, "down")

    def mend(self):
        """Plugs the cable in again."""
        self._ip("link", "set", self._outside, "up")

    def close(self):
        for words in (["link", "del", self._outside], ["netns", "del", self.name]):
            subprocess.run(["ip", *words], check=False, capture_output=True)

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
