"""``motcua users`` and ``motcua tokens``: people and bearer tokens from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import bootstrap
from engine.domain.actors import Role
from engine.services import people
from tests.support.site import an_agency
from web.cli import main

ADD = ("users", "add", "an.b", "--name", "Cán bộ Thử", "--role", "desk", "--role", "officer", "--unit", "mot-cua")


@pytest.fixture
def folder(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with an agency, named by the environment."""
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    ctx = bootstrap.from_environment()
    an_agency(ctx, "H01", units=["mot-cua"])
    ctx.database.close()
    return tmp_path


def test_users_add_makes_a_password_that_opens_the_account(folder: Path, capsys: pytest.CaptureFixture[str]):
    assert main.run([*ADD, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    password = answer.pop("password")
    assert answer == {
        "username": "an.b",
        "name": "Cán bộ Thử",
        "title": "",
        "email": None,
        "agency": "H01",
        "roles": ["desk", "officer"],
        "is_active": True,
    }
    ctx = bootstrap.from_environment()
    assert people.sign_in(ctx, username="an.b", password=password).actor.agencies_with(Role.OFFICER)
    ctx.database.close()


def test_users_add_reads_a_password_and_does_not_repeat_it(folder: Path):
    result = CliRunner().invoke(main.cli, [*ADD, "--password-stdin"], input="một câu dài\n")
    assert (result.exit_code, result.output) == (0, "an.b added to H01 (Ủy ban nhân dân H01)\n")


def test_users_are_listed_and_disabled(folder: Path, capsys: pytest.CaptureFixture[str]):
    main.run([*ADD, "--no-password"])
    assert main.run(["users", "disable", "AN.B"]) == 0
    capsys.readouterr()
    assert main.run(["users", "list"]) == 0
    assert capsys.readouterr().out.split() == ["an.b", "H01", "desk,officer", "Cán", "bộ", "Thử", "(disabled)"]


def test_tokens_revoke_says_how_many(folder: Path, capsys: pytest.CaptureFixture[str]):
    main.run([*ADD, "--no-password"])
    main.run(["tokens", "create", "an.b"])
    capsys.readouterr()
    assert main.run(["tokens", "revoke", "AN.B"]) == 0
    assert capsys.readouterr().out == "1 tokens of AN.B revoked\n"


def test_tokens_create_prints_the_token_alone(folder: Path, capsys: pytest.CaptureFixture[str]):
    main.run([*ADD, "--no-password"])
    capsys.readouterr()
    assert main.run(["tokens", "create", "an.b", "--label", "máy quét"]) == 0
    token = capsys.readouterr().out.strip()
    ctx = bootstrap.from_environment()
    facts = people.facts_for_token(ctx, token=token)
    ctx.database.close()
    assert facts is not None
    assert facts.username == "an.b"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("users", "add", "a b", "--name", "x", "--role", "desk"), "a sign-in name has 3 to 60 characters"),
        (("users", "add", "one", "--name", "x", "--role", "king"), "'king' is not one of"),
        (("users", "add", "one", "--name", "x", "--role", "desk", "--agency", "H99"), "no agency with code 'H99'"),
        (("users", "add", "one", "--name", "x", "--role", "desk", "--unit", "zz"), "no unit with code 'zz'"),
        (("users", "disable", "nobody"), "no officer with the sign-in name 'nobody'"),
        (("tokens", "revoke", "nobody"), "no officer with the sign-in name 'nobody'"),
        (("tokens", "create", "nobody"), "no officer with the sign-in name 'nobody'"),
        ((*ADD, "--no-password", "--password-stdin"), "exclude each other"),
    ],
)
def test_wrong_input_is_one_line(folder: Path, capsys: pytest.CaptureFixture[str], arguments, words: str):
    assert main.run(arguments) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert told.err.count("\n") == 1
