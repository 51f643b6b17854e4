"""The acts of a test run, each done by the service that does it in earnest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.scenarios import Act, Do, Scenario
from engine.errors import ConflictError
from engine.services import answers, endings, intake, processing, views, waiting
from engine.services.case import Case, case_of, find
from engine.services.receivers import SecondReceiver
from engine.store.unit_of_work import UnitOfWork

PERSON = intake.Person(name="Người chạy thử")
RECEIVER = endings.Receiver(name="Người chạy thử", second=SecondReceiver(name="Người cùng chạy thử"))


class StepNotOpenError(ConflictError):
    """A test run does a step that is not open then; the message names those that are."""

    code = "step-not-open"


@dataclass
class Stage:
    """Who plays where, and the dossier once it was filed."""

    actor: Actor
    agency: str
    procedure: str
    zone: ZoneInfo
    starts: datetime
    facts: dict[str, Any]
    dossier: str | None = None

    def script(self, scenario: Scenario) -> tuple[Act, ...]:
        """Return the acts, with the receipt that a scenario may leave out."""
        if scenario.acts and scenario.acts[0].do in (Do.RECEIVE, Do.NOT_RECEIVE):
            return scenario.acts
        return (Act(Do.RECEIVE), *scenario.acts)


def play(world: Context, stage: Stage, act: Act) -> str:
    """Do one act; return what it was done to, in words.

    Raises:
        EngineError: whatever the service says; StepNotOpenError: see there.
    """
    answer = _PLAYS[act.do](world, stage, act)
    if answer:
        stage.dossier = answer["id"]
    return act.step or act.name


def _receive(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return intake.receive(world, by=stage.actor, filing=_filing(stage))


def _not_receive(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    filed = intake.submit(world, by=stage.actor, filing=_filing(stage))
    return intake.refuse_to_receive(world, by=stage.actor, dossier=filed["id"], reason="Chạy thử")


def _filing(stage: Stage) -> intake.Filing:
    named: dict[str, Any] = {"procedure_code": stage.procedure, "applicant": PERSON, "agency": stage.agency}
    if "facts" in {each.name for each in fields(intake.Filing)}:
        named["facts"] = stage.facts
    return intake.Filing(**named)


def _complete(world: Context, stage: Stage, act: Act) -> dict[str, Any]:
    tasks = standing(world, stage)["open_tasks"]
    wanted = act.step.casefold()
    task = next((each for each in tasks if wanted in (each["name"].casefold(), each["node"].casefold())), None)
    if task is None:
        there = ", ".join(each["name"] for each in tasks) or "none"
        raise StepNotOpenError(f"the step {act.step!r} is not open; open are: {there}", step=act.step,
                               open=[each["name"] for each in tasks])  # fmt: skip
    said = dict(act.fields or {}) or None
    try:
        return processing.complete(world, by=stage.actor, task_id=task["id"], outcome=act.outcome, fields=said)
    except processing.ReceiverNeededError:
        return endings.hand_over_result(world, by=stage.actor, dossier=_dossier(stage), receiver=RECEIVER)


def standing(world: Context, stage: Stage) -> dict[str, Any]:
    """Return what a caller is told of the dossier as it stands now; time may have changed it since the last act."""
    with world.unit_of_work(read_only=True) as uow:
        return views.summary(find_case(world, uow, stage))


def find_case(world: Context, uow: UnitOfWork, stage: Stage) -> Case:
    """Open the dossier of a test run for reading."""
    dossier = find(uow, by=stage.actor, reference=_dossier(stage))
    return case_of(world, uow, by=stage.actor, dossier=dossier)


def _dossier(stage: Stage) -> str:
    if stage.dossier is None:
        raise StepNotOpenError("no dossier was received before this act; begin with receive", open=[])
    return stage.dossier


def _message(world: Context, stage: Stage, act: Act) -> dict[str, Any]:
    said = dict(act.fields or {}) or None
    return answers.record(world, by=stage.actor, dossier=_dossier(stage), message=act.name, fields=said)


def _wait(_world: Context, _stage: Stage, _act: Act) -> dict[str, Any]:
    return {}  # the clock has been turned already


def _ask_supplement(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return waiting.request_supplement(
        world, by=stage.actor, dossier=_dossier(stage), items=["Giấy tờ chạy thử"], reason="Chạy thử"
    )


def _bring_supplement(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return waiting.complete_supplement(world, by=stage.actor, dossier=_dossier(stage))


def _raise_obligation(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return waiting.raise_obligation(world, by=stage.actor, dossier=_dossier(stage), amount_vnd=1000, notice="Chạy thử")


def _settle_obligation(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return waiting.settle_obligation(world, by=stage.actor, dossier=_dossier(stage), how="paid", reference="Chạy thử")


def _refuse(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return endings.refuse(world, by=stage.actor, dossier=_dossier(stage), reason="Chạy thử")


def _withdraw(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return endings.withdraw(world, by=stage.actor, dossier=_dossier(stage))


def _stop(world: Context, stage: Stage, _act: Act) -> dict[str, Any]:
    return endings.stop(world, by=stage.actor, dossier=_dossier(stage), ground="Chạy thử")


_PLAYS: dict[Do, Callable[[Context, Stage, Act], dict[str, Any]]] = {
    Do.RECEIVE: _receive,
    Do.NOT_RECEIVE: _not_receive,
    Do.COMPLETE: _complete,
    Do.MESSAGE: _message,
    Do.WAIT: _wait,
    Do.ASK_SUPPLEMENT: _ask_supplement,
    Do.BRING_SUPPLEMENT: _bring_supplement,
    Do.RAISE_OBLIGATION: _raise_obligation,
    Do.SETTLE_OBLIGATION: _settle_obligation,
    Do.REFUSE: _refuse,
    Do.WITHDRAW: _withdraw,
    Do.STOP: _stop,
}
