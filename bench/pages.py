"""``motcua bench pages``: pages of staff on ten thousand and on a million dossiers, beside a bare ping (PostgreSQL).

A server of its own answers over HTTP, as in production; requests of all pages and pings take turns, so that what else
the machine does falls on all of them. Statements are those that the server's log counts.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from sqlalchemy import text

from bench import many_dossiers
from bench.calendar_change import DatabaseInUseError
from engine import bootstrap
from engine.context import Context
from engine.seeds import demo
from engine.seeds.demo_people import PASSWORD

FEW = 10_000
MANY = 1_000_000
ROUNDS = 40  # of every page; the 95th percentile is the third longest
WARM_UP = 4
AT_MOST_OF_PING = 20.0  # (issue 5)
AT_MOST_OF_FEW = 1.5
MOST_STATEMENTS = 8
OFFICER, SUPERVISOR, DESK = "hotich.anmau", "giamsat.anmau", "tiepnhan.anmau"
AGENCY = "H99.31.01"


@dataclass(frozen=True, slots=True)
class Page:
    """A page to ask for, and who asks."""

    name: str
    who: str
    path: str


@dataclass(frozen=True, slots=True)
class Measure:
    """The 95th percentile of a page with so many dossiers, beside that of the ping of the same server."""

    name: str
    value: float
    unit: str
    floor: float
    ratio: float
    at_most: float
    statements: int
    of_few: float | None  # times the same page with few dossiers
    what: str

    def as_json(self) -> dict[str, Any]:
        """Return the values, rounded."""
        return {key: round(value, 2) if isinstance(value, float) else value for key, value in asdict(self).items()}


@dataclass(frozen=True, slots=True)
class Pages:
    """All figures; the slowest page stands for the whole (contract §2 ``bench``)."""

    parts: list[Measure]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        slowest = max(self.parts, key=lambda part: part.ratio)
        grown = [part.of_few for part in self.parts if part.of_few is not None]
        whole = slowest.as_json() | {"name": "pages", "slowest": slowest.name, "of_few": round(max(grown), 2)}
        kept = all(part.ratio <= AT_MOST_OF_PING and part.statements <= MOST_STATEMENTS for part in self.parts)
        whole["kept"] = kept and max(grown) <= AT_MOST_OF_FEW
        return whole | {"parts": [part.as_json() for part in self.parts]}


def measure(*, database_url: str, dossiers: int = MANY, few: int = FEW, rounds: int = ROUNDS) -> Pages:
    """Fill the database to few dossiers and measure, then to many and measure again.

    Args:
        database_url: of an empty PostgreSQL database, to be thrown away afterwards.

    Raises:
        DatabaseInUseError: the database is not empty, or no PostgreSQL.
    """
    if not database_url.startswith("postgresql"):
        raise DatabaseInUseError("pages are measured on PostgreSQL: name an empty database of it")
    with tempfile.TemporaryDirectory() as folder:
        env = {"MOTCUA_DATA": folder, "MOTCUA_SECRET_KEY": secrets.token_hex(), "MOTCUA_DATABASE_URL": database_url}
        ctx = bootstrap.from_environment(env)
        try:
            _begin(ctx)
            many_dossiers.fill(ctx, few)
            small = measured(ctx, env, rounds)
            many_dossiers.fill(ctx, dossiers, _told)
            large = measured(ctx, env, rounds)
        finally:
            ctx.database.close()
    return Pages([*_judged(small, few, {}), *_judged(large, dossiers, small)])


def _begin(ctx: Context) -> None:
    bootstrap.migrate(ctx)
    with ctx.database.engine.connect() as connection:
        if connection.scalar(text("select count(*) from dossier")):
            raise DatabaseInUseError("the database holds dossiers: name an empty one, to be thrown away afterwards")
    demo.load(ctx)
    many_dossiers.prepare(ctx)


def _told(done: int, total: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} of {total} dossiers", end="" if done < total else "\n", file=sys.stderr)


Found = dict[str, tuple[float, int]]  #: of each page, and of the ping: seconds (95th percentile) and statements


def measured(ctx: Context, env: dict[str, str], rounds: int) -> Found:
    """Return what each page took of a server that is started for it."""
    wanted = pages(ctx)
    taken: dict[str, list[float]] = {page.name: [] for page in wanted} | {"ping": []}
    with _valkey(ctx), _server(env) as (port, log):
        people = {page.who: _Client(port, page.who) for page in wanted}
        ping = _Client(port, None)
        for round_no in range(rounds + WARM_UP):
            for page in wanted:
                seconds = people[page.who].get(page.path, page.name)
                if round_no >= WARM_UP:
                    taken["ping"].append(ping.get("/healthz", "ping"))
                    taken[page.name].append(seconds)
        counted = _statements(log)
    return {name: (_p95(each), counted.get(name, 0)) for name, each in taken.items()}


def pages(ctx: Context) -> list[Page]:
    """Return the pages that staff have open all day, with what the database holds to look for."""
    own = "d.resolving_agency_id = (select id from agency where code = :agency)"
    ask = f"select {{}} from dossier d join party p on p.dossier_id = d.id and p.role = 'applicant' where {own}"  # noqa: S608 - ours
    with ctx.database.engine.connect() as connection:
        one = connection.execute(
            text(ask.format("d.code, p.name, p.phone") + " and d.status = 4 and p.phone is not null order by d.code"),
            {"agency": AGENCY},
        ).first()
        closed = connection.scalar(
            text(ask.format("d.code") + " and d.status = 10 order by d.code limit 1"), {"agency": AGENCY}
        )
        procedure = connection.scalar(text("select code from procedure where code = '1.001193'"))
    assert one is not None  # noqa: S101 - the demo has them
    code, name, phone = one
    queues = ("mine", "unclaimed", "due_soon", "will_be_late", "overdue", "paused", "to_return", "done", "all")
    inbox = [Page(f"inbox {queue}", OFFICER, f"/viec?{urlencode({'hang-doi': queue})}") for queue in queues]
    found = {"name": name, "tail of code": code[-8:], "phone": phone, "nothing": "khong co ai ten the nay"}
    search = [
        Page(f"search {what}", OFFICER, f"/viec?{urlencode({'hang-doi': 'all', 'q': words})}")
        for what, words in found.items()
    ]
    dossier = f"/ho-so/{quote(code)}"
    tabs = {"": "", " papers": "/giay-to", " history": "/dien-bien", " talk": "/trao-doi", " time": "/thoi-han"}
    return [
        *inbox,
        *search,
        Page("inbox filtered", OFFICER, f"/viec?{urlencode({'hang-doi': 'all', 'thu-tuc': procedure})}"),
        *(Page(f"dossier{tab}", OFFICER, dossier + path) for tab, path in tabs.items()),
        Page("dossier closed", OFFICER, f"/ho-so/{quote(closed)}"),
        Page("counter", DESK, "/quay"),
        Page("results to return", DESK, "/tra-ket-qua"),
        Page("supervisor", SUPERVISOR, "/giam-sat"),
        Page("overdue board", SUPERVISOR, "/qua-han"),
    ]


class _Client:
    """A browser of one person over a connection that stays open."""

    def __init__(self, port: int, who: str | None) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._cookie = ""
        if who is not None:
            self._sign_in(who)

    def get(self, path: str, name: str) -> float:
        """Return the seconds that a page took; ``name`` marks it in the server's log."""
        mark = f"bench.{name.encode().hex()}"
        began = time.perf_counter()
        status, _body = self._ask("GET", path, headers={"X-Request-Id": mark})
        seconds = time.perf_counter() - began
        if status != http.HTTPStatus.OK:
            raise RuntimeError(f"{path} answers {status}")
        return seconds

    def _sign_in(self, who: str) -> None:
        _status, page = self._ask("GET", "/dang-nhap")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token is not None  # noqa: S101 - the page has a form
        form = urlencode({"csrf_token": token[1], "username": who, "password": PASSWORD})
        status, _page = self._ask("POST", "/dang-nhap", form, {"Content-Type": "application/x-www-form-urlencoded"})
        if status != http.HTTPStatus.SEE_OTHER:
            raise RuntimeError(f"{who} cannot sign in: {status}")

    def _ask(
        self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        self._connection.request(method, path, body, {"Cookie": self._cookie, **(headers or {})})
        answer = self._connection.getresponse()
        content = answer.read().decode(errors="replace")
        set_cookie = answer.getheader("Set-Cookie")
        if set_cookie:
            self._cookie = set_cookie.partition(";")[0]
        return answer.status, content


@contextmanager
def _valkey(ctx: Context) -> Iterator[None]:
    """Run what counts sign-ins, beside the server."""
    command = [sys.executable, "-m", "workers.valkey", str(ctx.settings.data), str(ctx.settings.valkey_socket)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # noqa: S603 - ours
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _server(env: dict[str, str]) -> Iterator[tuple[int, Path]]:
    """Serve the site in a process of its own; give its port and its log."""
    port, log = _free_port(), Path(env["MOTCUA_DATA"]) / "web.log"
    serve = ("--interface", "wsgi", "--factory", "--host", "127.0.0.1", "--port", str(port), "--blocking-threads", "4")
    with log.open("w") as kept:
        command = [sys.executable, "-m", "granian", *serve, "--no-ws", "--log-level", "warning", "web.app:create_app"]
        environment = {**os.environ, **env}
        process = subprocess.Popen(command, env=environment, stdout=kept, stderr=subprocess.STDOUT)  # noqa: S603 - ours
        try:
            _wait(port, process, log)
            yield port, log
        finally:
            process.terminate()
            process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            try:
                connection.request("GET", "/healthz")
                connection.getresponse().read()
            except OSError:
                if process.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                return
    raise RuntimeError(f"the server did not start: {log.read_text()[-2000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _statements(log: Path) -> dict[str, int]:
    """Return the most statements that a request of each page sent."""
    most: dict[str, int] = {}
    for line in log.read_text().splitlines():
        found = re.search(r'\{.*"bench\..*\}', line)
        if found is not None:
            said = json.loads(found[0])
            name = bytes.fromhex(said["request_id"].removeprefix("bench.")).decode()
            most[name] = max(most.get(name, 0), said["statements"])
    return most


def _p95(seconds: list[float]) -> float:
    ordered = sorted(seconds)
    return ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))]


def _judged(found: Found, dossiers: int, few: Found) -> list[Measure]:
    floor = found["ping"][0]
    return [
        Measure(
            name=name,
            value=seconds * 1000,
            unit="ms",
            floor=floor * 1000,
            ratio=seconds / floor,
            at_most=AT_MOST_OF_PING,
            statements=statements,
            of_few=seconds / few[name][0] if name in few else None,
            what=f"95th percentile with {dossiers} dossiers, {statements} statements; floor: ping of the same server",
        )
        for name, (seconds, statements) in found.items()
        if name != "ping"
    ]
