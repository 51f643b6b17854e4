"""Numbers for a power cut: one sequence with the dossier codes, each entered once or void."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import text

from engine.context import Context
from engine.domain.events import EventKind
from engine.domain.permissions import NotAllowedError
from engine.services import corrections, intake, reserved_numbers
from engine.services.dossier_numbers import (
    ReservedElsewhereError,
    ReservedNumberNotFoundError,
    ReservedNumberUsedError,
    ReservedNumberVoidError,
    SlipTimeError,
)
from engine.services.intake import DateInFutureError
from engine.services.reserved_numbers import PadInvalidError, VoidReasonError
from engine.verification.verify import verify
from tests.support import builders as b


def _pad(ctx: Context, office: b.Office, count: int = 3) -> list[str]:
    codes: list[str] = reserved_numbers.reserve(ctx, by=office.desk, counter="Quầy 3", count=count)["codes"]
    return codes


def _enter(ctx: Context, office: b.Office, slip: str, at: str) -> b.Dossier:
    return intake.receive(ctx, by=office.desk, filing=b.a_filing(office, slip=slip, received_at=b.local(at)))


def test_a_pad_and_dossiers_share_one_sequence(ctx: Context) -> None:
    office = b.an_office(ctx)
    before = b.a_received_dossier(ctx, office)
    codes = _pad(ctx, office)
    after = b.a_received_dossier(ctx, office)
    assert [code[-4:] for code in [before["code"], *codes, after["code"]]] == ["0001", "0002", "0003", "0004", "0005"]
    assert verify(ctx) == []


def test_a_slip_is_entered_later_with_its_true_time(ctx: Context) -> None:
    office = b.an_office(ctx)
    code = _pad(ctx, office)[1]
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    entered = _enter(ctx, office, code, "2026-03-03T09:00")
    assert (entered["code"], entered["received_at"]) == (code, "2026-03-03T09:00:00+07:00")
    assert entered["due_at"] == "2026-03-09T09:00:00+07:00"
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(code)
        assert row.received_late
        said = uow.events.of_kind(row.id, EventKind.RECEIVED)[0]
        assert said.payload["slip"]["counter"] == "Quầy 3"
        assert said.actor_id == office.desk.id
    shown = reserved_numbers.listed(ctx, by=office.supervisor)
    assert shown["counts"] == {"open": 2, "used": 1, "void": 0}
    assert verify(ctx) == []


def test_two_people_enter_the_same_slip_and_one_is_told_who_was_first(ctx: Context) -> None:
    office = b.an_office(ctx)
    code = _pad(ctx, office)[0]
    b.turn_clock_to(ctx, "2026-03-03T10:00")

    def enter(_each: int) -> str:
        try:
            _enter(ctx, office, code, "2026-03-02T09:00")
        except ReservedNumberUsedError as error:
            return str(error.details["by"])
        return "won"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(enter, range(2))) == sorted(["won", office.desk.name])
    assert verify(ctx) == []


def test_slips_that_cannot_be_entered(ctx: Context) -> None:
    office, other = b.an_office(ctx), b.an_office(ctx, code="H02")
    codes = _pad(ctx, office)
    foreign = _pad(ctx, other)[0]
    b.turn_clock_to(ctx, "2026-03-04T10:00")
    with pytest.raises(ReservedNumberNotFoundError):
        _enter(ctx, office, "H01-260302-0999", "2026-03-03T09:00")
    with pytest.raises(ReservedElsewhereError):
        _enter(ctx, office, foreign, "2026-03-03T09:00")
    with pytest.raises(SlipTimeError):
        _enter(ctx, office, codes[0], "2026-03-02T07:59")  # before it was reserved
    with pytest.raises(SlipTimeError):
        intake.receive(ctx, by=office.desk, filing=b.a_filing(office, slip=codes[0]))  # no time: it is not now
    with pytest.raises(DateInFutureError):
        _enter(ctx, office, codes[0], "2026-03-04T11:00")
    reserved_numbers.void(ctx, by=office.supervisor, codes=[codes[0]], reason="tờ bị ướt")
    with pytest.raises(ReservedNumberVoidError, match="tờ bị ướt"):
        _enter(ctx, office, codes[0], "2026-03-03T09:00")
    b.turn_clock_to(ctx, "2026-04-02T09:00", ticker=False)
    with pytest.raises(DateInFutureError):
        _enter(ctx, office, codes[1], "2026-03-02T09:00")
    assert verify(ctx) == []


def test_strangers_are_not_told_who_used_a_slip(ctx: Context) -> None:
    office = b.an_office(ctx)
    codes = _pad(ctx, office)
    other = b.an_office(ctx, code="H01", procedure="TP98")
    ctx.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    _enter(ctx, office, codes[0], "2026-03-02T09:00")
    with pytest.raises(ReservedElsewhereError):
        _enter(ctx, other, codes[0], "2026-03-02T09:00")
    assert verify(ctx) == []


def test_the_time_of_a_slip_is_not_corrected_to_before_its_pad(ctx: Context) -> None:
    office = b.an_office(ctx)
    codes = _pad(ctx, office)
    ctx.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    entered = _enter(ctx, office, codes[0], "2026-03-02T09:00")

    def correct(at: str) -> b.Dossier:
        wish = corrections.Correction(reason="ghi nhầm giờ", received_at=b.local(at))
        return corrections.correct(ctx, by=office.desk, dossier=entered["id"], correction=wish)

    with pytest.raises(DateInFutureError):
        correct("2026-03-02T07:30")
    assert correct("2026-03-02T08:30")["received_at"] == "2026-03-02T08:30:00+07:00"
    assert verify(ctx) == []


def test_pads_and_voids_that_cannot_be(ctx: Context) -> None:
    office = b.an_office(ctx)
    for counter, count in (("", 3), ("x" * 41, 3), ("Quầy 3", 0), ("Quầy 3", 201)):
        with pytest.raises(PadInvalidError):
            reserved_numbers.reserve(ctx, by=office.desk, counter=counter, count=count)
    with pytest.raises(NotAllowedError):
        reserved_numbers.reserve(ctx, by=office.officer, counter="Quầy 3", count=1, agency=office.code)
    with pytest.raises(NotAllowedError):
        reserved_numbers.listed(ctx, by=office.officer)
    code = _pad(ctx, office)[0]
    with pytest.raises(VoidReasonError):
        reserved_numbers.void(ctx, by=office.desk, codes=[code], reason=" ")
    with pytest.raises(VoidReasonError):
        reserved_numbers.void(ctx, by=office.desk, codes=[], reason="tờ bị ướt")
    with pytest.raises(NotAllowedError):
        reserved_numbers.void(ctx, by=office.auditor, codes=[code], reason="tờ bị ướt")
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    _enter(ctx, office, code, "2026-03-02T09:00")
    with pytest.raises(ReservedNumberUsedError):
        reserved_numbers.void(ctx, by=office.desk, codes=[code], reason="tờ bị ướt")
    assert verify(ctx) == []


def test_the_pad_is_printed_without_what_is_used_or_void(ctx: Context) -> None:
    office = b.an_office(ctx)
    codes = _pad(ctx, office)
    whole = reserved_numbers.pdf(ctx, by=office.desk, pad=codes[2])
    assert len(pypdfium2.PdfDocument(whole)) == 3  # both copies of a number on one sheet
    reserved_numbers.void(ctx, by=office.desk, codes=codes[:1], reason="tờ bị ướt")
    assert reserved_numbers.pdf(ctx, by=office.desk, pad=codes[2]) != whole
    reserved_numbers.void(ctx, by=office.desk, codes=codes[1:], reason="tờ bị ướt")
    with pytest.raises(PadInvalidError):
        reserved_numbers.pdf(ctx, by=office.desk, pad=codes[2])


def test_the_list_goes_on_after_a_code(ctx: Context) -> None:
    office = b.an_office(ctx)
    codes = _pad(ctx, office, count=5)
    first = reserved_numbers.listed(ctx, by=office.auditor, limit=3)
    assert [each["code"] for each in first["items"]] == codes[:1:-1]
    rest = reserved_numbers.listed(ctx, by=office.auditor, limit=3, after=first["next"])
    assert [each["code"] for each in rest["items"]] == codes[1::-1]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ("delete from reserved_number where code like '%-0001'", "given"),
        ("update reserved_number set dossier_id = null where code like '%-0002'", "dossier_id"),
        ("update reserved_number set void_reason = '' where code like '%-0003'", "void_reason"),
    ],
)
def test_pads_that_somebody_changed_are_found(ctx: Context, change: str, found: str) -> None:
    office = b.an_office(ctx)
    codes = _pad(ctx, office)
    ctx.clock.advance(timedelta(hours=2))  # type: ignore[attr-defined]
    _enter(ctx, office, codes[1], "2026-03-02T09:00")
    reserved_numbers.void(ctx, by=office.desk, codes=codes[2:], reason="tờ bị ướt")
    assert verify(ctx) == []
    with ctx.unit_of_work() as uow:
        uow.session.execute(text(change))
    assert found in {each.field for each in verify(ctx)}
