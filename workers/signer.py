"""The reference signing service (``python -m workers.signer [FOLDER]``), a process of its own that holds keys.

It listens where MOTCUA_SIGNER_URL says, on this machine only, and answers whoever has MOTCUA_SIGNER_TOKEN. The folder,
``signer`` in MOTCUA_DATA unless another is named, has a ``NAME.p12`` and ``NAME.pem`` for each key. It exists so that
remote signing can be tried as it really is; in production a provider's service takes its place.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import structlog

from engine import settings
from engine.domain.clock import SystemClock
from engine.errors import EngineError
from engine.services.reference_signer import ReferenceSigner
from workers.logs import configure_logging

CALLS = "/csc/v2/"
LARGEST_ORDER = 16 * 1024  #: bytes
SECONDS = 10  #: that a connection may stay silent
TOKEN_MIN = 16  #: characters

log = structlog.get_logger("workers.signer")


class Handler(BaseHTTPRequestHandler):
    """One order: POST of a JSON object, answered by another one."""

    service: ReferenceSigner
    timeout = SECONDS
    protocol_version = "HTTP/1.1"
    server_version = "motcua-signer"
    sys_version = ""

    def do_POST(self) -> None:
        """Answer an order; what cannot be read is refused, and the connection ends."""
        self.close_connection = True
        length = self.headers.get("Content-Length", "")
        if not self.service.knows(self.headers.get("Authorization", "")):
            return self._say(401, {"error": "unauthorized"})
        if not (length.isascii() and length.isdigit()) or int(length) > LARGEST_ORDER:
            return self._say(413, {"error": "invalid_request"})
        try:
            order = json.loads(self.rfile.read(int(length)))
        except (ValueError, RecursionError, OSError):
            order = None
        if not isinstance(order, dict) or not self.path.startswith(CALLS):
            return self._say(400, {"error": "invalid_request"})
        call = self.path.removeprefix(CALLS)
        status, answer = self.service.answer(call, order)
        log.info("signer.answered", call=call[:40], status=status, error=answer.get("error"))
        return self._say(status, answer)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Log nothing of what the network says."""

    def _say(self, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)


def server(url: str, token: str, folder: Path) -> ThreadingHTTPServer:
    """Return the service, bound and ready to run; port 0 takes a free one.

    Raises:
        ValueError: the address is not ``http`` on this machine, or the token is short.
        OSError: the port is taken.
    """
    parts = urlsplit(url)
    if parts.scheme != "http" or not _is_here(parts.hostname or ""):
        raise ValueError("the reference signer listens on http://127.0.0.1:PORT only; set MOTCUA_SIGNER_URL so")
    if len(token) < TOKEN_MIN:
        raise ValueError(f"MOTCUA_SIGNER_TOKEN needs at least {TOKEN_MIN} characters")
    service = ReferenceSigner(folder, token, SystemClock().now)
    handler = type("BoundHandler", (Handler,), {"service": service})
    return ThreadingHTTPServer((parts.hostname or "", parts.port or 0), handler)


def main(arguments: list[str]) -> int:
    """Serve until SIGTERM or SIGINT."""
    configure_logging()
    try:
        known = settings.from_env(os.environ)
        folder = Path(arguments[0]) if arguments else known.data / "signer"
        serving = server(known.signer_url or "", known.signer_token or "", folder)
    except (EngineError, OSError, ValueError) as error:
        log.error("signer.cannot-start", error=str(error))
        return 2

    def end(_number: int, _frame: Any) -> None:
        threading.Thread(target=serving.shutdown, daemon=True).start()  # it waits for the loop, which is this thread

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    log.info("signer.started", port=serving.server_address[1])
    serving.serve_forever()
    serving.server_close()
    log.info("signer.stopped")
    return 0


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
