"""Remote signing as it really is: the reference signer as a process, and services that lie, drip or send elsewhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from engine.domain.clock import SystemClock
from engine.errors import EngineError
from engine.integrations import key_folder
from engine.integrations.certificates import verify as verify_raw
from engine.integrations.remote_signer import HttpSigner, InvalidSignerError
from engine.integrations.signature_checks import check
from engine.services import letter_dispatch, letter_signatures, signing_keys
from engine.services.reference_signer import ReferenceSigner
from engine.services.signing_keys import Owner
from engine.verification.verify import verify
from tests.support.builders import an_office
from tests.support.contexts import START
from tests.support.signing import PIN
from tests.support.signing_office import an_approved_letter, signing_electronically

TOKEN = "only-for-tests-0000"
HOLDERS = {"head": "Người đứng đầu", "seal": "Trung tâm Phục vụ hành chính công"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    key_folder.make(tmp_path / "keys", HOLDERS, pin=PIN, now=START)
    return tmp_path / "keys"


@pytest.fixture
def signer(folder: Path, tmp_path: Path) -> Iterator[str]:
    """The address of a reference signer in a process of its own."""
    variables = {"MOTCUA_SIGNER_URL": "http://127.0.0.1:0", "MOTCUA_SIGNER_TOKEN": TOKEN, "MOTCUA_DATA": str(tmp_path)}
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "workers.signer", str(folder)],
        env=clean | variables,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    started = json.loads(process.stderr.readline())
    try:
        yield f"http://127.0.0.1:{started['port']}"
    finally:
        process.terminate()
        said = process.stderr.read()
        process.stderr.close()
        assert process.wait(20) == 0
        assert PIN not in said
        assert TOKEN not in said


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(EngineError) as refused:
        call()
    return refused.value.code


def test_letters_are_signed_and_sealed_by_another_process(sqlite_ctx: Context, signer: str, folder: Path) -> None:
    ctx = replace(sqlite_ctx, signer=HttpSigner(signer, TOKEN))
    office = an_office(ctx)
    signing_electronically(ctx, office)
    for credential, owner in (("head", "approver"), ("seal", None)):
        made = signing_keys.add_remote(
            ctx, by=office.admin, owner=Owner(office.code, owner), label="", credential=credential
        )
        assert (made["kind"], made["label"]) == ("remote", HOLDERS[credential])
    letter = an_approved_letter(ctx, office)
    by = office.approver
    assert code_of(lambda: letter_signatures.sign(ctx, by=by, letter_id=letter, pin="wrong")) == "signing-pin-wrong"
    letter_signatures.sign(ctx, by=by, letter_id=letter, pin=PIN)
    letter_dispatch.dispatch(ctx, by=by, letter_id=letter, pin=PIN)
    with ctx.unit_of_work(read_only=True) as uow:
        [row] = uow.letters.listed(agencies=None, kind=None, state=None, limit=9)
    found = check(ctx.files.get(row.file_sha256 or ""), trust=(folder / "trust.pem").read_bytes(), now=ctx.clock.now())
    assert [each.holds for each in found] == [True, True]
    assert verify(ctx) == []


def test_the_service_knows_its_keys_and_its_token(signer: str) -> None:
    here = HttpSigner(signer, TOKEN)
    chain = here.certificates("head")
    assert len(chain) == 2
    verify_raw(chain[0], here.opened("head", chain, PIN).sign(b"content"), b"content")
    for stranger in ("nobody", "../head", "", "head.p12"):
        assert code_of(lambda: here.certificates(stranger)) == "signer-refused"  # noqa: B023
    assert code_of(lambda: HttpSigner(signer, "another-token-00").certificates("head")) == "signer-refused"
    assert code_of(lambda: HttpSigner(signer, None).certificates("head")) == "signer-refused"


def reference(folder: Path) -> tuple[ReferenceSigner, list[timedelta]]:
    later = [timedelta()]
    return ReferenceSigner(folder, TOKEN, lambda: START + later[0]), later


HASH = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


def authorize(service: ReferenceSigner, pin: str = PIN, hashed: str = HASH) -> tuple[int, dict[str, Any]]:
    return service.answer("credentials/authorize", {"credentialID": "head", "PIN": pin, "hashes": [hashed]})


def test_a_right_is_for_one_hash_once_and_for_a_minute(folder: Path) -> None:
    service, later = reference(folder)

    def sign(right: str, hashed: str = HASH, credential: str = "head") -> int:
        order = {"credentialID": credential, "SAD": right, "hashes": [hashed]}
        return service.answer("signatures/signHash", order)[0]

    right = authorize(service)[1]["SAD"]
    assert (sign(right), sign(right)) == (200, 400)
    assert sign(authorize(service)[1]["SAD"], hashed="47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") == 400
    assert sign(authorize(service)[1]["SAD"], credential="seal") == 400
    right = authorize(service)[1]["SAD"]
    later[0] = timedelta(seconds=60)
    assert sign(right) == 400
    assert sign("made up") == 400


def test_the_service_counts_wrong_pins_itself(folder: Path) -> None:
    service, later = reference(folder)
    assert [authorize(service, "wrong")[1]["error"] for _ in range(5)] == ["invalid_pin"] * 5
    assert authorize(service)[1]["error"] == "access_denied"
    later[0] = timedelta(minutes=15)
    assert authorize(service)[0] == 200


@pytest.mark.parametrize("order", [{}, {"credentialID": None}, {"credentialID": "nobody", "PIN": 1, "hashes": "xx"}])
def test_what_is_no_order_is_refused(folder: Path, order: dict[str, Any]) -> None:
    service, _ = reference(folder)
    for call in ("credentials/info", "credentials/authorize", "signatures/signHash"):
        assert service.answer(call, order)[0] == 400
    assert service.answer("credentials/list", order)[0] == 404


@contextmanager
def saying(status: int, body: bytes, headers: dict[str, str] | None = None, drip: bool = False) -> Iterator[str]:
    """The address of a service that answers everything alike."""
    ended = threading.Event()

    class Liar(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            for name, value in (headers or {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)
            while drip and not ended.wait(0.05):
                try:
                    self.wfile.write(b" ")
                    self.wfile.flush()
                except OSError:
                    return

        def log_message(self, *arguments: Any) -> None:
            pass

    serving = ThreadingHTTPServer(("127.0.0.1", 0), Liar)
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{serving.server_address[1]}"
    finally:
        ended.set()
        serving.shutdown()
        thread.join()
        serving.server_close()


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (200, b"no json", "signer-unavailable"),
        (200, b"[]", "signer-unavailable"),
        (200, b"{}", "signer-unavailable"),
        (200, b'{"cert": {"certificates": ["AAAA"]}}', "signer-unavailable"),
        (200, b'{"cert": {"certificates": 5}}', "signer-unavailable"),
        (200, b'{"cert": {"certificates": []}}', "signer-refused"),
        (200, b"[" * 100_000, "signer-unavailable"),
        (200, b" " * 300_000, "signer-unavailable"),
        (302, b"", "signer-unavailable"),
        (403, b"<html>", "signer-refused"),
        (500, b"", "signer-unavailable"),
        (400, b'{"error": "invalid_pin"}', "signing-pin-wrong"),
    ],
)
def test_answers_that_are_none(status: int, body: bytes, code: str) -> None:
    with saying(status, body) as url:
        assert code_of(lambda: HttpSigner(url, TOKEN).certificates("head")) == code


def test_an_answer_that_drips_ends_in_time_and_a_redirect_leads_nowhere() -> None:
    with saying(200, b"{", headers={"Content-Type": "application/json"}, drip=True) as url:
        assert code_of(lambda: HttpSigner(url, TOKEN, seconds=0.5).certificates("head")) == "signer-unavailable"
    with saying(200, b"{}") as other, saying(307, b"", headers={"Location": other, "Content-Length": "0"}) as url:
        assert code_of(lambda: HttpSigner(url, TOKEN).certificates("head")) == "signer-unavailable"


def test_a_service_that_is_not_there() -> None:
    with saying(200, b"") as url:
        pass
    assert code_of(lambda: HttpSigner(url, TOKEN).certificates("head")) == "signer-unavailable"


@pytest.mark.parametrize(
    "url",
    [
        "http://signer.example",
        "http://10.0.0.1:9000",
        "https://user:secret@signer.example",
        "https://signer.example/?q=1",
        "https://",
        "https://signer.example:port",
    ],
)
def test_addresses_to_which_no_pin_may_go(url: str) -> None:
    with pytest.raises(InvalidSignerError):
        HttpSigner(url, TOKEN)


def test_nothing_shows_the_pin_or_the_token(folder: Path) -> None:
    key = HttpSigner("http://127.0.0.1:9", TOKEN).opened("head", key_folder.certificates_of(folder, "head"), PIN)
    service = ReferenceSigner(folder, TOKEN, SystemClock().now)
    authorize(service)
    assert PIN not in repr(key)
    assert not any(secret in repr(service) for secret in (PIN, TOKEN))


def test_the_process_says_why_it_cannot_start(tmp_path: Path) -> None:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA_")}
    for url in ("https://127.0.0.1:1", "http://192.0.2.1:1"):
        more = {"MOTCUA_SIGNER_URL": url, "MOTCUA_SIGNER_TOKEN": TOKEN, "MOTCUA_DATA": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-m", "workers.signer"], env=clean | more, capture_output=True, text=True, check=False
        )
        assert done.returncode == 2
        assert "listens on http://127.0.0.1" in done.stderr
