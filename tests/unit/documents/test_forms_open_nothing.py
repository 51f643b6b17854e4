"""What the process really opens while hostile texts are printed: templates and fonts, no file of theirs, no socket."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine.documents.printable import FONTS
from engine.documents.render import TEMPLATES

ROOT = Path(__file__).parents[3]
PRINTING = """
from engine.documents.forms import render_pdf
from tests.unit.documents.hard_values import with_texts
from tests.unit.documents.test_hard_forms import HOSTILE, LAYOUTS, SAMPLES
for form in LAYOUTS:
    texts = iter(HOSTILE * 20)
    render_pdf(form, with_texts(SAMPLES[form.kind], lambda _place: next(texts)))
"""


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_printing_hostile_texts_opens_only_templates_and_fonts(tmp_path: Path) -> None:
    log = tmp_path / "calls"
    watch = ["strace", "-f", "-e", "trace=%network,open,openat,execve", "-o", str(log)]
    tried = subprocess.run([*watch, "true"], capture_output=True, check=False)
    if tried.returncode != 0:
        pytest.skip("processes may not be watched here")
    subprocess.run([*watch, sys.executable, "-c", PRINTING], cwd=ROOT, capture_output=True, timeout=120, check=True)
    calls = log.read_text(encoding="utf-8", errors="replace")
    opened = {Path(path) for path in re.findall(r"open(?:at)?\([^\"\n]*\"([^\"]+)\"", calls)}

    assert re.findall(r"\b(?:socket|connect|sendto|bind)\(", calls) == []
    assert len(re.findall(r"\bexecve\(", calls)) == 1
    assert {path.parent for path in opened if path.suffix == ".typ"} == {TEMPLATES}
    assert {path.parent for path in opened if path.suffix == ".ttf"} == {FONTS}
    assert [path for path in opened if path.name in ("passwd", "x") or "169.254" in str(path)] == []
