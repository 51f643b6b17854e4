"""Checking one dossier: its events, then every row that they determine."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime

from bpmn import runner
from bpmn.errors import BpmnError
from engine.domain.dossier import ENDED, Status
from engine.domain.events import digest
from engine.domain.text import fold as fold_text
from engine.errors import EngineError
from engine.ports import FileStore
from engine.verification import (
    foresight,
    lateness,
    on_clock,
    on_consultations,
    on_extensions,
    on_going_back,
    on_letters,
    on_waits,
)
from engine.verification.differences import ROW, Findings, plain
from engine.verification.fold import check_chain, fold
from engine.verification.life import Life
from engine.verification.reference import Reference
from engine.verification.rows import DOSSIER, PARTS, Found, Key, Row, compare

PERSON = ("name", "identity_number", "phone", "email", "address")


def check(found: Found, *, reference: Reference, files: FileStore, now: datetime, findings: Findings) -> Life:
    """Fold the dossier's events again and report every difference; return what they add up to."""
    life = Life(id=found.id, reference=reference, report=findings.differences.append)
    fold(life, found.events)
    check_chain(life, found.events, found.dossier["owner_agency_id"])
    _check_dossier(life, found)
    for kept in PARTS:
        expected = {key: _with_columns(kept.key, key, row) for key, row in life.rows[kept.name].items()}
        findings.differences.extend(
            compare(kept, expected=expected, found=found.parts[kept.name], name=_namer(life), dossier=str(life.id))
        )
    _check_pinned(life)
    _check_people(life, found)
    _check_authorisation(life, found)
    on_consultations.check_notes(life, found)
    on_letters.check_proofs(life, found)
    _check_process(life, found)
    _check_files(life, files)
    try:
        on_going_back.check_acts(life, found.parts["task"])
        lateness.check_letters(life, findings)
        on_extensions.check(life)
        lateness.check_wakes(life, found.parts["deadline"], now=now, findings=findings)
        foresight.check_instants(life, found)
        on_waits.check_wakes(life, found.parts["process_wait"], now=now, findings=findings)
    except (EngineError, KeyError, TypeError, ValueError) as error:  # a limit or date that the events spoil
        life.differ("deadline", life.name(), ROW, "limits that can be counted", None, f"cannot be counted: {error!r}")
    findings.count("dossiers")
    findings.count("events", len(found.events))
    return life


def _with_columns(names: tuple[str, ...], key: Key, row: Row) -> Row:
    return {**dict(zip(names, key, strict=True)), **row}


def _namer(life: Life) -> Callable[[Key], str]:
    return lambda key: life.name(*key)


def _check_dossier(life: Life, found: Found) -> None:
    name = life.name()
    if not found.events:
        life.differ("event", name, ROW, "a history", None, "the dossier has no events")
        return
    last = found.events[-1]
    expected = dict(life.dossier)
    expected["status"] = None if life.status is None else life.status.value
    expected["event_seq"], expected["event_hash"] = last["seq"], last["hash"]
    expected["search"] = _search(life, found)
    differences = compare(
        DOSSIER, expected={(): expected}, found={(): found.dossier}, name=lambda _: name, dossier=str(life.id)
    )
    for difference in differences:
        life.report(difference)
    if life.status is Status.PROCESSING and life.promise is not None and life.promise["state"] != "ended":
        stands = life.open_pause() is not None
        message = "the clock stands while, and only while, all open steps are outside the limit"
        if on_clock.are_outside(life) != stands:
            life.differ("dossier", name, "is_paused", not stands, stands, message)
    if life.status in ENDED and life.open_tasks():
        life.differ("dossier", name, "status", "no open task", life.status, "the dossier has ended with open tasks")


def _check_pinned(life: Life) -> None:
    """What was in force at reception is kept to the end (domain.md §1.15, invariant 10)."""
    version = life.dossier.get("version_id")
    if version is not None and version not in life.reference.version_ids:
        life.differ("procedure_version", life.name(), ROW, version, None, "the version that is pinned is gone")
    for calendar in sorted({row["calendar_version"] for row in life.rows["deadline"].values()}):
        if calendar not in life.reference.calendar_names:
            message = "the calendar from which a promise was counted is gone"
            life.differ("calendar_version", f"{calendar} of {life.name()}", ROW, calendar, None, message)


def _search(life: Life, found: Found) -> str:
    rows = [found.parts["party"].get((role,)) for role in ("applicant", "owner")]
    parts = [row[name] for row in rows if row for name in ("name", "identity_number", "phone") if row[name]]
    people = fold_text(" ".join(parts))
    code = life.dossier.get("code")
    return f"{fold_text(code)} {people}" if code else people


def _check_people(life: Life, found: Found) -> None:
    """Compare personal data with the salted digest that the event keeps; the data itself is never printed."""
    for key, row in found.parts["party"].items():
        wanted = life.people.get(key[0])
        made = digest([row["salt"], *(row[name] for name in PERSON)])
        if wanted is not None and made != wanted:
            message = "a name, number, phone, e-mail, address or the salt is not what was filed (shown: the digests)"
            life.differ("party", life.name(*key), "digest", wanted, made, message)


def _check_authorisation(life: Life, found: Found) -> None:
    """The paper by which somebody files for another may name people, so the event keeps a digest of it."""
    text = found.dossier["authorisation"]
    made = digest([str(life.id), text]) if text else None
    if found.events and made != life.authorisation:
        message = "the paper of authorisation is not what was filed (shown: the digests)"
        life.differ("dossier", life.name(), "authorisation", life.authorisation, made, message)


def _check_process(life: Life, found: Found) -> None:
    """Compare the process state with the digest of the events, and its open tasks with the task rows."""
    row = found.parts["process_instance"].get(())
    if row is None:
        return
    if not isinstance(row["state"], bytes):  # SQLite keeps any text in a column of bytes
        found_type = type(row["state"]).__name__
        life.differ("process_instance", life.name(), "state", "bytes", found_type, "the process state is no bytes")
        return
    made = hashlib.sha256(row["state"]).hexdigest()
    if made != life.process:
        message = "the process state is not the one that the last event names (shown: the digests)"
        life.differ("process_instance", life.name(), "state", life.process, made, message)
    if life.version is None:
        return
    try:
        model = runner.load(life.version.model, life.version.decisions)
        open_tasks, armed = runner.open_tasks(model, row["state"]), runner.waits(model, row["state"])
    except BpmnError as error:
        life.differ("process_instance", life.name(), "state", "a readable state", None, str(error))
        return
    waiting = sorted((task.id, task.node) for task in open_tasks)
    rows = found.parts["task"].values()
    known = sorted((each["process_task"], each["node"]) for each in rows if each["state"] == "open")
    if waiting != known:
        message = "the process waits at other places than the open task rows say"
        life.differ("process_instance", life.name(), "state", plain(known), plain(waiting), message)
    on_waits.check_armed(life, found.parts["process_wait"], {wait.id for wait in armed})


def _check_files(life: Life, files: FileStore) -> None:
    columns = {
        "letter": ("file_sha256", "signed_sha256", "proof_sha256"), "paper": ("file_sha256",),
        "receipt_issue": ("file_sha256",),
        "result_return": ("signature_sha256", "proof_sha256"),
    }  # fmt: skip
    named = [
        (table, key, column, row[column])
        for table, wanted in columns.items()
        for key, row in life.rows[table].items()
        for column in wanted
    ]
    for table, key, column, sha256 in named:
        if sha256 is None:
            continue
        try:
            files.get(sha256)
        except EngineError as error:
            life.differ(table, life.name(*key), column, sha256, error.code, f"the stored file: {error.message}")
