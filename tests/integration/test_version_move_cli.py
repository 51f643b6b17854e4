"""``motcua procedures migrate``: what it prints, its exit status, and that a bad option is one line (contract §2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import reading
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support import version_acts as v
from web.cli.main import run

Motcua = Callable[..., tuple[int, str, str]]


@pytest.fixture
def office(sqlite_ctx: Context) -> b.Office:
    """An office with two versions of its procedure, the second without the step THU_LY and with six days."""
    made = b.an_office(sqlite_ctx)
    b.a_received_dossier(sqlite_ctx, made)
    v.second_version(sqlite_ctx, made, steps=v.without("THU_LY", instead="THAM_TRA"), total_days="6")
    return made


@pytest.fixture
def migrate(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Motcua:
    """Runs the command in the office's database; returns exit status, stdout and stderr."""
    monkeypatch.setenv("MOTCUA_DATA", str(sqlite_ctx.settings.data))

    def command(*arguments: object) -> tuple[int, str, str]:
        status = run(["procedures", "migrate", *(str(argument) for argument in arguments)])
        return (status, *capsys.readouterr())

    return command


def versions(ctx: Context) -> list[Any]:
    return [reading.detail(ctx, by=SYSTEM, dossier="H00-260302-0001")[name] for name in ("procedure_version", "due_at")]


def test_dry_run_says_what_is_blocked_and_how_to_decide(sqlite_ctx: Context, office: b.Office, migrate: Motcua) -> None:
    status, out, err = migrate("TP99", "--to", 2, "--dry-run")

    assert (status, err) == (1, "")
    assert "H00-260302-0001  blocked, from version 1 (step-gone s02_THU_LY)" in out
    assert "--map s02_THU_LY=s02_THAM_TRA (Bước THAM_TRA) or --leave s02_THU_LY" in out
    assert out.endswith("0 move, 0 move with another date, 1 blocked, 0 left; nothing is changed yet\n")
    assert versions(sqlite_ctx) == [1, "2026-03-06T08:00:00+07:00"]


def test_mapped_dossier_moves_and_comes_back(sqlite_ctx: Context, office: b.Office, migrate: Motcua) -> None:
    mapped = ("TP99", "--to", 2, "--map", "s02_THU_LY=s02_THAM_TRA", "--dates", "keep")
    seen = migrate(*mapped, "--dry-run", "--json")
    status, out, err = migrate(*mapped, "--ground", v.GROUND)

    assert (seen[0], json.loads(seen[1])["counts"]["moves"]) == (0, 1)
    assert (status, err) == (0, "")
    assert "to take it back: motcua procedures migrate TP99 --undo 1" in out
    assert versions(sqlite_ctx)[0] == 2
    assert verify(sqlite_ctx) == []
    status, out, err = migrate("TP99", "--undo", 1, "--json")
    assert (status, err, json.loads(out)["counts"]["undone"]) == (0, "", 1)
    assert versions(sqlite_ctx) == [1, "2026-03-06T08:00:00+07:00"]


def test_blocked_dossier_is_exit_status_1_and_others_are_named(office: b.Office, migrate: Motcua) -> None:
    status, out, err = migrate("TP99", "--to", 2, "--ground", v.GROUND, "--json")
    document = json.loads(out)

    assert (status, err, document["state"], document["counts"]["blocked"]) == (1, "", "done", 1)
    assert [(row["code"], row["verdict"]) for row in document["dossiers"]] == [("H00-260302-0001", "blocked")]


def test_left_dossier_is_no_failure(office: b.Office, migrate: Motcua) -> None:
    status, out, _ = migrate("TP99", "--to", 2, "--ground", v.GROUND, "--leave", "s02_THU_LY")

    assert (status, out.count("left")) == (0, 3)


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("TP99",), "--to VERSION"),
        (("TP99", "--to", "2"), "--ground TEXT"),
        (("TP99", "--to", "2", "--ground", "x", "--map", "a"), "OLD=NEW"),
        (("TP99", "--to", "2", "--ground", "x", "--map", "a=b", "--leave", "a"), "named twice"),
        (("TP99", "--to", "2", "--ground", "x", "--map", "a=b"), "has a step 'a'"),
        (("TP99", "--to", "7", "--ground", "x"), "no version 7"),
        (("TP98", "--to", "2", "--ground", "x"), "TP98"),
        (("TP99", "--to", "2", "--undo", "1"), "--undo stands alone"),
        (("TP99", "--undo", "4"), "no version move 4"),
    ],
)
def test_what_cannot_be_is_one_line_and_exit_status_2(
    sqlite_ctx: Context, office: b.Office, migrate: Motcua, arguments: tuple[str, ...], part: str
) -> None:
    status, out, err = migrate(*arguments)

    assert (status, out) == (2, "")
    assert part in err
    assert "Traceback" not in err
    assert versions(sqlite_ctx)[0] == 1
