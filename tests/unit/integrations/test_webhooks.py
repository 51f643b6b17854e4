"""Signed webhooks: signed as Standard Webhooks says, once per id, to the configured address and nowhere else."""

from __future__ import annotations

import socket
from base64 import b64encode

import pytest

from engine.domain.clock import TurnedClock
from engine.integrations import webhooks
from engine.integrations.webhooks import (
    InvalidWebhookError,
    WebhookRefusedError,
    WebhookTexts,
    WebhookUnavailableError,
    gateway,
    key_of,
)
from engine.ports import ShortMessage
from tests.support.contexts import START
from tests.support.gateways import SECRET, a_gateway

MESSAGE = ShortMessage(id="0197-a", to="+84912000001", text="Ho so H1 da co ket qua", kind="received", language="vi")


def a_sender(url: str) -> WebhookTexts:
    return WebhookTexts(url, SECRET, channel="sms", clock=TurnedClock(START))


def test_signature_is_that_of_the_specification() -> None:
    """The example of Standard Webhooks' own documentation."""
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    signed = webhooks.signature(
        key, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", at=1614265330, body=b'{"test": 2432232314}'
    )

    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_message_is_handed_over_signed() -> None:
    with a_gateway() as there:
        a_sender(there.url).send(MESSAGE)

    (post,) = there.posts
    assert there.paths == ["/sms?unit=1"]
    assert post["is_signed"]
    assert (post["id"], post["at"]) == ("0197-a", str(int(START.timestamp())))
    assert post["body"] == {
        "type": "message.sms",
        "timestamp": post["body"]["timestamp"],
        "data": {"to": "+84912000001", "text": "Ho so H1 da co ket qua", "kind": "received", "language": "vi"},
    }


@pytest.mark.parametrize("status", [200, 202, 204, 409])
def test_gateway_that_has_the_message_is_done(status: int) -> None:
    with a_gateway(status) as there:
        a_sender(there.url).send(MESSAGE)

    assert len(there.posts) == 1


@pytest.mark.parametrize("status", [400, 401, 404, 410, 422])
def test_refusal_is_for_good(status: int) -> None:
    with a_gateway(status) as there, pytest.raises(WebhookRefusedError, match=str(status)) as error:
        a_sender(there.url).send(MESSAGE)

    assert MESSAGE.to not in str(error.value)
    assert MESSAGE.text not in str(error.value.details)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 503])
def test_trouble_of_the_gateway_passes(status: int) -> None:
    with a_gateway(status) as there, pytest.raises(WebhookUnavailableError, match=str(status)):
        a_sender(there.url).send(MESSAGE)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirect_is_not_followed(status: int) -> None:
    with a_gateway() as elsewhere, a_gateway(status, location=elsewhere.url) as there:
        with pytest.raises(WebhookUnavailableError, match="not followed"):
            a_sender(there.url).send(MESSAGE)

        assert elsewhere.paths == []


def test_proxy_of_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    with a_gateway() as proxy, a_gateway() as there:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        a_sender(there.url).send(MESSAGE)

        assert (len(proxy.paths), len(there.paths)) == (0, 1)


def test_nobody_there_or_no_answer_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection, says nothing
        port = silent.getsockname()[1]
        with pytest.raises(WebhookUnavailableError) as error:
            a_sender(f"http://127.0.0.1:{port}/").send(MESSAGE)
    with pytest.raises(WebhookUnavailableError):
        a_sender(f"http://127.0.0.1:{port}/").send(MESSAGE)

    assert MESSAGE.to not in str(error.value)


def test_certificate_is_checked() -> None:
    """A server in clear is no TLS server either: nothing is sent to it."""
    with a_gateway() as there:
        with pytest.raises(WebhookUnavailableError):
            a_sender(there.url.replace("http://", "https://")).send(MESSAGE)

        assert there.posts == []


@pytest.mark.parametrize(
    "url",
    [
        "http://gateway.example/sms", "http://10.0.0.1/sms", "http://0.0.0.0/", "http://2130706433/", "http://0x7f.1/",
        "http://127.1/", "http://[::]/", "http://169.254.169.254/latest", "http://localhost.gateway.example/",
        "file:///etc/passwd", "gopher://127.0.0.1/", "ftp://127.0.0.1/", "//127.0.0.1/", "https:///path", "",
        "https://user:password@gateway.example/", "https://gateway.example:0/", "https://gateway.example:99999/",
        "https://gateway.example/a\r\nx-header: 1", "https://gateway.example/ă", "https://[gateway.example/",
    ],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(InvalidWebhookError) as error:
        gateway(url)

    assert "password@" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["https://gateway.example", "http://127.0.0.1:81/x", "http://[::1]/", "http://localhost/"]
)
def test_addresses_of_gateways_and_of_this_machine_are_taken(url: str) -> None:
    assert gateway(url).path.startswith("/")


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "secret", "whsec_" + b64encode(bytes(23)).decode(), "whsec_" + b64encode(bytes(65)).decode(),
     b64encode(bytes(32)).decode(), "whsec_%%%%" + b64encode(bytes(32)).decode()],
)  # fmt: skip
def test_secrets_that_protect_nothing_are_refused(secret: str) -> None:
    with pytest.raises(InvalidWebhookError) as error:
        key_of(secret)

    assert secret == "" or secret not in str(error.value) or len(secret) < 10
