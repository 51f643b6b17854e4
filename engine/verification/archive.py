"""Checking the archive: what papers were made from, that kept files exist, that a sample prints the same again."""

from __future__ import annotations

import hashlib
import heapq
import json
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.documents import forms
from engine.documents.frozen import thaw
from engine.domain.events import canonical, digest
from engine.domain.official_forms import FormKind, OfficialForm, form_of
from engine.domain.paper_numbers import counter_of
from engine.errors import EngineError
from engine.ports import FileStore
from engine.store.base import Base
from engine.verification.counters import Tally
from engine.verification.differences import Difference, Findings
from engine.verification.life import Life
from engine.verification.rows import Found, Row

SAMPLE = 25  #: papers that are printed again in a run: the ids with the smallest digests, so each run the same ones
_TABLE = "issued_paper"


class Sample:
    """Papers to print again, and the files that are kept of all of them."""

    def __init__(self, files: FileStore, findings: Findings) -> None:
        self._files, self._findings = files, findings
        self._chosen: list[tuple[int, str, Row]] = []

    def add(self, life: Life, found: Found) -> None:
        """Check what the papers of a dossier were made from and that their files are there."""
        for key, row in found.parts[_TABLE].items():
            self._check(row, life.name(*key), str(life.id))

    def add_loose(self, connection: Connection, tally: Tally) -> None:
        """Take in papers that belong to no dossier: no history tells of them, so their rows are what counts."""
        table = Base.metadata.tables[_TABLE]
        for each in connection.execute(select(table).where(table.c.dossier_id.is_(None))).mappings():
            row = dict(each)
            self._check(row, str(row["id"]), None)
            if row["counter"] is not None:
                kind = counter_of(FormKind(row["kind"]))
                tally.add([(kind, row["owner_agency_id"], str(row["year"]), row["counter"])])

    def check(self) -> None:
        """Print the sample again and report what differs from the file that is kept."""
        self._findings.count("papers_printed_again", len(self._chosen))
        for _, name, row in self._chosen:
            made = _printed(row)
            if made != row["file_sha256"]:
                message = "printed again, the paper is not the file that is kept (shown: the digests)"
                self._differ(name, "file_sha256", row["file_sha256"], made, message, _dossier(row))

    def _check(self, row: Row, name: str, dossier: str | None) -> None:
        self._findings.count("papers")
        made = digest(row["made_from"])
        if made != row["made_from_sha256"]:
            message = "what the paper was made from is not what was issued (shown: the digests)"
            self._differ(name, "made_from", row["made_from_sha256"], made, message, dossier)
        for column in ("file_sha256", "signed_sha256"):
            if row[column] is not None:
                self._check_file(row[column], name, column, dossier)
        if row["file_sha256"] is not None and row["form_version"] == _version_now(row):
            place = -int(hashlib.sha256(row["id"].bytes).hexdigest()[:15], 16)
            heapq.heappush(self._chosen, (place, name, row))
            if len(self._chosen) > SAMPLE:
                heapq.heappop(self._chosen)

    def _check_file(self, sha256: str, name: str, column: str, dossier: str | None) -> None:
        try:
            self._files.get(sha256)
        except EngineError as error:
            self._differ(name, column, sha256, error.code, f"the stored file: {error.message}", dossier)

    def _differ(self, name: str, column: str, expected: Any, found: Any, message: str, dossier: str | None) -> None:
        self._findings.differences.append(Difference(_TABLE, name, column, expected, found, message, dossier))


def _dossier(row: Row) -> str | None:
    known: UUID | None = row["dossier_id"]
    return None if known is None else str(known)


def _version_now(row: Row) -> int | None:
    try:
        return form_of(row["form_set"], FormKind(row["kind"])).version
    except (EngineError, ValueError):
        return None  # the row says a form that does not exist: reported where it is compared with its event


def _printed(row: Row) -> str:
    """Return the digest of the paper printed now, or why it cannot be printed."""
    form = OfficialForm(row["form_set"], row["form_key"], FormKind(row["kind"]), row["form_version"])
    return _printed_once(form, canonical(row["made_from"]))


@lru_cache(maxsize=4 * SAMPLE)  # the same values print the same bytes: a process that checks often prints once
def _printed_once(form: OfficialForm, made_from: str) -> str:
    try:
        made = forms.render_pdf(form, thaw(forms.values_class(form.kind), json.loads(made_from)["values"]))
    except (EngineError, KeyError, TypeError, ValueError) as error:
        return f"cannot be printed: {type(error).__name__}"
    return hashlib.sha256(made).hexdigest()
