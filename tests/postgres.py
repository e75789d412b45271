"""A PostgreSQL server for one run of the tests, in a temporary folder that is deleted at the end.

The server listens on 127.0.0.1 and on a socket in that folder, and accepts everybody without a password. Its
data does not survive a power cut. This module must not touch any other PostgreSQL server.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("initdb", "pg_ctl", "postgres", "createdb", "dropdb")
OPTIONS = "-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
USER = "coach"
MEMORY = Path("/dev/shm")
"""Linux's folder in memory. A disk takes longer to create a database, and for each commit."""
ENOUGH_BYTES = 2**30
"""How much free space the folder in memory must have. In many containers, it has 64 MiB in all."""


class Missing(Exception):
    """PostgreSQL cannot be run on this machine. The text says what is missing."""


@dataclass(frozen=True)
class Server:
    """A running server. `programs` is the folder with its programs, such as createdb."""

    programs: Path
    port: int

    @contextmanager
    def database(self, name: str) -> Iterator[str]:
        """Create an empty database and yield its URL.

        At the end the database is dropped, even if somebody is still connected to it.
        """
        self._run("createdb", name)
        try:
            yield f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{name}"
        finally:
            self._run("dropdb", "--force", name)

    def _run(self, program: str, *arguments: str) -> None:
        address = ("--host=127.0.0.1", f"--port={self.port}", f"--username={USER}")
        _run(str(self.programs / program), *address, *arguments)


@contextmanager
def server() -> Iterator[Server]:
    """Start a new server. Stop and delete it at the end.

    Raises Missing if PostgreSQL cannot be run on this machine.
    """
    programs, user = _programs(), _command_prefix()
    folder = Path(tempfile.mkdtemp(prefix="postgres-", dir=memory_folder()))
    try:
        with _running(programs, folder, user) as port:
            yield Server(programs, port)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _running(programs: Path, folder: Path, user: tuple[str, ...]) -> Iterator[int]:
    if user:
        shutil.chown(folder, "postgres")
    port, data = free_port(), folder / "data"
    control = [*user, str(programs / "pg_ctl"), f"--pgdata={data}", "--wait"]
    options = OPTIONS.format(port=port, folder=folder)
    initdb = [*user, str(programs / "initdb"), f"--pgdata={data}", f"--username={USER}"]
    _run(*initdb, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
    _run(*control, f"--log={folder / 'log'}", f"--options={options}", "start")
    try:
        yield port
    finally:
        _run(*control, "--mode=immediate", "stop")


def _programs() -> Path:
    """Return the folder with the programs of the newest PostgreSQL. Raises Missing if there is none.

    On Debian, this folder is not in the PATH.
    """
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    for folder in [*([Path(found).resolve().parent] if found else []), *reversed(debian)]:
        if all((folder / program).exists() for program in PROGRAMS):
            return folder
    raise Missing("PostgreSQL's server is not installed (on Debian and Ubuntu: apt install postgresql)")


def _command_prefix() -> tuple[str, ...]:
    """Return the words that, before a command, make it run as the user postgres instead of root.

    PostgreSQL refuses to run as root. If the current user is not root, return nothing. Raises Missing if root
    has no means to change the user.
    """
    if os.geteuid() != 0:
        return ()
    runuser = shutil.which("runuser", path=f"{os.environ['PATH']}:/usr/sbin:/sbin")
    if not runuser or "postgres" not in [entry.pw_name for entry in pwd.getpwall()]:
        raise Missing("PostgreSQL cannot be started: root needs the user postgres and runuser for it")
    return (runuser, "-u", "postgres", "--")


def memory_folder() -> Path | None:
    """Return a folder in memory, or None if there is none with enough space."""
    usable = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_BYTES
    return MEMORY if usable else None


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}{done.stderr}")
