"""Facts of dossiers on both databases: what each column says, chains as one, races, and nothing written for nothing."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, func, select, update

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.dossier import Channel, ResultChannel, Status
from engine.domain.statistics import NEVER
from engine.errors import ConflictError
from engine.services import agency_settings, attachments, calendar_changes, facts, intake, notes, rollups, waiting
from engine.store.facts import DossierFact, RollupDelta
from engine.store.procedures import Procedure
from engine.verification.verify import verify
from tests.support import builders as b


def fact(ctx: Context, dossier: b.Dossier) -> dict[str, Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        table = DossierFact.__table__
        row = uow.session.execute(select(table).where(table.c.dossier_id == UUID(dossier["id"]))).mappings().first()
        return {} if row is None else dict(row)


def some(ctx: Context, dossier: b.Dossier, *names: str) -> tuple[Any, ...]:
    row = fact(ctx, dossier)
    return tuple(str(row[name]) if isinstance(row[name], date) else row[name] for name in names)


def journal(ctx: Context) -> int:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.session.scalar(select(func.count()).select_from(RollupDelta)) or 0


def follow(ctx: Context, office: b.Office, dossier: b.Dossier, **filing: Any) -> b.Dossier:
    """File the dossier that the result of another one has ordered."""
    return b.a_submitted_dossier(ctx, office, follows=UUID(dossier["id"]), **filing)


def assert_right(ctx: Context) -> None:
    assert [each.as_json() for each in verify(ctx)] == []
    assert facts.project_all(ctx) == 0
    assert rollups.differences(ctx) == []


def test_a_fact_begins_at_the_receipt_and_follows_the_dossier(ctx: Context) -> None:
    office = b.an_office(ctx)
    filed = b.a_submitted_dossier(ctx, office, channel=Channel.ONLINE, result_channel=ResultChannel.ONLINE)
    assert fact(ctx, filed) == {}

    made = intake.receive_submitted(ctx, by=office.desk, dossier=filed["id"])
    told = ("outcome", "received_on", "closed_on", "late_on", "channel", "members", "unit_id", "officer_id")
    unit = office.units["PHONG_TU_PHAP"]
    assert some(ctx, made, *told) == (
        "open", "2026-03-02", "9999-12-31", "2026-03-07", "online", 1, unit, None,
    )  # fmt: skip
    assert some(ctx, made, "used_minutes", "limit_minutes", "percent_used") == (None, None, -1)

    b.turn_clock_to(ctx, "2026-03-04T10:00")
    made = b.advance_to(ctx, office, made, Status.FINISHED)
    assert some(ctx, made, *told)[:4] == ("early", "2026-03-02", "2026-03-04", "9999-12-31")
    assert some(ctx, made, "officer_id", "has_result", "electronic_result") == (office.officer.id, True, True)
    used, limit, percent = some(ctx, made, "used_minutes", "limit_minutes", "percent_used")
    assert (limit, percent) == (4 * 8 * 60, -(-100 * used // limit))
    assert 0 < used < limit
    assert_right(ctx)


def test_lateness_has_its_day_its_cause_and_who_is_charged(ctx: Context) -> None:
    office = b.an_office(ctx)
    late, stopped, paused = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    paused = b.ask_supplement(ctx, office, paused)
    assert some(ctx, paused, "late_on", "late_after") == ("9999-12-31", None)
    late = b.apologise(ctx, office, late, new_due="2026-03-10T09:00")
    assert some(ctx, late, "apologised", "apologised_on", "unkept_on") == ("sent", "2026-03-05", "2026-03-11")
    b.turn_clock_to(ctx, "2026-03-12T09:00")
    assert some(ctx, late, "apologised", "unkept_on") == ("unkept", "2026-03-11")
    assert some(ctx, late, "outcome", "charged_side", "charged_agency_id", "late_minutes") == (
        "open", "inside", office.id, None,
    )  # fmt: skip
    late = b.advance_to(ctx, office, late, Status.FINISHED)
    stopped = b.stop(ctx, office, stopped)

    assert some(ctx, late, "outcome", "late_on", "closed_on", "late_cause", "charged_side", "charged_agency_id") == (
        "late", "2026-03-07", "2026-03-12", "staff", "inside", office.id,
    )  # fmt: skip
    assert fact(ctx, late)["late_minutes"] > 0
    assert some(ctx, stopped, "outcome", "late_on") == ("stopped", "2026-03-07")
    paused = b.bring_supplement(ctx, office, paused)
    assert fact(ctx, paused)["late_on"] != NEVER
    assert_right(ctx)


def test_an_instant_is_late_on_its_own_date_and_a_changed_rule_moves_no_promise(ctx: Context) -> None:
    office = b.an_office(ctx)
    by_day = b.a_received_dossier(ctx, office)
    agency_settings.change(ctx, by=office.admin, late_rule="instant")
    by_instant = b.a_received_dossier(ctx, office)
    agency_settings.change(ctx, by=office.admin, late_rule="day")

    assert (fact(ctx, by_day)["late_on"], fact(ctx, by_instant)["late_on"]) == (date(2026, 3, 7), date(2026, 3, 6))
    assert_right(ctx)


def test_papers_and_payments_are_counted_as_decision_766_counts(ctx: Context) -> None:
    office = b.an_office(ctx)
    made = b.a_received_dossier(ctx, office)
    assert some(ctx, made, "papers", "digitised", "has_obligation", "paid_online") == (1, 0, False, False)
    attachments.add_paper(
        ctx, by=office.officer, dossier=made["id"], name="Bản quét", file_name="quet.pdf", content=b"%PDF-1.7\n%%EOF\n"
    )
    waiting.raise_obligation(ctx, by=office.officer, dossier=made["id"], amount_vnd=50_000, notice="TB-01")
    assert some(ctx, made, "papers", "digitised", "has_obligation", "paid_online") == (2, 1, True, False)
    waiting.settle_obligation(ctx, by=office.officer, dossier=made["id"], reference="BL-7", paid_by="online")
    assert some(ctx, made, "has_obligation", "paid_online") == (True, True)
    assert_right(ctx)


def test_what_cannot_change_a_fact_sends_no_statement_for_it(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    made = b.a_received_dossier(sqlite_ctx, office)
    before, row = journal(sqlite_ctx), fact(sqlite_ctx, made)
    sent = []

    @facts_watched(sent)
    def act() -> None:
        notes.add(sqlite_ctx, by=office.officer, dossier=made["id"], text="Đã gọi điện")
        intake.refuse_to_receive(
            sqlite_ctx, by=office.desk, dossier=b.a_submitted_dossier(sqlite_ctx, office)["id"], reason="Sai nơi"
        )

    act(sqlite_ctx)
    assert sent == []
    assert (journal(sqlite_ctx), fact(sqlite_ctx, made)) == (before, row)


def test_a_change_costs_three_statements(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    sent: list[str] = []

    @facts_watched(sent)
    def act() -> None:
        b.a_received_dossier(sqlite_ctx, office)

    act(sqlite_ctx)
    assert len(sent) == 3


def facts_watched(sent: list[str]) -> Any:
    """Collect the statements about facts and journal of what is done."""

    def wrap(act: Any) -> Any:
        def watched(ctx: Context) -> None:
            def note(_c: Any, _k: Any, statement: str, *_more: Any) -> None:
                if "dossier_fact" in statement or "rollup_delta" in statement:
                    sent.append(statement)

            event.listen(ctx.database.engine, "before_cursor_execute", note)
            act()
            event.remove(ctx.database.engine, "before_cursor_execute", note)

        return watched

    return wrap


# --- calendars and limits of the law --------------------------------------------------------------------------------


def test_a_day_declared_off_moves_open_promises_and_measures_closed_time_again(ctx: Context) -> None:
    office = b.an_office(ctx)
    open_one, done = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    done = b.advance_to(ctx, office, done, Status.FINISHED)
    used = fact(ctx, done)["used_minutes"]
    off = tuple(DayRule(date(2026, 3, day), DayKind.OFF, "QĐ thử", "") for day in (3, 6))
    made = calendar_changes.apply(ctx, by=SYSTEM, change=calendar_changes.Days(off))

    assert fact(ctx, open_one)["late_on"] == date(2026, 3, 10)
    assert fact(ctx, done)["used_minutes"] == used - 8 * 60
    assert_right(ctx)
    calendar_changes.undo(ctx, by=SYSTEM, change_id=made["id"])
    assert (fact(ctx, open_one)["late_on"], fact(ctx, done)["used_minutes"]) == (date(2026, 3, 7), used)
    assert_right(ctx)


@pytest.mark.parametrize(
    ("legal", "minutes"),
    [("6 working_day", 6 * 480), ("3 working_hour", 180), ("7 calendar_day", 5 * 480), (None, None)],
)
def test_legal_minutes_are_measured_like_the_promise(
    sqlite_ctx: Context, legal: str | None, minutes: int | None
) -> None:
    office = b.an_office(sqlite_ctx)
    made = b.a_received_dossier(sqlite_ctx, office)
    assert fact(sqlite_ctx, made)["legal_minutes"] is None
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(update(Procedure).values(legal_limit=legal))
    assert facts.project_all(sqlite_ctx, procedure=fact(sqlite_ctx, made)["procedure_id"]) == int(legal is not None)
    assert fact(sqlite_ctx, made)["legal_minutes"] == minutes
    assert rollups.differences(sqlite_ctx) == []


# --- chains ---------------------------------------------------------------------------------------------------------


def test_a_chain_is_one_fact_that_ends_with_its_last_dossier(ctx: Context) -> None:
    office = b.an_office(ctx)
    first = b.a_received_dossier(ctx, office, channel=Channel.ONLINE)
    b.turn_clock_to(ctx, "2026-03-09T10:00")
    first = b.advance_to(ctx, office, first, Status.FINISHED)  # late
    told = ("outcome", "closed_on", "late_on", "members", "channel")
    assert some(ctx, first, *told) == ("late", "2026-03-09", "2026-03-07", 1, "online")
    used = fact(ctx, first)["used_minutes"]

    second = follow(ctx, office, first)
    assert some(ctx, first, *told) == ("open", "9999-12-31", "2026-03-07", 2, "online")
    second = intake.receive_submitted(ctx, by=office.desk, dossier=second["id"])
    b.turn_clock_to(ctx, "2026-03-11T10:00")
    second = b.advance_to(ctx, office, second, Status.FINISHED)

    assert some(ctx, first, *told) == ("late", "2026-03-11", "2026-03-07", 2, "online")
    assert fact(ctx, second) == {}
    assert (fact(ctx, first)["limit_minutes"], fact(ctx, first)["code"]) == (2 * 4 * 480, first["code"])
    assert fact(ctx, first)["used_minutes"] > used
    assert_right(ctx)


def test_a_kept_chain_that_waits_at_the_desk_is_not_late_whatever_the_clock_says(ctx: Context) -> None:
    office = b.an_office(ctx)
    first = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    first = b.advance_to(ctx, office, first, Status.FINISHED)
    second, third = follow(ctx, office, first), follow(ctx, office, first)
    assert some(ctx, first, "outcome", "late_after", "late_on", "members") == ("open", None, "9999-12-31", 3)

    intake.refuse_to_receive(ctx, by=office.desk, dossier=second["id"], reason="Không thuộc thẩm quyền")
    assert some(ctx, first, "outcome", "members") == ("open", 2)
    third = intake.receive_submitted(ctx, by=office.desk, dossier=third["id"])
    b.withdraw(ctx, office, third)
    assert some(ctx, first, "outcome", "members", "late_on") == ("withdrawn", 2, "9999-12-31")
    assert_right(ctx)


def test_two_dossiers_of_a_chain_that_change_at_once_are_both_in_its_fact(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read the chain before either writes: who comes second reads again."""
    office = b.an_office(ctx)
    first = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    first = b.advance_to(ctx, office, first, Status.FINISHED)
    pair = [intake.receive_submitted(ctx, by=office.desk, dossier=follow(ctx, office, first)["id"]) for _ in range(2)]
    if ctx.database.engine.dialect.name == "postgresql":  # the other one has one writer at a time
        both = threading.Barrier(2, timeout=10)
        real = facts._complete
        seen = threading.local()

        def complete(uow: Any, rows: Any) -> Any:
            found = real(uow, rows)
            if not getattr(seen, "once", False):
                seen.once = True
                both.wait()
            return found

        monkeypatch.setattr(facts, "_complete", complete)
    failed: list[Exception] = []

    def act(dossier: b.Dossier) -> None:
        try:
            b.do_next_step(ctx, office, dossier)
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=act, args=(each,)) for each in pair]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    monkeypatch.undo()

    assert failed == []
    assert some(ctx, first, "outcome", "members") == ("open", 3)
    assert_right(ctx)


def test_two_who_end_one_dossier_at_once_leave_one_fact(ctx: Context) -> None:
    office = b.an_office(ctx)
    made = b.a_received_dossier(ctx, office)
    refused: list[Exception] = []

    def act(end: Any) -> None:
        try:
            end(ctx, office, made)
        except ConflictError as error:
            refused.append(error)

    threads = [threading.Thread(target=act, args=(end,)) for end in (b.withdraw, b.stop)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert len(refused) == 1
    assert fact(ctx, made)["outcome"] in ("withdrawn", "stopped")
    assert_right(ctx)


def test_verify_names_a_fact_that_does_not_follow_from_the_events(ctx: Context) -> None:
    office = b.an_office(ctx)
    made = b.a_received_dossier(ctx, office)
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(DossierFact).values(late_on=date(2026, 3, 17), outcome="late"))

    found = {(each.table, each.field) for each in verify(ctx)}
    assert {("dossier_fact", "late_on"), ("dossier_fact", "outcome"), ("rollup_cell", "dossiers")} <= found
    assert facts.project_all(ctx) == 1
    rollups.rebuild(ctx)
    assert_right(ctx)
    assert fact(ctx, made)["outcome"] == "open"


def test_the_migration_fills_what_an_older_version_lacks_in_batches(
    ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "BATCH", 2)
    office = b.an_office(ctx)
    for _ in range(5):
        b.a_received_dossier(ctx, office)
    b.a_submitted_dossier(ctx, office)
    with ctx.unit_of_work() as uow:
        for table in (DossierFact, RollupDelta):
            uow.session.execute(table.__table__.delete())

    assert facts.fill(ctx) == 5
    assert_right(ctx)
