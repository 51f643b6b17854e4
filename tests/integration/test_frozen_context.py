"""What was frozen of a period is a database again, with the same rows and nothing of people."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Channel
from engine.domain.ids import DossierId, ProcedureId
from engine.domain.statistics import NEVER, Apologised, Outcome
from engine.errors import EngineError
from engine.reports import ledger
from engine.services.closed_periods import frozen_context
from engine.store import frozen_rows
from engine.store.facts import DossierFact
from engine.store.frozen_rows import Extent, FrozenContentError
from engine.store.people import Officer
from engine.store.procedures import Procedure
from engine.store.unit_of_work import DatabaseUnavailableError
from tests.support.builders import Office, an_office

AT = datetime(2026, 4, 2, 3, 0, tzinfo=UTC)


def a_fact(ctx: Context, office: Office, received_on: date, closed_on: date = NEVER, **changes: Any) -> DossierFact:
    """Return a fact of the office, made of nothing but dates."""
    received_at = datetime(received_on.year, received_on.month, received_on.day, 2, 0, tzinfo=UTC)
    with ctx.unit_of_work(read_only=True) as uow:
        procedure = uow.procedures.by_code(office.id, office.procedure)
    usual: dict[str, Any] = {
        "dossier_id": DossierId(ctx.new_id()), "code": None, "receiving_agency_id": office.id,
        "resolving_agency_id": office.id, "returning_agency_id": office.id, "procedure_id": ProcedureId(procedure.id),
        "procedure_code": office.procedure, "channel": Channel.DIRECT, "unit_id": None, "officer_id": None,
        "received_at": received_at, "received_on": received_on, "due_at": None, "late_after": None, "late_on": NEVER,
        "closed_at": None if closed_on == NEVER else received_at + (closed_on - received_on), "closed_on": closed_on,
        "outcome": Outcome.OPEN if closed_on == NEVER else Outcome.EARLY, "apologised": Apologised.NONE,
        "apologised_on": NEVER, "unkept_on": NEVER, "percent_used": -1, "members": 1, "event_seq": 1,
        "has_obligation": False, "paid_online": False, "papers": 0, "digitised": 0, "reused": 0, "has_result": False,
        "electronic_result": False,
    }  # fmt: skip
    fact = DossierFact(**(usual | changes))
    with ctx.unit_of_work() as uow:
        uow.session.add(fact)
    return fact


def frozen(ctx: Context, office: Office, *, since: date = date(2026, 1, 1)) -> bytes:
    """Freeze what concerns the office."""
    with ctx.unit_of_work(read_only=True) as uow:
        lines = list(frozen_rows.lines(uow.session, Extent(office.id, since), {"period": "2026-Q1"}))
    return gzip.compress(b"".join(lines), mtime=0)


@contextmanager
def opened(ctx: Context, content: bytes) -> Iterator[Context]:
    with frozen_context(ctx, content=content, at=AT) as found:
        yield found


def test_frozen_rows_are_rows_again(ctx: Context) -> None:
    office = an_office(ctx)
    late = a_fact(ctx, office, date(2026, 2, 3), date(2026, 2, 20), outcome=Outcome.LATE, officer_id=office.officer.id)
    a_fact(ctx, office, date(2025, 11, 3), date(2025, 12, 20))  # closed before what is frozen
    a_fact(ctx, office, date(2026, 3, 30))

    with opened(ctx, frozen(ctx, office)) as then, then.unit_of_work(read_only=True) as uow:
        assert then.clock.now() == AT
        assert uow.session.scalar(select(func.count()).select_from(DossierFact)) == 2
        found = uow.session.get_one(DossierFact, late.dossier_id)
        for column in DossierFact.__table__.columns:
            assert getattr(found, column.key) == getattr(late, column.key), column.key
        assert uow.agencies.by_code(office.code).id == office.id
        assert uow.session.scalars(select(Procedure.code)).all() == [office.procedure]
    with opened(ctx, frozen(ctx, office)) as then:
        assert ledger.agencies(then, by=SYSTEM)[0]["code"] == office.code  # a report that knows nothing of all this


def test_the_same_rows_freeze_to_the_same_bytes(ctx: Context) -> None:
    office = an_office(ctx)
    for day in range(1, 20):
        a_fact(ctx, office, date(2026, 2, day))
    before = frozen(ctx, office)

    with opened(ctx, before) as then:
        again = frozen(then, office)

    assert frozen(ctx, office) == before
    assert gzip.decompress(again).splitlines() == gzip.decompress(before).splitlines()


def test_nothing_of_people_is_frozen_but_who_they_are_at_work(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    with sqlite_ctx.unit_of_work() as uow:
        person = uow.session.get_one(Officer, office.officer.id)
        person.email, person.password_hash = "private@example.test", "argon2-of-a-password"
        uow.agencies.get(office.id).phone = "0912345678"

    text = gzip.decompress(frozen(sqlite_ctx, office)).decode()

    assert "private@example.test" not in text
    assert "argon2" not in text
    assert "0912345678" not in text
    assert "officer" in text


def test_nobody_writes_into_what_is_closed(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    content = frozen(sqlite_ctx, office)
    for sha256 in (None, "0" * 64, "0" * 64):  # read, remembered, and there again
        with frozen_context(sqlite_ctx, content=content, at=AT, sha256=sha256) as then:
            with pytest.raises(DatabaseUnavailableError), then.unit_of_work() as uow:
                uow.agencies.get(office.id).name = "Tên khác"
            with then.unit_of_work(read_only=True) as uow:
                assert uow.agencies.get(office.id).name != "Tên khác"


@pytest.mark.parametrize("cut", [0, 1, 40, -1, -200])
def test_bytes_that_are_cut_off_are_found(sqlite_ctx: Context, cut: int) -> None:
    content = frozen(sqlite_ctx, an_office(sqlite_ctx))

    with pytest.raises(EngineError) as told, opened(sqlite_ctx, content[:cut]):
        pass

    assert told.value.code == FrozenContentError.code


def test_lines_that_are_away_are_found(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    a_fact(sqlite_ctx, office, date(2026, 2, 3))
    lines = gzip.decompress(frozen(sqlite_ctx, office)).splitlines(keepends=True)
    for wrong in (lines[:-2] + lines[-1:], lines[:-1], [b"{}\n", *lines[1:]], [lines[0], b"[1]\n", *lines[1:]]):
        with (
            pytest.raises(FrozenContentError),
            frozen_context(sqlite_ctx, content=gzip.compress(b"".join(wrong)), at=AT + timedelta()),
        ):
            pass
