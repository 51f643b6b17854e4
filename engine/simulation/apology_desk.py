"""The people who write, approve and send apologies in a simulation (domain.md §1.9).

They send only what is certain: a letter that went out for a dossier which then ends in time would be a false one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from engine.context import Context
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Cause, DeadlineKind, LetterState
from engine.domain.ids import DossierId
from engine.domain.signing import ELECTRONIC
from engine.services import apologies, letter_dispatch, letter_values
from engine.simulation.crew import Crew
from engine.simulation.life import Life
from engine.simulation.working_time import later
from engine.store.letters import Letter
from engine.store.unit_of_work import UnitOfWork

EAGER = 0.4  #: share of drafts that are written before the lateness is certain
FORWARD = 0.3  #: share of those that are approved, too
UNSENT = (LetterState.DRAFT, LetterState.APPROVED)
CAUSES = (
    (Cause.STAFF, "Cán bộ thụ lý được điều động đột xuất"),
    (Cause.COOPERATION, "Cơ quan phối hợp chậm trả lời ý kiến"),
    (Cause.DOSSIER, "Hồ sơ phức tạp, phải xác minh thực địa"),
    (Cause.RULE, "Quy định mới đang chờ hướng dẫn"),
    (Cause.OTHER, "Hệ thống kỹ thuật bị gián đoạn"),
)
Remind = Callable[[datetime, Life], None]  #: have ``attend`` called for this life at that instant


@dataclass(frozen=True, slots=True)
class _Work:
    """A letter that is not out yet, and what decides how to go on with it."""

    letter: Letter
    promised_at: datetime  #: by its promise, as it stands now
    asks_for_time: bool  #: else it only apologises for what was late
    is_extended: bool  #: by another letter of the dossier, so that this one can name no date

    @property
    def id(self) -> str:
        """The letter's id, as services take it."""
        return str(self.letter.id)


class ApologyDesk:
    """Looks after the letters of the simulated dossiers, of each dossier one after the other."""

    def __init__(self, ctx: Context, crew: Crew, calendars: dict[int, WorkingCalendar], remind: Remind) -> None:
        self._ctx = ctx
        self._crew = crew
        self._calendars = calendars
        self._remind = remind
        self._waiting: set[int] = set()  # numbers of the lives whose letter waits for certainty
        self._known: set[str] = set()  # letters

    def look(self, life: Life) -> None:
        """Look whether the clock process has ordered a letter for a dossier that it acted on."""
        work = self._work(life)
        if work is not None and work.id not in self._known:
            self._known.add(work.id)
            self._remind(self._soon(life), life)
        self.hear(life)

    def hear(self, life: Life) -> None:
        """Hear that a dossier has moved: a letter that waited for certainty may go on."""
        if life.plan.no not in self._waiting:
            return
        work = self._work(life)
        if work is not None and _is_certain(life, work):
            self._waiting.discard(life.plan.no)
            self._remind(self._soon(life), life)

    def attend(self, life: Life) -> None:
        """Do the next thing to a letter; afterwards it waits for its turn, or for certainty."""
        work = self._work(life)
        if work is None:
            return
        if not self._may_go_on(life, work):
            self._waiting.add(life.plan.no)
            return
        self._do(life, work)
        self._remind(self._soon(life), life)

    def finish(self, life: Life) -> None:
        """Bring out the letters of a dossier that ended late, now."""
        while (work := self._work(life)) is not None:
            self._do(life, work)

    def _may_go_on(self, life: Life, work: _Work) -> bool:
        letter = work.letter
        if letter.state is life.plan.letter_stays or (work.asks_for_time and work.is_extended):
            return False
        if letter.state is LetterState.APPROVED:  # its content is fixed: a date that has passed must not go out
            return _is_certain(life, work) and not _is_overtaken(life, work)
        return _is_certain(life, work) or self._is_eager(life, letter)

    def _do(self, life: Life, work: _Work) -> None:
        place, letter = life.plan.offer.resolving, work.letter
        if letter.reason is None or _is_overtaken(life, work) or letter.old_due_at != work.promised_at:
            by = self._crew.drafter(place, life.rng)
            answer = apologies.write(self._ctx, by=by, letter_id=work.id, draft=self._draft(life, work))
        elif letter.state is LetterState.APPROVED:
            answer = letter_dispatch.dispatch(self._ctx, by=self._crew.approver(place, life.rng), letter_id=work.id)
        else:
            answer = apologies.approve(self._ctx, by=self._crew.approver(place, life.rng), letter_id=work.id)
            life.has_letter_out = life.has_letter_out or work.asks_for_time
        life.answer = answer["dossier"]

    def _draft(self, life: Life, work: _Work) -> apologies.Draft:
        calendar = self._calendars[life.plan.offer.resolving.id]
        cause, reason = life.rng.choice(CAUSES)
        margin = life.rng.uniform(1.5, 4)
        if not work.asks_for_time:
            return apologies.Draft(cause=cause, reason=reason, new_due_at=None)
        planned_at = max(life.now, work.promised_at, life.goal_at())
        return apologies.Draft(cause=cause, reason=reason, new_due_at=later(calendar, planned_at, margin))

    def _is_eager(self, life: Life, letter: Letter) -> bool:
        share = EAGER if letter.reason is None else FORWARD
        return not life.answer["paused"] and life.rng.random() < share

    def _work(self, life: Life) -> _Work | None:
        """Return the first letter of the dossier that is not out and was not taken back."""
        if life.id is None:
            return None
        dossier_id = DossierId(UUID(life.id))
        with self._ctx.unit_of_work(read_only=True) as uow:
            letters = [each for each in uow.letters.of_dossier(dossier_id) if _is_ours(uow, each)]
            if not letters:
                return None
            promises = {
                row.promise_no: row.due_at
                for row in uow.deadlines.all_of(dossier_id)
                if row.kind is DeadlineKind.PROMISE
            }
            return _Work(
                letter=letters[0],
                promised_at=promises[letters[0].promise_no],
                asks_for_time=letter_values.asks_for_time(uow, letters[0]),
                is_extended=uow.dossiers.get(dossier_id).extension_count > 0,
            )

    def _soon(self, life: Life) -> datetime:
        calendar = self._calendars[life.plan.offer.resolving.id]
        return later(calendar, life.now, life.rng.uniform(0.03, 0.35))


def _is_ours(uow: UnitOfWork, letter: Letter) -> bool:
    """Whether the simulated people can go on with a letter: they have no keys, so they sign none electronically."""
    if letter.state is LetterState.APPROVED:
        return uow.agencies.get(letter.owner_agency_id).signs_letters != ELECTRONIC
    return letter.state in UNSENT


def _is_certain(life: Life, work: _Work) -> bool:
    """Whether the promise of the letter is broken for certain; one that was kept takes its letter back at once."""
    return not work.asks_for_time or life.is_certain_to_be_late()


def _is_overtaken(life: Life, work: _Work) -> bool:
    new_due_at = work.letter.new_due_at
    return work.asks_for_time and (new_due_at is None or new_due_at <= life.now)
