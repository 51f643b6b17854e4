"""Where the socket of the embedded Valkey is: in the data folder, or elsewhere when that path is too long."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from engine.settings import Settings

LONGEST_SOCKET = 100  #: bytes; the system allows 107, and clients add some
RECORD = "valkey.socket-path"  # file in the data folder that names a socket elsewhere


def redis_url(settings: Settings) -> str:
    """Return the URL of the queue as processes of this data folder must use it."""
    return settings.redis_url or f"unix://{recorded_socket(settings) or settings.valkey_socket}?db=0"


def claim_socket(settings: Settings) -> Path:
    """Return a path for the socket that is short enough; one outside of the data folder is recorded in it."""
    if len(os.fsencode(settings.valkey_socket)) <= LONGEST_SOCKET:
        return settings.valkey_socket
    recorded = recorded_socket(settings)
    if recorded is None:
        recorded = Path(tempfile.mkdtemp(prefix="motcua-", dir="/tmp")) / "valkey.sock"
        (settings.data / RECORD).write_text(str(recorded), encoding="utf-8")
    return recorded


def recorded_socket(settings: Settings) -> Path | None:
    """Return the recorded path if its folder still is ours."""
    try:
        socket = Path((settings.data / RECORD).read_text(encoding="utf-8"))
        return socket if socket.parent.stat().st_uid == os.geteuid() else None
    except OSError:
        return None
