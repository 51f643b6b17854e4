"""``motcua keys`` and ``motcua letters verify``: no PIN comes back, and the exit status says whether all holds."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from engine.context import Context
from tests.support.builders import an_office
from tests.support.signed_letters import sealed, signed
from tests.support.signing import PIN, authority
from web.cli.main import run


def test_keys_are_asked_for_their_pin_and_files_are_checked(
    tmp_path: Path, sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_ctx)
    trust, key, letter = tmp_path / "trust.pem", tmp_path / "k.p12", tmp_path / "a.pdf"
    trust.write_bytes(authority().trust)
    key.write_bytes(authority().head.p12())
    letter.write_bytes(sealed(signed()))
    for name, value in (("MOTCUA_DATA", tmp_path), ("MOTCUA_TRUST_FILE", trust)):
        monkeypatch.setenv(name, str(value))

    def add(pin: str) -> int:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{pin}\n"))
        return run(["keys", "add", office.code, "--user", "approver", "--file", str(key), "--pin-stdin", "--json"])

    assert add("wrong-pin-5") == 2
    assert "wrong-pin-5" not in "".join(capsys.readouterr())
    assert run(["keys", "add", office.code]) == 2
    assert run(["keys", "list"]) == 0
    assert run(["letters", "verify", str(letter)]) == 0
    assert run(["letters", "verify", str(key)]) == 2
    letter.write_bytes(signed(authority().stranger))
    capsys.readouterr()
    assert run(["letters", "verify", str(letter), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["signatures"][0]["problem"] == "unknown-issuer"
    assert PIN not in "".join(capsys.readouterr())
