"""Drafts for tests: the small sheet as a draft, saved, published, and dossiers filed under it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from engine.context import Context
from engine.services import draft_making, drafts, intake
from tests.support.builders import Office, a_filing
from tests.support.sheets import as_xlsx, rows

CODE = "9.000009"
GOOD = {
    "name": "Thông thường",
    "received_at": "2026-03-02T08:00",
    "acts": [{"do": "complete", "step": "Thẩm định"}],
    "expect": {"status": 4, "due_at": "2026-03-04T08:00", "open": ["Ký giấy"]},
}


def made(ctx: Context, office: Office, content: bytes | None = None, kind: str = "xlsx") -> dict[str, Any]:
    """Make a draft of the small sheet and return it."""
    answer = draft_making.from_file(
        ctx, by=office.admin, content=content or as_xlsx(rows()), kind=kind, agency=office.code
    )
    (draft,) = answer["drafts"]
    return drafts.show(ctx, by=office.admin, draft_id=draft["id"])


def save(ctx: Context, office: Office, draft: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Save parts of a draft over what is there."""
    return drafts.save(ctx, by=office.admin, draft_id=draft["id"], changes=changes)


def publish(ctx: Context, office: Office, draft: dict[str, Any], starts: datetime | None = None) -> dict[str, Any]:
    """Publish a draft."""
    return drafts.publish(ctx, by=office.admin, draft_id=draft["id"], starts=starts)


def file_one(ctx: Context, office: Office, code: str = CODE) -> dict[str, Any]:
    """Receive a dossier of a procedure."""
    return intake.receive(ctx, by=office.desk, filing=a_filing(office, procedure_code=code))


def version_of(ctx: Context, dossier: dict[str, Any]) -> int:
    """Return the number of the version on which a dossier goes."""
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(dossier["code"])
        return uow.procedures.version(row.version_id).number
