"""Chains: a result files the next dossier for the same people, once, to the agency that the policy names."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.errors import EngineError
from engine.services import delivery, procedure_contents, procedures, publishing, reading
from engine.services.procedure_contents import Content
from engine.services.process_effects import NEXT
from engine.verification.verify import verify
from tests.support import processes as p
from tests.support.builders import WITH_EMAIL, Dossier
from tests.support.outbox import orders

PARTNERS = {"cong_an": "CA01"}


def through(ctx: Context, reference: p.Reference, dossier: Dossier) -> Dossier:
    """Do every step until the result exists, by the first outcome of each."""
    while dossier["status"] < 9:
        dossier = p.do(ctx, reference, dossier, dossier["open_tasks"][0]["node"])
    return dossier


def next_of(ctx: Context, reference: p.Reference, dossier: Dossier) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = reading.detail(ctx, by=reference.everybody, dossier=dossier["id"])["followed_by"]
    return found


@pytest.mark.parametrize("receives", [False, True])
def test_a_result_files_the_next_dossier_for_the_same_people(ctx: Context, receives: bool) -> None:
    first = p.a_reference(ctx, "LT297.1", policy={"receives_next": receives})
    p.a_reference(ctx, "LT297.2", partners=PARTNERS)
    dossier = p.receive(ctx, first, applicant=WITH_EMAIL)

    dossier = through(ctx, first, dossier)
    assert next_of(ctx, first, dossier) == []
    messages = [message for message in delivery.due(ctx, limit=20) if delivery.deliver(ctx, message_id=message)]

    (following,) = next_of(ctx, first, dossier)
    shown = reading.detail(ctx, by=first.everybody, dossier=following["id"])
    assert messages
    assert (shown["procedure_code"], shown["channel"]) == ("LT297.2", "direct")
    assert shown["applicant"] == reading.detail(ctx, by=first.everybody, dossier=dossier["id"])["applicant"]
    assert shown["follows"]["id"] == dossier["id"]
    assert (shown["status"] > 1, shown["code"] is not None) == (receives, receives)
    assert verify(ctx) == []


def test_the_next_dossier_is_filed_once_however_often_its_order_is_carried_out(ctx: Context) -> None:
    first = p.a_reference(ctx, "LT297.1")
    p.a_reference(ctx, "LT297.2", partners=PARTNERS)
    dossier = through(ctx, first, p.receive(ctx, first))
    (message,) = orders(ctx, NEXT)

    assert delivery.deliver(ctx, message_id=message)
    with ctx.unit_of_work() as uow:
        order = uow.outbox.get(message)
        assert order is not None
        order.done_at = None  # as if the worker had died before it could note what it had done
    assert delivery.deliver(ctx, message_id=message)

    assert len(next_of(ctx, first, dossier)) == 1


def test_a_next_procedure_that_is_closed_holds_nothing_up(ctx: Context) -> None:
    first = p.a_reference(ctx, "LT297.1")
    second = p.a_reference(ctx, "LT297.2", partners=PARTNERS)
    procedures.set_open(ctx, by=SYSTEM, code=second.code, is_open=False)

    dossier = through(ctx, first, p.receive(ctx, first))

    assert dossier["status"] == 9
    (message,) = orders(ctx, NEXT)
    with pytest.raises(EngineError, match="receives no new dossiers"):
        delivery.deliver(ctx, message_id=message)
    with ctx.unit_of_work(read_only=True) as uow:
        assert uow.outbox.counts()["dead"] == 1


def test_a_partner_lane_without_an_agency_is_a_finding_and_its_unit_is_made_where_it_is_named(
    sqlite_ctx: Context,
) -> None:
    p.a_reference(sqlite_ctx, "LT297.1", agencies=("CA01",))
    source = (p.MODELS / "LT297.2" / "process.bpmn").read_text(encoding="utf-8")

    without = procedure_contents.read_content(Content(source))
    named = procedure_contents.read_content(Content(source, policy={"partners": PARTNERS}))

    assert {(each.rule, each.where) for each in without.findings if each.severity == "error"} == {
        ("partner-unmapped", "CONG_AN"),
        ("partner-unmapped", "TRUONG_CONG_AN"),
    }
    with sqlite_ctx.unit_of_work() as uow:
        owner = publishing.administered(uow, SYSTEM, None)
        publishing.publish(sqlite_ctx, uow, by=SYSTEM, owner=owner, reading=named)
        police = uow.agencies.by_code("CA01")
        assert {"CONG_AN", "TRUONG_CONG_AN"} <= {unit.code for unit in uow.agencies.units(police.id)}
        assert uow.agencies.find_unit(owner.id, "CONG_AN") is None
