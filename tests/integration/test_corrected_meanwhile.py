"""A correction that moves the promise is told to who looks at the date, and to who had a form open."""

from __future__ import annotations

from datetime import datetime

from engine.context import Context
from engine.services import corrections, explaining, intake, meanwhile
from engine.services.corrections import Correction
from tests.support import builders as b


def test_a_corrected_promise_is_told_as_a_move_and_as_a_difference(ctx: Context) -> None:
    office = b.an_office(ctx)
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    received = b.a_received_dossier(ctx, office)
    with ctx.unit_of_work(read_only=True) as uow:
        opened_at = uow.dossiers.by_code(received["code"]).event_seq
    moves = Correction(reason="ghi nhầm ngày", received_at=b.local("2026-03-03T09:00"))
    corrected = corrections.correct(ctx, by=office.supervisor, dossier=received["code"], correction=moves)
    named = Correction(reason="gõ nhầm tên", applicant=intake.Person(name="Nguyễn Văn Đúng"))
    corrections.correct(ctx, by=office.desk, dossier=received["code"], correction=named)

    (move,) = explaining.why_these_dates(ctx, by=office.desk, dossier=received["code"])["promise"]["moves"]
    assert (move["kind"], move["reason"]) == ("dossier.corrected", "ghi nhầm ngày")
    assert datetime.fromisoformat(move["due_at"]) == datetime.fromisoformat(corrected["due_at"])

    changed = meanwhile.since(ctx, by=office.desk, dossier=received["code"], seq=opened_at)
    assert changed is not None
    assert changed["differ"] == ["due_at"]
    assert (changed["was"]["due_at"], changed["now"]["due_at"]) == (received["due_at"], corrected["due_at"])
