"""What a simulation left behind, counted from the rows and not from what was planned."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engine.context import Context
from engine.domain.dossier import ENDED, UNFINISHED, Decision, Status
from engine.domain.ids import DossierId
from engine.services.views import is_late
from engine.store.dossiers import Dossier
from engine.store.unit_of_work import UnitOfWork

MANY_UNITS = 3


@dataclass
class SimulationResult:
    """Numbers of one simulation; all counts are of dossiers unless they say otherwise."""

    filed: int = 0
    received: int = 0
    not_received: int = 0
    open: int = 0
    finished: int = 0
    returned: int = 0
    closed: int = 0
    late: int = 0
    late_open: int = 0
    refused: int = 0
    withdrawn: int = 0
    stopped: int = 0
    by_status: dict[str, int] = field(default_factory=dict)
    by_channel: dict[str, int] = field(default_factory=dict)
    letters: dict[str, int] = field(default_factory=dict)  #: letters by state
    pauses: dict[str, int] = field(default_factory=dict)  #: pauses by reason
    supplements: dict[str, int] = field(default_factory=dict)  #: requests: asked, completed, lapsed
    obligations: dict[str, int] = field(default_factory=dict)  #: notices: raised, settled
    handovers: int = 0  #: hand-over lines
    across_three_units: int = 0  #: dossiers that went through three units or more
    procedures: dict[str, dict[str, int]] = field(default_factory=dict)  #: by code: filed, closed
    procedures_without_closed: list[str] = field(default_factory=list)
    officers_added: int = 0
    left_to_others: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the document that ``motcua simulate --json`` prints."""
        return asdict(self)


def count(ctx: Context, dossiers: Sequence[DossierId]) -> SimulationResult:
    """Count what became of these dossiers, as of the context's clock."""
    result = SimulationResult()
    tallies: dict[str, Counter[str]] = {
        name: Counter() for name in ("by_status", "by_channel", "letters", "pauses", "supplements", "obligations")
    }
    procedures: dict[str, Counter[str]] = {}
    now = ctx.clock.now()
    with ctx.unit_of_work(read_only=True) as uow:
        for dossier_id in dossiers:
            dossier = uow.dossiers.get(dossier_id)
            _count_dossier(result, dossier, late=is_late(dossier, now))
            _count_parts(uow, result, tallies, dossier)
            code = uow.procedures.get(dossier.procedure_id).code
            procedures.setdefault(code, Counter(filed=0, closed=0)).update(filed=1, closed=int(_is_closed(dossier)))
    for name, tally in tallies.items():
        setattr(result, name, dict(sorted(tally.items())))
    result.procedures = {code: dict(procedures[code]) for code in sorted(procedures)}
    result.procedures_without_closed = [code for code, row in result.procedures.items() if not row["closed"]]
    return result


def _count_dossier(result: SimulationResult, dossier: Dossier, *, late: bool) -> None:
    status = Status(dossier.status)
    result.filed += 1
    result.received += dossier.received_at is not None
    result.not_received += status is Status.NOT_RECEIVED
    result.open += status in UNFINISHED
    result.finished += dossier.finished_at is not None
    result.returned += status is Status.RETURNED
    result.closed += _is_closed(dossier)
    result.late += late
    result.late_open += late and status in UNFINISHED
    result.refused += dossier.decision is Decision.REFUSED
    result.withdrawn += status is Status.WITHDRAWN
    result.stopped += status is Status.STOPPED


def _count_parts(
    uow: UnitOfWork, result: SimulationResult, tallies: dict[str, Counter[str]], dossier: Dossier
) -> None:  # fmt: skip
    tallies["by_status"][f"{dossier.status:02d}"] += 1
    tallies["by_channel"][dossier.channel.value] += 1
    tallies["letters"].update(letter.state.value for letter in uow.letters.of_dossier(dossier.id))
    tallies["pauses"].update(pause.reason.value for pause in uow.deadlines.pauses(dossier.id))
    for asked in uow.dossiers.supplements(dossier.id):
        tallies["supplements"].update(
            asked=1, completed=int(asked.completed_at is not None), lapsed=int(asked.lapsed_at is not None)
        )
    for owed in uow.dossiers.obligations(dossier.id):
        tallies["obligations"].update(raised=1, settled=int(owed.settled_at is not None))
    lines = uow.tasks.handovers(dossier.id)
    result.handovers += len(lines)
    result.across_three_units += (
        len({unit for line in lines for unit in (line.from_unit_id, line.to_unit_id)}) >= MANY_UNITS
    )


def _is_closed(dossier: Dossier) -> bool:
    return Status(dossier.status) in ENDED or dossier.finished_at is not None
