"""The database and the transaction: a block that ends commits, an error rolls back."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError
from sqlalchemy.pool import StaticPool

from engine.errors import ConflictError, UnavailableError
from engine.store.absences import AbsenceStore
from engine.store.administration import AdministrationStore
from engine.store.agencies import AgencyStore
from engine.store.calendars import CalendarStore
from engine.store.consultations import ConsultationStore
from engine.store.deadlines import DeadlineStore
from engine.store.dossiers import DossierStore
from engine.store.drafts import DraftStore
from engine.store.events import EventStore
from engine.store.facts import FactStore
from engine.store.form_drafts import FormDraftStore
from engine.store.form_templates import FormTemplateStore
from engine.store.given_dates import GivenDateStore
from engine.store.history_imports import HistoryImportStore
from engine.store.indicators import IndicatorStore
from engine.store.letters import LetterStore
from engine.store.messages import MessageStore
from engine.store.numbering import NumberStore
from engine.store.officer_settings import OfficerSettingStore
from engine.store.outbox import OutboxStore
from engine.store.papers import PaperStore
from engine.store.people import PeopleStore
from engine.store.periods import PeriodStore
from engine.store.procedures import ProcedureStore
from engine.store.receipt_issues import ReceiptIssueStore
from engine.store.results import ResultReturnStore
from engine.store.rollups import RollupStore
from engine.store.signatures import SignatureStore
from engine.store.task_batches import TaskBatchStore
from engine.store.tasks import TaskStore
from engine.store.version_moves import VersionMoveStore
from engine.store.waits import WaitStore


class ChangedMeanwhileError(ConflictError):
    """Somebody else changed the same rows first; load again and decide anew."""

    code = "changed-meanwhile"


class DatabaseUnavailableError(UnavailableError):
    """The database cannot be reached or is locked."""

    code = "database-unavailable"


class CalendarBusyError(UnavailableError):
    """A calendar is being changed, or work that has begun keeps a change waiting; the same again works in seconds."""

    code = "calendar-busy"


class UnitOfWork:
    """One transaction: a store for each noun, over one session."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.absences = AbsenceStore(session)
        self.administration = AdministrationStore(session)
        self.agencies = AgencyStore(session)
        self.calendars = CalendarStore(session)
        self.consultations = ConsultationStore(session)
        self.deadlines = DeadlineStore(session)
        self.dossiers = DossierStore(session)
        self.drafts = DraftStore(session)
        self.events = EventStore(session)
        self.facts = FactStore(session)
        self.form_drafts = FormDraftStore(session)
        self.form_templates = FormTemplateStore(session)
        self.given_dates = GivenDateStore(session)
        self.history_imports = HistoryImportStore(session)
        self.indicators = IndicatorStore(session)
        self.letters = LetterStore(session)
        self.messages = MessageStore(session)
        self.numbers = NumberStore(session)
        self.officer_settings = OfficerSettingStore(session)
        self.outbox = OutboxStore(session)
        self.papers = PaperStore(session)
        self.people = PeopleStore(session)
        self.periods = PeriodStore(session)
        self.procedures = ProcedureStore(session)
        self.receipt_issues = ReceiptIssueStore(session)
        self.results = ResultReturnStore(session)
        self.rollups = RollupStore(session)
        self.signatures = SignatureStore(session)
        self.task_batches = TaskBatchStore(session)
        self.tasks = TaskStore(session)
        self.version_moves = VersionMoveStore(session)
        self.waits = WaitStore(session)
        self._before_commit: dict[Hashable, Callable[[], None]] = {}

    def before_commit(self, key: Hashable, act: Callable[[], None]) -> None:
        """Have something done once when all else of the transaction is done; the same key is done once."""
        self._before_commit.setdefault(key, act)

    def finish(self) -> None:
        """Do what was put off; called once, right before the commit."""
        acts, self._before_commit = self._before_commit, {}
        for act in acts.values():
            act()

    def flush(self) -> None:
        """Send pending changes to the database, still inside the transaction."""
        self.session.flush()


_sent: ContextVar[int] = ContextVar("statements_sent", default=0)
_OF_A_TRANSACTION = ("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK", "PRAGMA")  # sent too, but read and write no rows
_LOCK_TIMEOUT = "55P03"
_CALENDARS = 7302  # the advisory lock between those who count with calendars and the one who changes them


class Database:
    """An engine and its sessions, for SQLite and PostgreSQL alike."""

    def __init__(self, url: str) -> None:
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
        self.engine = _engine(url)
        event.listen(self.engine, "before_cursor_execute", _note_sent)
        # a reader of several statements sees one moment; SQLite does so by itself from the first one on
        still = {"isolation_level": "REPEATABLE READ"} if self.engine.dialect.name == "postgresql" else {}
        self._of_readers: dict[str, Any] = {"motcua_read_only": True} | still
        # no autoflush: a store flushes where a later query of the same transaction must see what was added
        self._sessions = sessionmaker(self.engine, expire_on_commit=False, autoflush=False)

    @contextmanager
    def unit_of_work(self, *, read_only: bool = False, changes_calendar: bool = False) -> Iterator[UnitOfWork]:
        """Open a transaction.

        Args:
            read_only: all statements see the database as it was at the first one; nothing is saved.
            changes_calendar: no other transaction writes meanwhile, so that no date is given by the old calendar after
                the change has looked at all given dates (SQLite has one writer at a time anyway).

        Raises:
            ChangedMeanwhileError: another transaction changed the same row, or made the same unique thing.
            CalendarBusyError: a calendar change takes longer than others wait (PostgreSQL, 10 s), or waits that long.
            DatabaseUnavailableError: the database cannot be reached, or stayed locked.
        """
        session = self._sessions()
        try:
            with session:
                if read_only:
                    session.connection(execution_options=self._of_readers)
                else:
                    _lock_calendars(session, alone=changes_calendar)
                uow = UnitOfWork(session)
                yield uow
                if read_only:
                    session.expunge_all()  # a rollback would empty the rows that the caller has read
                    session.rollback()
                else:
                    uow.finish()
                    session.commit()
        except StaleDataError as error:
            raise ChangedMeanwhileError("somebody else changed this first; load it again") from error
        except IntegrityError as error:
            raise ChangedMeanwhileError("somebody else made the same thing first; load it again") from error
        except OperationalError as error:
            if _is_lost_race(error):
                raise ChangedMeanwhileError("somebody else changed this first; load it again") from error
            raise DatabaseUnavailableError(f"the database does not answer ({_reason(error)})") from error
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError("all connections to the database are in use") from error

    @classmethod
    def in_memory(cls) -> Database:
        """Return an empty database without tables that lives in this process until it is closed; for one thread."""
        return cls("sqlite://")

    def ping(self) -> None:
        """Ask the database for a sign of life.

        Raises:
            DatabaseUnavailableError: it gave none.
        """
        try:
            with self.engine.connect() as connection:
                connection.execute(text("select 1"))
        except OperationalError as error:
            raise DatabaseUnavailableError(f"the database does not answer ({_reason(error)})") from error
        except PoolTimeoutError as error:
            raise DatabaseUnavailableError("all connections to the database are in use") from error

    @staticmethod
    def statements_sent() -> int:
        """Return how many statements this thread has sent to databases so far; what a request took is a difference."""
        return _sent.get()

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def _note_sent(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
    if not statement.startswith(_OF_A_TRANSACTION):
        _sent.set(_sent.get() + 1)


def _lock_calendars(session: Session, *, alone: bool) -> None:
    if session.get_bind().dialect.name != "postgresql":
        return
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    try:
        session.execute(select(lock(_CALENDARS)))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) != _LOCK_TIMEOUT:
            raise
        what = "work that others have begun keeps this change waiting" if alone else "a calendar is being changed"
        raise CalendarBusyError(f"{what}; nothing was saved, try again in a few seconds") from error


def _engine(url: str) -> Engine:
    pool = {"pool_size": 8, "max_overflow": 8, "hide_parameters": True}
    if not url.startswith("sqlite"):
        # a server that hangs must not hold the threads of the web: 5 s to connect, 10 s for a lock, 60 s to answer;
        # statements of pages take milliseconds: to compile them, or to start helpers for them, takes longer, and a row
        # that lies elsewhere costs on today's disks nearly what the next one does
        plans = "-c jit=off -c max_parallel_workers_per_gather=0 -c random_page_cost=1.1"
        options = f"-c statement_timeout=60000 -c lock_timeout=10000 {plans}"
        waits = {"connect_timeout": 5, "options": options}
        return create_engine(url, pool_pre_ping=True, pool_timeout=5, connect_args=waits, **pool)
    connecting = {"timeout": 30, "check_same_thread": False}
    if url == "sqlite://":
        engine = create_engine(url, connect_args=connecting, poolclass=StaticPool, hide_parameters=True)
    else:
        engine = create_engine(url, connect_args=connecting, **pool)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: SqliteConnection, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    connection.isolation_level = None  # we say BEGIN ourselves


def _begin(connection: Connection) -> None:
    # IMMEDIATE: a transaction that reads first and writes later would otherwise fail with SQLITE_BUSY_SNAPSHOT.
    read_only = connection.get_execution_options().get("motcua_read_only", False)
    connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")


def _reason(error: OperationalError) -> str:
    """Return the first line of what the driver says, which names the trouble; later lines may quote rows."""
    return str(error.orig).partition("\n")[0]


def _is_lost_race(error: OperationalError) -> bool:
    return getattr(error.orig, "sqlstate", None) in ("40001", "40P01", _LOCK_TIMEOUT)  # serialization, deadlock, lock
