# SPDX-License-Identifier: MIT
"""A PostgreSQL server of its own in a folder, on a free port of loopback."""
import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path

USER, NAME = "tonmeister", "tonmeister"
# What is committed has to survive the end of the server, not that of the machine.
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
fsync = off
dynamic_shared_memory_type = mmap
max_connections = 200
log_line_prefix = '%m [%p] '
"""


class Missing(Exception):
    """There is no PostgreSQL on this machine."""


def programs():
    """The folder of the newest `initdb` and `pg_ctl`."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"),
        key=lambda path: float(path.parent.parent.name), reverse=True)
    if places:
        return places[0].parent
    found = shutil.which("pg_ctl")
    if found is None:
        raise Missing("pg_ctl was not found: install postgresql")
    return Path(found).resolve().parent


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class PostgreSQL:
    """The server. Where the suite runs as root it runs as `postgres`, since it refuses root."""

    def __init__(self, folder, log, environment):
        self.bin = programs()
        self.folder, self.log = folder, log
        self.port = free_port()
        self._environment = environment
        self._who = {}
        folder.mkdir()
        log.touch()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self._who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            for path in (folder, log):
                os.chown(path, user.pw_uid, user.pw_gid)
        self._run(
            "initdb", "-D", folder / "data", "-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C",
            "--no-sync")
        with open(folder / "data/postgresql.conf", "a", encoding="utf-8") as file:
            file.write(SETTINGS.format(port=self.port, folder=folder))
        self.start()
        self.new_database(NAME)

    def new_database(self, name):
        """Makes a database; gives the store as the program is told."""
        self._run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", USER, name)
        return f"postgres://{USER}@127.0.0.1:{self.port}/{name}"

    @property
    def address(self):
        return "127.0.0.1", self.port

    def url(self, address=None):
        """The store as the program is told, through another address where one is given."""
        host, port = address or self.address
        return f"postgres://{USER}@{host}:{port}/{NAME}"

    def start(self):
        self._control("start")

    def stop(self, mode="fast"):
        """Stops it: `immediate` as if it had crashed, `fast` after it has ended its sessions."""
        self._control("stop", "-m", mode)

    def restart(self, mode):
        self._control("restart", "-m", mode)

    @property
    def is_running(self):
        return (self.folder / "data/postmaster.pid").exists()

    def _control(self, *words):
        self._run("pg_ctl", "-D", self.folder / "data", "-l", self.log, "-w", "-t", "60", *words)

    def _run(self, program, *words):
        # The output goes to a file: the server inherits it, and a pipe would stay open.
        path = self.folder / "commands.log"
        with open(path, "ab") as output:
            command = subprocess.Popen(
                [str(self.bin / program), *map(str, words)], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, env=self._environment, cwd=self.folder, start_new_session=True, **self._who)
        try:
            command.wait()
        finally:
            # Also where the suite is told to end meanwhile: else a server would come up that nobody knows of.
            command.wait()
        if command.returncode != 0:
            raise RuntimeError(f"{program} {words}: {path.read_text(errors='replace')[-2000:]}")

    def close(self):
        if self.is_running:
            try:
                self.stop("immediate")
            except RuntimeError as error:
                print(f"  PostgreSQL did not stop: {error}")
