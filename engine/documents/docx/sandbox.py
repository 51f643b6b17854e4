"""Checks a template in a process of its own that may neither grow, nor run on, nor write (speed_scale §D.5, S16)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.documents.docx import package, samples
from engine.documents.docx.findings import Finding, error, read
from engine.domain.official_forms import OfficialForm

CPU_SECONDS = 2  #: of the check itself
MEMORY = 200 * 1024 * 1024  #: bytes of its own that the process may have
WALL_SECONDS = 20  #: with its start, on a busy machine


def check(form: OfficialForm, content: bytes) -> list[Finding]:
    """Return what is wrong with an office's template of a form, errors first; no error means that it can be used.

    Raises:
        UnknownFormError: no paper of that kind can be printed.
    """
    full, sparse = samples.sample_fields(form), samples.sample_fields(form, full=False)
    if len(content) > package.LARGEST_FILE:
        return [error("file-too-large", bytes=len(content), at_most=package.LARGEST_FILE)]
    return run(content, {"full": full, "sparse": sparse, "required": list(samples.required(form))})


def run(content: bytes, wishes: Mapping[str, Any], *, module: str = "engine.documents.docx.jail") -> list[Finding]:
    """Run a check in a jail; a process that is stopped, or that says nothing, is a finding too."""
    order = json.dumps(wishes, ensure_ascii=False).encode()
    try:
        done = subprocess.run(  # noqa: S603 - our own module; the upload is only its input
            [sys.executable, "-m", module, str(CPU_SECONDS), str(MEMORY)],
            input=len(order).to_bytes(8, "big") + order + content,
            capture_output=True,
            cwd=Path(__file__).parents[3],
            env={"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},  # no secret of ours
            timeout=WALL_SECONDS,
            check=False,
        )
        told = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        told = None
    return [error("check-stopped")] if told is None else [read(each) for each in told]
