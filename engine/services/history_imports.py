"""Taking over the dossiers of another system, by a mapping file: looked at first, then written in batches.

A run may be broken off and done again: what came over is known by its name in the other system. Dossiers that come
over have no process, no tasks and no clock; they count in statistics, and say where they are from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.history_mapping import HistoryMapping, OldProcedure, read_mapping
from engine.domain.history_records import OldDossier, Refusal
from engine.errors import InvalidInputError
from engine.services import history_checks, history_procedures, history_writing, publishing
from engine.services.case import iso
from engine.services.history_checks import Becomes, Judge, Judged, Read
from engine.services.history_rows import HistoryFile
from engine.store.agencies import Agency
from engine.store.history_imports import HistoryImport
from engine.store.unit_of_work import ChangedMeanwhileError, UnitOfWork

MOST_REFUSALS = 1_000  #: that are told one by one; all are counted
SAMPLE = 10
RUNS = 20  #: that the list shows
_TRIES = 3  #: of a batch that somebody else imports at the same time

Progress = Callable[[int], None]  #: told how many dossiers are done


class HistoryTooLongError(InvalidInputError):
    """The file has more dossiers than can be imported while somebody waits."""

    code = "history-too-long"


@dataclass(slots=True)
class Counts:
    """What a run did, or would do."""

    rows: int = 0
    dossiers: int = 0
    new: int = 0
    continued: int = 0
    known: int = 0
    refused: int = 0  #: dossiers
    open: int = 0  #: of new, continued and known: those that have not ended
    steps: int = 0  #: of the same

    def see(self, judged: Judged) -> None:
        """Count a dossier."""
        name = judged.becomes.value
        setattr(self, name, getattr(self, name) + 1)
        self.open += judged.old.finished_at is None and judged.old.ended_at is None
        self.steps += len(judged.old.steps)

    def as_json(self) -> dict[str, int]:
        """Return the numbers by name."""
        names = ("rows", "dossiers", "new", "continued", "known", "refused", "open", "steps")
        return {name: getattr(self, name) for name in names}


@dataclass(slots=True)
class HistoryReport:
    """What a history import found, and what it has done unless it was only a look."""

    source: str
    agency: str
    counts: Counts = field(default_factory=Counts)
    refusals: list[Refusal] = field(default_factory=list)  #: the first of them
    refused_rows: int = 0
    procedures: dict[str, dict[str, Any]] = field(default_factory=dict)  #: by agency and code: name, is it new
    sample: list[dict[str, Any]] = field(default_factory=list)
    run: int | None = None  #: number of the import; None: nothing was written

    def refuse(self, refusals: tuple[Refusal, ...] | list[Refusal]) -> None:
        """Note refusals of one dossier."""
        self.counts.refused += 1
        self.refused_rows += len(refusals)
        self.refusals += refusals[: max(0, MOST_REFUSALS - len(self.refusals))]

    def as_json(self) -> dict[str, Any]:
        """Return the document that the command prints and the page shows."""
        return {
            "source": self.source,
            "agency": self.agency,
            "import": self.run,
            "counts": self.counts.as_json(),
            "procedures": list(self.procedures.values()),
            "refused_rows": self.refused_rows,
            "refused": [refusal.as_json() for refusal in self.refusals],
            "sample": self.sample,
        }


def preview(
    ctx: Context, *, by: Actor, file: HistoryFile, mapping: str, agency: str | None = None, most: int | None = None
) -> HistoryReport:
    """Read the whole file and say what an import would do; nothing is written.

    Args:
        mapping: text of the mapping file.
        agency: code of the agency whose dossiers these are; None: the default agency.
        most: dossiers that the caller has the time for; None: as many as there are.

    Raises:
        HistoryTooLongError: the file has more of them.
        InvalidMappingError: the mapping cannot be used.
        UnreadableHistoryError: the file cannot be read to its end.
        AgencyNotFoundError, NotAllowedError.
    """
    read = read_mapping(mapping)
    with ctx.unit_of_work(read_only=True) as uow:
        owner = publishing.administered(uow, by, agency)
        report = HistoryReport(read.source, owner.code)
        judge = Judge(uow, by, read, owner)
        for batch in history_checks.batches(file, read, now=ctx.clock.now()):
            for judged in _judged(report, judge, batch):
                _look(uow, report, judged)
            if most is not None and report.counts.dossiers > most:
                raise HistoryTooLongError(
                    f"the file has more than {most} dossiers; import it with motcua history import", most=most
                )
    return report


def run(
    ctx: Context, *, by: Actor, file: HistoryFile, mapping: str, agency: str | None = None,
    most: int | None = None, progress: Progress | None = None,
) -> HistoryReport:  # fmt: skip
    """Import what can be taken, some hundred dossiers in a transaction; what is refused is told row by row.

    The whole file is looked at first, so that nothing is written from one that cannot be read to its end.

    Raises:
        As ``preview``; and ChangedMeanwhileError when others keep importing the same.
    """
    looked = preview(ctx, by=by, file=file, mapping=mapping, agency=agency, most=most)
    read, at = read_mapping(mapping), ctx.clock.now()
    digests = _sha256(file), hashlib.sha256(mapping.encode()).hexdigest()
    report = HistoryReport(looked.source, looked.agency, procedures=looked.procedures, sample=looked.sample)
    report.run = _begin(ctx, by, report, digests)
    for batch in history_checks.batches(file, read, now=at):
        report = _write(ctx, by, read, report, batch)
        if progress is not None:
            progress(report.counts.dossiers)
    return report


def listing(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the latest imports of the agencies that the actor administers, the newest first.

    Returns:
        ``id``, ``source``, ``agency``, ``at``, ``by``, ``counts``.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        agencies = {agency.id: agency for agency in uow.agencies.all() if _administers(by, agency)}
        runs = uow.history_imports.latest(agencies, limit=RUNS)
        names = uow.people.some({row.made_by for row in runs if row.made_by is not None})
        return [
            {
                "id": row.id,
                "source": row.source,
                "agency": agencies[row.owner_agency_id].code,
                "at": iso(row.made_at),
                "by": names[row.made_by].name if row.made_by in names else None,
                "counts": row.result,
            }
            for row in runs
        ]


def check_may_import(ctx: Context, *, by: Actor, agency: str | None) -> None:
    """Ask before a file is read: reading a large one is work that not everybody may give us.

    Raises:
        AgencyNotFoundError, NotAllowedError.
    """
    publishing.check_may_publish(ctx, by, agency)


def agencies_of(ctx: Context, *, by: Actor) -> list[dict[str, str]]:
    """Return code and name of the agencies into which the actor may import."""
    with ctx.unit_of_work(read_only=True) as uow:
        return [{"code": each.code, "name": each.name} for each in uow.agencies.all() if _administers(by, each)]


def _administers(by: Actor, agency: Agency) -> bool:
    return by == SYSTEM or by.holds(agency.id, (Role.ADMIN,))


def _judged(report: HistoryReport, judge: Judge, batch: list[Read]) -> list[Judged]:
    """Judge a batch, and count it."""
    olds: list[OldDossier] = []
    for read in batch:
        report.counts.rows += read.rows
        report.counts.dossiers += 1
        if read.old is None:
            report.refuse(read.refusals)
        else:
            olds.append(read.old)
    judged, refusals = judge.judge(olds)
    for refusal in refusals:
        report.refuse([refusal])
    for each in judged:
        report.counts.see(each)
    return judged


def _look(uow: UnitOfWork, report: HistoryReport, judged: Judged) -> None:
    old, owner = judged.old, judged.agency
    place = f"{owner.code}/{old.procedure.code}"
    if place not in report.procedures:
        known = history_procedures.found(uow, owner, old.procedure)
        report.procedures[place] = {
            "agency": owner.code, "code": old.procedure.code, "name": known.name if known else old.procedure.name,
            "new": known is None,
        }  # fmt: skip
    if judged.becomes is not Becomes.KNOWN and len(report.sample) < SAMPLE:
        report.sample.append(_shown(judged))


def _shown(judged: Judged) -> dict[str, Any]:
    old = judged.old
    return {
        "row": old.row, "key": old.key, "code": old.code, "becomes": judged.becomes.value,
        "agency": judged.agency.code, "procedure": old.procedure.code, "channel": old.channel.value,
        "status": old.status.value, "received_at": iso(old.received_at), "due_at": iso(old.due_at),
        "ended_at": iso(old.finished_at or old.ended_at), "steps": len(old.steps),
    }  # fmt: skip


def _begin(ctx: Context, by: Actor, report: HistoryReport, digests: tuple[str, str]) -> int:
    with ctx.unit_of_work() as uow:
        made = HistoryImport(
            owner_agency_id=uow.agencies.by_code(report.agency).id,
            source=report.source,
            file_sha256=digests[0],
            mapping_sha256=digests[1],
            result=report.counts.as_json(),
            made_by=by.id,
            made_at=ctx.clock.now(),
        )
        return uow.history_imports.begin(made).id


def _write(ctx: Context, by: Actor, mapping: HistoryMapping, report: HistoryReport, batch: list[Read]) -> HistoryReport:
    """Write a batch; when somebody else has imported some of it meanwhile, look at it again."""
    for tries_left in reversed(range(_TRIES)):
        tried = _copy(report)
        try:
            with ctx.unit_of_work() as uow:
                _write_batch(ctx, uow, by, mapping, tried, batch)
            return tried
        except ChangedMeanwhileError:
            if not tries_left:
                raise
    raise AssertionError("the last try raises")


def _write_batch(
    ctx: Context, uow: UnitOfWork, by: Actor, mapping: HistoryMapping, report: HistoryReport, batch: list[Read]
) -> None:
    owner = uow.agencies.by_code(report.agency)
    assert report.run is not None  # noqa: S101 - begun
    procedures: dict[tuple[int, OldProcedure], Any] = {}
    wanted = _judged(report, Judge(uow, by, mapping, owner), batch)
    writing = history_writing.Writing(ctx, uow, by=by, mapping=mapping, run=report.run)
    for judged in wanted:
        place = (judged.agency.id, judged.old.procedure)
        if judged.becomes is Becomes.NEW and place not in procedures:
            procedures[place] = history_procedures.ensure(
                ctx, uow, by=by, owner=judged.agency, old=judged.old.procedure
            )
        writing.write(judged, procedures.get(place))
    writing.finish()
    uow.history_imports.get(report.run).result = report.counts.as_json()


def _copy(report: HistoryReport) -> HistoryReport:
    counts = Counts(**report.counts.as_json())
    return HistoryReport(
        report.source, report.agency, counts, list(report.refusals), report.refused_rows, report.procedures,
        report.sample, report.run,
    )  # fmt: skip


def _sha256(file: HistoryFile) -> str:
    made = hashlib.sha256()
    with file.opened() as raw:
        while piece := raw.read(1024 * 1024):
            made.update(piece)
    return made.hexdigest()
