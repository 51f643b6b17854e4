"""The machine of a dossier with all that happens beside its process: corrections, batches, covers, calendars, moves."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test

from engine.domain.actors import SYSTEM, Actor
from engine.domain.ids import OfficerId
from engine.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from engine.services import (
    absences,
    corrections,
    intake,
    notes,
    opinions,
    processing,
    refusal_suggestions,
    step_back,
    task_batches,
    version_moves,
)
from engine.services.corrected_parts import PaperChange
from engine.services.corrections import Correction
from engine.store import signed_in
from engine.verification.verify import verify
from tests.integration.test_dossier_machine import PROCEDURES, DossierMachine, policy_of
from tests.support import builders as b
from tests.support import calendar_acts
from tests.support.contexts import make_context


class DeskMachine(DossierMachine):
    """One dossier; each act is done and verify stays silent, or it is refused without a trace."""

    def __init__(self, template: Path) -> None:
        super().__init__(template)
        self.batches: list[tuple[str, Actor]] = []
        self.moves = 0
        self.changes: list[Any] = []
        self.moved: list[Any] = []

    @rule(
        what=st.sampled_from(["name", "owner", "no_owner", "paper", "strike", "time", "procedure", "channel", "all"]),
        days=st.integers(0, 12), procedure=st.sampled_from(sorted(PROCEDURES)),
    )  # fmt: skip
    def correct(self, what: str, days: int, procedure: str) -> None:
        person = intake.Person(name=f"Nguyễn Văn {days}", phone="0912000009")
        at = self.ctx.clock.now() - timedelta(days=days, minutes=days)
        wishes: dict[str, dict[str, Any]] = {
            "name": {"applicant": person},
            "owner": {"owner": person},
            "no_owner": {"no_owner": True},
            "paper": {"papers": (PaperChange(None, f"Giấy {days}"),)},
            "strike": {"papers": (PaperChange(1, "x", struck=True),)},
            "time": {"received_at": at},
            "procedure": {"procedure_code": procedure},
            "channel": {"case": f"trường hợp {days}"},
        }
        wish = {k: v for w in wishes.values() for k, v in w.items()} if what == "all" else wishes[what]
        wanted = Correction(reason="gõ nhầm", **wish)
        by = self.office.desk if days % 2 else self.office.supervisor

        def act() -> Any:
            shown = corrections.preview(self.ctx, by=by, dossier=self.id, correction=wanted)
            answer = corrections.correct(self.ctx, by=by, dossier=self.id, correction=wanted)
            assert shown["due_at"] == answer["due_at"]
            return answer

        self.either(act)

    @rule()
    def ask(self) -> None:
        self.either(
            lambda: opinions.ask(
                self.ctx, by=self.office.supervisor, dossier=self.id, units=["LANH_DAO"], question="?", days=3
            )
        )

    @rule(no=st.integers(1, 2), stance=st.sampled_from(["agree", "disagree"]), withdraw=st.booleans())
    def give(self, no: int, stance: str, withdraw: bool) -> None:
        def act() -> Any:
            if withdraw:
                return opinions.withdraw(self.ctx, by=self.office.supervisor, dossier=self.id, no=no)
            return opinions.give(self.ctx, by=self.office.approver, dossier=self.id, no=no, stance=stance, text="Ý")

        self.either(act)

    @rule()
    def suggest(self) -> None:
        self.either(
            lambda: refusal_suggestions.suggest(
                self.ctx, by=self.office.officer, dossier=self.id, reason="Không đủ", ground="Điều 1"
            )
        )

    @rule()
    def decline_suggestion(self) -> None:
        self.either(
            lambda: refusal_suggestions.decline(self.ctx, by=self.office.approver, dossier=self.id, answer="Làm tiếp")
        )

    @rule()
    def note(self) -> None:
        self.either(lambda: notes.add(self.ctx, by=self.office.desk, dossier=self.id, text="Gọi điện"))

    @rule(most=st.integers(0, 2))
    def batch(self, most: int) -> None:
        for task in self.open_tasks():

            def act(task: Any = task) -> Any:
                told = task_batches.run(self.ctx, by=self.person(task), task_ids=[task["id"]], at_once=most)
                self.batches.append((told["id"], self.person(task)))
                return self.dossier

            self.either(act)

    @rule()
    def carry_on(self) -> None:
        task_batches.carry_on_all(self.ctx, most=5)

    @rule(back=st.integers(1, 2))
    def undo_batch(self, back: int) -> None:
        for batch, by in self.batches[-back:]:
            self.aside(lambda batch=batch, by=by: task_batches.undo(self.ctx, by=by, batch_id=batch))

    @rule()
    def retry_batch(self) -> None:
        for batch, by in self.batches[-1:]:

            def act(batch: Any = batch, by: Any = by) -> Any:
                told = task_batches.retry(self.ctx, by=by, batch_id=batch)
                self.batches.append((told["id"], by))
                return self.dossier

            self.either(act)

    @rule(hours=st.integers(1, 30))
    def away(self, hours: int) -> None:
        now = self.ctx.clock.now()
        times = {"starts_at": now, "ends_at": now + timedelta(hours=hours)}
        by = self.office.supervisor
        self.aside(lambda: absences.plan(self.ctx, by=by, officer="officer", cover="desk", **times))

    @rule(what=st.sampled_from(["claim", "complete", "release", "send"]))
    def cover_acts(self, what: str) -> None:
        with self.ctx.unit_of_work(read_only=True) as uow:
            found = signed_in.by_id(uow.session, OfficerId(self.office.desk.id), at=self.ctx.clock.now())
        assert found is not None
        by = found.actor
        acts: dict[str, Callable[[str], Any]] = {
            "claim": lambda task: processing.claim(self.ctx, by=by, task_id=task),
            "release": lambda task: processing.release(self.ctx, by=by, task_id=task),
            "send": lambda task: step_back.send_back(self.ctx, by=by, task_id=task, reason="Xem lại"),
            "complete": lambda task: processing.complete(self.ctx, by=by, task_id=task),
        }
        for task in self.open_tasks():
            self.either(lambda task=task: acts[what](task["id"]))

    @rule(day=st.integers(3, 31), month=st.integers(3, 4))
    def calendar(self, day: int, month: int) -> None:
        def act() -> Any:
            on = date(2026, month, min(day, 30))
            self.changes.append(calendar_acts.make(self.ctx, calendar_acts.days(on)))
            return self.dossier

        self.either(act)

    @rule(back=st.integers(1, 2))
    def undo_calendar(self, back: int) -> None:
        for made in self.changes[-back:]:
            self.aside(lambda made=made: calendar_acts.undo(self.ctx, made))

    @rule(days=st.sampled_from(["4", "6", "12"]), code=st.sampled_from(sorted(PROCEDURES)))
    def move_version(self, days: str, code: str) -> None:
        self.moves += 1
        b.publish(self.ctx, code="H00", procedure=code, policy=policy_of(code), total_days=days)
        with self.ctx.unit_of_work(read_only=True) as uow:
            procedure = uow.procedures.by_code(self.office.id, code)
            number = max(each.number for each in uow.procedures.versions(procedure.id))

        def act() -> Any:
            made = version_moves.apply(self.ctx, by=SYSTEM, code=code, to_version=number, ground=f"QĐ {self.moves}")
            self.moved.append((code, made["id"]))
            return self.dossier

        self.either(act)

    @rule()
    def undo_move(self) -> None:
        for code, move in self.moved[-1:]:
            self.aside(lambda code=code, move=move: version_moves.undo(self.ctx, by=SYSTEM, code=code, move_id=move))

    def aside(self, act: Callable[[], Any]) -> None:
        """Do an act whose answer is not the dossier, or see it refused."""

        def done() -> b.Dossier:
            act()
            return self.dossier

        self.either(done)

    def either(self, act: Callable[[], Any]) -> None:
        """Do an act, or see it refused without a trace; verify finds nothing either way."""
        before = self.rows()
        try:
            self.dossier = act()
        except (ConflictError, ForbiddenError, InvalidInputError, NotFoundError):
            assert self.rows() == before
        assert [each.as_json() for each in verify(self.ctx)] == []

    def teardown(self) -> None:
        """End the batches that nobody carried on."""
        task_batches.carry_on_all(self.ctx, most=50)
        super().teardown()


def test_whatever_is_done_beside_the_process_leaves_nothing_that_differs(
    tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path
) -> None:
    template = tmp_path_factory.mktemp("machine")
    shutil.copyfile(sqlite_template, template / "motcua.db")
    ctx = make_context(template, f"sqlite:///{template / 'motcua.db'}")
    for code in PROCEDURES:
        b.an_office(ctx, procedure=code, policy=policy_of(code))
    ctx.database.close()
    run_state_machine_as_test(
        lambda: DeskMachine(template),
        settings=settings(
            max_examples=6,
            stateful_step_count=30,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
