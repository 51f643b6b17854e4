"""The reference signing service, without its HTTP: so that the path of remote signing can be tried as it really is.

It stands for the service of a provider. It keeps keys in a folder, gives a right to one signature for a PIN and a hash,
and makes that signature once. It knows nothing of letters and has no database.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock
from typing import Any

from engine.domain.signing import PIN_LONGEST, rests_until
from engine.errors import EngineError
from engine.integrations import key_folder
from engine.integrations.signing_keys import SigningPinWrongError

MOST_RIGHTS = 1000  #: that wait to be used
SECONDS = 60  #: that a right to sign lasts

Answer = tuple[int, dict[str, Any]]  #: HTTP status, and the JSON object that goes with it


@dataclass(slots=True)
class _Right:
    """To one signature over one hash."""

    credential: str
    pin: str = field(repr=False)
    hashed: str
    until: datetime


@dataclass(slots=True)
class ReferenceSigner:
    """Answers the three calls of ``engine/integrations/remote_signer.py``."""

    folder: Path
    token: str = field(repr=False)
    now: Callable[[], datetime]
    _rights: dict[str, _Right] = field(default_factory=dict)
    _wrong: dict[str, list[datetime]] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def knows(self, authorization: str) -> bool:
        """Whether a header ``Authorization`` has the token."""
        return hmac.compare_digest(authorization.encode(), f"Bearer {self.token}".encode())

    def answer(self, call: str, order: Mapping[str, Any]) -> Answer:
        """Carry out a call by name; what is refused says why in ``error``, as the CSC API does."""
        calls = {
            "credentials/info": self._info,
            "credentials/authorize": self._authorize,
            "signatures/signHash": self._sign,
        }
        if call not in calls:
            return 404, {"error": "invalid_request"}
        try:
            return calls[call](order)
        except key_folder.CredentialNotFoundError:
            return 400, {"error": "invalid_request", "error_description": "Invalid parameter credentialID"}
        except (EngineError, KeyError, TypeError, ValueError, binascii.Error):
            return 400, {"error": "invalid_request"}

    def _info(self, order: Mapping[str, Any]) -> Answer:
        found = key_folder.certificates_of(self.folder, str(order["credentialID"]))
        return 200, {"cert": {"status": "valid", "certificates": [base64.b64encode(each).decode() for each in found]}}

    def _authorize(self, order: Mapping[str, Any]) -> Answer:
        credential, pin = str(order["credentialID"]), str(order["PIN"])
        (hashed,) = order["hashes"]
        now = self.now()
        with self._lock:
            wrong = self._wrong.setdefault(credential, [])
            if rests_until(wrong, now) is not None:
                return 400, {"error": "access_denied", "error_description": "too many wrong PINs"}
        try:
            key_folder.check_pin(self.folder, credential, pin[: PIN_LONGEST + 1])
        except SigningPinWrongError:
            with self._lock:
                wrong.insert(0, now)
            return 400, {"error": "invalid_pin"}
        right = secrets.token_urlsafe(32)
        with self._lock:
            wrong.clear()
            self._rights = {name: each for name, each in self._rights.items() if each.until > now}
            if len(self._rights) >= MOST_RIGHTS:
                return 503, {"error": "server_busy"}
            self._rights[right] = _Right(credential, pin, str(hashed), now + timedelta(seconds=SECONDS))
        return 200, {"SAD": right, "expiresIn": SECONDS}

    def _sign(self, order: Mapping[str, Any]) -> Answer:
        (hashed,) = order["hashes"]
        with self._lock:
            right = self._rights.pop(str(order["SAD"]), None)  # once only
        if right is None or right.until <= self.now():
            return 400, {"error": "invalid_sad"}
        if (right.credential, right.hashed) != (order["credentialID"], hashed):
            return 400, {"error": "invalid_sad"}
        digest = base64.b64decode(hashed, validate=True)
        made = key_folder.sign_digest(self.folder, right.credential, right.pin, digest)
        return 200, {"signatures": [base64.b64encode(made).decode()]}
