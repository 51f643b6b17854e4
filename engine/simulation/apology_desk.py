"""The people who write, approve and send apologies in a simulation (domain.md §1.9).

They send only what is certain: a letter that went out for a dossier which then ends in time would be a false one.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from engine.context import Context
from engine.domain.calendar import WorkingCalendar
from engine.domain.dossier import Cause, LetterState
from engine.domain.ids import DossierId
from engine.services import apologies
from engine.simulation.crew import Crew
from engine.simulation.life import Life
from engine.simulation.working_time import later
from engine.store.letters import Letter

EAGER = 0.4  #: share of drafts that are written before the lateness is certain
FORWARD = 0.3  #: share of those that are approved, too
CAUSES = (
    (Cause.STAFF, "Cán bộ thụ lý được điều động đột xuất"),
    (Cause.COOPERATION, "Cơ quan phối hợp chậm trả lời ý kiến"),
    (Cause.DOSSIER, "Hồ sơ phức tạp, phải xác minh thực địa"),
    (Cause.RULE, "Quy định mới đang chờ hướng dẫn"),
    (Cause.OTHER, "Hệ thống kỹ thuật bị gián đoạn"),
)
Remind = Callable[[datetime, Life], None]  #: have ``attend`` called for this life at that instant


class ApologyDesk:
    """Looks after the letters of the simulated dossiers."""

    def __init__(self, ctx: Context, crew: Crew, calendars: dict[int, WorkingCalendar], remind: Remind) -> None:
        self._ctx = ctx
        self._crew = crew
        self._calendars = calendars
        self._remind = remind
        self._waiting: set[int] = set()  # numbers of the lives whose letter waits for certainty
        self._known: set[int] = set()

    def look(self, life: Life) -> None:
        """Look whether the clock process has ordered a letter for a dossier that it acted on."""
        if life.plan.no not in self._known and self._letter(life) is not None:
            self._known.add(life.plan.no)
            self._remind(self._soon(life), life)
        self.hear(life)

    def hear(self, life: Life) -> None:
        """Hear that a dossier has moved: a letter that waited for certainty may go on."""
        if life.plan.no in self._waiting and life.is_certain_to_be_late():
            self._waiting.discard(life.plan.no)
            self._remind(self._soon(life), life)

    def attend(self, life: Life) -> None:
        """Do the next thing to a letter; afterwards it waits for its turn, or for certainty."""
        letter = self._letter(life)
        if letter is None or letter.state in (LetterState.SENT, LetterState.WITHDRAWN):
            return
        if not self._may_go_on(life, letter):
            self._waiting.add(life.plan.no)
            return
        self._do(life, letter)
        self._remind(self._soon(life), life)

    def finish(self, life: Life) -> None:
        """Bring out the letter of a dossier that ended late, now."""
        while (letter := self._letter(life)) is not None and letter.state in (LetterState.DRAFT, LetterState.APPROVED):
            self._do(life, letter)

    def _may_go_on(self, life: Life, letter: Letter) -> bool:
        if letter.state is life.plan.letter_stays:
            return False
        if letter.state is LetterState.APPROVED:  # its content is fixed: a date that has passed must not go out
            return life.is_certain_to_be_late() and not self._is_overtaken(life, letter)
        return life.is_certain_to_be_late() or self._is_eager(life, letter)

    def _is_overtaken(self, life: Life, letter: Letter) -> bool:
        return not life.is_decided and (letter.new_due_at is None or letter.new_due_at <= life.now)

    def _do(self, life: Life, letter: Letter) -> None:
        place, letter_id = life.plan.offer.resolving, str(letter.id)
        if letter.reason is None or self._is_overtaken(life, letter) or _is_stale(life, letter):
            by = self._crew.drafter(place, life.rng)
            answer = apologies.write(self._ctx, by=by, letter_id=letter_id, draft=self._draft(life))
        elif letter.state is LetterState.APPROVED:
            answer = apologies.dispatch(self._ctx, by=self._crew.approver(place, life.rng), letter_id=letter_id)
        else:
            answer = apologies.approve(self._ctx, by=self._crew.approver(place, life.rng), letter_id=letter_id)
            life.has_letter_out = True
        life.answer = answer["dossier"]

    def _draft(self, life: Life) -> apologies.Draft:
        calendar = self._calendars[life.plan.offer.resolving.id]
        cause, reason = life.rng.choice(CAUSES)
        margin = life.rng.uniform(1.5, 4)
        if life.is_decided:
            return apologies.Draft(cause=cause, reason=reason, new_due_at=None)
        planned_at = max(life.now, _promised_at(life), life.goal_at())
        return apologies.Draft(cause=cause, reason=reason, new_due_at=later(calendar, planned_at, margin))

    def _is_eager(self, life: Life, letter: Letter) -> bool:
        share = EAGER if letter.reason is None else FORWARD
        return not life.answer["paused"] and life.rng.random() < share

    def _letter(self, life: Life) -> Letter | None:
        if life.id is None:
            return None
        with self._ctx.unit_of_work(read_only=True) as uow:
            letters = uow.letters.of_dossier(DossierId(UUID(life.id)))
        return letters[-1] if letters else None

    def _soon(self, life: Life) -> datetime:
        calendar = self._calendars[life.plan.offer.resolving.id]
        return later(calendar, life.now, life.rng.uniform(0.03, 0.35))


def _is_stale(life: Life, letter: Letter) -> bool:
    """Whether a pause or restart has moved the promise since the letter was written."""
    return letter.old_due_at != _promised_at(life)


def _promised_at(life: Life) -> datetime:
    return datetime.fromisoformat(life.answer["due_at"])
