"""The mapping file of a history import: which column of another system's file means what.

docs/howto/history-import.md describes it for those who write one. A mapping says everything that the file does not
say itself: time zone, late rule, what its codes mean. Nothing has a silent default; what is left out and needed is an
error that names the place in the mapping.
"""

from __future__ import annotations

import codecs
import re
import tomllib
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import time
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from engine.domain.deadlines import LateRule
from engine.domain.dossier import Channel, Status
from engine.domain.limits import InvalidLimitError, Limit
from engine.errors import InvalidInputError

DATES = ("received_at", "due_at", "finished_at", "returned_at")
CODES = ("procedure", "agency", "unit", "channel", "status")  #: read by a table of the mapping, or by their own name
PEOPLE = ("applicant", "identity_number", "phone", "email", "address")  #: never shown in a refusal
FIELDS = ("key", "code", *CODES, *DATES, *PEOPLE)
NEEDED = ("key", "procedure", "channel", "received_at")
STEP_FIELDS = ("name", "called", "at", "officer", "unit", "key")
STATUSES = {
    "received": Status.RECEIVED,
    "processing": Status.PROCESSING,
    "withdrawn": Status.WITHDRAWN,
    "stopped": Status.STOPPED,
    "finished": Status.FINISHED,
    "returned": Status.RETURNED,
}  #: a wait for the citizen is no status here: the file does not say since when, and no clock stands
PER_EVENT, PER_DOSSIER = "event", "dossier"
LONGEST_SOURCE = 40

_T = TypeVar("_T")
_SOURCE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
_TOP = {
    "source", "rows", "zone", "late_rule", "out_of_order", "file", "columns", "constants", "dates", "channels",
    "statuses", "status", "agencies", "units", "procedures", "steps",
}  # fmt: skip


class InvalidMappingError(InvalidInputError):
    """The mapping file of a history import cannot be used."""

    code = "invalid-history-mapping"


@dataclass(frozen=True, slots=True)
class OldProcedure:
    """A procedure of the other system, as it is kept here."""

    code: str
    name: str
    field: str
    limit: str
    level: str  #: commune | province
    kind: str  #: public | internal


@dataclass(frozen=True, slots=True)
class StepColumns:
    """The columns that make a step of the history; ``called`` is its name where no column has it."""

    name: str | None
    called: str | None
    at: str
    officer: str | None
    unit: str | None
    key: str | None


@dataclass(frozen=True, slots=True)
class HistoryMapping:
    """A mapping that was read; see the guide for what each part means."""

    source: str
    per_event: bool  #: a row is an event of a dossier; else a whole dossier
    zone: ZoneInfo  #: of times without an offset
    late_rule: LateRule
    keeps_disorder: bool  #: imports dossiers whose end or due date lies before their receipt
    encoding: str | None  #: None: UTF-8, or UTF-16 where the file begins so
    separator: str | None  #: None: what the first line suggests
    sheet: str | None  #: None: the first visible one
    columns: Mapping[str, str]  #: by field
    constants: Mapping[str, str]
    formats: tuple[str, ...]  #: of dates, for strptime; none: ISO 8601
    without_time: Mapping[str, time]  #: by field: what a date without time of day stands for
    channels: Mapping[str, Channel]
    statuses: Mapping[str, Status]
    with_end: Status | None  #: without a column of statuses: of a dossier that has an end, and of one that has none
    without_end: Status | None
    agencies: Mapping[str, str]
    units: Mapping[str, str]
    procedures: Mapping[str, OldProcedure]
    steps: tuple[StepColumns, ...]

    @property
    def wanted(self) -> frozenset[str]:
        """The columns that the file must have."""
        of_steps = {
            column
            for step in self.steps
            for column in (step.name, step.at, step.officer, step.unit, step.key)
            if column
        }
        return frozenset(self.columns.values()) | of_steps


def read_mapping(text: str) -> HistoryMapping:
    """Read a mapping file.

    Args:
        text: TOML.

    Raises:
        InvalidMappingError: it is no TOML, lacks something, or says something that nobody understands.
    """
    try:
        said = tomllib.loads(unicodedata.normalize("NFC", text))
    except tomllib.TOMLDecodeError as error:
        raise InvalidMappingError(f"the mapping is no TOML: {error}", where="") from error
    _known("", said, _TOP)
    file = _table(said, "file", {"encoding", "separator", "sheet"})
    dates = _table(said, "dates", {"formats", "without_time"})
    columns = _texts(_table(said, "columns", FIELDS), "columns")
    constants = _texts(_table(said, "constants", ("code", *CODES)), "constants")
    _check_fields(columns, constants)
    has_statuses = "status" in columns or "status" in constants
    status = {} if has_statuses else _texts(_table(said, "status", {"with_end", "without_end"}), "status")
    procedures = said.get("procedures", {})
    if not isinstance(procedures, dict) or not procedures:
        raise _wrong("procedures", 'describe each procedure of the file, as [procedures."ITS CODE THERE"]')
    return HistoryMapping(
        source=_source(said),
        per_event=_choice(said, "rows", (PER_EVENT, PER_DOSSIER)) == PER_EVENT,
        zone=_zone(said),
        late_rule=LateRule(_choice(said, "late_rule", [rule.value for rule in LateRule])),
        keeps_disorder=_choice({"out_of_order": "refuse"} | said, "out_of_order", ("refuse", "keep")) == "keep",
        encoding=_encoding(file),
        separator=_separator(file),
        sheet=_optional(file, "sheet", "file"),
        columns=columns,
        constants=constants,
        formats=_formats(dates),
        without_time=_clocks(dates),
        channels=_codes(said, "channels", {each.value: each for each in Channel}),
        statuses=_codes(said, "statuses", STATUSES),
        with_end=None if has_statuses else _status(status, "with_end"),
        without_end=None if has_statuses else _status(status, "without_end"),
        agencies=_texts(_table(said, "agencies", None), "agencies"),
        units=_texts(_table(said, "units", None), "units"),
        procedures={name: _procedure(name, given) for name, given in procedures.items()},
        steps=_steps(said),
    )


def _check_fields(columns: Mapping[str, str], constants: Mapping[str, str]) -> None:
    both = sorted(columns.keys() & constants.keys())
    if both:
        raise _wrong(f"constants.{both[0]}", "it has a column, too; keep one of the two")
    for name in NEEDED:
        if name not in columns and name not in constants:
            where = "columns" if name in ("key", *DATES) else "columns or constants"
            raise _wrong(where, f"{name} is missing: name its column")
    if "applicant" not in columns:
        lonely = next((name for name in PEOPLE if name in columns), None)
        if lonely is not None:
            raise _wrong(f"columns.{lonely}", "it belongs to a person: name the column of the applicant, too")


def _source(said: Mapping[str, Any]) -> str:
    found = said.get("source")
    if not isinstance(found, str) or not _SOURCE.fullmatch(found):
        raise _wrong("source", "name the other system in up to 40 small letters, digits and hyphens")
    return found


def _zone(said: Mapping[str, Any]) -> ZoneInfo:
    name = said.get("zone")
    try:
        if isinstance(name, str) and name:
            return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        pass
    raise _wrong("zone", "name the time zone of the file, such as Asia/Ho_Chi_Minh")


def _encoding(file: Mapping[str, Any]) -> str | None:
    name = _optional(file, "encoding", "file")
    if name is None:
        return None
    try:
        found = codecs.lookup(name)
    except LookupError:
        found = None
    if found is None or not getattr(found, "_is_text_encoding", True):
        raise _wrong("file.encoding", f"there is no encoding {name!r}; try utf-8, utf-16 or windows-1258")
    return found.name


def _separator(file: Mapping[str, Any]) -> str | None:
    sign = _optional(file, "separator", "file")
    if sign is not None and (len(sign) != 1 or sign in '"\r\n'):
        raise _wrong("file.separator", 'give one character, such as ";" or "\\t"')
    return sign


def _formats(dates: Mapping[str, Any]) -> tuple[str, ...]:
    found = dates.get("formats", [])
    if not isinstance(found, list) or not all(isinstance(each, str) and "%" in each for each in found):
        raise _wrong("dates.formats", 'give a list such as ["%d/%m/%Y %H:%M", "%d/%m/%Y"]')
    return tuple(found)


def _clocks(dates: Mapping[str, Any]) -> dict[str, time]:
    given = _texts(_table(dates, "without_time", (*DATES, "steps"), "dates."), "dates.without_time")
    found = {}
    for name, text in given.items():
        try:
            found[name] = time.fromisoformat(text)
        except ValueError as error:
            raise _wrong(f"dates.without_time.{name}", "give a time of day such as 17:00") from error
        if found[name].tzinfo is not None:
            raise _wrong(f"dates.without_time.{name}", "leave the zone out: it is that of the mapping")
    return found


def _codes(said: Mapping[str, Any], name: str, known: Mapping[str, _T]) -> dict[str, _T]:
    table = _texts(_table(said, name, None), name)
    for theirs, ours in table.items():
        if ours not in known:
            raise _wrong(f"{name}.{theirs}", f"{ours!r} is none of {', '.join(known)}")
    return {theirs: known[ours] for theirs, ours in table.items()}


def _status(table: Mapping[str, str], name: str) -> Status:
    found = STATUSES.get(table.get(name, ""))
    is_end = found is not None and found not in (Status.RECEIVED, Status.PROCESSING)
    if found is None or is_end != (name == "with_end"):
        choices = "finished, returned, withdrawn, stopped" if name == "with_end" else "received, processing"
        raise _wrong(f"status.{name}", f"the file has no column of statuses, so give one of {choices}")
    return found


def _procedure(name: str, given: object) -> OldProcedure:
    where = f"procedures.{name}"
    if not isinstance(given, dict):
        raise _wrong(where, "give code, name, field and limit")
    _known(where, given, {"code", "name", "field", "limit", "level", "kind"})
    said = _texts({"level": "commune", "kind": "public"} | given, where)
    for wanted in ("code", "name", "field", "limit"):
        if not said.get(wanted, "").strip():
            raise _wrong(where, f"{wanted} is missing")
    if not _CODE.fullmatch(said["code"]):
        raise _wrong(f"{where}.code", "up to 40 letters, digits, dots, hyphens and underscores")
    try:
        Limit.parse(said["limit"])
    except InvalidLimitError as error:
        raise _wrong(f"{where}.limit", f"{error}") from error
    _choice(said, "level", ("commune", "province"), f"{where}.")
    _choice(said, "kind", ("public", "internal"), f"{where}.")
    return OldProcedure(said["code"], said["name"], said["field"], said["limit"], said["level"], said["kind"])


def _steps(said: Mapping[str, Any]) -> tuple[StepColumns, ...]:
    given = said.get("steps", [])
    if not isinstance(given, list):
        raise _wrong("steps", "write each as a table under [[steps]]")
    steps = []
    for no, each in enumerate(given, start=1):
        where = f"steps {no}"
        if not isinstance(each, dict):
            raise _wrong(where, "write it as a table under [[steps]]")
        _known(where, each, STEP_FIELDS)
        texts = _texts(each, where)
        if ("name" in texts) == ("called" in texts):
            raise _wrong(where, "name the column with its name, or say with called what it is called")
        if "at" not in texts:
            raise _wrong(where, "at is missing: name the column with its time")
        steps.append(StepColumns(**{name: texts.get(name) for name in STEP_FIELDS}))  # type: ignore[arg-type]
    return tuple(steps)


def _choice(said: Mapping[str, Any], name: str, choices: Collection[str], within: str = "") -> str:
    found = said.get(name)
    if not isinstance(found, str) or found not in choices:
        raise _wrong(f"{within}{name}", f"give one of {', '.join(choices)}")
    return found


def _optional(table: Mapping[str, Any], name: str, within: str) -> str | None:
    found = table.get(name)
    if found is None:
        return None
    if not isinstance(found, str) or not found:
        raise _wrong(f"{within}.{name}", "give a text")
    return found


def _table(
    said: Mapping[str, Any], name: str, known: Collection[str] | None, within: str = ""
) -> Mapping[str, Any]:  # fmt: skip
    found = said.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(f"{within}{name}", f"write it as a table: [{within}{name}]")
    if known is not None:
        _known(f"{within}{name}", found, known)
    return found


def _texts(table: Mapping[str, Any], where: str) -> dict[str, str]:
    for name, value in table.items():
        if not isinstance(value, str) or not value:
            raise _wrong(f"{where}.{name}", "give a text in quotation marks")
    return dict(table)


def _known(where: str, table: Mapping[str, Any], known: Collection[str]) -> None:
    strange = sorted(set(table) - set(known))
    if strange:
        place = f"{where}.{strange[0]}" if where else strange[0]
        raise _wrong(place, f"nobody understands it; there are {', '.join(sorted(known))}")


def _wrong(where: str, remedy: str) -> InvalidMappingError:
    return InvalidMappingError(f"mapping, {where}: {remedy}", where=where)
