"""A step moves to another unit with its hand-over line; the decision stays with the resolving agency."""

from __future__ import annotations

import pytest

from engine.context import Context
from engine.domain.dossier import Status
from engine.errors import EngineError
from engine.services import reading, transfers
from tests.support.builders import a_received_dossier, advance_to, an_office, do_next_step


def test_transfer_moves_the_step_and_not_the_date(ctx: Context) -> None:
    office, other = an_office(ctx), an_office(ctx, code="H01")
    dossier = a_received_dossier(ctx, office)

    moved = transfers.transfer(
        ctx, by=office.officer, dossier=dossier["id"], unit="PHONG_TU_PHAP", agency="H01", note="đúng địa bàn"
    )

    assert moved["due_at"] == dossier["due_at"]
    line = reading.detail(ctx, by=other.officer, dossier=dossier["id"])["handovers"][-1]
    assert (line["given_by"], line["note"], line["taken_at"]) == ("Cán bộ officer", "đúng địa bàn", None)
    done = do_next_step(ctx, other, moved)
    assert done["open_tasks"][0]["unit"] == "LANH_DAO"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param({"unit": "KHONG"}, "unit-not-found", id="unknown-unit"),
        pytest.param({"agency": "X1"}, "agency-not-found", id="unknown-agency"),
        pytest.param({"note": " "}, "invalid-input", id="no-reason"),
        pytest.param({"unit": "PHONG_TU_PHAP", "agency": None}, "invalid-input", id="same-unit"),
    ],
)
def test_impossible_transfer_is_refused(ctx: Context, change: dict[str, str], code: str) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    usual = {"unit": "LANH_DAO", "agency": None, "note": "vì"}

    with pytest.raises(EngineError) as refused:
        transfers.transfer(ctx, by=office.officer, dossier=dossier["id"], **(usual | change))

    assert refused.value.code == code


def test_step_that_decides_stays_in_the_resolving_agency(ctx: Context) -> None:
    office, _ = an_office(ctx), an_office(ctx, code="H01")
    dossier = do_next_step(ctx, office, a_received_dossier(ctx, office))

    with pytest.raises(EngineError) as refused:
        transfers.transfer(
            ctx, by=office.supervisor, dossier=dossier["id"], unit="LANH_DAO", agency="H01", note="ký thay"
        )

    assert refused.value.code == "decision-stays"


def test_finished_dossier_has_nothing_to_transfer(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)

    with pytest.raises(EngineError) as refused:
        transfers.transfer(ctx, by=office.supervisor, dossier=dossier["id"], unit="LANH_DAO", note="vì")

    assert refused.value.code == "nothing-to-transfer"


def test_receiver_of_the_result_is_kept_apart_from_the_history(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)

    returned = reading.timeline(ctx, by=office.desk, dossier=dossier["id"])
    receiver = next(event for event in returned if event["kind"] == "dossier.returned")["facts"]["receiver"]

    assert sorted(receiver) == ["authorisation", "capacity", "digest", "how", "number_differs", "proof"]
    assert reading.detail(ctx, by=office.desk, dossier=dossier["id"])["receiver"]["name"] == "Nguyễn Văn Thử"
