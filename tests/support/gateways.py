"""A gateway for short messages: a real HTTP server that checks what it is given, as a provider would."""

from __future__ import annotations

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

SECRET = "whsec_" + b64encode(b"only-for-tests-0123456789").decode()


@dataclass
class Gateway:
    """What came, and what it answers: the statuses in turn, then 204."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)  # of each answer
    posts: list[dict[str, Any]] = field(default_factory=list)  # id, at, body, whether its signature is right
    paths: list[str] = field(default_factory=list)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        """Keep a request, and return the status that it is answered with."""
        self.paths.append(path)
        key = b64decode(SECRET.removeprefix("whsec_"))
        message_id, at = headers["webhook-id"], headers["webhook-timestamp"]
        right = b64encode(hmac.new(key, f"{message_id}.{at}.".encode() + body, sha256).digest()).decode()
        is_signed = hmac.compare_digest(headers["webhook-signature"], f"v1,{right}")
        self.posts.append({"id": message_id, "at": at, "body": json.loads(body), "is_signed": is_signed})
        return self.answers.pop(0) if self.answers else 204


@contextmanager
def a_gateway(*answers: int, **headers: str) -> Iterator[Gateway]:
    """Run a gateway at a free port of this machine."""
    gateway = Gateway(answers=list(answers), headers=headers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = gateway.take(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            self.send_response(status)
            for name, value in gateway.headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("content-length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815 - who follows a redirect may come so

        def log_message(self, *_args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_address[1]}/sms?unit=1"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
