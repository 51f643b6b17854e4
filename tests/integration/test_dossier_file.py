"""A dossier read ahead tells the same as one read row by row, in few statements."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.dossier import Status
from engine.services import acts, dossier_file, explaining, notes, opinions, reading, talk, time_used
from engine.services.case import Case, case_of, find
from engine.store.dossiers import DossierNotFoundError
from tests.support import builders as b
from tests.support.statements import count_statements

READ: tuple[Callable[[Case], Any], ...] = (
    reading.told,
    reading.happened,
    reading.marks,
    acts.open_acts,
    explaining.these_dates,
)


def read_row_by_row(ctx: Context, by: Any, reference: str, what: Callable[[Case], Any]) -> Any:
    """Return what is told of a dossier whose rows nobody has read ahead."""
    with ctx.unit_of_work(read_only=True) as uow:
        return what(case_of(ctx, uow, by=by, dossier=find(uow, by=by, reference=reference)))


def lives(ctx: Context, office: b.Office) -> list[b.Dossier]:
    """Return dossiers in many states."""
    received = b.a_received_dossier(ctx, office)
    worked = b.do_next_step(ctx, office, b.a_received_dossier(ctx, office))
    waiting = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    done = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    return [received, worked, waiting, done]


def test_reading_ahead_tells_the_same(ctx: Context) -> None:
    """Whoever looks and however far the dossier is, the two ways of reading agree."""
    office = b.an_office(ctx)
    for dossier in lives(ctx, office):
        for by in (office.desk, office.officer, office.approver, office.supervisor, SYSTEM):
            with dossier_file.opened(ctx, by=by, dossier=dossier["code"]) as case:
                ahead = [what(case) for what in READ]
                spent = time_used.used(case)
            assert ahead == [read_row_by_row(ctx, by, dossier["id"], what) for what in READ]
            assert spent == read_row_by_row(ctx, by, dossier["id"], time_used.used)


def test_everything_of_a_dossier_takes_four_statements(ctx: Context) -> None:
    """However much has happened: rows, versions, names; and the units that it could be transferred to.

    A supervisor is told who could be assigned, which takes two more.
    """
    office = b.an_office(ctx)
    for dossier in lives(ctx, office):
        for by, most in ((office.officer, 4), (office.supervisor, 6)):
            with (
                count_statements(ctx) as sent,
                dossier_file.opened(ctx, by=by, dossier=dossier["code"]) as case,
            ):
                for what in (*READ, time_used.used):
                    what(case)
            sent.hold(most)


@pytest.mark.parametrize("by", ["id", "code"])
def test_dossiers_of_others_are_not_found(ctx: Context, by: str) -> None:
    """Who may not know of a dossier is told the same as of one that is not there."""
    office = b.an_office(ctx)
    stranger = b.an_office(ctx, code="H77", procedure="TP77").officer
    dossier = b.a_received_dossier(ctx, office)
    for reference in (dossier[by], "khong-co", "018f0000-0000-7000-8000-000000000000"):
        with pytest.raises(DossierNotFoundError), dossier_file.opened(ctx, by=stranger, dossier=reference):
            pytest.fail("it was opened")
    assert stranger.agencies_with(Role.OFFICER)


def test_what_officers_said_is_read_with_it_once(ctx: Context) -> None:
    """Opinions, suggested refusals and notes come with the dossier, with the names of who said it."""
    office = b.an_office(ctx)
    dossier = b.a_received_dossier(ctx, office)
    notes.add(ctx, by=office.officer, dossier=dossier["id"], text="Hẹn quay lại thứ Sáu")
    opinions.ask(
        ctx, by=office.officer, dossier=dossier["id"], units=[f"{office.code}/LANH_DAO"], question="Đủ không?", days=2
    )
    for by in (office.officer, office.approver):
        with count_statements(ctx) as sent, dossier_file.opened(ctx, by=by, dossier=dossier["code"]) as case:
            ahead = talk.told(case), acts.open_acts(case)
        sent.hold(4)
        assert [len(said) for said in ahead[0].values()] == [1, 0, 1]
        assert ahead == (
            read_row_by_row(ctx, by, dossier["id"], talk.told),
            read_row_by_row(ctx, by, dossier["id"], acts.open_acts),
        )
