"""The life of one simulated dossier: who does what to it, and when, until it is closed or held."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.calendar import WorkingCalendar
from engine.domain.deadlines import due_instant
from engine.domain.dossier import Channel, Decision, ResultChannel, Status
from engine.domain.limits import Limit
from engine.domain.result_return import receivers_needed
from engine.services import acts, answers, endings, intake, processing, reading, waiting
from engine.services.intake import Filing, PaperLine, Person
from engine.services.receivers import SecondReceiver
from engine.simulation import stand_ins
from engine.simulation.chance import pick, stream
from engine.simulation.citizens import Citizens
from engine.simulation.crew import Crew, Member
from engine.simulation.plans import AT_THE_DESK, Fate, Plan
from engine.simulation.working_time import days_between, later

Wakes = Generator[datetime, None, None]  #: yields the instants at which the life goes on
Turn = Generator[datetime, None, bool]  #: the same; returns whether the dossier is out of the office's hands

PAPERS = ("Tờ khai theo mẫu", "Giấy tờ kèm theo")
MISSING = ("Bản sao có chứng thực", "Giấy ủy quyền", "Bản vẽ sơ đồ vị trí")
WORTH_A_CLAIM = 0.25  #: share of tasks that an officer claims before doing them
NEVER_COLLECTED = 0.04
HOW_RECEIVED = {ResultChannel.DESK: "signature", ResultChannel.POSTAL: "post", ResultChannel.ONLINE: "electronic"}
RESULT_CHANNELS = {
    Channel.DIRECT: ResultChannel.DESK,
    Channel.POSTAL: ResultChannel.POSTAL,
    Channel.ONLINE: ResultChannel.ONLINE,
}
IN_HAND = frozenset({Status.RECEIVED, Status.PROCESSING, Status.OBLIGATION})
ANSWERED = frozenset({Fate.SUPPLEMENT, Fate.DESK_SUPPLEMENT})


@dataclass(frozen=True, slots=True)
class Stage:
    """What lives have in common: the services on a turned clock, and who works there."""

    ctx: Context
    crew: Crew
    calendars: dict[int, WorkingCalendar]  #: of the resolving agencies, by id
    citizens: Citizens
    seed: int


class Life:
    """Drives one dossier through the services, as its plan says."""

    def __init__(self, stage: Stage, plan: Plan) -> None:
        self.plan = plan
        self.answer: dict[str, Any] = {}  #: what the latest service call said of the dossier
        self.next_at: datetime | None = plan.arrives_at  #: when it goes on; None when nobody acts any more
        self.has_letter_out = False  #: an apology was approved or sent: no supplement may be asked any more
        self.rng: Random = stream(stage.seed, "life", plan.no)
        self._stage = stage
        self._calendar = stage.calendars[plan.offer.resolving.id]
        self._applicant: Person = stage.citizens(plan.no, self.rng)
        self._officers: dict[str, Member] = {}  # by node: who claims a task does it
        self._goal: tuple[str, datetime] | None = None  # for which due date, and when processing shall end
        self._strikes_at = plan.strikes_at
        self._has_struck = plan.fate is Fate.USUAL or plan.fate in AT_THE_DESK

    @property
    def id(self) -> str | None:
        """The dossier's id, None before it is filed."""
        return self.answer.get("id")

    @property
    def now(self) -> datetime:
        """The instant on the simulated clock."""
        return self._stage.ctx.clock.now()

    def is_certain_to_be_late(self) -> bool:
        """Whether the promise is broken, or nobody acts on the dossier before it is."""
        late_after = _instant(self.answer.get("late_after"))
        if late_after is None:  # not received, or paused: nothing is certain
            return False
        ends_at = _instant(self.answer["finished_at"])
        if ends_at is not None:
            return ends_at > late_after
        return self.now > late_after or (self.next_at is not None and self.next_at > late_after)

    def goal_at(self) -> datetime:
        """Return when processing shall end as things stand."""
        due = self.answer["due_at"]
        if self._goal is None or self._goal[0] != due:
            self._goal = (due, self._new_goal(datetime.fromisoformat(due)))
        return self._goal[1]

    def wakes(self) -> Wakes:
        """Live: first wake is at ``plan.arrives_at``, each further one is yielded."""
        if self.plan.channel is Channel.ONLINE:
            yield from self._file_online()
        else:
            self.answer = intake.receive(self._stage.ctx, by=self._desk().actor, filing=self._filing())
        if self.answer["status"] in (Status.RECEIVED, Status.PROCESSING):
            yield from self._process()
        if self.answer["status"] == Status.FINISHED:
            yield from self._return()

    # --- reception -------------------------------------------------------------------------------------------------

    def receive_now(self) -> None:
        """Receive a filed dossier at once; the desk leaves nothing lying when a simulation ends."""
        assert self.id is not None  # noqa: S101 - only filed ones are asked for
        self.answer = intake.receive_submitted(self._stage.ctx, by=self._desk().actor, dossier=self.id)

    def _file_online(self) -> Wakes:
        self.answer = intake.submit(self._stage.ctx, by=self._desk().actor, filing=self._filing())
        if self.plan.hold is Status.SUBMITTED:
            return
        yield self._after(0.02, 0.4)
        if self.plan.fate is Fate.NOT_RECEIVED:
            self.answer = intake.refuse_to_receive(
                self._stage.ctx, by=self._desk().actor, dossier=self._id(), reason="Không thuộc thẩm quyền giải quyết"
            )
            return
        if self.plan.fate in (Fate.DESK_SUPPLEMENT, Fate.DESK_LAPSE):
            if (yield from self._supplement(self._desk())):
                return
            yield self._after(0.02, 0.2)
        self.receive_now()

    def _filing(self) -> Filing:
        plan = self.plan
        return Filing(
            procedure_code=plan.offer.code,
            applicant=self._applicant,
            channel=plan.channel,
            agency=plan.receiving.code,
            resolving_agency=plan.offer.resolving.code,
            papers=tuple(_paper(raw) for raw in plan.offer.policy["papers"] or PAPERS),
            result_channel=RESULT_CHANNELS[plan.channel],
            facts=stand_ins.said_of(list(plan.offer.form), self.rng),
        )

    # --- processing ------------------------------------------------------------------------------------------------

    def _process(self) -> Wakes:
        while self.answer["status"] in IN_HAND:
            task = self._open_task()
            if task is None:
                if not (yield from self._await()):
                    return
                continue
            if task["phase"] == "return" or self._is_held(task):
                return
            officer = self._officer(task)
            done_at = self._planned(task["node"], officer)
            if task["node"] == self._strikes_at and not self._has_struck:
                self._has_struck = True
                if (yield from self._strike(officer, done_at)):
                    return
                continue  # the fate took time: plan anew
            yield from self._claim(task, done_at, officer)
            yield done_at
            self._complete(task, officer)

    def _complete(self, task: dict[str, Any], officer: Member) -> None:
        """Do a task, unless its time has passed and the process gone on meanwhile."""
        self._look()
        if task["id"] in {each["id"] for each in self.answer["open_tasks"]}:
            outcome, fields = stand_ins.outcome_of(task, self.rng), stand_ins.said_of(task["inputs"], self.rng)
            self.answer = processing.complete(
                self._stage.ctx, by=officer.actor, task_id=task["id"], outcome=outcome, fields=fields
            )

    def _await(self) -> Turn:
        """Let others answer, or the time pass for which the process waits; return whether it waits for anything."""
        desk = self._desk().actor
        awaited = acts.offered(self._stage.ctx, by=desk, dossier=self._id())["answers"]
        waits = reading.detail(self._stage.ctx, by=SYSTEM, dossier=self._id())["waits"]
        if not awaited and not waits:
            return False
        yield self._after(0.5, 3)
        self._look()
        if self._open_task() is None and awaited and self.answer["status"] in IN_HAND:
            message = self.rng.choice(awaited)
            self.answer = answers.record(self._stage.ctx, by=desk, dossier=self._id(), message=message)
        return True

    def _look(self) -> None:
        """Learn what the clock process has changed; it moves no process that waits for no time."""
        if self.plan.offer.is_wide:
            self.answer = reading.detail(self._stage.ctx, by=SYSTEM, dossier=self._id())

    def _claim(self, task: dict[str, Any], done_at: datetime, officer: Member) -> Wakes:
        if task["assignee"] is None and self.rng.random() < WORTH_A_CLAIM:
            yield self._between(self.now, done_at, self.rng.uniform(0.0, 0.5))
            self.answer = processing.claim(self._stage.ctx, by=officer.actor, task_id=task["id"])

    def _is_held(self, task: dict[str, Any]) -> bool:
        if self.plan.hold is Status.RECEIVED:
            return True
        return self.plan.hold is Status.PROCESSING and task["node"] == self._strikes_at

    def _planned(self, node: str, officer: Member) -> datetime:
        step = self.plan.offer.facts.steps[node]
        if self.answer["paused"]:  # the clock stands until the citizen has paid the tax
            return self._after(2, 12) if step.resumes_clock else self._after(0.05, 0.3)
        left = max(0.02, days_between(self._calendar, self.now, self.goal_at()))
        return later(self._calendar, self.now, left * self.plan.offer.share_left(node, officer.slowness))

    def _new_goal(self, due_at: datetime) -> datetime:
        limit = days_between(self._calendar, self.now, due_at)
        if self.plan.late:
            over = 1.05 + self.rng.random() * min(10.0, 1 + max(limit, 0.0) * 0.5)
            return later(self._calendar, max(due_at, self.now), over)
        return later(self._calendar, self.now, max(0.02, limit * self.plan.pace))

    # --- what happens besides --------------------------------------------------------------------------------------

    def _strike(self, officer: Member, done_at: datetime) -> Turn:
        yield self._between(self.now, done_at, self.rng.uniform(0.2, 0.9))
        acts: dict[Fate, Callable[[Member], Turn]] = {
            Fate.SUPPLEMENT: self._supplement,
            Fate.LAPSE: self._supplement,
            Fate.OBLIGATION: self._obligation,
            Fate.REFUSED: self._refuse,
            Fate.WITHDRAWN: self._withdraw,
            Fate.STOPPED: self._stop,
        }
        return (yield from acts[self.plan.fate](officer))

    def _supplement(self, officer: Member) -> Turn:
        if self.has_letter_out or not self.plan.offer.asks_supplements:
            return False
        items = self.rng.sample(MISSING, self.rng.randrange(1, 3))
        self.answer = waiting.request_supplement(
            self._stage.ctx, by=officer.actor, dossier=self._id(), items=items, reason="Hồ sơ còn thiếu giấy tờ"
        )
        if self.plan.fate not in ANSWERED or self.plan.hold is Status.SUPPLEMENT:
            return True  # nobody answers: the clock process closes the dossier
        limit = Limit.parse(self.plan.offer.policy["supplement"]["answer_limit"])
        answer_due_at = due_instant(self._calendar, received_at=self.now, limit=limit)
        yield self._between(self.now, answer_due_at, self.rng.uniform(0.1, 0.8))
        papers = [PaperLine(name=name) for name in items]
        self.answer = waiting.complete_supplement(
            self._stage.ctx, by=self._desk().actor, dossier=self._id(), papers=papers
        )
        return False

    def _obligation(self, officer: Member) -> Turn:
        if self.has_letter_out:
            return False
        self.answer = waiting.raise_obligation(
            self._stage.ctx,
            by=officer.actor,
            dossier=self._id(),
            amount_vnd=self.rng.randrange(5, 200) * 10_000,
            notice=f"Thông báo nộp phí số {self.plan.no + 1}",
        )
        if self.plan.hold is Status.OBLIGATION:
            return True
        yield self._after(0.3, 8)
        how = pick(self.rng, waiting.SETTLED_HOW, (0.85, 0.1, 0.05))
        paid_by = waiting.PAID_BY[self.plan.no % len(waiting.PAID_BY)] if how == "paid" else None
        self.answer = waiting.settle_obligation(
            self._stage.ctx, by=officer.actor, dossier=self._id(), how=how, paid_by=paid_by
        )
        return False

    def _refuse(self, _officer: Member) -> Turn:
        approver = self._stage.crew.approver(self.plan.offer.resolving, self.rng)
        reason = "Không đủ điều kiện theo quy định"
        self.answer = endings.refuse(self._stage.ctx, by=approver, dossier=self._id(), reason=reason)
        yield from ()
        return True

    def _withdraw(self, _officer: Member) -> Turn:
        self.answer = endings.withdraw(self._stage.ctx, by=self._desk().actor, dossier=self._id())
        yield from ()
        return True

    def _stop(self, _officer: Member) -> Turn:
        approver = self._stage.crew.approver(self.plan.offer.resolving, self.rng)
        ground = "Đang có tranh chấp về đối tượng của thủ tục"
        self.answer = endings.stop(self._stage.ctx, by=approver, dossier=self._id(), ground=ground)
        yield from ()
        return True

    # --- the result ------------------------------------------------------------------------------------------------

    def _return(self) -> Wakes:
        while (task := self._open_task()) is not None and not self._is_hand_over(task):
            yield self._after(0.03, 0.4)
            self._complete(task, self._officer(task))
        if task is None or self.plan.hold is Status.FINISHED or self.rng.random() < NEVER_COLLECTED:
            return
        yield self._after(0.03, 0.8) if self.rng.random() < 0.75 else self._after(1, 5)
        both = self._must_both_come()  # in person, whatever was wished
        receiver = endings.Receiver(
            name=self._applicant.name,
            identity_number=self._applicant.identity_number,
            how="signature" if both else HOW_RECEIVED[RESULT_CHANNELS[self.plan.channel]],
            second=SecondReceiver(name="Người cùng nhận (mẫu)") if both else None,
        )
        self.answer = endings.hand_over_result(
            self._stage.ctx, by=self._desk().actor, dossier=self._id(), receiver=receiver
        )

    def _must_both_come(self) -> bool:
        offer = self.plan.offer
        return receivers_needed(offer.policy, code=offer.code, decision=Decision.GRANTED) > 1

    def _is_hand_over(self, task: dict[str, Any]) -> bool:
        step = self.plan.offer.facts.steps[task["node"]]
        return step.last or step.order == 0

    # --- shared ----------------------------------------------------------------------------------------------------

    def _id(self) -> str:
        assert self.id is not None  # noqa: S101 - everything after filing has one
        return self.id

    def _desk(self) -> Member:
        return self._stage.crew.at_desk(self.plan.offer, self.plan.receiving, self.rng)

    def _officer(self, task: dict[str, Any]) -> Member:
        node = task["node"]
        step = self.plan.offer.facts.steps[node]
        if stand_ins.is_wide(step):
            return stand_ins.worker(self._stage.ctx, self._stage.crew, task["id"], step)
        if node not in self._officers:
            self._officers[node] = self._stage.crew.for_step(self.plan.offer, self.plan.receiving, node, self.rng)
        return self._officers[node]

    def _open_task(self) -> dict[str, Any] | None:
        tasks: list[dict[str, Any]] = self.answer["open_tasks"]
        return min(tasks, key=lambda task: str(task["node"]), default=None)

    def _after(self, least: float, most: float) -> datetime:
        return later(self._calendar, self.now, self.rng.uniform(least, most))

    def _between(self, from_at: datetime, to_at: datetime, part: float) -> datetime:
        return later(self._calendar, from_at, max(0.0, days_between(self._calendar, from_at, to_at)) * part)


def _instant(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text).astimezone(UTC)


def _paper(raw: str | dict[str, Any]) -> PaperLine:
    """Return a paper of the check-list as it is handed in."""
    return PaperLine(name=raw) if isinstance(raw, str) else PaperLine(**raw)
