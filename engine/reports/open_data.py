"""Open data: what agencies received and finished by month, procedure and channel, and the description of the file.

Counts from 1 to 4 are hidden, and what would tell them (engine/domain/suppression.py); no person, officer or dossier is
in it. Months are local to the resolving agency; only whole months that are past are published. Dossiers count as in the
on-time report (engine/domain/statistics.py, DEFINITIONS): once each, late by the promise, without withdrawn and stopped
ones.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from pathlib import Path
from typing import IO, Any, NamedTuple

from sqlalchemy import ColumnElement, Integer, String, case, cast, func, literal, select, union_all

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.statistics import Outcome
from engine.domain.suppression import Counts, Shown, publishable
from engine.errors import InvalidInputError
from engine.reports.countable import countable
from engine.reports.localities import Localities
from engine.reports.on_time_values import Period
from engine.reports.render.cells import Cell, csv_text
from engine.reports.render.new_files import replacing
from engine.store.agencies import Agency
from engine.store.facts import DossierFact
from engine.store.procedures import Procedure
from engine.store.unit_of_work import UnitOfWork

HEADER = (
    "month", "agency", "agency_name", "procedure", "procedure_name", "channel", "received", "finished", "on_time",
    "late", "suppressed",
)  # fmt: skip
AT_ONCE = 500  # rows fetched together
TOTAL = "*"  #: as procedure and channel of the row that adds up an agency's month
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_WEB_ADDRESS = re.compile(r"https?://[^\s<>\"]+")
_DECIDED = (Outcome.EARLY.value, Outcome.ON_TIME.value, Outcome.LATE.value)


class InvalidLicenceError(InvalidInputError):
    """The licence of open data is named by its address on the web."""

    code = "invalid-licence"


class NothingPastError(InvalidInputError):
    """No whole month of the period is past yet: open data has no months that still change by the day."""

    code = "no-month-past"


@dataclass(frozen=True, slots=True)
class Written:
    """What was written: the two files, how many rows, and in how many of them something is hidden."""

    data: Path
    description: Path
    rows: int
    suppressed: int


class _Line(NamedTuple):
    """What is counted for an agency, a month, a procedure and a channel."""

    month: str
    procedure: str
    channel: str
    counts: Counts


def save(
    ctx: Context,
    *,
    by: Actor,
    to: Path,
    period: Period,
    licence: str = LICENCE,
    only: Collection[AgencyId] | None = None,
) -> Written:
    """Write ``FILE.csv`` and its description ``FILE.jsonld`` (DCAT-AP), each whole or not at all.

    Args:
        to: the CSV file.
        period: whose whole and past months are published.
        licence: address of the licence.
        only: the resolving agencies that are published; None: all that the actor may count.

    Raises:
        InvalidLicenceError, NothingPastError, NotAllowedError.
    """
    if not _WEB_ADDRESS.fullmatch(licence):
        raise InvalidLicenceError(f"{licence[:80]!r} is no address of a licence: give one that begins with https://")
    with ctx.unit_of_work(read_only=True) as uow:
        localities = Localities.read(uow)
        published = _past(period, localities, ctx)
        agencies = countable(uow, by)
        agencies = agencies if only is None else agencies.intersection(only)
        with replacing(to) as file:
            rows, hidden = _write(file, _rows(uow, localities, agencies, published, ctx.settings.secret_key.encode()))
        publisher = localities.agencies[min(localities.agencies)]
    description = to.with_suffix(".jsonld")
    with replacing(description) as file:
        told = _description(to, publisher, published, licence, ctx)
        file.write(json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n")
    return Written(to, description, rows, hidden)


def _past(period: Period, localities: Localities, ctx: Context) -> Period:
    """Return the whole months of the period that are past for everybody."""
    now = ctx.clock.now()
    today = min(localities.calendar(each).local_date(now) for each in localities.agencies)
    published = past_months(period, today)
    if published is None:
        raise NothingPastError(f"no whole month between {period.from_on} and {period.to_on} is past yet")
    return published


def past_months(period: Period, today: date) -> Period | None:
    """Return the whole months of a period that were past on a day; None without any."""
    first = period.from_on if period.from_on.day == 1 else _next_month(period.from_on)
    end = min(
        _next_month(period.to_on) if _is_last(period.to_on) else period.to_on.replace(day=1), today.replace(day=1)
    )
    return Period(first, end - timedelta(days=1)) if first < end else None


def _next_month(on: date) -> date:
    return (on.replace(day=1) + timedelta(days=32)).replace(day=1)


def _is_last(on: date) -> bool:
    return (on + timedelta(days=1)).day == 1


def _rows(
    uow: UnitOfWork, localities: Localities, agencies: Iterable[AgencyId], period: Period, secret: bytes
) -> Iterator[list[Cell]]:
    """Yield the rows agency by agency, month by month, the total of each month last."""
    names: dict[str, str] = {}
    for agency in sorted((localities.agencies[each] for each in agencies), key=lambda each: each.code):
        for month, lines in groupby(_lines(uow, agency.id, period), key=lambda line: line.month):
            group = sorted(lines, key=lambda line: line[:3])  # by the same letters in any database
            _learn_names(uow, names, group)
            shown, total = publishable([line.counts for line in group], order=_order(secret, agency, group))
            for line, row in zip(group, shown, strict=True):
                head = [month, agency.code, agency.name, line.procedure, names.get(line.procedure), line.channel]
                yield [*head, *_cells(row)]
            yield [month, agency.code, agency.name, TOTAL, None, TOTAL, *_cells(total)]


def _order(secret: bytes, agency: Agency, lines: Sequence[_Line]) -> list[int]:
    """Return in which order rows are hidden with others: always the same, and nobody's to know without the key."""

    def drawn(no: int) -> bytes:
        named = "\0".join(("open data", agency.code, *lines[no][:3]))
        return hmac.digest(secret, named.encode(), "sha256")

    return sorted(range(len(lines)), key=drawn)


def _cells(shown: Shown) -> list[Cell]:
    return [shown.received, shown.finished, shown.on_time, shown.late, shown.hides]


def _lines(uow: UnitOfWork, agency: AgencyId, period: Period) -> Iterator[_Line]:
    """Yield what an agency received and finished, by month; two ranges of its indexes, added up by the database."""
    received = _part(agency, DossierFact.received_on, period, literal(1), literal(0), literal(0))
    is_late = case((DossierFact.outcome == Outcome.LATE.value, 1), else_=0)
    finished = _part(agency, DossierFact.closed_on, period, literal(0), 1 - is_late, is_late)
    both = union_all(received, finished.where(DossierFact.outcome.in_(_DECIDED))).subquery()
    keys = (both.c.month, both.c.procedure, both.c.channel)
    sums = (cast(func.sum(each), Integer) for each in (both.c.received, both.c.on_time, both.c.late))
    for month, procedure, channel, *counts in uow.session.execute(
        select(*keys, *sums).group_by(*keys).order_by(both.c.month).execution_options(yield_per=AT_ONCE)
    ):
        yield _Line(month, procedure, channel, Counts(*counts))


def _part(agency: AgencyId, on: Any, period: Period, *counts: ColumnElement[int]) -> Any:
    columns = [count.label(name) for count, name in zip(counts, ("received", "on_time", "late"), strict=True)]
    month = func.substr(cast(on, String), 1, 7).label("month")
    keys = (month, DossierFact.procedure_code.label("procedure"), cast(DossierFact.channel, String).label("channel"))
    return select(*keys, *columns).where(
        DossierFact.resolving_agency_id == agency, on.between(period.from_on, period.to_on)
    )


def _learn_names(uow: UnitOfWork, names: dict[str, str], lines: Sequence[_Line]) -> None:
    """Look up what procedures are called; of several agencies' procedures with one code, the first that was kept."""
    unknown = {line.procedure for line in lines} - names.keys()
    if unknown:
        query = select(Procedure.code, Procedure.name).where(Procedure.code.in_(unknown)).order_by(Procedure.id.desc())
        names |= {code: name for code, name in uow.session.execute(query)}


def _write(to: IO[bytes], rows: Iterable[list[Cell]]) -> tuple[int, int]:
    """Write the rows; return how many, and how many hide something."""
    count = hidden = 0

    def counted() -> Iterator[list[Cell]]:
        nonlocal count, hidden
        for row in rows:
            count += 1
            hidden += bool(row[-1])
            yield row

    for part in csv_text(HEADER, counted()):
        to.write(part.encode())
    return count, hidden


def _description(data: Path, publisher: Agency, period: Period, licence: str, ctx: Context) -> dict[str, Any]:
    """Return the description of the file by DCAT-AP 3, as JSON-LD."""
    content = data.read_bytes()
    made = ctx.clock.now().isoformat(timespec="seconds")
    return {
        "@context": _CONTEXT,
        "@type": "dcat:Dataset",
        "dct:title": [
            {"@language": "vi", "@value": "Tình hình giải quyết thủ tục hành chính theo tháng"},
            {"@language": "en", "@value": "Administrative procedures by month: received, finished, on time, late"},
        ],
        "dct:description": [{"@language": "vi", "@value": _ABOUT_VI}, {"@language": "en", "@value": _ABOUT_EN}],
        "dct:publisher": {"@type": "foaf:Agent", "foaf:name": publisher.name, "dct:identifier": publisher.code},
        "dct:language": "http://publications.europa.eu/resource/authority/language/VIE",
        "dct:accrualPeriodicity": {"@id": "http://publications.europa.eu/resource/authority/frequency/MONTHLY"},
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": {"@type": "xsd:date", "@value": period.from_on.isoformat()},
            "dcat:endDate": {"@type": "xsd:date", "@value": period.to_on.isoformat()},
        },
        "dct:issued": {"@type": "xsd:dateTime", "@value": made},
        "dct:license": {"@id": licence},
        "dct:accessRights": {"@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"},
        "dcat:keyword": ["thủ tục hành chính", "một cửa", "public administration"],
        "dcat:distribution": {
            "@type": "dcat:Distribution",
            "dct:title": data.name,
            "dcat:downloadURL": {"@id": data.name},
            "dcat:mediaType": {"@id": "https://www.iana.org/assignments/media-types/text/csv"},
            "dct:license": {"@id": licence},
            "dcat:byteSize": {"@type": "xsd:nonNegativeInteger", "@value": str(len(content))},
            "spdx:checksum": {
                "@type": "spdx:Checksum",
                "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
                "spdx:checksumValue": hashlib.sha256(content).hexdigest(),
            },
        },
    }


_CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "spdx": "http://spdx.org/rdf/terms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
_ABOUT_VI = (
    "Số hồ sơ tiếp nhận và đã giải quyết theo tháng, cơ quan giải quyết, thủ tục và kênh nộp. "
    "finished = on_time + late, không kể hồ sơ rút và dừng. Dòng có thủ tục * là tổng của cơ quan trong tháng. "
    "Số từ 1 đến 4, và số nào cho phép suy ra chúng, được để trống; cột suppressed là 1 ở dòng có số bị ẩn. "
    "Không có dữ liệu cá nhân."
)
_ABOUT_EN = (
    "Dossiers received and finished by month, resolving agency, procedure and channel. "
    "finished = on_time + late, without withdrawn and stopped ones. The row with procedure * is the agency's total of "
    "the month. Counts from 1 to 4, and those that would tell them, are empty; suppressed is 1 in a row that hides "
    "something. No personal data."
)
