"""Where Chromium is, if anywhere."""

from __future__ import annotations

import shutil
from pathlib import Path

DEBIAN = Path("/usr/bin/chromium")


def chromium_path() -> str | None:
    """Return the path of Chromium, None where there is none."""
    if DEBIAN.exists():
        return str(DEBIAN)
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
