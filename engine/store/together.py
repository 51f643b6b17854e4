"""Rows of several tables in one statement: one round trip for what would be a statement for each table.

The parts are joined by UNION ALL over columns that are shared by type; every row says of which part it is. What comes
back are rows of the session as if each had been selected on its own, so that ``session.get`` finds them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    CompoundSelect,
    Date,
    Enum,
    Integer,
    LargeBinary,
    Text,
    Uuid,
    inspect,
    literal,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.orm import Mapper, Session, make_transient_to_detached
from sqlalchemy.types import String, TypeEngine

from engine.store.base import Base, Json, UTCDateTime

Found = dict[str, list[Any]]  #: rows by the name of their part

_SHARED: dict[str, TypeEngine[Any]] = {
    "at": UTCDateTime(),
    "text": Text(),
    "uuid": Uuid(),
    "number": BigInteger(),
    "truth": Boolean(),
    "json": Json,
    "blob": LargeBinary(),
    "day": Date(),
}


@dataclass(frozen=True)
class Part:
    """Rows of one table.

    Args:
        name: what the rows are found under.
        row: the class of the rows.
        where: which ones; bound parameters get their values when the parts are read.
        without: attributes that are not read; one that is asked for later costs a statement.
    """

    name: str
    row: type[Base]
    where: ColumnElement[bool]
    without: frozenset[str] = frozenset()


class Together:
    """A statement over parts, made once and read often."""

    def __init__(self, parts: Sequence[Part]) -> None:
        names = [part.name for part in parts]
        if len(set(names)) != len(names):
            raise ValueError(f"a part is named twice: {', '.join(sorted(names))}")
        self._parts = parts
        self._columns = [_columns(part) for part in parts]
        most: dict[str, int] = dict.fromkeys(_SHARED, 0)
        for columns in self._columns:
            for kind in most:
                most[kind] = max(most[kind], sum(_kind(column) == kind for column in columns.values()))
        self._slots = [(kind, no) for kind, count in most.items() for no in range(count)]
        self._statement = self._made()

    def read(self, session: Session, values: Mapping[str, Any]) -> Found:
        """Return the rows of each part, in no order; they belong to the session.

        Args:
            values: of the bound parameters.
        """
        found: Found = {part.name: [] for part in self._parts}
        places = [self._places(columns) for columns in self._columns]
        for line in session.execute(self._statement, dict(values)):
            part = self._parts[line[0]]
            row = part.row(**{key: _read(column, line[at]) for key, (column, at) in places[line[0]].items()})
            found[part.name].append(_kept(session, row))
        return found

    def _made(self) -> CompoundSelect[Any]:
        selects = []
        for no, (part, columns) in enumerate(zip(self._parts, self._columns, strict=True)):
            taken = {at: column for column, at in self._places(columns).values()}
            slots = [
                type_coerce(taken[at], _SHARED[kind]).label(f"{kind}{index}")
                if at in taken
                else sql_cast(null(), _SHARED[kind]).label(f"{kind}{index}")
                for at, (kind, index) in enumerate(self._slots, start=1)
            ]
            selects.append(select(literal(no, Integer()).label("part"), *slots).where(part.where))
        return union_all(*selects)

    def _places(self, columns: Mapping[str, Column[Any]]) -> dict[str, tuple[Column[Any], int]]:
        """Return for each attribute its column and where it stands in a line of the answer."""
        at = {slot: place for place, slot in enumerate(self._slots, start=1)}
        used: dict[str, int] = {}
        places = {}
        for key, column in columns.items():
            kind = _kind(column)
            places[key] = (column, at[kind, used.setdefault(kind, 0)])
            used[kind] += 1
        return places


def _columns(part: Part) -> dict[str, Column[Any]]:
    mapper = cast("Mapper[Any]", inspect(part.row))
    return {
        each.key: cast("Column[Any]", each.columns[0]) for each in mapper.column_attrs if each.key not in part.without
    }


def _kind(column: Column[Any]) -> str:
    """Return which shared type holds the column's values."""
    of = column.type
    if isinstance(of, UTCDateTime):
        return "at"
    for kind, types in _TYPES:
        if isinstance(of, types):
            return kind
    return "json"


_TYPES: tuple[tuple[str, tuple[type, ...]], ...] = (
    ("text", (String, Enum)),
    ("uuid", (Uuid,)),
    ("truth", (Boolean,)),
    ("number", (Integer,)),
    ("blob", (LargeBinary,)),
    ("day", (Date,)),
)


def _read(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, Enum) and value is not None:
        return column.type.enum_class(value)  # type: ignore[misc]  # all our enums are made of a class
    return value


def _kept(session: Session, row: Any) -> Any:
    """Return the row as the session knows it: the one that it has already, or this one from now on."""
    mapper = cast("Mapper[Any]", inspect(type(row)))
    known = session.identity_map.get(mapper.identity_key_from_instance(row))
    if known is not None:
        return known
    make_transient_to_detached(row)
    session.add(row)
    return row
