"""``motcua bench letters``: letters of apology a second and core as PDF and .docx, beside the bare libraries.

Both sides print the same template with the same fields, and make the same QR code: a library does not make one, and a
letter has one. They take turns letter by letter, so that what else the machine does falls on both, and processor time
is counted, not the time that others took away. The last figure is what an office gets: a letter numbered, printed,
stored and committed.
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from docxtpl import DocxTemplate
from jinja2.sandbox import ImmutableSandboxedEnvironment

from bench import steps
from engine import bootstrap
from engine.context import Context
from engine.documents import forms, receipts
from engine.documents import render as printing
from engine.documents.docx import render, samples
from engine.documents.printable import FONTS
from engine.domain.actors import Actor
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Cause
from engine.domain.official_forms import CURRENT, FormKind, form_of
from engine.services import apologies, intake, letter_dispatch

LETTERS = 40
ISSUED = 20
AT_LEAST = 0.7  # of the bare library (issue 6)
FORM = form_of(CURRENT, FormKind.APOLOGY)
PDF_A = "typst writes PDF/A-2b, by its own claim: no independent validator is at hand"


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure beside its floor, both of one run (contract §2 ``bench``)."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    at_least: float | None  # of the floor
    what: str

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        found = {key: round(value, 2) if isinstance(value, float) else value for key, value in asdict(self).items()}
        return {key: value for key, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Letters:
    """All figures; the lower of the two renderings stands for the whole."""

    parts: list[Measure]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        judged = [part for part in self.parts if part.at_least is not None]
        lowest = min(judged, key=lambda part: part.ratio)
        whole = lowest.as_json() | {"name": "letters", "kept": lowest.ratio >= AT_LEAST, "pdf_a": PDF_A}
        return whole | {"parts": [part.as_json() for part in self.parts]}


def measure(*, letters: int = LETTERS, issued: int = ISSUED) -> Letters:
    """Measure both renderings and the whole way of a letter."""
    values = [_values(no) for no in range(letters + 1)]
    fields = [forms.fields_of(FORM, each) for each in values]
    pdf = _in_turns(lambda no: forms.render_pdf(FORM, values[no]), _bare_typst(fields), letters)
    docx = _in_turns(lambda no: render.render_docx(FORM, values[no]), _bare_docxtpl(fields), letters)
    return Letters(
        [
            _judged("letters pdf", pdf, f"PDF a second and core; floor: bare typst, compiler kept; {PDF_A}"),
            _judged("letters docx", docx, ".docx a second and core; floor: bare docxtpl, the same template"),
            _issued(issued, pdf[0]),
        ]
    )


def _judged(name: str, rates: tuple[float, float], what: str) -> Measure:
    ours, floor = rates
    return Measure(
        name=name, value=ours, unit="letters/s", floor=floor, ratio=ours / floor, at_least=AT_LEAST, what=what
    )


def _values(no: int) -> Any:
    code = f"H99.99-260302-{no:04}"
    link = f"https://motcua.example.vn/tra-cuu/{code}"
    recipients = ("Như trên", "Lưu: VT")
    return replace(samples.sample_values(FORM), code=code, tracking_url=link, recipients=recipients)


def _in_turns(ours: Callable[[int], object], bare: Callable[[int], object], letters: int) -> tuple[float, float]:
    """Return letters a second of processor time of both sides; the first letter of each only warms up."""
    taken = [0.0, 0.0]
    for no in range(letters + 1):
        for side, make in enumerate((ours, bare)):
            began = time.process_time()
            make(no)
            if no:
                taken[side] += time.process_time() - began
    return letters / taken[0], letters / taken[1]


def _bare_typst(fields: list[dict[str, Any]]) -> Callable[[int], object]:
    """Return what prints a letter by nothing but typst: orders are made before, only the QR code is not."""
    folder = printing.TEMPLATES
    compiler = typst.Compiler(
        input=str(folder / f"{forms.template_of(FORM)}.typ"),
        root=str(folder),
        font_paths=[str(FONTS)],
        ignore_system_fonts=True,
    )
    texts = [json.dumps(each, ensure_ascii=False) for each in fields]

    def make(no: int) -> object:
        images = json.dumps({"qr": receipts.qr_svg(fields[no]["tracking_url"])})
        inputs = {"values": texts[no], "images": images}
        return compiler.compile(format="pdf", sys_inputs=inputs, pdf_standards=["a-2b"], timestamp=0)

    return make


def _bare_docxtpl(fields: list[dict[str, Any]]) -> Callable[[int], object]:
    """Return what prints a letter as docxtpl's manual says, in its sandbox."""
    template = render.shipped(FORM)

    def make(no: int) -> object:
        segno.make_qr(fields[no]["tracking_url"], error="m").save(BytesIO(), kind="png", scale=4, border=4)
        paper = DocxTemplate(BytesIO(template))
        paper.render(fields[no], ImmutableSandboxedEnvironment(), autoescape=True)
        out = BytesIO()
        paper.save(out)
        return out.getvalue()

    return make


def _issued(letters: int, printed: float) -> Measure:
    with tempfile.TemporaryDirectory() as folder:
        clock = TurnedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        ctx = bootstrap.from_environment({"MOTCUA_DATA": str(Path(folder))}, clock=clock)
        try:
            officer = steps.office(ctx)
            waiting = [_approved(ctx, officer) for _no in range(letters)]
            began = time.perf_counter()
            for letter in waiting:
                letter_dispatch.dispatch(ctx, by=officer, letter_id=letter)
            rate = letters / (time.perf_counter() - began)
        finally:
            ctx.database.close()
    return Measure(
        name="letters issued",
        value=rate,
        unit="letters/s",
        floor=printed,
        ratio=rate / printed,
        at_least=None,
        what="numbered, printed, stored and committed (SQLite, synchronous=FULL), by the clock; floor: PDF alone",
    )


def _approved(ctx: Context, officer: Actor) -> str:
    filing = intake.Filing(procedure_code=steps.PROCEDURE, applicant=intake.Person(name="Đo"))
    dossier = intake.receive(ctx, by=officer, filing=filing)
    later = datetime.fromisoformat(dossier["due_at"]) + timedelta(days=7)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý hồ sơ", new_due_at=later)
    answer = apologies.extend(ctx, by=officer, dossier=dossier["id"], draft=draft)
    apologies.approve(ctx, by=officer, letter_id=answer["letter"]["id"])
    return str(answer["letter"]["id"])
