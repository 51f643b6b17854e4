"""Where a dossier stands in its model, as the reasons of a version move name it: steps, and joins at which it waits."""

from __future__ import annotations

from typing import Any

from bpmn import outlook, runner
from engine.domain.version_moves import Obstacle
from engine.services.case import Case
from engine.store.procedures import ProcedureVersion

MOST_FAULTS = 3  # told of one position; more follow from the first
BOUNDED = "position-bounded"  # it moves, and somebody should look: not every way from there was walked
GONE = frozenset({Obstacle.STEP_GONE.value, Obstacle.JOIN_GONE.value})


def model_of(version: ProcedureVersion) -> runner.Model:
    """Return the model that a version runs."""
    return runner.load(version.model, version.decisions)


def name_of(version: ProcedureVersion, place: str) -> str:
    """Return what people call a place; of one in front of a join the join, by its id where it has no name."""
    return outlook.names_of_places(version.model, version.decisions).get(place, place)


def waits_at_join(version: ProcedureVersion, place: str) -> bool:
    """Tell whether a dossier at a place waits at a join for its other branches."""
    return outlook.waits_at_join(model_of(version), place)


def reason(kind: str, case: Case, place: str) -> dict[str, Any]:
    """Return a reason that names a place of the version on which the dossier is."""
    return {"reason": str(kind), "node": place, "name": name_of(case.version, place)}


def gone(case: Case, place: str) -> dict[str, Any]:
    """Return the reason that a place has no counterpart: a step, or a join at which the dossier waits."""
    if not waits_at_join(case.version, place):
        return reason(Obstacle.STEP_GONE, case, place)
    told = reason(Obstacle.JOIN_GONE, case, place)
    return told | {"text": f"it waits at the join {told['name']!r} for its other branches"}


def position(to: ProcedureVersion, state: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return what blocks a dossier at the position to which it would move, and what somebody should look at.

    A model is sound from its start, which says nothing of a position that no run of it reaches (decision 0019).

    Args:
        state: the process as it would be on the version.
    """
    seen = outlook.outlook(to.model, to.decisions, state)
    if not (seen.faults or seen.is_bounded):
        return [], []
    standing = runner.places(model_of(to), state)
    around = {name for place in standing for name in place.inside}
    places = dict.fromkeys(name_of(to, place.place) for place in standing if place.place not in around)
    at = {"at": list(places)}
    said = ", ".join(places)
    faults = [
        {"reason": Obstacle.POSITION.value, "node": fault.where, "name": name_of(to, fault.where), "rule": fault.rule}
        | {"text": f"{fault.rule}, begun at {said}"}
        | at
        for fault in seen.faults[:MOST_FAULTS]
    ]
    looks = [{"reason": BOUNDED, "text": f"not every way from {said} was looked at"} | at] if seen.is_bounded else []
    return faults, looks
