"""New versions of papers: kept beside the old ones, refused where they make no sense, and folded by verification."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.errors import InvalidInputError
from engine.services import attachments, dossier_file, paper_versions, reading
from engine.services.attachments import DossierEndedError, PaperReplacedError
from engine.services.transactions import Answer
from engine.store.dossiers import Paper
from engine.verification.verify import verify
from tests.support import builders as b

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"


def add(ctx: Context, by: b.Actor, dossier: b.Dossier, name: str = "", replaces: int | None = None) -> Answer:
    """Add a scanned paper."""
    return attachments.add_paper(
        ctx, by=by, dossier=dossier["id"], name=name, file_name=f"{name or 'moi'}.pdf", content=PDF, replaces=replaces
    )


def listed(ctx: Context, by: b.Actor, dossier: b.Dossier) -> list[tuple[int, str, list[int], bool]]:
    """Return number, name, older versions and newness of each paper as this officer sees them."""
    with dossier_file.opened(ctx, by=by, dossier=dossier["id"]) as case:
        found = paper_versions.listed(case, reading.told(case)["components"])
    return [(each["no"], each["name"], [old["no"] for old in each["older"]], each["is_new"]) for each in found]


def test_versions_follow_each_other_and_keep_their_place(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T09:00")
    add(ctx, office.desk, dossier, "Bản đồ")
    add(ctx, office.desk, dossier, replaces=1)
    add(ctx, office.officer, dossier, "Tờ khai đã sửa", replaces=3)
    assert listed(ctx, office.officer, dossier) == [
        (4, "Tờ khai đã sửa", [3, 1], False),  # one's own is not new
        (2, "Bản đồ", [], True),
    ]
    assert [new for *_facts, new in listed(ctx, office.supervisor, dossier)] == [False, False]  # has no task here
    assert verify(ctx) == []


def test_papers_of_the_last_supplement_are_new_until_the_end(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    b.turn_clock_to(ctx, "2026-03-03T09:00")
    b.waiting.complete_supplement(
        ctx, by=office.desk, dossier=dossier["id"], papers=(b.intake.PaperLine(name="Giấy khai sinh"),)
    )
    assert [new for *_facts, new in listed(ctx, office.supervisor, dossier)] == [False, True]
    done = b.advance_to(ctx, office, reading.detail(ctx, by=SYSTEM, dossier=dossier["id"]), Status.RETURNED)
    assert [new for *_facts, new in listed(ctx, office.supervisor, done)] == [False, False]


def test_versions_that_make_no_sense_are_refused(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    with pytest.raises(InvalidInputError, match="no paper 9"):
        add(ctx, office.desk, dossier, replaces=9)
    with pytest.raises(InvalidInputError, match="needs a name"):
        add(ctx, office.desk, dossier)
    add(ctx, office.desk, dossier, replaces=1)
    with pytest.raises(PaperReplacedError) as refused:
        add(ctx, office.desk, dossier, replaces=1)
    assert refused.value.details["newer"] == 2
    done = b.advance_to(ctx, office, reading.detail(ctx, by=SYSTEM, dossier=dossier["id"]), Status.RETURNED)
    with pytest.raises(DossierEndedError):
        add(ctx, office.desk, done, replaces=2)
    assert verify(ctx) == []


def test_a_version_that_points_elsewhere_is_found(sqlite_ctx: Context) -> None:
    """Whoever makes a paper a version of another one behind the history's back is told on."""
    office = b.an_office(sqlite_ctx)
    dossier = b.a_received_dossier(sqlite_ctx, office)
    add(sqlite_ctx, office.desk, dossier, "Bản đồ")
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(Paper).where(Paper.no == 2).values(replaces_no=1))
    assert [(found.table, found.field) for found in verify(sqlite_ctx)] == [("paper", "replaces_no")]
