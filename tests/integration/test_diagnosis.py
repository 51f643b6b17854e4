"""What the doctor sees: each thing that can be wrong, at its level."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.context import Context
from engine.domain.clock import TurnedClock
from engine.seeds import base
from engine.services import diagnosis
from engine.services.diagnosis import Check, Level
from engine.store.agencies import Agency
from engine.store.outbox import OutboxMessage
from tests.support.contexts import VIETNAM
from tests.support.signs import a_clock_sign


def levels(ctx: Context, *, queue_answers: bool = True) -> dict[str, Level]:
    return {check.name: check.level for check in diagnosis.examine(ctx, queue_answers=queue_answers)}


def check_of(ctx: Context, name: str, *, queue_answers: bool = True) -> Check:
    (found,) = [check for check in diagnosis.examine(ctx, queue_answers=queue_answers) if check.name == name]
    return found


@pytest.fixture
def sound(sqlite_ctx: Context) -> Context:
    base.ensure(sqlite_ctx)
    a_clock_sign(sqlite_ctx)
    return sqlite_ctx


def test_sound_installation_has_one_warning_for_next_years_calendar(ctx: Context) -> None:
    base.ensure(ctx)
    a_clock_sign(ctx)

    assert levels(ctx) == {
        "settings": Level.OK,
        "disk": Level.OK,
        "database": Level.OK,
        "outbox": Level.OK,
        "calendar": Level.WARNING,
        "limits": Level.OK,
        "clock": Level.OK,
        "mail": Level.OK,
        "sms": Level.OK,
        "zalo": Level.OK,
    }
    assert check_of(ctx, "calendar").message.startswith("H00: no decision on the days off of 2027: due dates in it are")


def test_database_at_another_revision_is_an_error_that_names_the_remedy(sound: Context) -> None:
    with sound.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("update alembic_version set version_num = '0000_older'")

    check = check_of(sound, "database")
    assert check.level is Level.ERROR
    assert check.message.startswith("schema is at 0000_older, this version needs 0")
    assert check.message.endswith(": run motcua migrate")


def test_database_that_does_not_answer_is_an_error_and_the_rest_is_still_told(sound: Context) -> None:
    class Away:
        """A database that nobody reaches."""

        def __getattr__(self, name: str) -> object:
            return getattr(sound.database, name)

        def ping(self) -> None:
            raise UnreachableError("the database does not answer")

    assert levels(replace(sound, database=Away())) == {
        "settings": Level.OK,
        "disk": Level.OK,
        "database": Level.ERROR,
        "clock": Level.OK,
        "mail": Level.OK,
        "sms": Level.OK,
        "zalo": Level.OK,
    }


class UnreachableError(diagnosis.EngineError):
    """Nobody answers."""


def test_message_that_was_given_up_is_an_error(sound: Context) -> None:
    with sound.unit_of_work() as uow:
        agency = uow.agencies.default()
        now = sound.clock.now()
        for key, dead_at in (("a", now), ("b", None)):
            uow.session.add(
                OutboxMessage(
                    owner_agency_id=agency.id,
                    topic="mail",
                    key=key,
                    payload={},
                    created_at=now,
                    not_before=now,
                    dead_at=dead_at,
                )
            )

    assert check_of(sound, "outbox") == Check("outbox", Level.ERROR, "1 messages were given up, 1 wait")


def test_clock_process_that_stopped_beside_a_running_queue_is_an_error(sound: Context) -> None:
    sound.clock.advance(timedelta(seconds=61))

    assert check_of(sound, "clock").level is Level.ERROR
    assert check_of(sound, "clock", queue_answers=False).level is Level.WARNING
    assert diagnosis.is_stopped(sound) is True


def test_clock_process_from_the_future_is_an_error(sound: Context) -> None:
    early = replace(sound, clock=TurnedClock(sound.clock.now() - timedelta(hours=1)))

    assert check_of(early, "clock").level is Level.ERROR


def test_system_clock_of_another_century_is_an_error(sound: Context) -> None:
    reset = replace(sound, clock=TurnedClock(datetime(1970, 1, 2, tzinfo=VIETNAM)))

    assert check_of(reset, "clock").message.startswith("the system clock says 1970-01-01T16:00:00+00:00")


def test_missing_agency_and_calendar_name_the_remedy(sqlite_ctx: Context) -> None:
    assert check_of(sqlite_ctx, "calendar") == Check(
        "calendar", Level.ERROR, "there is no agency yet: run motcua migrate"
    )


@pytest.mark.parametrize(
    ("at", "level", "message"),
    [
        ("2025-06-02", Level.OK, "H00: days off of 2025 and 2026 are decided"),
        ("2028-06-02", Level.WARNING, "H00: the calendar ends with 2028"),
        ("2029-06-02", Level.ERROR, "H00: the calendar ends with 2028"),
    ],
)
def test_calendar_is_looked_at_for_the_present_and_the_coming_year(
    sound: Context, at: str, level: Level, message: str
) -> None:
    then = replace(sound, clock=TurnedClock(datetime.fromisoformat(f"{at}T09:00+07:00")))

    first = next(check for check in diagnosis.examine(then, queue_answers=True) if check.name == "calendar")

    assert first.level is level
    assert first.message.startswith(message)


def test_agencies_that_share_a_calendar_are_told_once(sound: Context) -> None:
    with sound.unit_of_work() as uow:
        uow.agencies.add(Agency(code="H01", name="Ủy ban nhân dân H01"))

    assert check_of(sound, "calendar").message.startswith("H00:")


def test_agency_without_any_calendar_is_an_error(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    with sqlite_ctx.unit_of_work() as uow:
        uow.session.connection().exec_driver_sql("delete from calendar_version")

    assert check_of(sqlite_ctx, "calendar").level is Level.ERROR


def test_no_mail_server_is_a_warning(sound: Context) -> None:
    assert levels(replace(sound, mail=None))["mail"] is Level.WARNING


def test_missing_data_folder_is_judged_by_the_one_above(sound: Context, tmp_path: Path) -> None:
    moved = replace(sound, settings=replace(sound.settings, data=tmp_path / "not-yet"))

    assert check_of(moved, "disk").level is Level.OK


def test_database_is_unused_until_somebody_is_in_it(sound: Context) -> None:
    assert diagnosis.is_unused(sound) is True
