"""Signatures: the head's event moves the letter, and each signed file is what rows and certificates say of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, select

from engine.domain.events import EventKind
from engine.domain.signing import REVISIONS, SignatureCheck
from engine.errors import EngineError
from engine.integrations.signature_checks import check as check_file
from engine.ports import FileStore
from engine.store.base import Base
from engine.verification.differences import ROW, Difference, Findings
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row

_TABLE = "paper_signature"
_FILES = {1: "signed_sha256", 2: "file_sha256"}  # of the letter, by revision
_GONE = ("draft", "approved", "withdrawn")  # a letter that is written anew leaves what was signed before behind


def signed(life: Life, moment: Moment) -> None:
    """Keep the head's signature: of an approved letter, by a person, no later than the event."""
    said = moment.payload
    row = life.part("letter", "letter", UUID(said["letter"]))
    if row["state"] != "approved":
        raise MisfitError("payload.letter", "approved", row["state"], "signed in another state")
    at = moment.instant("signed_at")
    life.expect(moment, "payload.signed_at", True, at <= moment.at, "signed later than its event says")
    life.expect(moment, "actor_id", True, moment.actor is not None, "signed by nobody")
    row.update(state="signed", signed_by=moment.actor, signed_at=at, signed_sha256=said["file"])


def check(connection: Connection, files: FileStore, findings: Findings) -> None:
    """Compare the rows of signatures with letters and keys, and look into each file that is kept.

    Whom a certificate is issued by is not asked here: roots are a setting, and a letter stays what it was.
    """
    tables = Base.metadata.tables
    letters = {row["id"]: dict(row) for row in connection.execute(select(tables["letter"])).mappings()}
    keys = {row["id"]: dict(row) for row in connection.execute(select(tables["signing_key"])).mappings()}
    found = [dict(row) for row in connection.execute(select(tables[_TABLE])).mappings()]
    known = {(row["document_id"], row["revision"]) for row in found}
    for row in found:
        findings.count("signatures")
        _check_row(row, letters.get(row["document_id"]), keys.get(row["key_id"]), files, findings)
    for letter in letters.values():
        if letter["signed_sha256"] is not None and (letter["id"], 1) not in known:
            _differ(findings, f"{letter['id']} 1", ROW, "a signature", None, "nobody is noted who signed the letter")


def _check_row(row: Row, letter: Row | None, key: Row | None, files: FileStore, findings: Findings) -> None:
    name = f"{row['document_id']} {row['revision']}"
    if letter is None or key is None:
        _differ(findings, name, ROW, "its letter and its key", None, "a signature of what does not exist")
        return
    if letter["state"] in _GONE:
        return
    column = _FILES.get(row["revision"], "file_sha256")
    wanted = {
        "owner_agency_id": (letter["owner_agency_id"], "of another agency than its letter"),
        "file_sha256": (letter[column], "not the file that the letter keeps"),
    }
    if row["revision"] == REVISIONS["ky"]:
        wanted |= {
            "officer_id": (letter["signed_by"], "not who signed the letter"),
            "signed_at": (letter["signed_at"], "not when the letter was signed"),
        }
    elif letter[column] is None:
        return  # the letter was written anew after its seal
    for field, (expected, message) in wanted.items():
        if row[field] != expected:
            _differ(findings, name, field, expected, row[field], message)
    _check_signature(row, name, files, findings)


def _check_signature(row: Row, name: str, files: FileStore, findings: Findings) -> None:
    try:
        held = {REVISIONS.get(each.field): each for each in _held(files, row["file_sha256"], row)}
    except EngineError as error:
        _differ(findings, name, "file_sha256", "a signed file", error.code, f"the stored file: {error.message}")
        return
    one = held.get(row["revision"])
    if one is None:
        _differ(findings, name, "revision", row["revision"], None, "the file has no such signature")
        return
    certificate = one.certificate.sha256
    if certificate != row["certificate_sha256"]:
        message = "the file is signed with another certificate"
        _differ(findings, name, "certificate_sha256", row["certificate_sha256"], certificate, message)
    if not one.intact or one.changed_after == "text":
        _differ(findings, name, "file_sha256", "intact", one.changed_after, "the signature does not hold")


def _held(files: FileStore, sha256: str, row: Row) -> tuple[SignatureCheck, ...]:
    return check_file(files.get(sha256), trust=b"", now=row["signed_at"])


def _differ(findings: Findings, name: str, field: str, expected: Any, found: Any, message: str) -> None:
    findings.differences.append(Difference(_TABLE, name, field, expected, found, message))


HANDLERS = {EventKind.LETTER_SIGNED: signed}
