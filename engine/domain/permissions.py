"""Who may do what, over values: each rule is a check that raises and a claim for screens (contract §4)."""

from __future__ import annotations

from collections.abc import Callable, Collection

from engine.domain.actors import WORKING as WORKING  # part of this module's interface
from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId, OfficerId, UnitId
from engine.errors import ConflictError, ForbiddenError

DRAFTING = (Role.ADMIN, Role.AUDITOR)  #: work on procedures, or may read what is worked on (issue 4)
READING = (*WORKING, Role.SUPERVISOR, Role.AUDITOR)  #: an admin sees no dossier content


class NotAllowedError(ForbiddenError):
    """The actor's roles do not allow this."""

    code = "not-allowed"


class TaskNotYoursError(ForbiddenError):
    """The task belongs to another unit."""

    code = "task-not-yours"


class TaskClaimedError(ConflictError):
    """Another officer works on the task."""

    code = "task-claimed"


def can_read(actor: Actor, agencies: Collection[AgencyId]) -> bool:
    """Whether the actor may know of a dossier that these agencies share."""
    return actor.is_system or any(actor.may_as(agency, READING) for agency in agencies)


def agencies_read(actor: Actor) -> frozenset[AgencyId]:
    """Return the agencies whose dossiers the actor may know of, those of the officers whom they cover among them."""
    return frozenset().union(*(each.agencies_with(*READING) for each in actor.standings))


def acting(actor: Actor, check: Callable[[Actor], None]) -> Actor:
    """Return the actor as who may do this: themselves, or else in the place of an absent officer whom they cover.

    Args:
        check: raises when an actor may not.

    Raises:
        ForbiddenError, TaskClaimedError: neither may; what the check says of the actor themselves.
    """
    refused: ForbiddenError | TaskClaimedError | None = None
    for standing in actor.standings:
        try:
            check(standing)
        except (ForbiddenError, TaskClaimedError) as error:
            refused = refused or error
        else:
            return standing
    assert refused is not None  # noqa: S101 - the actor is the first of their standings
    raise refused


def check_can_receive(actor: Actor, *, receiving: AgencyId) -> None:
    """Only a desk receives, in its own agency.

    Raises:
        NotAllowedError: the actor is no desk officer of the receiving agency.
    """
    _need(actor, receiving, (Role.DESK,), "receive dossiers")


def check_can_work_on(
    actor: Actor,
    *,
    agency: AgencyId,
    unit: UnitId,
    phase: str,
    assignee: OfficerId | None,
    role: str | None = None,
    who: str | None = None,
) -> None:
    """A task is done by a member of its unit; reception and return by a desk officer (domain.md §1.15, invariant 9).

    Args:
        role: that the step asks for, whatever its phase; None: any role that fits the phase.

    Raises:
        TaskNotYoursError: the actor is not in the unit, or lacks the role for the step or its phase.
        TaskClaimedError: another officer has claimed it; ``who`` is their name.
    """
    roles = (Role.DESK,) if phase in ("reception", "return") else WORKING
    roles = (Role(role),) if role else roles
    if unit not in actor.units or not actor.holds(agency, roles):
        raise TaskNotYoursError("this task belongs to another unit or role", needed=[role.value for role in roles])
    check_unclaimed(actor, assignee=assignee, who=who)


def check_unclaimed(actor: Actor, *, assignee: OfficerId | None, who: str | None = None) -> None:
    """What an officer has claimed is theirs to do.

    Raises:
        TaskClaimedError: another officer has claimed it; ``who`` is their name.
    """
    if assignee is not None and assignee != actor.in_name_of:
        raise TaskClaimedError(f"this task is claimed by {who or assignee}", officer=who)


def can_work_on(
    actor: Actor, *, agency: AgencyId, unit: UnitId, phase: str, assignee: OfficerId | None, role: str | None = None
) -> bool:
    """Whether ``check_can_work_on`` would pass for the actor, or for them in the place of one whom they cover."""

    def check(each: Actor) -> None:
        check_can_work_on(each, agency=agency, unit=unit, phase=phase, assignee=assignee, role=role)

    try:
        acting(actor, check)
    except (TaskNotYoursError, TaskClaimedError):
        return False
    return True


def check_can_interrupt(actor: Actor, *, places: Collection[tuple[AgencyId, UnitId]], resolving: AgencyId) -> None:
    """Supplements, obligations and transfers are asked by who works on the dossier, or by a supervisor.

    Args:
        places: agency and unit of each open task; who is in the unit needs the role in the same agency.

    Raises:
        NotAllowedError: the actor is neither.
    """
    if not _interrupts(actor, places=places, resolving=resolving):
        raise NotAllowedError("only who works on this dossier, or a supervisor, may do this")


def can_interrupt(actor: Actor, *, places: Collection[tuple[AgencyId, UnitId]], resolving: AgencyId) -> bool:
    """Whether ``check_can_interrupt`` would pass for the actor, or for them in the place of one whom they cover."""
    return any(_interrupts(each, places=places, resolving=resolving) for each in actor.standings)


def _interrupts(actor: Actor, *, places: Collection[tuple[AgencyId, UnitId]], resolving: AgencyId) -> bool:
    if any(unit in actor.units and actor.holds(agency, WORKING) for agency, unit in places):
        return True
    return any(actor.holds(agency, (Role.SUPERVISOR,)) for agency in {resolving, *(agency for agency, _ in places)})


def check_can_add_papers(actor: Actor, *, agencies: Collection[AgencyId]) -> None:
    """Papers are added by who advances dossiers in an agency that this one is shared with.

    Raises:
        NotAllowedError: the actor works in none of them.
    """
    if not any(actor.holds(agency, WORKING) for agency in agencies):
        raise NotAllowedError("only who works on this dossier may add papers")


def check_can_write_notes(actor: Actor, *, agencies: Collection[AgencyId]) -> None:
    """Notes on a dossier are written by who advances dossiers in one of its agencies, or supervises there.

    Raises:
        NotAllowedError: the actor does neither; an auditor reads and changes nothing.
    """
    if not any(actor.holds(agency, (*WORKING, Role.SUPERVISOR)) for agency in agencies):
        raise NotAllowedError("only who works on dossiers of this agency may write notes")


def check_can_give_opinion(actor: Actor, *, agency: AgencyId, unit: UnitId) -> None:
    """An opinion is given by a member of the unit that was asked, who advances dossiers or supervises there.

    Raises:
        TaskNotYoursError: the actor is not of the unit.
    """
    if unit not in actor.units or not actor.holds(agency, (*WORKING, Role.SUPERVISOR)):
        raise TaskNotYoursError("this opinion is asked of another unit")


def check_can_answer(
    actor: Actor, *, places: Collection[tuple[AgencyId, UnitId]], resolving: AgencyId, receiving: AgencyId
) -> None:
    """An answer that the process waits for is recorded by who works on the dossier, or by the desk that received it.

    Raises:
        NotAllowedError: the actor is neither, nor a supervisor.
    """
    if not actor.holds(receiving, (Role.DESK,)):
        check_can_interrupt(actor, places=places, resolving=resolving)


def check_can_decide_refusal(actor: Actor, *, resolving: AgencyId) -> None:
    """A refusal of the result is signed by an approver of the resolving agency (domain.md §1.6).

    Raises:
        NotAllowedError: the actor is none.
    """
    _need(actor, resolving, (Role.APPROVER,), "refuse the result")


def check_can_withdraw(actor: Actor, *, receiving: AgencyId) -> None:
    """The desk that received the dossier takes the citizen's request to withdraw (domain.md §1.10)."""
    _need(actor, receiving, (Role.DESK, Role.SUPERVISOR), "take a request to withdraw")


def check_can_stop(actor: Actor, *, resolving: AgencyId) -> None:
    """The resolving agency stops a dossier on a legal ground (domain.md §1.15)."""
    _need(actor, resolving, (Role.APPROVER, Role.SUPERVISOR), "stop a dossier")


def check_can_return(actor: Actor, *, returning: AgencyId) -> None:
    """Only a one-stop unit hands results over (domain.md §1.15, invariant 9)."""
    _need(actor, returning, (Role.DESK,), "hand over results")


def check_can_take_back(actor: Actor, *, done_by: OfficerId | None, agency: AgencyId) -> None:
    """A step is taken back by who did it, or by a supervisor of the agency whose step it was (peers.md §4)."""
    if actor.id is None or actor.id != done_by:
        _need(actor, agency, (Role.SUPERVISOR,), "take back what somebody else did")


def check_can_assign(actor: Actor, *, agency: AgencyId) -> None:
    """A supervisor reassigns tasks of the agency."""
    _need(actor, agency, (Role.SUPERVISOR,), "reassign tasks")


def check_can_report(actor: Actor, *, agency: AgencyId) -> None:
    """Supervisors and auditors see numbers."""
    _need(actor, agency, (Role.SUPERVISOR, Role.AUDITOR, Role.APPROVER), "read reports")


def check_can_use_counter(actor: Actor) -> None:
    """The counter is for who receives somewhere.

    Raises:
        NotAllowedError: the actor holds the desk role nowhere.
    """
    if not actor.agencies_with(Role.DESK):
        raise NotAllowedError("only desk may use the counter", needed=[Role.DESK.value])


def check_can_watch_clock(actor: Actor) -> None:
    """Supervisors and administrators of any agency see how the clock is, which all agencies share (issue 3).

    Raises:
        NotAllowedError: the actor is neither.
    """
    if not actor.is_system and not actor.agencies_with(Role.SUPERVISOR, Role.ADMIN):
        needed = [Role.SUPERVISOR.value, Role.ADMIN.value]
        raise NotAllowedError("only supervisor or admin may see how the clock is", needed=needed)


def check_can_administer(actor: Actor, *, agency: AgencyId) -> None:
    """An administrator manages people, calendar and procedures of the agency."""
    _need(actor, agency, (Role.ADMIN,), "administer the agency")


def check_can_see_workbench(actor: Actor, *, agency: AgencyId) -> None:
    """Administrators work on procedures; auditors may read drafts and what was done (issue 4)."""
    _need(actor, agency, DRAFTING, "see the workbench")


def can_see_workbench(actor: Actor, *, agency: AgencyId) -> bool:
    """Whether ``check_can_see_workbench`` would pass."""
    return actor.is_system or actor.holds(agency, DRAFTING)


def check_can_see_a_workbench(actor: Actor) -> None:
    """The page that lists the drafts of all agencies is for whoever may see those of one."""
    if not actor.agencies_with(*DRAFTING):
        needed = [role.value for role in DRAFTING]
        raise NotAllowedError(f"only {' or '.join(needed)} may see the workbench", needed=needed)


def check_can_see_calendar(actor: Actor, *, agency: AgencyId) -> None:
    """Who works in the agency sees its calendar."""
    _need(actor, agency, tuple(Role), "see its calendar")


def _need(actor: Actor, agency: AgencyId, roles: tuple[Role, ...], what: str) -> None:
    if actor.is_system or actor.holds(agency, roles):
        return
    needed = " or ".join(role.value for role in roles)
    raise NotAllowedError(f"only {needed} of this agency may {what}", needed=[role.value for role in roles])
