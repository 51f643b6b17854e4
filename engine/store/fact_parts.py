"""Reading what facts are computed from: one statement for all rows of some dossiers, whatever their kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    Select,
    String,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.orm import Session

from engine.domain.dossier import DeadlineKind, LetterState, TaskState
from engine.domain.events import EventKind
from engine.domain.fact_rules import Component, Duty, NewDate, Parts, SentLetter, Step
from engine.domain.ids import DossierId
from engine.store.base import UTCDateTime
from engine.store.deadlines import Deadline
from engine.store.dossiers import Dossier, Obligation, Paper
from engine.store.events import Event
from engine.store.letters import Letter
from engine.store.procedures import Procedure
from engine.store.tasks import Task


@dataclass(slots=True)
class Known:
    """What the database says of one dossier, beside its own row; ``fact`` is the row as it stands, if it has one."""

    procedure_code: str = ""
    legal_limit: str | None = None
    fact: Mapping[str, Any] | None = None
    children: list[DossierId] = field(default_factory=list)  #: filed by its result
    rows: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))

    @property
    def parts(self) -> Parts:
        """The rows as the rules take them."""
        return Parts(self.rows["letter"], self.rows["date"], self.rows["paper"], self.rows["duty"], self.rows["step"])


# the columns of the union: every kind of row fills those that it needs
_WIDTH = 10
_EMPTY: dict[str, ColumnElement[Any]] = {
    "other": cast(null(), Uuid()),
    "no": cast(null(), Integer()),
    "a": cast(null(), Integer()),
    "b": cast(null(), Integer()),
    "x": cast(null(), String()),
    "y": cast(null(), String()),
    "from_at": cast(null(), UTCDateTime()),
    "to_at": cast(null(), UTCDateTime()),
}


_MAKE: dict[str, Callable[[Any], Any]] = {
    "letter": lambda row: SentLetter(row.from_at, row.no, row.x, row.y == LetterState.WITHDRAWN, row.to_at),
    "date": lambda row: NewDate(row.no, row.from_at, bool(row.a), row.x),
    "paper": lambda row: Component(row.no, row.a, bool(row.b), row.x),
    "duty": lambda row: Duty(row.x, row.y, bool(row.a)),
    "step": lambda row: Step(row.other, row.x, row.no, row.a, row.b, row.from_at, row.to_at),
}


def read_known(session: Session, fact: Table, ids: Collection[DossierId]) -> dict[DossierId, Known]:
    """Return what the database says of up to 500 dossiers, by id.

    Args:
        fact: the table of facts.
    """
    found: dict[DossierId, Known] = defaultdict(Known)
    for row in session.execute(_query(fact), {"ids": list(ids)}):
        kind, known = row[0], found[row[1]]
        if kind == "dossier":
            known.procedure_code, known.legal_limit = row.x, row.y
            if row[_WIDTH] is not None:
                known.fact = dict(zip((column.name for column in fact.columns), row[_WIDTH:], strict=True))
        elif kind == "child":
            known.children.append(row.other)
        else:
            known.rows[kind].append(_MAKE[kind](row))
    return found


@cache
def _query(fact: Table) -> Select[*tuple[Any, ...]]:
    """Return the statement; putting it together takes longer than to send it, so that is done once a process."""
    parts = union_all(*_selects(bindparam("ids", expanding=True))).subquery("part")
    mine = and_(fact.c.dossier_id == parts.c.dossier_id, parts.c.kind == "dossier")
    return select(parts, fact).select_from(parts.outerjoin(fact, mine))


def _selects(ids: BindParameter[Any]) -> list[Select[*tuple[Any, ...]]]:
    text, yes = String(), Integer()
    is_extension = Deadline.kind == DeadlineKind.EXTENSION
    return [
        _part("dossier", Dossier.id, x=Procedure.code, y=Procedure.legal_limit)
        .join(Procedure, Procedure.id == Dossier.procedure_id)
        .where(Dossier.id.in_(ids)),
        _part("child", Dossier.follows_id, other=Dossier.id).where(Dossier.follows_id.in_(ids)),
        _part(
            "letter", Letter.dossier_id, no=Letter.promise_no, x=type_coerce(Letter.cause, text),
            y=type_coerce(Letter.state, text), from_at=Letter.ordered_at, to_at=Letter.sent_at,
        ).where(Letter.dossier_id.in_(ids)),
        _part(
            "date", Deadline.dossier_id, no=Deadline.promise_no, x=type_coerce(Deadline.state, text),
            a=cast(Deadline.is_broken, yes), from_at=Deadline.late_after,
        ).where(Deadline.dossier_id.in_(ids), is_extension),
        _part(
            "paper", Paper.dossier_id, no=Paper.no, a=Paper.replaces_no, x=Paper.source,
            b=case((Paper.file_sha256.is_(None), 0), else_=1),
        ).where(Paper.dossier_id.in_(ids)),
        _part(
            "duty", Obligation.dossier_id, no=Obligation.no, x=Obligation.settled_how, y=Obligation.paid_by,
            a=case((Obligation.amount_vnd == 0, 1), else_=0),
        ).where(Obligation.dossier_id.in_(ids)),
        _part(
            "step", Task.dossier_id, other=Task.id, no=Task.unit_id, a=Task.assignee_id, b=Task.closed_by,
            x=type_coerce(Task.state, text), from_at=Task.opened_at, to_at=Task.closed_at,
        ).where(Task.dossier_id.in_(ids), Task.phase == "processing"),
        _part(  # a dossier of another system has no task; its first event may name a unit
            "step", Event.dossier_id, other=Event.dossier_id, no=Event.payload["unit"].as_integer(),
            x=literal(TaskState.CANCELLED.value, text), from_at=Event.at,
        ).where(
            Event.dossier_id.in_(ids), Event.seq == 1, Event.kind == EventKind.IMPORTED,
            Event.payload["unit"].as_integer().is_not(None),
        ),
    ]  # fmt: skip


def _part(kind: str, dossier: Any, **columns: Any) -> Select[*tuple[Any, ...]]:
    named = [(columns.get(name, empty)).label(name) for name, empty in _EMPTY.items()]
    return select(literal(kind, String()).label("kind"), dossier.label("dossier_id"), *named)
