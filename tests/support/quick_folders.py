"""Where tests keep what they throw away: in memory, where that has room; a disk makes databases wait for it."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

IN_MEMORY = Path("/dev/shm")
ROOM = 4 * 2**30  #: bytes; a run needs some hundred MB at a time


def quick_folder() -> Path:
    """Return a folder for temporary files: in memory, or the usual one where that is small or missing."""
    if os.access(IN_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(IN_MEMORY).free >= ROOM:
        return IN_MEMORY
    return Path(tempfile.gettempdir())
