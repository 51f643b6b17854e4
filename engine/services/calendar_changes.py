"""Changing a calendar: seen before it is saved, made in one audited act, and taken back (domain.md §7.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from engine.context import Context
from engine.domain import permissions
from engine.domain.actors import Actor, Role
from engine.domain.calendar import WorkingCalendar, rules_by_date
from engine.domain.calendar_acts import FINAL, UNDO
from engine.domain.calendar_layers import Layer
from engine.domain.events import digest
from engine.domain.ids import AgencyId, UnitId
from engine.domain.office_hours import YEARS, DayRule, OfficeHours
from engine.domain.statutory_days import statutory_days
from engine.errors import ConflictError
from engine.services import calendar_rows, calendars, facts, given_dates
from engine.services.calendar_notices import notices
from engine.services.calendar_rows import Entry
from engine.services.given_dates import Act, Move
from engine.services.transactions import Answer, Request, transact
from engine.store.agencies import UnitNotFoundError
from engine.store.calendars import CalendarChange
from engine.store.unit_of_work import UnitOfWork

_MARK = ("change", "by", "at")  # of an entry: who entered it, by which act
MOST_TOLD = 200  # moves in the answer of a change
UNDOES = "hoàn tác thay đổi số"  # in the ground of an undo


class DecisionKnownError(ConflictError):
    """The decision is in the calendar already: it was imported before."""

    code = "calendar-decision-known"


class CalendarChangedError(ConflictError):
    """The calendar is not the one that was previewed any more."""

    code = "calendar-changed"


class ChangeSupersededError(ConflictError):
    """A change cannot be undone: it was undone before, or its days were declared again since."""

    code = "calendar-change-superseded"


@dataclass(frozen=True, slots=True)
class Days:
    """Days off and make-up days of one decision or of a year's."""

    rules: tuple[DayRule, ...]


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours from a date on: of the agency, or the reception hours of the desk with this unit code."""

    hours: OfficeHours
    desk: str | None = None


@dataclass(slots=True)
class _Plan:
    """A change that is worked out and not made yet.

    ``declared`` comes in and ``replaced`` leaves; ``own`` are the agencies that get a new version, the others below
    the owner inherit one of these.
    """

    kind: str
    owner: AgencyId
    ground: str
    declared: list[Entry]
    replaced: list[Entry]
    rules: Sequence[DayRule] = ()
    undoes: CalendarChange | None = None
    desk: UnitId | None = None
    old: Mapping[AgencyId, WorkingCalendar] = field(default_factory=dict)
    new: Mapping[AgencyId, WorkingCalendar] = field(default_factory=dict)
    own: set[AgencyId] = field(default_factory=set)
    moves: list[Move] = field(default_factory=list)

    @property
    def token(self) -> str:
        """Name what the plan starts from and what it leads to."""
        return digest([self.kind, self.old[self.owner].version, self.new[self.owner].version, self.declared])[:16]


def preview(ctx: Context, *, by: Actor, change: Days | Hours, agency: str | None = None) -> dict[str, Any]:
    """Return what a change would do, without doing it: every open dossier with a date that moves, and why others not.

    Args:
        agency: code of the agency that declares it; None: the default agency, whose calendar is the country's.

    Raises:
        InvalidCalendarError: the calendar would contradict itself.
        DecisionKnownError: all of it is in the calendar already.
        NotAllowedError, AgencyNotFoundError, UnitNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return _told(ctx, uow, _plan(uow, by, change, agency))


def apply(
    ctx: Context,
    *,
    by: Actor,
    change: Days | Hours,
    agency: str | None = None,
    expected: str | None = None,
    request: Request | None = None,
) -> Answer:
    """Make a change in one act: rows, versions for the agency and those below it, and the events of moved dossiers.

    Args:
        expected: ``token`` of the preview; None to make it whatever has changed since.

    Raises:
        CalendarChangedError: the calendar is another than at the preview.
        InvalidCalendarError, DecisionKnownError, NotAllowedError, AgencyNotFoundError, UnitNotFoundError.
    """

    def work(uow: UnitOfWork) -> Answer:
        return _carry_out(ctx, uow, by, _plan(uow, by, change, agency), expected)

    return transact(ctx, by=by, request=request, work=work, changes_calendar=True)


def preview_undo(ctx: Context, *, by: Actor, change_id: int) -> dict[str, Any]:
    """Return what taking a change back would do.

    Raises:
        CalendarChangeNotFoundError, ChangeSupersededError, DatesBeyondCalendarError, NotAllowedError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        return _told(ctx, uow, _plan_undo(uow, by, change_id))


def undo(
    ctx: Context, *, by: Actor, change_id: int, expected: str | None = None, request: Request | None = None
) -> Answer:
    """Take a change back: what it replaced is in force again, dates that it moved go back unless moved since.

    Raises:
        CalendarChangedError, and those of ``preview_undo``.
    """

    def work(uow: UnitOfWork) -> Answer:
        return _carry_out(ctx, uow, by, _plan_undo(uow, by, change_id), expected)

    return transact(ctx, by=by, request=request, work=work, changes_calendar=True)


def history(ctx: Context, *, by: Actor, agency: str | None = None, limit: int = 100) -> list[dict[str, Any]]:
    """Return the acts that made an agency's calendar what it is, its own and those above it, newest first.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        asked = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        permissions.check_can_see_calendar(by, agency=asked.id)
        rows = uow.calendars.changes(calendars.owners_of(uow, asked.id), limit=limit)
        calendar = calendars.in_force(uow, asked.id)
        standing = cache(partial(_standing, uow))  # once for all acts on the same days or hours
        return [
            {
                "id": row.id,
                "agency": uow.agencies.get(row.owner_agency_id).code,
                "kind": row.kind,
                "ground": row.ground,
                "declared": row.declared,
                "replaced": row.replaced,
                "made_by": None if row.made_by is None else uow.people.get(row.made_by).name,
                "made_at": calendar.local(row.made_at).isoformat(),
                "moved": row.moved,
                "undoes": row.undoes,
                "undone_by": row.undone_by,
                "can_undo": _may_change(by, row.owner_agency_id) and can_undo(row, standing),
            }
            for row in rows
        ]


def _may_change(by: Actor, owner: AgencyId) -> bool:
    return by.is_system or by.holds(owner, (Role.ADMIN,))


# --- working it out ------------------------------------------------------------------------------------------------


def _plan(uow: UnitOfWork, by: Actor, change: Days | Hours, agency: str | None) -> _Plan:
    owner = (uow.agencies.by_code(agency) if agency else uow.agencies.default()).id
    permissions.check_can_administer(by, agency=owner)
    return _plan_hours(uow, owner, change) if isinstance(change, Hours) else _plan_days(uow, owner, change.rules)


def _plan_days(uow: UnitOfWork, owner: AgencyId, rules: Sequence[DayRule]) -> _Plan:
    rules_by_date(rules, YEARS)
    layer, known = calendars.layer_of(uow, owner), calendar_rows.day_entries(uow, owner)
    if not rules or all(_is_known(known.get(rule.on.isoformat()), rule) for rule in rules):
        raise DecisionKnownError(_known_text(rules), decision=rules[0].decision if rules else "")
    new_layer = layer.with_days([*_of_new_years(uow, owner, rules), *rules])
    wanted = calendar_rows.entries_of(new_layer.days)
    put = [each for on, each in wanted.items() if not _equal(known.get(on), each)]
    changed = {each["on"] for each in put}
    gone = [each for on, each in known.items() if on not in wanted or on in changed]
    ground = "; ".join(dict.fromkeys(rule.decision for rule in rules))
    return _plan_layer(uow, _Plan("days", owner, ground, put, gone, rules=rules), new_layer)


def _is_known(entry: Entry | None, rule: DayRule) -> bool:
    return entry is not None and _equal(entry | {"note": rule.note}, rule.as_json())


def _equal(entry: Entry | None, wanted: Entry) -> bool:
    return entry is not None and {key: entry[key] for key in wanted if key not in _MARK} == {
        key: value for key, value in wanted.items() if key not in _MARK
    }


def _known_text(rules: Sequence[DayRule]) -> str:
    if not rules:
        return "nothing is declared: name at least one day"
    first = rules[0]
    return (
        f'{first.on} is declared {first.kind.value} by "{first.decision}" already, and so is every other day of this '
        "decision: it was imported before"
    )


def _of_new_years(uow: UnitOfWork, owner: AgencyId, rules: Sequence[DayRule]) -> list[DayRule]:
    """Return the statutory days, provisional, of years that the country's calendar does not reach yet and now has to.

    Another owner declares only within its years: it would otherwise keep forecasts of its own over later decisions.
    """
    if owner != uow.agencies.default().id:
        return []
    reached = calendars.in_force(uow, owner)
    named, wanted = {rule.on for rule in rules}, {rule.on.year for rule in rules}
    first, last = min({reached.first_year, *wanted}), max({reached.last_year, *wanted})
    if max(reached.first_year - first, last - reached.last_year) > calendars.FURTHEST_YEARS:
        return []  # refused where the calendar is built, with the years in the message
    further = [*range(first, reached.first_year), *range(reached.last_year + 1, last + 1)]
    return [rule for year in further for rule in statutory_days(year) if rule.on not in named]


def _plan_hours(uow: UnitOfWork, owner: AgencyId, change: Hours) -> _Plan:
    desk = None
    if change.desk is not None:
        unit = uow.agencies.find_unit(owner, change.desk)
        if unit is None:
            raise UnitNotFoundError(f"the agency has no unit {change.desk!r}", unit=change.desk)
        desk = unit.id
    known = calendar_rows.hours_entries(uow, owner, desk)
    put = change.hours.as_json()
    entry = known.get(put["from"])
    if _equal(entry, put):
        message = f'the weekly hours from {put["from"]} are those of "{put["decision"]}" already: entered before'
        raise DecisionKnownError(message, decision=put["decision"])
    plan = _Plan("hours" if desk is None else "reception", owner, change.hours.decision, [put], [], desk=desk)
    plan.replaced = [] if entry is None else [entry]
    layer = calendars.layer_of(uow, owner) if desk is None else Layer()
    return _plan_layer(uow, plan, layer.with_hours(change.hours))


def _plan_undo(uow: UnitOfWork, by: Actor, change_id: int) -> _Plan:
    made = uow.calendars.change(change_id)
    permissions.check_can_administer(by, agency=made.owner_agency_id)
    _check_can_undo(uow, made)
    plan = _Plan(UNDO, made.owner_agency_id, f"{UNDOES} {made.id} ({made.ground})", made.replaced, made.declared)
    plan.undoes, plan.desk = made, made.unit_id
    layer = calendars.layer_of(uow, made.owner_agency_id) if made.kind != "reception" else _desk_layer(uow, made)
    gone = {each.get("on") or each["from"] for each in made.declared}
    if made.kind == "days":
        kept = [rule for rule in layer.days if rule.on.isoformat() not in gone]
        days = sorted([*kept, *map(DayRule.from_json, made.replaced)], key=lambda rule: rule.on)
        return _plan_layer(uow, plan, Layer(tuple(days), layer.hours))
    staying = [each for each in layer.hours if each.valid_from.isoformat() not in gone]
    hours = [*staying, *map(OfficeHours.from_json, made.replaced)]
    return _plan_layer(uow, plan, Layer(layer.days, tuple(sorted(hours, key=lambda each: each.valid_from))))


def _desk_layer(uow: UnitOfWork, made: CalendarChange) -> Layer:
    return Layer(hours=tuple(map(calendars.hours_from, uow.calendars.hours(made.owner_agency_id, made.unit_id))))


def can_undo(made: CalendarChange, standing: Callable[[str, AgencyId, UnitId | None], Mapping[str, Entry]]) -> bool:
    """Tell whether everything that a change declared is still as it left it; ``standing`` gives what is declared."""
    if made.kind in FINAL or made.undone_by is not None:
        return False
    known = standing(made.kind, made.owner_agency_id, made.unit_id)
    declared = {each.get("on") or each["from"] for each in made.declared}
    vanished = {each.get("on") or each["from"] for each in made.replaced} - declared
    still = all(known.get(key, {}).get("change") == made.id for key in declared)
    return still and not any(key in known for key in vanished)


def _standing(uow: UnitOfWork, kind: str, owner: AgencyId, desk: UnitId | None) -> dict[str, Entry]:
    return calendar_rows.day_entries(uow, owner) if kind == "days" else calendar_rows.hours_entries(uow, owner, desk)


def _check_can_undo(uow: UnitOfWork, made: CalendarChange) -> None:
    if can_undo(made, partial(_standing, uow)):
        return
    why = "what it declared was declared again since; undo the later change first"
    if made.undone_by is not None:
        why = f"it was undone by change {made.undone_by}"
    elif made.kind in FINAL:
        why = f"its kind is {made.kind}; make the change again instead"
    raise ChangeSupersededError(f"calendar change {made.id} cannot be undone: {why}", change=made.id)


def _plan_layer(uow: UnitOfWork, plan: _Plan, layer: Layer) -> _Plan:
    """Work out the calendars of the owner and of all below it, and the dates of open dossiers that move."""
    owner = plan.owner
    if plan.desk is not None:
        plan.old = {owner: calendars.reception(uow, owner, plan.desk)}
        plan.new = {owner: calendars.built(uow, owner, desk=layer)}
        return plan
    theirs = calendars.below(uow, owner)
    own = {agency for agency in theirs if agency == owner or uow.calendars.current_version(agency) is not None}
    made = {agency: calendars.built(uow, agency, instead={owner: layer}) for agency in own}
    plan.old = {agency: calendars.in_force(uow, agency) for agency in theirs}
    plan.new = {
        agency: made[next(each for each in calendars.owners_of(uow, agency) if each in made)] for agency in theirs
    }
    plan.own = own
    back = given_dates.taken_back(uow, plan.undoes.id, new=plan.new) if plan.undoes is not None else []
    plan.moves = [*back, *given_dates.forced(uow, old=plan.old, new=plan.new, back=back)]
    return plan


# --- telling and doing ---------------------------------------------------------------------------------------------


def _told(ctx: Context, uow: UnitOfWork, plan: _Plan, change_id: int | None = None) -> dict[str, Any]:
    old, new, now = plan.old[plan.owner], plan.new[plan.owner], ctx.clock.now()
    return {
        "id": change_id,
        "agency": uow.agencies.get(plan.owner).code,
        "kind": plan.kind,
        "ground": plan.ground,
        "declared": plan.declared,
        "replaced": plan.replaced,
        "calendar": {"before": old.version, "after": new.version},
        "token": plan.token,
        "notices": notices(plan.rules, old=old, new=new, today=new.local_date(now)),
        "open": uow.given_dates.open_dossiers(list(plan.new)) if plan.own else 0,
        **given_dates.described(uow, plan.moves, new=plan.new, now=now),
    }


def _carry_out(ctx: Context, uow: UnitOfWork, by: Actor, plan: _Plan, expected: str | None) -> dict[str, Any]:
    if expected is not None and expected != plan.token:
        raise CalendarChangedError("the calendar has changed since the preview; look at it again", token=plan.token)
    change = CalendarChange(
        owner_agency_id=plan.owner,
        unit_id=plan.desk,
        kind=plan.kind,
        ground=plan.ground,
        declared=plan.declared,
        replaced=plan.replaced,
        made_by=by.id,
        made_at=ctx.clock.now(),
        undoes=plan.undoes and plan.undoes.id,
        moved=len({move.given.dossier_id for move in plan.moves}),
    )
    uow.calendars.add_change(change)
    told = _told(ctx, uow, plan, change.id)
    _write(uow, plan, {"change": change.id, "by": by.id, "at": change.made_at.isoformat()})
    for agency in sorted(plan.own):
        calendars.publish(ctx, uow, agency_id=agency, calendar=plan.new[agency], change=change.id)
    if plan.undoes is not None:
        plan.undoes.undone_by = change.id
    if plan.own:
        act = Act(change=change.id, ground=plan.ground, at=change.made_at, by=by, new=plan.new)
        given_dates.carry_out(uow, act, plan.moves)
        days = [calendar_rows.begins_on(each) for each in (*plan.declared, *plan.replaced)]
        facts.follow_calendars(ctx, uow, new=plan.new, moved=[move.given.dossier_id for move in plan.moves], days=days)
    return told | {"moves": told["moves"][:MOST_TOLD]}  # the answer is kept with its request; events have them all


def _write(uow: UnitOfWork, plan: _Plan, mark: Entry) -> None:
    kind = plan.undoes.kind if plan.undoes is not None else plan.kind
    if kind == "days":
        calendar_rows.write_days(uow, plan.owner, gone=plan.replaced, put=plan.declared, mark=mark)
    else:
        calendar_rows.write_hours(uow, plan.owner, plan.desk, gone=plan.replaced, put=plan.declared, mark=mark)
