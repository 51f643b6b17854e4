"""The ledger of a centre (form 07; domain.md §2.8): every receipt of a period in the order of its running number.

What was received before receipts had running numbers comes first, by its receipt; reserved numbers that were voided
come last, by their code. A receipt belongs to the day on which it went into the book. Nothing is held but a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from engine.context import Context
from engine.documents.forms import render_pdf
from engine.documents.ledgers import LedgerLine, LedgerValues
from engine.domain import permissions_books
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId, DossierId
from engine.domain.official_forms import CURRENT, FormKind, form_of, symbol_of
from engine.errors import NotFoundError
from engine.reports import cursors, ledger_lines
from engine.reports.filters import storable
from engine.reports.localities import InvalidDateError, Localities, first_instant, last_instant
from engine.store.agencies import Agency, AgencyNotFoundError
from engine.store.dossiers import Dossier, Party
from engine.store.papers import IssuedPaper
from engine.store.procedures import Procedure
from engine.store.receipt_issues import ReservedNumber
from engine.store.unit_of_work import UnitOfWork

PAGE = 50  #: lines of a page on the screen
PART = 1000  #: lines of one PDF
AT_ONCE = 500  #: lines that are read together
_BEFORE, _NUMBERED, _VOID = range(3)  # the sections, in their order
_RECEIPT = FormKind.RECEIPT.value

Position = tuple[int, Any, Any]  #: section and the keys of a line in it


class NoSuchPartError(NotFoundError):
    """The ledger of the period has fewer parts."""

    code = "no-such-part"


@dataclass(frozen=True, slots=True)
class Question:
    """Which part of whose book; days are those of the agency.

    Args:
        agency: code of the receiving agency; None: the only or first one whose ledger the actor reads.
        field: only procedures of this field.
    """

    first_on: date
    last_on: date
    agency: str | None = None
    field: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """A page of the book."""

    agency: dict[str, str]  #: code, name and zone
    lines: tuple[LedgerLine, ...]
    total: int  #: lines of the period
    next_cursor: str | None

    @property
    def parts(self) -> int:
        """How many PDFs the period fills."""
        return parts_of(self.total)


def parts_of(total: int) -> int:
    """Return how many PDFs so many lines fill; an empty ledger prints, too."""
    return max(1, -(-total // PART))


def page(ctx: Context, *, by: Actor, question: Question, cursor: str | None = None, limit: int = PAGE) -> LedgerPage:
    """Return a page of the ledger.

    Raises:
        NotAllowedError: the actor reads no ledger. AgencyNotFoundError: there is none with that code, or it is not
            theirs to know.
        InvalidDateError, InvalidCursorError.
    """
    after = None if cursor is None else _position(cursor)
    with ctx.unit_of_work(read_only=True) as uow:
        book = _Book.opened(uow, by, question)
        found = book.lines(after=after, limit=limit + 1)
        shown = found[:limit]
        following = _cursor(shown[-1][0]) if len(found) > limit else None
        agency = {"code": book.agency.code, "name": book.agency.name, "zone": book.agency.zone}
        return LedgerPage(agency, tuple(line for _, line in shown), sum(book.counts()), following)


def stream(uow: UnitOfWork, *, by: Actor, question: Question) -> Iterator[LedgerLine]:
    """Yield every line of the period, reading ``AT_ONCE`` at a time.

    Raises:
        NotAllowedError, AgencyNotFoundError, InvalidDateError: see ``page``.
    """
    book = _Book.opened(uow, by, question)
    after: Position | None = None
    while found := book.lines(after=after, limit=AT_ONCE):
        yield from (line for _, line in found)
        after = found[-1][0]


def pdf(ctx: Context, *, by: Actor, question: Question, part: int = 1) -> tuple[bytes, int]:
    """Return a part of the ledger as PDF, and how many parts there are; see ``values``."""
    printed = values(ctx, by=by, question=question, part=part)[1]
    return render_pdf(printed.form, printed), printed.parts


def values(ctx: Context, *, by: Actor, question: Question, part: int = 1) -> tuple[AgencyId, LedgerValues]:
    """Return whose book it is, and a part of it to print: at most ``PART`` lines.

    Raises:
        NoSuchPartError: there are fewer.
        NotAllowedError, AgencyNotFoundError, InvalidDateError: see ``page``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        book = _Book.opened(uow, by, question)
        total = sum(book.counts())
        if not 1 <= part <= parts_of(total):
            raise NoSuchPartError(f"the ledger of this period has {parts_of(total)} parts", part=part)
        lines = book.part(part)
        return book.agency.id, _values(ctx, uow, by, book, part=part, total=total, lines=lines)


def agencies(ctx: Context, *, by: Actor) -> list[dict[str, str]]:
    """Return code and name of the agencies whose ledger the actor reads, and that have a one-stop unit.

    Raises:
        NotAllowedError: there is none.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return [{"code": row.code, "name": row.name} for row in _readable(uow, by)]


def fields(ctx: Context) -> list[str]:
    """Return the fields that procedures have, in alphabetical order, to choose from."""
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.session.scalars(select(Procedure.field).distinct().order_by(Procedure.field))
        return [each for each in found if each]


def _readable(uow: UnitOfWork, by: Actor) -> list[Agency]:
    if by.is_system:
        return uow.agencies.all()
    ids = permissions_books.agencies_of_ledger(by)
    return [row for row in uow.agencies.all() if row.id in ids]


def _values(
    ctx: Context, uow: UnitOfWork, by: Actor, book: _Book, *, part: int, total: int, lines: list[LedgerLine]
) -> LedgerValues:
    agency = book.agency
    unit = next((each for each in uow.agencies.units(agency.id) if each.is_one_stop), None)
    return LedgerValues(
        form=form_of(CURRENT, FormKind.LEDGER),
        superior_body=agency.name if unit else agency.superior_name,
        unit_name=unit.name if unit else agency.name,
        place=agency.place,
        symbol=symbol_of(FormKind.LEDGER, desk_symbol=agency.desk_symbol, own=agency.paper_symbols),
        first_on=book.question.first_on,
        last_on=book.question.last_on,
        field=book.question.field,
        part=part,
        parts=parts_of(total),
        total=total,
        lines=tuple(lines),
        printed_at=ctx.clock.now(),
        printed_by="Hệ thống" if by.is_system else by.name,
        zone=agency.zone,
    )


class _Book:
    """The book of an agency over a period, as three lists one after the other."""

    def __init__(self, uow: UnitOfWork, agency: Agency, question: Question) -> None:
        self._uow, self.agency, self.question = uow, agency, question
        if question.last_on < question.first_on:
            raise InvalidDateError("the last day lies before the first", field="to", date=question.last_on.isoformat())
        calendar = Localities.read(uow).calendar(agency.id)
        self._first = first_instant(calendar, question.first_on)
        self._last = last_instant(calendar, question.last_on)

    @classmethod
    def opened(cls, uow: UnitOfWork, by: Actor, question: Question) -> _Book:
        """Return the book that is asked for, if the actor reads it."""
        readable = _readable(uow, by)
        wanted = None if question.agency is None else storable(question.agency)
        agency = next((row for row in readable if wanted in (None, row.code)), None)
        if agency is None:
            raise AgencyNotFoundError(f"there is no ledger of an agency {question.agency!r}", agency=question.agency)
        return cls(uow, agency, question)

    def counts(self) -> list[int]:
        """Return how many lines each section has."""
        queries = (self._query(section) for section in range(3))
        return [self._uow.session.scalar(select(func.count()).select_from(each.subquery())) or 0 for each in queries]

    def part(self, no: int) -> list[LedgerLine]:
        """Return the lines of a PDF."""
        found = self.lines(skip=(no - 1) * PART, limit=AT_ONCE)
        while found and len(found) < PART and (more := self.lines(after=found[-1][0], limit=PART - len(found))):
            found += more
        return [line for _, line in found]

    def lines(self, *, after: Position | None = None, skip: int = 0, limit: int) -> list[tuple[Position, LedgerLine]]:
        """Return at most so many lines with their positions; ``skip`` some only where there is no ``after``."""
        found: list[tuple[Position, LedgerLine]] = []
        counts = self.counts() if skip else [0, 0, 0]
        for section in range(0 if after is None else after[0], 3):
            if skip and skip >= counts[section]:
                skip -= counts[section]
                continue
            query = self._query(section).order_by(*_KEYS[section]).offset(skip).limit(limit - len(found))
            if after is not None and after[0] == section:
                keys: list[tuple[ColumnElement[Any], bool]] = [(each.expression, False) for each in _KEYS[section]]
                query = query.where(cursors.after(keys, after[1 : 1 + len(keys)]))
            found += self._told(section, self._uow.session.execute(query).all())
            skip = 0
            if len(found) >= limit:
                break
        return found

    def _told(self, section: int, rows: Sequence[Any]) -> list[tuple[Position, LedgerLine]]:
        if section == _VOID:
            return [((_VOID, row[0].code, ""), ledger_lines.of_void(row[0])) for row in rows]
        beside = ledger_lines.Beside.read(self._uow, [DossierId(row.Dossier.id) for row in rows])
        found = []
        for row in rows:
            paper = row.IssuedPaper if section == _NUMBERED else None
            keys = (paper.year, paper.counter) if paper else (row.Dossier.received_at, row.Dossier.id)
            found.append(((section, *keys), beside.line(row, paper)))
        return found

    def _query(self, section: int) -> Select[Any]:
        agency, first, last = self.agency.id, self._first, self._last
        if section == _VOID:
            void = select(ReservedNumber).where(
                ReservedNumber.owner_agency_id == agency, ReservedNumber.voided_at.between(first, last)
            )
            return void if self.question.field is None else void.where(ReservedNumber.code.is_(None))
        if section == _NUMBERED:
            query = _receipts(IssuedPaper).join(IssuedPaper, IssuedPaper.dossier_id == Dossier.id)
            query = query.where(*_numbered(agency), IssuedPaper.issued_at.between(first, last))
        else:
            numbered = exists().where(IssuedPaper.dossier_id == Dossier.id, *_numbered(agency))
            query = _receipts().where(
                Dossier.receiving_agency_id == agency, Dossier.received_at.between(first, last), ~numbered
            )
        return query if self.question.field is None else query.where(Procedure.field == storable(self.question.field))


_KEYS: dict[int, tuple[InstrumentedAttribute[Any], ...]] = {
    _BEFORE: (Dossier.received_at, Dossier.id),
    _NUMBERED: (IssuedPaper.year, IssuedPaper.counter),
    _VOID: (ReservedNumber.code,),
}


def _numbered(agency: AgencyId) -> tuple[ColumnElement[bool], ...]:
    """Return the condition of receipts that took a number of their own; later issues print that of the first."""
    return (IssuedPaper.owner_agency_id == agency, IssuedPaper.kind == _RECEIPT, IssuedPaper.counter.is_not(None))


def _receipts(*more: Any) -> Select[Any]:
    applicant, receiver, resolving = aliased(Party), aliased(Party), aliased(Agency)
    return (
        select(
            *more, Dossier, Procedure.code.label("procedure_code"), Procedure.name.label("procedure_name"),
            applicant.name.label("person"), applicant.address, applicant.phone, receiver.name.label("receiver"),
            resolving.name.label("resolving"),
        )
        .select_from(Dossier)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .join(resolving, resolving.id == Dossier.resolving_agency_id)
        .outerjoin(applicant, and_(applicant.dossier_id == Dossier.id, applicant.role == "applicant"))
        .outerjoin(receiver, and_(receiver.dossier_id == Dossier.id, receiver.role == "receiver"))
    )  # fmt: skip


def _cursor(position: Position) -> str:
    section, first, second = position
    if section == _BEFORE:
        return cursors.encode([section, first.isoformat(), second.hex])
    return cursors.encode([section, str(first), str(second)])


def _position(cursor: str) -> Position:
    section, first, second = cursors.decode(cursor, kinds=[int, str, str])
    try:
        if section == _BEFORE:
            return (section, _instant(first), UUID(second))
        if section == _NUMBERED:
            return (section, int(first[:9]), int(second[:9]))
    except ValueError as error:
        raise cursors.InvalidCursorError("this cursor is not one of this list; start again without it") from error
    if section != _VOID:
        raise cursors.InvalidCursorError("this cursor is not one of this list; start again without it")
    return (section, storable(first), "")


def _instant(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not 1 < at.year < 9999:
        raise ValueError("no instant")
    return at
