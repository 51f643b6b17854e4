"""Who does a step: a unit of the agency that resolves, receives or returns, of a partner, or that an item names."""

from __future__ import annotations

from bpmn.model import StepFacts
from engine.domain.ids import AgencyId
from engine.services.case import Case
from engine.store.agencies import Agency, AgencyNotFoundError, Unit, UnitNotFoundError
from engine.store.dossiers import DossierAgency

ITEM = "=item"  #: unit of a step whose multi-instance names the unit of each item


def unit_of(case: Case, step: StepFacts, *, item: str | None = None) -> Unit:
    """Return who does the step: the receiving or returning agency's one-stop unit for the desk's steps elsewhere.

    Args:
        item: of a multi-instance whose step has the unit ``=item``: the unit of a lane or of the resolving agency, or
            ``AGENCY/unit`` of another one, which is named by its code or by its role as a partner. The role alone
            means the partner's one-stop unit, or its first one.

    Raises:
        UnitNotFoundError, AgencyNotFoundError: there is none; the message names the remedy.
    """
    if step.unit == ITEM:
        return _of_item(case, step, item)
    home = case.dossier.resolving_agency_id
    if step.agency is not None:
        return _of_agency(case, partner(case, step.agency), step.unit)
    agency = {"reception": case.dossier.receiving_agency_id, "return": case.dossier.returning_agency_id}.get(
        step.phase, home
    )
    if agency != home and step.unit == case.facts.first_unit:
        return one_stop_unit(case, agency)
    unit = case.uow.agencies.find_unit(home, step.unit)
    if unit is None:
        raise UnitNotFoundError(f"the resolving agency has no unit {step.unit!r}; add it or import the procedure again")
    return unit


def one_stop_unit(case: Case, agency_id: AgencyId) -> Unit:
    """Return the agency's one-stop unit.

    Raises:
        UnitNotFoundError: it has none, so it can neither receive nor return.
    """
    for unit in case.uow.agencies.units(agency_id):
        if unit.is_one_stop:
            return unit
    raise UnitNotFoundError("this agency has no one-stop unit; it cannot receive or return dossiers")


def partner(case: Case, role: str) -> Agency:
    """Return the agency that the policy names for a partner role of the process.

    Raises:
        AgencyNotFoundError: the policy names none, or one that does not exist.
    """
    code = case.version.policy.get("partners", {}).get(role)
    found = case.uow.agencies.find(code) if code is not None else None
    if found is None:
        raise AgencyNotFoundError(f"no agency is named for the partner {role!r}; name it in the policy's partners")
    return found


def let_see(case: Case, unit: Unit) -> None:
    """Let the agency of a unit that has to act know of the dossier."""
    row, agency = case.dossier, unit.owner_agency_id
    if agency in (row.receiving_agency_id, row.resolving_agency_id, row.returning_agency_id):
        return
    if agency not in case.uow.dossiers.agencies(row.id):
        case.uow.dossiers.add_part(DossierAgency(dossier_id=row.id, owner_agency_id=agency))
        case.uow.flush()


def _of_item(case: Case, step: StepFacts, item: str | None) -> Unit:
    named, _, code = (item or "").rpartition("/")
    if not code:
        raise UnitNotFoundError(f"the step {step.name!r} takes its unit from an item that names none; name the unit")
    partners = {role.casefold(): agency for role, agency in case.version.policy.get("partners", {}).items()}
    if named:
        return _of_agency(case, case.uow.agencies.by_code(partners.get(named.casefold(), named)), code)
    lane = next((unit for unit in case.facts.units if unit.code == code and unit.agency is not None), None)
    if lane is not None and lane.agency is not None:
        return _of_agency(case, partner(case, lane.agency), code)
    if code.casefold() in partners:
        return _any_of(case, case.uow.agencies.by_code(partners[code.casefold()]))
    return _of_agency(case, case.uow.agencies.get(case.dossier.resolving_agency_id), code)


def _any_of(case: Case, agency: Agency) -> Unit:
    units = case.uow.agencies.units(agency.id)
    if not units:
        raise UnitNotFoundError(f"the agency {agency.code} has no unit; add one there")
    return next((unit for unit in units if unit.is_one_stop), units[0])


def _of_agency(case: Case, agency: Agency, code: str) -> Unit:
    unit = case.uow.agencies.find_unit(agency.id, code)
    if unit is None:
        raise UnitNotFoundError(f"the agency {agency.code} has no unit {code!r}; add it there", unit=code)
    return unit
