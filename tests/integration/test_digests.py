"""The morning digest: at the opening of working days, to supervisors who want it, once whatever crashes or races."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from engine.context import Context
from engine.domain.actors import Role
from engine.domain.permissions import NotAllowedError
from engine.reports import digests
from engine.services import delivery, processing
from engine.store.officer_settings import Digest
from engine.store.outbox import OutboxMessage, OutboxStore
from engine.store.people import Officer, RoleGrant
from tests.support import builders as b
from tests.support.mail import RecordingMail


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """An office whose supervisor wants the digest; on Thursday evening two dossiers are late, one will be."""
    made = b.an_office(ctx)
    with ctx.unit_of_work() as uow:
        uow.session.execute(
            update(Officer).where(Officer.username == "supervisor").values(email="supervisor@example.test")
        )
    digests.want(ctx, by=made.supervisor, wanted=True)
    first = b.a_received_dossier(ctx, made)
    processing.claim(ctx, by=made.officer, task_id=first["open_tasks"][0]["id"])
    b.turn_clock_to(ctx, "2026-03-04T09:00")
    b.a_received_dossier(ctx, made)
    b.turn_clock_to(ctx, "2026-03-12T18:00")
    return made


def rows(ctx: Context, row: type[Any]) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(select(row)))


def mails(ctx: Context) -> list[OutboxMessage]:
    return [row for row in rows(ctx, OutboxMessage) if row.topic == "mail"]


def test_it_goes_out_at_the_opening_and_once(ctx: Context, office: b.Office) -> None:
    assert digests.order_due(ctx) == 0  # Thursday, after closing
    b.turn_clock_to(ctx, "2026-03-13T06:59")
    assert digests.order_due(ctx) == 0
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    assert digests.order_due(ctx) == 1
    assert digests.order_due(ctx) == 0
    b.turn_clock_to(ctx, "2026-03-13T15:00")
    assert digests.order_due(ctx) == 0
    for day in ("2026-03-14T09:00", "2026-03-15T09:00"):  # a weekend
        b.turn_clock_to(ctx, day)
        assert digests.order_due(ctx) == 0
    b.turn_clock_to(ctx, "2026-03-16T08:30")  # the clock process was down at the opening
    assert digests.order_due(ctx) == 1
    assert sorted(row.day.isoformat() for row in rows(ctx, Digest)) == ["2026-03-13", "2026-03-16"]
    assert len(mails(ctx)) == 2


def test_a_morning_without_a_clock_process_sends_nothing_in_the_evening(ctx: Context, office: b.Office) -> None:
    b.turn_clock_to(ctx, "2026-03-13T17:01")
    assert digests.order_due(ctx) == 0


def test_it_names_the_most_delayed_first_and_nobody_else(ctx: Context, office: b.Office) -> None:
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    digests.order_due(ctx)
    for message in delivery.due(ctx, limit=10):
        delivery.deliver(ctx, message_id=message)
    assert isinstance(ctx.mail, RecordingMail)
    mail = next(mail for mail in ctx.mail.sent if mail.to == "supervisor@example.test")
    assert mail.subject == "Sáng 13/03/2026: 2 hồ sơ quá hạn, 0 sẽ trễ"
    assert mail.text.index("H00-260302-0001") < mail.text.index("H00-260304-0001")
    assert "http://127.0.0.1:8000/ho-so/H00-260302-0001" in mail.text
    assert "http://127.0.0.1:8000/qua-han?xem=overdue" in mail.text
    assert mail.html is not None
    assert "H00-260302-0001" in mail.html
    assert "chậm 5 ngày" in mail.text or "chậm 4 ngày" in mail.text
    for personal in ("Nguyễn Văn Thử", b.NO_EMAIL.identity_number, b.NO_EMAIL.phone, "Cán bộ officer"):
        assert str(personal) not in mail.text + mail.html


@pytest.mark.parametrize(
    "spoil",
    [
        lambda ctx, office: digests.want(ctx, by=office.supervisor, wanted=False),
        lambda ctx, office: _change(ctx, is_active=False),
        lambda ctx, office: _change(ctx, email=None),
        lambda ctx, office: _revoke(ctx, office),
    ],
    ids=["not wanted", "gone", "no address", "no role"],
)
def test_who_cannot_act_or_does_not_want_gets_none(
    ctx: Context, office: b.Office, spoil: Callable[[Context, b.Office], None]
) -> None:
    spoil(ctx, office)
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    assert digests.order_due(ctx) == 0
    assert rows(ctx, Digest) == []


def _change(ctx: Context, **values: Any) -> None:
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(Officer).where(Officer.username == "supervisor").values(**values))


def _revoke(ctx: Context, office: b.Office) -> None:
    with ctx.unit_of_work() as uow:
        uow.session.execute(delete(RoleGrant).where(RoleGrant.officer_id == office.supervisor.id))


def test_nothing_to_tell_is_no_mail(ctx: Context) -> None:
    office = b.an_office(ctx)
    _change(ctx, email="supervisor@example.test")
    digests.want(ctx, by=office.supervisor, wanted=True)
    b.turn_clock_to(ctx, "2026-03-03T07:00")
    assert digests.order_due(ctx) == 0
    assert len(rows(ctx, Digest)) == 1  # looked at, and not again today
    assert mails(ctx) == []


def test_an_order_that_breaks_is_made_again_and_is_one(
    ctx: Context, office: b.Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    b.turn_clock_to(ctx, "2026-03-13T07:00")

    def broken(*_args: Any, **_named: Any) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(OutboxStore, "add", broken)
        with pytest.raises(OSError, match="full"):
            digests.order_due(ctx)
    assert rows(ctx, Digest) == []
    assert digests.order_due(ctx) == 1
    assert (len(rows(ctx, Digest)), len(mails(ctx))) == (1, 1)


def test_two_clock_processes_order_one(ctx: Context, office: b.Office) -> None:
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    with ThreadPoolExecutor(4) as pool:
        ordered = list(pool.map(lambda _: digests.order_due(ctx), range(4)))
    assert sum(ordered) == 1
    assert (len(rows(ctx, Digest)), len(mails(ctx))) == (1, 1)


def test_only_what_one_supervises_is_told(ctx: Context, office: b.Office) -> None:
    ward = b.an_office(ctx, code="H01")
    b.a_person(ctx, ward.id, "supervisor.h01", [Role.OFFICER])
    with ctx.unit_of_work() as uow:
        uow.session.execute(
            update(Officer).where(Officer.username == "supervisor.h01").values(email="h01@example.test")
        )
    digests.want(ctx, by=ward.supervisor, wanted=True)
    b.turn_clock_to(ctx, "2026-03-13T07:00")
    assert digests.order_due(ctx) == 1
    assert [row.payload["to"] for row in mails(ctx)] == ["supervisor@example.test"]
    with pytest.raises(NotAllowedError):
        digests.want(ctx, by=office.officer, wanted=True)
