"""The life of a dossier against the table of transitions: any acts in any order, the illegal ones change nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import func, select

from engine.domain.dossier import ENDED, TRANSITIONS, Cause, Status
from engine.errors import ConflictError, EngineError, ForbiddenError, InvalidInputError
from engine.services import apologies, intake, letter_dispatch, processing, step_back, timekeeping, transfers, waiting
from engine.store.base import Base
from engine.store.dossiers import Dossier as DossierRow
from engine.store.events import Event
from engine.verification.rows import DOSSIER, EVENT, PARTS
from engine.verification.verify import verify
from tests.support import builders as b
from tests.support.contexts import make_context

S = Status
INTERRUPTIBLE = {S.RECEIVED, S.PROCESSING}
ENDABLE = {S.RECEIVED, S.PROCESSING, S.SUPPLEMENT, S.OBLIGATION}
MOST_REQUESTS = 2
PROCEDURES = {"TP99": {"clock": "pause", "max": MOST_REQUESTS}, "TP98": {"clock": "restart", "max": MOST_REQUESTS}}


def policy_of(procedure: str) -> dict[str, Any]:
    """Return the policy under which the machine's procedure is published."""
    return {"cutoff": "15:00", "supplement": PROCEDURES[procedure]}


class DossierMachine(RuleBasedStateMachine):
    """One dossier, people who try everything, and a clock process that runs or does not."""

    def __init__(self, template: Path) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine"))
        shutil.copytree(template, self.folder, dirs_exist_ok=True)
        self.ctx = make_context(self.folder, f"sqlite:///{self.folder / 'motcua.db'}")
        self.office = b.an_office(self.ctx, policy=policy_of("TP99"))
        self.dossier: b.Dossier = {}
        self.requests = 0

    def teardown(self) -> None:
        """Whatever happened, the rows are what the events add up to, and the path is one of the table."""
        try:
            timekeeping.pass_due(self.ctx)
            assert [each.as_json() for each in verify(self.ctx)] == []
            path = self.path()
            assert all(after in TRANSITIONS[before] for before, after in pairwise(path))
        finally:
            self.ctx.database.close()
            shutil.rmtree(self.folder)

    # --- beginnings ---------------------------------------------------------------------------------------------------

    @initialize(procedure=st.sampled_from(sorted(PROCEDURES)), online=st.booleans())
    def file(self, procedure: str, online: bool) -> None:
        begin = b.a_submitted_dossier if online else b.a_received_dossier
        person = b.WITH_EMAIL if online else b.NO_EMAIL
        self.dossier = begin(self.ctx, self.office, procedure_code=procedure, applicant=person)

    # --- acts ---------------------------------------------------------------------------------------------------------

    @rule()
    def receive(self) -> None:
        legal = self.status is S.SUBMITTED
        self.attempt(legal, lambda: intake.receive_submitted(self.ctx, by=self.office.desk, dossier=self.id))

    @rule()
    def decline(self) -> None:
        def act() -> Any:
            return intake.refuse_to_receive(self.ctx, by=self.office.desk, dossier=self.id, reason="Sai thẩm quyền")

        self.attempt(self.status is S.SUBMITTED, act)

    @rule()
    def claim(self) -> None:
        for task in self.open_tasks():
            self.attempt(True, lambda task=task: processing.claim(self.ctx, by=self.person(task), task_id=task["id"]))

    @rule()
    def complete(self) -> None:
        for task in self.open_tasks():
            legal = self.status in (S.RECEIVED, S.PROCESSING, S.FINISHED) and not self.is_last(task)
            self.attempt(
                legal, lambda task=task: processing.complete(self.ctx, by=self.person(task), task_id=task["id"])
            )

    @rule()
    def complete_again(self) -> None:
        with self.ctx.unit_of_work(read_only=True) as uow:
            closed = [task for task in uow.tasks.all_of(uow.dossiers.get(self.uuid).id) if task.closed_at is not None]
        for task in closed[:1]:
            self.attempt(
                False, lambda task=task: processing.complete(self.ctx, by=self.office.officer, task_id=str(task.id))
            )

    @rule()
    def take_back(self) -> None:
        with self.ctx.unit_of_work(read_only=True) as uow:
            done = [task for task in uow.tasks.all_of(uow.dossiers.get(self.uuid).id) if task.last_seq is not None]
        for task in sorted(done, key=lambda task: task.last_seq or 0)[-1:]:
            self.either(
                lambda task=task: step_back.take_back(self.ctx, by=self.office.supervisor, task_id=str(task.id))
            )

    @rule()
    def send_back(self) -> None:
        for task in self.open_tasks():
            self.either(
                lambda task=task: step_back.send_back(
                    self.ctx, by=self.person(task), task_id=task["id"], reason="Xem lại"
                )
            )

    @rule(unit=st.sampled_from(["PHONG_TU_PHAP", "LANH_DAO"]))
    def transfer(self, unit: str) -> None:
        tasks = [task for task in self.open_tasks() if task["phase"] == "processing"]
        legal = self.status in INTERRUPTIBLE and bool(tasks) and all(task["unit"] != unit for task in tasks)

        def act() -> Any:
            by = self.office.supervisor
            return transfers.transfer(self.ctx, by=by, dossier=self.id, unit=unit, note="Chuyển", agency="H00")

        self.attempt(legal, act)

    @rule()
    def ask_supplement(self) -> None:
        legal = self.status in INTERRUPTIBLE | {S.SUBMITTED} and self.requests < MOST_REQUESTS

        def act() -> Any:
            return waiting.request_supplement(
                self.ctx, by=self.office.supervisor, dossier=self.id, items=["Ảnh"], reason="Thiếu"
            )

        self.requests += self.attempt(legal, act)

    @rule()
    def bring_supplement(self) -> None:
        self.attempt(self.status is S.SUPPLEMENT, lambda: b.bring_supplement(self.ctx, self.office, {"id": self.id}))

    @rule()
    def raise_obligation(self) -> None:
        def act() -> Any:
            by = self.office.supervisor
            return waiting.raise_obligation(self.ctx, by=by, dossier=self.id, amount_vnd=10_000, notice="TB")

        self.attempt(self.status in INTERRUPTIBLE, act)

    @rule()
    def settle_obligation(self) -> None:
        self.attempt(
            self.status is S.OBLIGATION,
            lambda: waiting.settle_obligation(self.ctx, by=self.office.supervisor, dossier=self.id),
        )

    @rule()
    def withdraw(self) -> None:
        self.attempt(self.status in ENDABLE, lambda: b.withdraw(self.ctx, self.office, self.dossier))

    @rule()
    def stop(self) -> None:
        self.attempt(self.status in ENDABLE, lambda: b.stop(self.ctx, self.office, self.dossier))

    @rule()
    def refuse(self) -> None:
        self.attempt(self.status in INTERRUPTIBLE, lambda: b.refuse(self.ctx, self.office, self.dossier))

    @rule()
    def hand_over(self) -> None:
        legal = self.status is S.FINISHED and any(self.is_last(task) for task in self.open_tasks())
        self.attempt(legal, lambda: b.hand_over(self.ctx, self.office, self.dossier))

    @rule()
    def apologise(self) -> None:
        try:
            draft = apologies.Draft(
                cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=b.local("2026-12-01T09:00")
            )
            answer = apologies.extend(self.ctx, by=self.office.officer, dossier=self.id, draft=draft)
            letter = answer["letter"]["id"]
            apologies.approve(self.ctx, by=self.office.approver, letter_id=letter)
            letter_dispatch.dispatch(self.ctx, by=self.office.approver, letter_id=letter)
        except EngineError as error:
            assert isinstance(error, ConflictError | InvalidInputError)  # noqa: PT017 - either outcome is right here

    # --- time ---------------------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 20, 50, 200, 600]), dead=st.booleans())
    def time_passes(self, hours: int, dead: bool) -> None:
        """Let time pass; with a dead clock process nothing is ordered, lapsed or marked meanwhile."""
        self.ctx.clock.advance(timedelta(hours=hours))  # type: ignore[attr-defined]
        while not dead and timekeeping.pass_due(self.ctx):
            pass

    @invariant()
    def the_row_agrees_with_the_last_status(self) -> None:
        if not self.dossier:
            return
        assert self.path()[-1] is self.status
        if self.status in ENDED:
            with self.ctx.unit_of_work(read_only=True) as uow:
                assert uow.tasks.open_of(uow.dossiers.get(self.uuid).id) == []

    # --- what the rules need ------------------------------------------------------------------------------------------

    @property
    def id(self) -> str:
        return str(self.dossier["id"])

    @property
    def uuid(self) -> Any:
        with self.ctx.unit_of_work(read_only=True) as uow:
            return uow.session.scalars(select(DossierRow.id)).one()

    @property
    def status(self) -> Status:
        with self.ctx.unit_of_work(read_only=True) as uow:
            return Status(uow.session.scalars(select(DossierRow.status)).one())

    def open_tasks(self) -> list[dict[str, Any]]:
        """Return the tasks that are open now; the clock process may have closed some."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            return [
                {"id": str(task.id), "name": task.name, "node": task.node, "phase": task.phase,
                 "unit": uow.agencies.unit(task.unit_id).code}
                for task in uow.tasks.open_of(self.uuid)
            ]  # fmt: skip

    def path(self) -> list[Status]:
        """Return the statuses that the events went through."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            payloads = uow.session.scalars(select(Event.payload).order_by(Event.seq)).all()
        return [Status(payload["status"]) for payload in payloads if "status" in payload]

    def person(self, task: dict[str, Any]) -> Any:
        return b.who_does(task, self.office)

    def is_last(self, task: dict[str, Any]) -> bool:
        return task["name"] == b.LAST_STEP or task["node"] == "return_refusal"

    def rows(self) -> list[Any]:
        """Return what an illegal act must leave alone: the dossier's row and how much there is of everything."""
        with self.ctx.unit_of_work(read_only=True) as uow:
            tables = [Base.metadata.tables[kept.name] for kept in (DOSSIER, EVENT, *PARTS)]
            tables += [Base.metadata.tables[name] for name in ("outbox", "counter")]
            counts = [uow.session.scalar(select(func.count()).select_from(table)) for table in tables]
            return [*uow.session.execute(select(DOSSIER.table)).all(), *counts]

    def either(self, act: Callable[[], Any]) -> None:
        """Do an act, or see it refused without a trace: what went before decides, and verify at the end."""
        before = self.rows()
        try:
            self.dossier = act()
        except (ConflictError, ForbiddenError):
            assert self.rows() == before

    def attempt(self, legal: bool, act: Callable[[], Any]) -> bool:
        """Do a legal act, or see an illegal one refused without a trace."""
        if legal:
            self.dossier = act()
            return True
        before = self.rows()
        with pytest.raises((ConflictError, InvalidInputError, ForbiddenError)):
            act()
        assert self.rows() == before
        return False


def test_dossier_lives_by_the_table_of_transitions(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> None:
    template = tmp_path_factory.mktemp("machine")
    shutil.copyfile(sqlite_template, template / "motcua.db")
    ctx = make_context(template, f"sqlite:///{template / 'motcua.db'}")
    for code in PROCEDURES:
        b.an_office(ctx, procedure=code, policy=policy_of(code))
    ctx.database.close()
    run_state_machine_as_test(
        lambda: DossierMachine(template),
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],  # shrinking takes longer than a test may
            suppress_health_check=list(HealthCheck),
        ),
    )
