"""When dossiers come near and will be late, on both databases: kept by every act, filled after an upgrade, counted."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from engine import bootstrap
from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import DayKind, DayRule
from engine.domain.dossier import Status
from engine.domain.ids import DossierId
from engine.domain.permissions import NotAllowedError
from engine.services import agency_settings, calendar_changes, nearing, timekeeping, transfers
from engine.services.agency_settings import InvalidAgencySettingError
from engine.store.dossiers import Dossier as Row
from engine.verification.verify import verify
from tests.support import builders as b

TICK = timedelta(microseconds=1)


def instants(ctx: Context, dossier: b.Dossier) -> tuple[datetime | None, datetime | None]:
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.get(DossierId(UUID(dossier["id"])))
        return row.nears_at, row.foreseen_at


def clocks(ctx: Context, dossier: b.Dossier) -> list[str | None]:
    """Return both instants as Vietnamese time; the second one without its moment."""
    near, foreseen = instants(ctx, dossier)
    shown = (near, foreseen and foreseen - TICK)
    return [at and at.astimezone(b.VIETNAM).strftime("%m-%dT%H:%M") for at in shown]


def forget(ctx: Context) -> None:
    """Make the rows those of a version that knew neither instant."""
    with ctx.unit_of_work() as uow:
        uow.session.execute(update(Row).values(nears_at=None, foreseen_at=None))


def test_receipt_says_when_a_dossier_comes_near_and_when_its_stages_stop_to_fit(ctx: Context) -> None:
    dossier = b.a_received_dossier(ctx, b.an_office(ctx))  # Monday 08:00, 4 days; it lies in the second of 4 stages

    assert clocks(ctx, dossier) == ["03-05T09:36", "03-05T08:00"]


def test_each_step_says_anew_when_the_later_stages_stop_to_fit(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = b.do_next_step(ctx, office, dossier)

    assert clocks(ctx, dossier) == ["03-05T09:36", "03-06T08:00"]
    dossier = b.advance_to(ctx, office, dossier, Status.FINISHED)
    assert clocks(ctx, dossier) == [None, None]


def test_a_pause_empties_both_and_what_is_left_counts_after_it(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = b.ask_supplement(ctx, office, dossier)
    assert clocks(ctx, dossier) == [None, None]
    b.turn_clock_to(ctx, "2026-03-11T08:00")
    dossier = b.bring_supplement(ctx, office, dossier)

    assert dossier["due_at"] == "2026-03-16T08:00:00+07:00"
    assert clocks(ctx, dossier) == ["03-13T09:36", "03-13T08:00"]


def test_a_restart_counts_the_whole_limit_again(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "restart"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    dossier = b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-11T08:00")

    assert clocks(ctx, b.bring_supplement(ctx, office, dossier))[0] == "03-16T09:36"


def test_a_transfer_keeps_both(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    before = instants(ctx, dossier)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    transfers.transfer(ctx, by=office.officer, dossier=dossier["id"], unit="LANH_DAO", note="Vượt thẩm quyền")

    assert instants(ctx, dossier) == before


@pytest.mark.parametrize("ending", [b.withdraw, b.stop, b.refuse])
def test_an_end_empties_both(ctx: Context, ending: object) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    assert callable(ending)
    ending(ctx, office, dossier)

    assert instants(ctx, dossier) == (None, None)


def test_a_broken_promise_has_neither_any_more(ctx: Context) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-09T08:00")

    assert instants(ctx, dossier) == (None, None)
    assert instants(ctx, b.do_next_step(ctx, office, dossier)) == (None, None)
    assert nearing.fill(ctx) == 0
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (5, ["03-04T09:36", "03-04T08:00"]),  # Friday 08:00 stays promised
        (6, ["03-05T08:36", "03-05T07:00"]),  # it moves to Monday 07:00
    ],
)
def test_a_calendar_change_sets_both_anew_once_the_clock_process_has_looked(
    ctx: Context, day: int, expected: list[str]
) -> None:
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    off = DayRule(on=date(2026, 3, day), kind=DayKind.OFF, decision="QĐ 1", note="")
    calendar_changes.apply(ctx, by=office.admin, change=calendar_changes.Days([off]), agency="H00")
    assert verify(ctx) == []
    timekeeping.pass_due(ctx)

    assert clocks(ctx, dossier) == expected
    assert verify(ctx) == []


def test_a_filed_dossier_has_neither(ctx: Context) -> None:
    assert instants(ctx, b.a_submitted_dossier(ctx, b.an_office(ctx))) == (None, None)


# --- after an upgrade ----------------------------------------------------------------------------------------------


def test_migrate_fills_what_dossiers_of_an_older_version_lack(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearing, "BATCH", 2)
    office = b.an_office(ctx)
    running = [b.a_received_dossier(ctx, office) for _ in range(5)]
    still = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    ended = b.withdraw(ctx, office, b.a_received_dossier(ctx, office))
    was = [instants(ctx, each) for each in running]
    versions = [each["version"] for each in running]
    forget(ctx)
    assert {each.field for each in verify(ctx)} == {"nears_at", "foreseen_at"}
    bootstrap.migrate(ctx)

    assert [instants(ctx, each) for each in running] == was
    assert instants(ctx, still) == instants(ctx, ended) == (None, None)
    assert verify(ctx) == []
    with ctx.unit_of_work(read_only=True) as uow:
        assert [uow.dossiers.by_code(each["code"]).version for each in running] == versions
    assert nearing.fill(ctx) == 0


def test_what_cannot_be_counted_keeps_no_other_dossier_from_being_filled(ctx: Context) -> None:
    office = b.an_office(ctx)
    lost, sound = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    forget(ctx)
    with ctx.unit_of_work() as uow:
        promise = uow.deadlines.promise(DossierId(UUID(lost["id"])))
        assert promise is not None
        promise.running_from = b.local("2060-01-01T08:00")

    assert nearing.fill(ctx) == 1
    assert instants(ctx, lost) == (None, None)
    assert None not in instants(ctx, sound)


# --- settings of an agency -----------------------------------------------------------------------------------------


def test_another_share_counts_for_running_dossiers_of_that_agency_alone(ctx: Context) -> None:
    here, there = b.an_office(ctx), b.an_office(ctx, code="H01")
    ours, theirs = b.a_received_dossier(ctx, here), b.a_received_dossier(ctx, there)
    shared = b.a_received_dossier(ctx, there, resolving_agency="H00", procedure_code=here.procedure)
    answer = agency_settings.change(ctx, by=here.admin, agency="H00", nearing_percent=50)

    assert answer == {"code": "H00", "name": answer["name"], "late_rule": "day", "nearing_percent": 50}
    assert [clocks(ctx, each)[0] for each in (ours, theirs, shared)] == ["03-04T08:00", "03-05T09:36", "03-04T08:00"]
    assert clocks(ctx, b.a_received_dossier(ctx, here))[0] == "03-04T08:00"
    assert [nearing.recount(ctx, resolving=office.id) for office in (here, there)] == [3, 1]
    assert verify(ctx) == []


def test_another_late_rule_is_for_promises_made_from_now_on(ctx: Context) -> None:
    office = b.an_office(ctx)
    old = b.a_received_dossier(ctx, office)
    agency_settings.change(ctx, by=office.admin, late_rule="instant")
    new = b.a_received_dossier(ctx, office)
    with ctx.unit_of_work(read_only=True) as uow:
        kept = uow.dossiers.by_code(old["code"]).late_after

    assert kept == b.local("2026-03-06T23:59:59.999999")
    assert new["late_after"] == new["due_at"] == "2026-03-06T08:00:00+07:00"
    assert verify(ctx) == []


@pytest.mark.parametrize(
    "changes",
    [{"late_rule": "week"}, {"late_rule": ""}]
    + [{"nearing_percent": each} for each in (0, 101, -1, 10**30, True, 8.5)],
)
def test_settings_that_cannot_be_are_refused_and_nothing_is_saved(
    sqlite_ctx: Context, changes: dict[str, object]
) -> None:
    office = b.an_office(sqlite_ctx)
    before = agency_settings.show(sqlite_ctx, by=office.admin)
    with pytest.raises(InvalidAgencySettingError):
        agency_settings.change(sqlite_ctx, by=office.admin, **{"late_rule": "instant"} | changes)  # type: ignore[arg-type]

    assert agency_settings.show(sqlite_ctx, by=office.admin) == before


def test_only_the_administrator_of_the_agency_sees_and_changes_settings(sqlite_ctx: Context) -> None:
    here, there = b.an_office(sqlite_ctx), b.an_office(sqlite_ctx, code="H01")
    for actor in (here.supervisor, here.officer, there.admin):
        with pytest.raises(NotAllowedError):
            agency_settings.change(sqlite_ctx, by=actor, agency="H00", nearing_percent=70)
        with pytest.raises(NotAllowedError):
            agency_settings.show(sqlite_ctx, by=actor, agency="H00")

    assert [each["code"] for each in agency_settings.listed(sqlite_ctx, by=there.admin)] == ["H01"]
    assert agency_settings.listed(sqlite_ctx, by=here.supervisor) == []
    assert [each["nearing_percent"] for each in agency_settings.listed(sqlite_ctx, by=SYSTEM)] == [80, 80]


# --- the order of the apology --------------------------------------------------------------------------------------


def test_a_stage_that_began_too_late_orders_its_apology_when_it_begins(ctx: Context) -> None:
    office = b.an_office(ctx, total_days="2")  # three stages of two thirds of a day until Wednesday 08:00
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T11:00", ticker=False)
    dossier = b.do_next_step(ctx, office, dossier)

    assert clocks(ctx, dossier)[1] == "03-03T10:40"  # from then on the last stage did not fit
    assert timekeeping.next_wake(ctx) == b.local("2026-03-03T11:00")
    b.turn_clock_to(ctx, "2026-03-03T11:00")
    with ctx.unit_of_work(read_only=True) as uow:
        (letter,) = uow.letters.of_dossier(DossierId(UUID(dossier["id"])))
    assert letter.trigger == "foreseen"
    assert verify(ctx) == []
