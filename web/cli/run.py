"""``motcua dev`` and ``motcua migrate``: everything in one process tree; the schema."""

from __future__ import annotations

import contextlib
import fcntl
import http.client
import os
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import FrameType

import click

from engine import bootstrap
from engine.context import Context
from engine.seeds import base
from engine.services import diagnosis
from web.cli.embedded import claim_socket, redis_url
from web.cli.supervisor import Part, Printer, Supervisor

HOST = "127.0.0.1"
MARK = "first-start"  # file in the data folder: "empty", "loading" or "demo"
SIGNER, TRUST = "signer", "trust.pem"  # folder in the data folder that a demo has, and the file of its root
ASK_EVERY = 0.3  #: seconds between looks whether the web answers


@click.command()
def migrate() -> None:
    """Bring the database to the schema of this version and make the default agency and calendar."""
    revision = _migrate(bootstrap.from_environment())
    click.echo(f"schema at {revision}")


@click.command()
@click.option("--port", type=click.IntRange(0, 65_535), default=8000, show_default=True, help="0 takes a free one.")
@click.option("--empty", is_flag=True, help="Do not load the demo on first start.")
def dev(port: int, empty: bool) -> None:
    """Run web, worker, clock and an embedded Valkey until Ctrl-C; a part that dies starts again.

    The first start makes the database and loads a demo; with a demo a signing service runs, too.
    """
    stop = threading.Event()
    try:
        signal.signal(signal.SIGTERM, _interrupt)  # until the parts run there is nothing to end
        port = _claim_port(port)
        environment = {"MOTCUA_PUBLIC_URL": f"http://{HOST}:{port}", **os.environ, "PYTHONUNBUFFERED": "1"}
        ctx = bootstrap.from_environment({k: v for k, v in environment.items() if k.startswith("MOTCUA_")})
        has_demo = _prepare(ctx, empty=empty)
        parts = _parts(ctx, port, environment)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: stop.set())
    except KeyboardInterrupt:
        return
    ctx.database.close()
    printer = Printer(sys.stdout, width=max(len(part.name) for part in parts), colours=sys.stdout.isatty())
    threading.Thread(target=_announce, args=(printer, port, has_demo, stop), daemon=True).start()
    Supervisor(parts, printer, environment).run(stop)
    printer.plain("motcua has ended")
    printer.close()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _claim_port(port: int) -> int:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # one that has just been left is free
        try:
            probe.bind((HOST, port))
        except OSError as error:
            remedy = f"motcua dev --port {port + 1 if port < 65_535 else 0}"
            raise click.ClickException(f"port {port} cannot be used ({error.strerror}); try: {remedy}") from error
        return int(probe.getsockname()[1])


def _migrate(ctx: Context) -> str:
    ctx.database.ping()
    revision = bootstrap.migrate(ctx)
    base.ensure(ctx)
    return revision


def _prepare(ctx: Context, *, empty: bool) -> bool:
    """Bring schema and, on first start, the demo into the database; return whether the demo is there."""
    ctx.settings.data.mkdir(parents=True, exist_ok=True)
    with (ctx.settings.data / f"{MARK}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # a second start waits until the first has loaded
        mark = ctx.settings.data / MARK
        state = mark.read_text(encoding="utf-8") if mark.exists() else ""
        if state == "loading":
            _start_over(ctx)
        _migrate(ctx)
        if state == "" and (empty or not ctx.settings.embedded_database or not diagnosis.is_unused(ctx)):
            state = _write(mark, "empty")
        if state in ("", "loading"):
            state = _load_demo(ctx, mark)
        return state == "demo"


def _start_over(ctx: Context) -> None:
    """Remove a database that holds a part of the demo: the mark was set on an unused one, and no part ran since."""
    own = ctx.settings.data / "motcua.db"
    if ctx.settings.database_url != f"sqlite:///{own}":
        return  # the setting was changed meanwhile: that one is not ours to remove
    click.echo("the first start was cut short while it loaded the demo; starting over")
    ctx.database.close()
    for path in (own, own.with_name("motcua.db-wal"), own.with_name("motcua.db-shm")):
        path.unlink(missing_ok=True)


def _load_demo(ctx: Context, mark: Path) -> str:
    from engine.seeds import demo, demo_signing  # bring the simulation with them, which no other start needs

    _write(mark, "loading")
    click.echo("loading the demo …")
    demo.load(ctx, progress=_count if sys.stderr.isatty() else None)
    demo_signing.prepare(ctx)
    return _write(mark, "demo")


def _count(done: int, total: int) -> None:
    click.echo(f"\r{done} of {total}{'' if done < total else chr(10)}", nl=False, err=True)


def _sign_ins() -> Iterable[tuple[str, str, str]]:
    from engine.seeds.demo import SIGN_INS

    return SIGN_INS


def _signing_pin() -> str:
    from engine.seeds.demo_signing import PIN

    return PIN


def _write(mark: Path, state: str) -> str:
    mark.write_text(state, encoding="utf-8")
    return state


def _parts(ctx: Context, port: int, environment: dict[str, str]) -> Sequence[Part]:
    run = (sys.executable, "-m")
    serve = ("--interface", "wsgi", "--factory", "--host", HOST, "--port", str(port), "--blocking-threads", "4")
    quiet = ("--no-ws", "--log-level", "warning")
    parts = [
        Part("web", (*run, "granian", *serve, *quiet, "web.app:create_app"), "cyan"),
        Part("worker", (*run, "workers.worker"), "green"),
        Part("clock", (*run, "workers.ticker"), "yellow"),
    ]
    keys = ctx.settings.data / SIGNER
    if (keys / TRUST).exists() and ctx.settings.signer_url is None:
        environment["MOTCUA_SIGNER_URL"] = f"http://{HOST}:{_claim_port(0)}"
        environment["MOTCUA_SIGNER_TOKEN"] = secrets.token_urlsafe(32)
        environment.setdefault("MOTCUA_TRUST_FILE", str(keys / TRUST))
        parts.append(Part("signer", (*run, "workers.signer", str(keys)), "magenta"))
    if ctx.settings.redis_url is None:
        valkey = claim_socket(ctx.settings)
        environment["MOTCUA_REDIS_URL"] = redis_url(ctx.settings)
        parts.insert(0, Part("valkey", (*run, "workers.valkey", str(ctx.settings.data), str(valkey)), ends_last=True))
    return parts


def _announce(printer: Printer, port: int, has_demo: bool, stop: threading.Event) -> None:
    """Print where to go and who may sign in, once the web answers."""
    while not _answers(port):
        if stop.wait(ASK_EVERY):
            return
    printer.plain()
    printer.plain(f"motcua runs at http://{HOST}:{port} (Ctrl-C ends it)")
    for username, password, role in _sign_ins() if has_demo else ():
        printer.plain(f"  sign in as {username} with password {password} ({role})")
    if has_demo:
        printer.plain(f"  the PIN of the demo's signing keys is {_signing_pin()}")
    printer.plain()


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.HTTPStatus.OK
    return False
