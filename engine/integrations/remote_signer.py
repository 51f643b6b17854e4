"""A signing service over HTTP, in the manner of the Cloud Signature Consortium's API, version 2.

Three calls: ``credentials/info`` tells the certificate, ``credentials/authorize`` takes the PIN for one hash and gives
a right to one signature, ``signatures/signHash`` makes it. The address comes from the settings alone; no answer leads
to another one. What the service answers is no more than a claim: a signature counts when the certificate confirms it
(engine/integrations/pades.py).
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from engine.domain.signing import PIN_LONGEST
from engine.errors import InvalidInputError, UnavailableError
from engine.integrations.certificates import MOST, CertificateUnfitError, algorithm_of, read
from engine.integrations.signing_keys import SigningPinWrongError

SECONDS = 15.0  #: for one call, however it is spread
LARGEST_ANSWER = 256 * 1024  #: bytes
SHA256_OID = "2.16.840.1.101.3.4.2.1"
_PATH = "/csc/v2/"
_PIN_ERRORS = ("invalid_pin", "invalid_request_pin")


class InvalidSignerError(InvalidInputError):
    """The address of the signing service is malformed, or would send PINs over an open network."""

    code = "invalid-signer"


class SignerUnavailableError(UnavailableError):
    """The signing service does not answer, or answers what nobody can read; nothing was signed."""

    code = "signer-unavailable"


class SignerRefusedError(InvalidInputError):
    """The signing service refuses: it does not know the key, or does not give it to us."""

    code = "signer-refused"


class HttpSigner:
    """A ``RemoteSigner`` at one address."""

    def __init__(self, url: str, token: str | None, *, seconds: float = SECONDS) -> None:
        """Take ``https://host[:port][/path]``; ``http`` only to this machine.

        Raises:
            InvalidSignerError: another address, or one with a password in it.
        """
        parts = urlsplit(url)
        try:
            self._port = parts.port
        except ValueError as error:
            raise InvalidSignerError("the port of the signing service's address is no number up to 65535") from error
        if not parts.hostname or parts.username or parts.query or parts.fragment:
            raise InvalidSignerError(
                "the signing service's address is https://host[:port][/path] without user or query"
            )
        if parts.scheme != "https" and not _is_here(parts.hostname):
            raise InvalidSignerError("PINs go to the signing service by https only, or to this machine")
        self._secure = parts.scheme == "https"
        self._host, self._path = parts.hostname, parts.path.rstrip("/") + _PATH
        self._token, self._seconds = token, seconds

    def certificates(self, credential: str) -> tuple[bytes, ...]:
        """Return the certificate of a key and those that vouch for it, DER, its own first.

        Raises:
            SignerUnavailableError, SignerRefusedError.
        """
        answer = self.call("credentials/info", {"credentialID": credential, "certificates": "chain"})
        try:
            chain = tuple(base64.b64decode(each, validate=True) for each in answer["cert"]["certificates"][:MOST])
            for each in chain:
                read(each)
        except (KeyError, TypeError, ValueError, CertificateUnfitError) as error:
            raise SignerUnavailableError("the signing service's answer holds no certificates") from error
        if not chain:
            raise SignerRefusedError("the signing service has no certificate for this key", reason="certificate")
        return chain

    def opened(self, credential: str, certificates: tuple[bytes, ...], pin: str) -> RemoteKey:
        """Return the key; the PIN goes to the service with each signature and nowhere else."""
        return RemoteKey(self, credential, certificates, pin)

    def call(self, name: str, order: dict[str, Any]) -> dict[str, Any]:
        """Post an order and return the answer.

        Raises:
            SignerUnavailableError: no answer, a late one, one that is no JSON object, or a failure of the service.
            SigningPinWrongError, SignerRefusedError: it refuses.
        """
        status, content = self._posted(name, order)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if status == http.HTTPStatus.OK and isinstance(answer, dict):
            return answer
        said = answer.get("error") if isinstance(answer, dict) else None
        if said in _PIN_ERRORS:
            raise SigningPinWrongError("the signing service refuses the PIN")
        if 400 <= status < 500:
            raise SignerRefusedError(f"the signing service refuses {name} ({status})", reason="refused", status=status)
        raise SignerUnavailableError(f"the signing service did not do {name} ({status})", status=status)

    def _posted(self, name: str, order: dict[str, Any]) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        kind = http.client.HTTPSConnection if self._secure else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=self._seconds)
        try:
            connection.connect()
            with _in_time(connection.sock, self._seconds):
                connection.request("POST", self._path + name, body=json.dumps(order).encode(), headers=headers)
                with contextlib.closing(connection.getresponse()) as response:
                    content = response.read(LARGEST_ANSWER + 1)
        except (OSError, http.client.HTTPException):
            # "from None": nothing of the order, which holds the PIN, is to stand in a traceback
            raise SignerUnavailableError("the signing service does not answer; try again later") from None
        finally:
            connection.close()
        if len(content) > LARGEST_ANSWER:
            raise SignerUnavailableError("the signing service answers more than anybody asked for")
        return response.status, content


@dataclass(frozen=True, slots=True)
class RemoteKey:
    """A ``SigningKey`` at the service."""

    service: HttpSigner = field(repr=False)
    credential: str
    certificates: tuple[bytes, ...] = field(repr=False)
    pin: str = field(repr=False)

    def sign(self, content: bytes) -> bytes:
        """Return what the service gives as signature over the SHA-256 of the content.

        Raises:
            SigningPinWrongError, SignerRefusedError, SignerUnavailableError.
        """
        hashed = base64.b64encode(sha256(content).digest()).decode()
        order = {"credentialID": self.credential, "hashes": [hashed], "hashAlgorithmOID": SHA256_OID}
        right = self.service.call(
            "credentials/authorize", {**order, "numSignatures": 1, "PIN": self.pin[: PIN_LONGEST + 1]}
        ).get("SAD")
        if not isinstance(right, str):
            raise SignerUnavailableError("the signing service gives no right to sign")
        answer = self.service.call(
            "signatures/signHash", {**order, "SAD": right, "signAlgo": algorithm_of(self.certificates[0])}
        )
        try:
            (made,) = answer["signatures"]
            return base64.b64decode(made, validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise SignerUnavailableError("the signing service's answer holds no signature") from error


@contextlib.contextmanager
def _in_time(connected: socket.socket | None, seconds: float) -> Iterator[None]:
    """End a conversation when its time is over: a socket's own limit is for each packet alone."""

    def end() -> None:
        with contextlib.suppress(OSError):
            if connected is not None:
                connected.shutdown(socket.SHUT_RDWR)

    clock = threading.Timer(seconds, end)
    clock.daemon = True
    clock.start()
    try:
        yield
    finally:
        clock.cancel()


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
