"""``motcua outbox``: what was given up, and trying it again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from engine.context import Context
from engine.errors import EngineError
from engine.services import delivery
from tests.support.builders import an_office
from tests.support.contexts import make_context
from web.cli import main


@pytest.fixture
def ctx(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Context]:
    """A data folder with two orders that nothing can carry out, and one that waits."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    made = make_context(tmp_path, sqlite_url)
    office = an_office(made)
    with made.unit_of_work() as uow:
        for key in ("a", "b"):
            payload = {"to": "nobody@example.test"}
            uow.outbox.add(agency=office.id, topic="mail", key=key, payload=payload, at=made.clock.now())
    for message_id in delivery.due(made, limit=10):
        with suppress(EngineError):
            delivery.deliver(made, message_id=message_id)
    with made.unit_of_work() as uow:
        uow.outbox.add(agency=office.id, topic="mail", key="c", payload={}, at=made.clock.now())
    yield made
    made.database.close()


def test_what_was_given_up_is_listed_without_people(ctx: Context, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["outbox", "list"]) == 0
    said = capsys.readouterr().out
    assert said.splitlines()[-1] == "2 messages"
    assert "outbox-payload-invalid" in said
    assert "nobody@example.test" not in said
    assert main.run(["outbox", "list", "--waiting", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["messages"]
    assert [row["dead_at"] is None for row in listed] == [False, False, True]


def test_one_or_all_are_put_back(ctx: Context, capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["outbox", "list", "--json"])
    first, second = (row["outbox_id"] for row in json.loads(capsys.readouterr().out)["messages"])
    assert main.run(["outbox", "retry", str(first)]) == 0
    assert main.run(["outbox", "retry", str(first), "999999"]) == 1
    assert "message-not-dead" in capsys.readouterr().err
    assert main.run(["outbox", "retry", "--all"]) == 0
    assert "1 messages put back, 0 not" in capsys.readouterr().out
    with ctx.unit_of_work(read_only=True) as uow:
        for outbox_id in (first, second):
            row = uow.outbox.get(outbox_id)
            assert row is not None
            assert (row.dead_at, row.attempts) == (None, 0)


@pytest.mark.parametrize("words", [[], ["--all", "1"], ["x"], ["0"], ["-1"], ["99999999999"]])
def test_who_names_nothing_sensible_is_told(ctx: Context, words: list[str]) -> None:
    assert main.run(["outbox", "retry", *words]) == 2
