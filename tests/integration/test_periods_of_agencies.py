"""Schedules of agencies, the periods that follow from them, and the reminders of the clock process."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.permissions import NotAllowedError
from engine.domain.report_periods import InvalidScheduleError
from engine.errors import EngineError
from engine.services import periods
from engine.services.periods import Rule
from engine.store.administration import AdminAct
from engine.store.outbox import OutboxMessage
from engine.store.people import Officer
from tests.support.builders import Office, an_office, turn_clock_to

WARD: dict[str, Any] = {
    "kind": "quarter", "first_day": 15, "send_month": 0, "send_before_day": 5, "remind_days": 3,
    "document": "Kế hoạch 12/KH-UBND",
}  # fmt: skip


def scheduled(ctx: Context, office: Office, **changes: Any) -> dict[str, Any]:
    return periods.set_schedule(ctx, by=office.supervisor, agency=office.code, rule=Rule(**(WARD | changes)))


def names(ctx: Context, office: Office) -> list[str]:
    return [each["period"] for each in periods.listed(ctx, by=office.supervisor)["periods"]]


def mails(ctx: Context) -> list[dict[str, Any]]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(uow.session.scalars(select(OutboxMessage.payload).order_by(OutboxMessage.id)))


def with_address(ctx: Context, office: Office, address: str | None = "giam-sat@example.test") -> None:
    with ctx.unit_of_work() as uow:
        uow.session.get_one(Officer, office.supervisor.id).email = address


def test_a_schedule_makes_the_present_period_and_the_one_before(ctx: Context) -> None:
    office = an_office(ctx)  # it is 2 March

    answer = scheduled(ctx, office)

    assert answer["document"] == "Kế hoạch 12/KH-UBND"
    assert names(ctx, office) == ["2026-Q1-15", "2025-Q4-15"]
    first = periods.listed(ctx, by=office.auditor)["periods"][0]
    assert (first["from"], first["to"], first["send_before"]) == ("2025-12-15", "2026-03-14", "2026-03-05")
    assert first["state"] == "running"


def test_the_clock_process_makes_each_period_once_when_its_time_comes(ctx: Context) -> None:
    office = an_office(ctx)
    scheduled(ctx, office)
    assert periods.ensure(ctx) == 0

    turn_clock_to(ctx, "2026-03-15T00:00")

    assert (periods.ensure(ctx), periods.ensure(ctx)) == (1, 0)
    assert names(ctx, office) == ["2026-Q2-15", "2026-Q1-15", "2025-Q4-15"]
    assert [each["state"] for each in periods.listed(ctx, by=office.supervisor)["periods"]] == [
        "running", "over", "over",
    ]  # fmt: skip


def test_open_periods_follow_another_schedule_and_every_change_is_an_act(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    scheduled(sqlite_ctx, office)

    scheduled(sqlite_ctx, office, send_before_day=7)
    assert periods.one(sqlite_ctx, by=office.auditor, agency=office.code, name="2026-Q1-15")["send_before"] == (
        "2026-03-07"
    )
    scheduled(sqlite_ctx, office, first_day=1, send_month=1)
    assert names(sqlite_ctx, office) == ["2026-Q1", "2025-Q4"]
    periods.drop_schedule(sqlite_ctx, by=office.approver, agency=office.code, kind="quarter")
    assert names(sqlite_ctx, office) == []

    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        acts = uow.session.scalars(select(AdminAct).order_by(AdminAct.id)).all()
    assert [act.kind for act in acts] == ["report_schedule.set"] * 3 + ["report_schedule.dropped"]
    assert acts[1].facts["before"]["send_before_day"] == 5
    assert acts[1].facts["after"]["send_before_day"] == 7


def test_supervisors_are_reminded_once_three_working_days_ahead(ctx: Context) -> None:
    office = an_office(ctx)
    with_address(ctx, office)
    scheduled(ctx, office, send_before_day=10)  # before Tuesday 10 March: three working days ahead is Thursday the 5th

    turn_clock_to(ctx, "2026-03-04T23:59")
    assert periods.remind_due(ctx) == 0
    turn_clock_to(ctx, "2026-03-05T00:00")
    assert (periods.remind_due(ctx), periods.remind_due(ctx)) == (1, 0)

    (mail,) = mails(ctx)
    assert mail["to"] == "giam-sat@example.test"
    assert "2026-Q1-15" in mail["subject"]
    assert "10/03/2026" in mail["subject"]
    assert "Kế hoạch 12/KH-UBND" in mail["text"]
    assert "/bao-cao/ky" in mail["text"]


def test_who_gets_an_address_later_is_reminded_then(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    scheduled(sqlite_ctx, office)
    assert periods.remind_due(sqlite_ctx) == 0

    with_address(sqlite_ctx, office)

    assert periods.remind_due(sqlite_ctx) == 1
    assert len(mails(sqlite_ctx)) == 1


def test_another_date_reminds_anew(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    with_address(sqlite_ctx, office)
    scheduled(sqlite_ctx, office)
    periods.remind_due(sqlite_ctx)

    scheduled(sqlite_ctx, office, send_before_day=4)

    assert periods.remind_due(sqlite_ctx) == 1
    assert len(mails(sqlite_ctx)) == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"kind": "week"}, "kind"), ({"first_day": 2}, "first_day"), ({"send_before_day": 0}, "send_before_day"),
     ({"document": "  "}, "document"), ({"remind_days": 99}, "remind_days")],
)  # fmt: skip
def test_a_schedule_that_cannot_be_is_refused_and_nothing_is_saved(
    sqlite_ctx: Context, wrong: dict[str, Any], field: str
) -> None:
    office = an_office(sqlite_ctx)

    with pytest.raises(InvalidScheduleError) as told:
        scheduled(sqlite_ctx, office, **wrong)

    assert told.value.details["field"] == field
    assert names(sqlite_ctx, office) == []


def test_only_who_answers_for_the_numbers_sets_a_schedule(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    other = an_office(sqlite_ctx, code="H01")
    for by in (office.auditor, office.officer, office.admin, other.supervisor):
        with pytest.raises(NotAllowedError):
            periods.set_schedule(sqlite_ctx, by=by, agency=office.code, rule=Rule(**WARD))
    scheduled(sqlite_ctx, office)
    assert names(sqlite_ctx, other) == []
    with pytest.raises(EngineError):
        periods.listed(sqlite_ctx, by=office.officer)
