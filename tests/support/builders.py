"""Offices and dossiers for tests, built through the services and readable as English.

``office = an_office(ctx)``; ``a = a_received_dossier(ctx, office)``; ``advance_to(ctx, office, a, Status.FINISHED)``.
Dossiers are the answers of the services (``views.summary``); functions that change one return the new answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.clock import TurnedClock
from engine.domain.dossier import Cause, Status
from engine.domain.ids import AgencyId, UnitId
from engine.seeds import base
from engine.services import apologies, endings, imports, intake, letter_dispatch, processing, timekeeping, waiting
from engine.store.agencies import Agency, Unit
from engine.store.people import Officer
from tests.support.contexts import VIETNAM
from tests.support.snapshots import once
from tests.support.step_tables import DESK, HEAD, OFFICE, an_entry

Dossier = dict[str, Any]
LAST_STEP = "Bước TRA"  # of the small procedure: the hand-over of the result
NO_EMAIL = intake.Person(name="Nguyễn Văn Thử", identity_number="031090000001", phone="0912000001")
WITH_EMAIL = replace(NO_EMAIL, email="thu@example.test")


@dataclass(frozen=True)
class Office:
    """An agency with people in its units and one small published procedure."""

    code: str
    id: AgencyId
    procedure: str
    units: dict[str, UnitId]
    desk: Actor  # one-stop unit: receives, takes the fee, returns
    officer: Actor  # PHONG_TU_PHAP: works on it
    approver: Actor  # LANH_DAO: signs
    supervisor: Actor
    auditor: Actor
    admin: Actor


def an_office(
    ctx: Context, *, code: str = base.DEFAULT_CODE, procedure: str = "TP99", policy: dict[str, Any] | None = None,
    **changes: Any,
) -> Office:  # fmt: skip
    """Make an agency with officers and publish the small procedure: 4 stages of 1 working day, 4 in all.

    Args:
        code: of the agency; the default agency unless another is named.
        policy: of the procedure, e.g. ``{"field": "Hộ tịch", "supplement": {"clock": "pause"}}``.
        changes: of the entry that is imported (see ``step_tables.an_entry``), e.g. ``total_days="1"``.

    The people are called ``desk``, ``officer``, ``approver``, ``supervisor``, ``auditor`` and ``admin``; in an agency
    that is not the default one the code follows: ``desk.h01``.
    """
    what = ("office", code, procedure, repr(policy), repr(sorted(changes.items())))
    return once(ctx, what, lambda: _make_office(ctx, code, procedure, policy, changes))


def _make_office(
    ctx: Context, code: str, procedure: str, policy: dict[str, Any] | None, changes: dict[str, Any]
) -> Office:
    base.ensure(ctx)
    with ctx.unit_of_work() as uow:
        agency = uow.agencies.find(code)
        if agency is None:
            agency = uow.agencies.add(Agency(code=code, name=f"Ủy ban nhân dân {code}", place="Thử"))
            uow.agencies.add_unit(Unit(owner_agency_id=agency.id, code=DESK, name="Bộ phận Một cửa", is_one_stop=True))
    publish(ctx, code=code, procedure=procedure, policy=policy, **changes)
    with ctx.unit_of_work() as uow:
        units = {unit.code: unit.id for unit in uow.agencies.units(agency.id)}
    suffix = "" if code == base.DEFAULT_CODE else f".{code.lower()}"
    return Office(
        code=code,
        id=agency.id,
        procedure=procedure,
        units=units,
        desk=a_person(ctx, agency.id, f"desk{suffix}", [Role.DESK], [units[DESK]]),
        officer=a_person(ctx, agency.id, f"officer{suffix}", [Role.OFFICER], [units[OFFICE]]),
        approver=a_person(ctx, agency.id, f"approver{suffix}", [Role.APPROVER], [units[HEAD]]),
        supervisor=a_person(ctx, agency.id, f"supervisor{suffix}", [Role.SUPERVISOR]),
        auditor=a_person(ctx, agency.id, f"auditor{suffix}", [Role.AUDITOR]),
        admin=a_person(ctx, agency.id, f"admin{suffix}", [Role.ADMIN]),
    )


def publish(ctx: Context, *, code: str, procedure: str, policy: dict[str, Any] | None = None, **changes: Any) -> None:
    """Publish the small procedure under this code in an agency."""
    entry = an_entry(code=procedure, **changes) | ({"policy": policy} if policy else {})
    outcome = imports.import_tables(ctx, by=SYSTEM, data=[entry], agency=code)
    assert outcome.refused == []


def a_person(
    ctx: Context, agency: AgencyId, username: str, roles: Iterable[Role], units: Iterable[UnitId] = ()
) -> Actor:
    """Add an officer who holds the roles and works in the units; an existing one is given what is missing."""
    with ctx.unit_of_work() as uow:
        person = uow.people.find(username) or uow.people.add(
            Officer(
                owner_agency_id=agency, username=username, name=f"Cán bộ {username}", created_at=ctx.clock.now(),
                session_epoch=0,
            )
        )  # fmt: skip
        for role in roles:
            uow.people.grant(person.id, agency, role)
        for unit in units:
            uow.people.join(person.id, unit, agency)
        return uow.people.actor(person.id)


# --- time ----------------------------------------------------------------------------------------------------------


def local(text: str) -> datetime:
    """Read ``2026-03-05T09:00`` as Vietnamese time."""
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def turn_clock_to(ctx: Context, text: str, *, ticker: bool = True) -> None:
    """Turn the clock to a Vietnamese time; the clock process acts unless it is dead (``ticker=False``)."""
    clock = ctx.clock
    assert isinstance(clock, TurnedClock)
    at = local(text)
    while ticker and (wake_at := timekeeping.next_wake(ctx)) is not None and wake_at <= at:
        clock.turn_to(max(wake_at, clock.now()))
        timekeeping.pass_due(ctx)
    clock.turn_to(at)


# --- dossiers ------------------------------------------------------------------------------------------------------


def a_filing(office: Office, **changes: Any) -> intake.Filing:
    """Return what a citizen brings to this office."""
    usual: dict[str, Any] = {
        "procedure_code": office.procedure,
        "applicant": NO_EMAIL,
        "papers": (intake.PaperLine(name="Tờ khai"),),
    }
    return intake.Filing(**(usual | changes))


def a_submitted_dossier(ctx: Context, office: Office, **changes: Any) -> Dossier:
    """File a dossier that waits for the desk (status 1)."""
    return intake.submit(ctx, by=office.desk, filing=a_filing(office, **changes))


def a_received_dossier(ctx: Context, office: Office, **changes: Any) -> Dossier:
    """Receive a dossier at the counter now; it lies with the office (PHONG_TU_PHAP) in status 4."""
    return intake.receive(ctx, by=office.desk, filing=a_filing(office, **changes))


def do_next_step(ctx: Context, office: Office, dossier: Dossier, *, counter: Office | None = None) -> Dossier:
    """Do the open task, as the person in whose unit it lies.

    Args:
        counter: the office whose desk received it, when that is another than the one which resolves.
    """
    (task,) = dossier["open_tasks"]
    return processing.complete(ctx, by=who_does(task, office, counter), task_id=task["id"])


def who_does(task: dict[str, Any], office: Office, counter: Office | None = None) -> Actor:
    """Return the person of the office in whose unit the task lies."""
    people = {DESK: (counter or office).desk, OFFICE: office.officer, HEAD: office.approver}
    return people[task["unit"]]


def advance_to(
    ctx: Context, office: Office, dossier: Dossier, status: Status, *, counter: Office | None = None
) -> Dossier:
    """Do the open tasks until the dossier has the status; 10 includes the hand-over of the result."""
    while dossier["status"] != status.value:
        if [task["name"] for task in dossier["open_tasks"]] == [LAST_STEP]:
            dossier = hand_over(ctx, counter or office, dossier)
        else:
            dossier = do_next_step(ctx, office, dossier, counter=counter)
    return dossier


def hand_over(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """Hand the result to the citizen."""
    receiver = endings.Receiver(name=NO_EMAIL.name, identity_number=NO_EMAIL.identity_number)
    return endings.hand_over_result(ctx, by=office.desk, dossier=dossier["id"], receiver=receiver)


def ask_supplement(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """Ask the citizen for a missing paper: the clock stands."""
    return waiting.request_supplement(
        ctx, by=office.officer, dossier=dossier["id"], items=["Bản sao giấy khai sinh"], reason="Còn thiếu"
    )


def bring_supplement(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """Take the missing paper: the clock runs on, or anew."""
    return waiting.complete_supplement(ctx, by=office.desk, dossier=dossier["id"])


def withdraw(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """End the dossier at the citizen's wish (status 7)."""
    return endings.withdraw(ctx, by=office.desk, dossier=dossier["id"])


def stop(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """End the dossier on a legal ground (status 8)."""
    return endings.stop(ctx, by=office.approver, dossier=dossier["id"], ground="Đang có tranh chấp")


def refuse(ctx: Context, office: Office, dossier: Dossier) -> Dossier:
    """Refuse the result (status 9, decision refused)."""
    return endings.refuse(ctx, by=office.approver, dossier=dossier["id"], reason="Không đủ điều kiện")


def apologise(ctx: Context, office: Office, dossier: Dossier, *, new_due: str) -> Dossier:
    """Write, approve and send the apology with a new date (Vietnamese time); return the dossier."""
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý", new_due_at=local(new_due))
    letter_id = apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"]
    apologies.approve(ctx, by=office.approver, letter_id=letter_id)
    answer: Dossier = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter_id)["dossier"]
    return answer
