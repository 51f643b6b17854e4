"""Figures of each day for an operations centre: once a day and agency, signed, tried again, and nothing of people."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from engine import bootstrap
from engine.context import Context
from engine.domain.dossier import Status
from engine.integrations.webhooks import WebhookIndicators, WebhookUnavailableError
from engine.reports import indicator_push
from engine.services import delivery
from engine.settings import InvalidSettingError, from_env
from tests.support.builders import NO_EMAIL, a_received_dossier, advance_to, an_office, turn_clock_to
from tests.support.gateways import SECRET, Gateway, a_gateway


@contextmanager
def told(ctx: Context, *answers: int) -> Iterator[tuple[Context, Gateway]]:
    """Give a context whose figures go to a centre that answers so."""
    with a_gateway(*answers) as centre:
        yield replace(ctx, centre=WebhookIndicators(centre.url, SECRET, clock=ctx.clock)), centre


def deliver_all(ctx: Context) -> int:
    return sum(delivery.deliver(ctx, message_id=each) for each in delivery.due(ctx, limit=10))


def test_the_figures_of_the_month_go_once_a_day(ctx: Context) -> None:
    office = an_office(ctx)
    advance_to(ctx, office, a_received_dossier(ctx, office), Status.FINISHED)
    a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-16T08:00")
    deliver_all(ctx)  # the papers of the dossiers
    with told(ctx) as (pushing, centre):
        assert (indicator_push.order_due(pushing), indicator_push.order_due(pushing)) == (1, 0)
        assert (deliver_all(pushing), deliver_all(pushing)) == (1, 0)
        turn_clock_to(ctx, "2026-03-17T00:00")
        assert (indicator_push.order_due(pushing), deliver_all(pushing)) == (1, 1)

    assert [(post["id"], post["is_signed"]) for post in centre.posts] == [
        ("H00:2026-03-16", True), ("H00:2026-03-17", True),
    ]  # fmt: skip
    body = centre.posts[0]["body"]
    assert body["type"] == "indicators.day"
    figures = body["data"]
    assert (figures["agency"], figures["from"], figures["to"]) == ("H00", "2026-03-01", "2026-03-16")
    assert (figures["on_time"]["received_in_period"], figures["open"], figures["late"]) == (2, 1, 1)
    assert figures["on_time"]["rates"]["finished"] == {"numerator": 1, "denominator": 1, "percent": 100.0}
    assert figures["targets"] == []
    assert figures["index_766"]
    assert NO_EMAIL.name not in json.dumps(body, ensure_ascii=False)


def test_without_anything_to_divide_by_a_percentage_is_null(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    with told(sqlite_ctx) as (pushing, centre):
        indicator_push.order_due(pushing)
        deliver_all(pushing)

    assert centre.posts[0]["body"]["data"]["on_time"]["rates"]["finished"]["percent"] is None


def test_a_centre_that_is_away_gets_the_same_figures_later(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)
    with told(sqlite_ctx, 503) as (pushing, centre):
        indicator_push.order_due(pushing)
        with pytest.raises(WebhookUnavailableError):
            deliver_all(pushing)
        assert deliver_all(pushing) == 0
        sqlite_ctx.clock.advance(timedelta(minutes=6))  # type: ignore[attr-defined]
        assert deliver_all(pushing) == 1

    first, second = centre.posts
    assert (first["id"], first["body"]["data"]) == (second["id"], second["body"]["data"])


def test_nothing_is_ordered_without_a_centre(sqlite_ctx: Context) -> None:
    an_office(sqlite_ctx)

    assert indicator_push.order_due(sqlite_ctx) == 0
    assert delivery.due(sqlite_ctx, limit=10) == []


def test_each_agency_has_its_own_figures(sqlite_ctx: Context) -> None:
    for code in ("H00", "H01"):
        a_received_dossier(sqlite_ctx, an_office(sqlite_ctx, code=code))
    with told(sqlite_ctx) as (pushing, centre):
        assert indicator_push.order_due(pushing) == 2
        deliver_all(pushing)

    posted = [post["body"]["data"] for post in centre.posts]
    assert [(each["agency"], each["on_time"]["received_in_period"]) for each in posted] == [("H00", 1), ("H01", 1)]


def test_the_address_of_the_centre_is_a_setting_that_needs_the_secret(tmp_path) -> None:
    env = {"MOTCUA_DATA": str(tmp_path), "MOTCUA_IOC_URL": "https://ioc.example/figures"}
    with pytest.raises(InvalidSettingError, match="MOTCUA_WEBHOOK_SECRET is required with MOTCUA_IOC_URL"):
        from_env(env)

    ctx = bootstrap.build(from_env(env | {"MOTCUA_WEBHOOK_SECRET": SECRET}))
    assert isinstance(ctx.centre, WebhookIndicators)
    ctx.database.close()
    assert bootstrap.build(from_env({"MOTCUA_DATA": str(tmp_path)})).centre is None
