"""The control slip of a dossier, told from its history (form 06, old set 05; domain.md §2.7)."""

from __future__ import annotations

from engine.context import Context
from engine.documents.control_slips import ControlLine, ControlSlipValues
from engine.documents.forms import render_pdf
from engine.domain import paper_numbers
from engine.domain.actors import Actor
from engine.domain.ids import UnitId
from engine.domain.official_forms import FormKind, form_of, symbol_of
from engine.domain.slip_lines import LineKind, SlipLine, lines_of
from engine.services import dossier_file, step_units
from engine.services.case import Case, check_ours
from engine.services.officer_names import OfficerNames
from engine.services.receipts import NotReceivedError, first_issued


def pdf(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the control slip of a dossier; the same history gives the same bytes.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        NotReceivedError: it is not received yet.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        made = values(case)
        return render_pdf(made.form, made)


def values(case: Case) -> ControlSlipValues:
    """Return what the control slip of an open dossier prints, as of its last event.

    Raises:
        NotReceivedError: it is not received yet.
    """
    row, uow = case.dossier, case.uow
    check_ours(row)
    if row.code is None or row.received_at is None or row.due_at is None:
        raise NotReceivedError("the dossier is not received, so it has no control slip", status=row.status)
    agency = uow.agencies.get(row.receiving_agency_id)
    desk = step_units.one_stop_unit(case, agency.id)
    symbol = symbol_of(FormKind.CONTROL, desk_symbol=agency.desk_symbol, own=agency.paper_symbols)
    receipt = first_issued(case)
    events = uow.events.of(row.id)
    return ControlSlipValues(
        form=form_of(row.form_set, FormKind.CONTROL),
        superior_body=agency.name,
        unit_name=desk.name,
        place=agency.place,
        number=None if receipt is None or not receipt.counter else paper_numbers.printed(receipt.counter, symbol),
        symbol=symbol,
        code=row.code,
        applicant_name=uow.dossiers.parties(row.id)["applicant"].name,
        procedure_code=case.facts.code,
        procedure_name=case.facts.name,
        resolving_name=uow.agencies.get(row.resolving_agency_id).name,
        partner_names=_partners(case),
        received_at=row.received_at,
        due_at=row.due_at,
        extended_due_at=row.extended_due_at,
        provisional=row.is_provisional,
        lines=_Printed(case).lines(lines_of(events, desk=desk.id)),
        printed_at=events[-1].at,
        zone=agency.zone,
    )


def _partners(case: Case) -> tuple[str, ...]:
    """Return the agencies, other than those that receive and resolve, whose units had the dossier or were asked."""
    row, uow = case.dossier, case.uow
    asked = {opinion.owner_agency_id for opinion in uow.consultations.opinions(row.id)}
    worked = {task.owner_agency_id for task in uow.tasks.all_of(row.id)}
    partners = (asked | worked) - {row.receiving_agency_id, row.resolving_agency_id}
    return tuple(sorted(uow.agencies.get(each).name for each in partners))


class _Printed:
    """Lines with names in place of ids."""

    def __init__(self, case: Case) -> None:
        self._case, self._names = case, OfficerNames(case.uow)

    def lines(self, told: list[SlipLine]) -> tuple[ControlLine, ...]:
        """Return the lines with names; a remark about hand-overs says their printed numbers."""
        handovers = [line for line in told if line.kind is LineKind.HANDOVER]
        numbers = {id(line): no for no, line in enumerate(handovers, start=1)}
        return tuple(self._line(line, [numbers[id(each)] for each in line.struck]) for line in told)

    def _line(self, line: SlipLine, struck: list[int]) -> ControlLine:
        return ControlLine(
            kind=line.kind,
            at=line.at,
            by=self._names.of(line.by),
            from_unit=self._unit(line.from_unit),
            to_unit=self._unit(line.to_unit),
            taken_at=line.taken_at,
            taken_by=self._names.of(line.taken_by),
            result=line.result,
            note=line.note,
            marks=tuple(line.marks),
            subject=self._subject(line, struck),
        )

    def _subject(self, line: SlipLine, struck: list[int]) -> str | None:
        if struck:
            return f"(giao nhận số {', '.join(map(str, struck))})"
        if line.versions is None or line.kind is LineKind.PROCEDURE_CHANGED:
            return None
        return str(self._case.uow.procedures.version(line.versions[1]).number)

    def _unit(self, unit_id: UnitId | None) -> str | None:
        """Return the unit's name, with its agency's where that is another one than the resolving agency."""
        if unit_id is None:
            return None
        agencies = self._case.uow.agencies
        unit = agencies.unit(unit_id)
        if unit.owner_agency_id == self._case.dossier.resolving_agency_id:
            return unit.name
        return f"{unit.name}, {agencies.get(unit.owner_agency_id).name}"
