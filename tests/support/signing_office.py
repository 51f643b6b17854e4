"""An office that signs its letters electronically, with the keys of the tests' authority."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Cause
from engine.services import apologies, signing_keys
from engine.services.signing_keys import Owner
from tests.support.builders import NO_EMAIL, Office, a_received_dossier, an_office, local, turn_clock_to
from tests.support.signing import PIN, Made, authority


def signing_electronically(ctx: Context, office: Office) -> None:
    """Let the agency's letters be signed electronically."""
    with ctx.unit_of_work() as uow:
        uow.agencies.get(office.id).signs_letters = "electronic"


def add_key(ctx: Context, office: Office, made: Made, username: str | None = "approver") -> dict[str, Any]:
    """Give an officer, or the agency (None), a key of a file."""
    owner = Owner(office.code, username)
    return signing_keys.add_pkcs12(ctx, by=SYSTEM, owner=owner, label="Khóa", content=made.p12(), pin=PIN)


def a_signing_office(ctx: Context) -> Office:
    """Return an office whose head and seal have their keys."""
    office = an_office(ctx)
    signing_electronically(ctx, office)
    add_key(ctx, office, authority().head)
    add_key(ctx, office, authority().seal, None)
    return office


def an_approved_letter(ctx: Context, office: Office, applicant: Any = NO_EMAIL) -> str:
    """Return the id of the approved letter of a dossier that will be late."""
    a_received_dossier(ctx, office, applicant=applicant)
    turn_clock_to(ctx, "2026-03-05T14:00")
    [letter] = [each for each in apologies.listed(ctx, by=office.supervisor) if each["state"] == "draft"]
    draft = apologies.Draft(
        cause=Cause.STAFF, reason="Cán bộ thụ lý nghỉ ốm ba ngày.", new_due_at=local("2026-03-10T09:00")
    )
    apologies.write(ctx, by=office.officer, letter_id=letter["id"], draft=draft)
    apologies.approve(ctx, by=office.approver, letter_id=letter["id"])
    return str(letter["id"])


def trusting(ctx: Context, folder: Path) -> Context:
    """Return the context with the tests' authority among those that are believed."""
    path = folder / "trust.pem"
    path.write_bytes(authority().trust)
    return replace(ctx, settings=replace(ctx.settings, trust_file=path))
