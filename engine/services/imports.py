"""Import of procedures: step tables, spreadsheets and models are linted, test-run and published, each by itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from bpmn.findings import Finding, Severity, error
from engine.context import Context
from engine.domain import scenarios
from engine.domain.actors import Actor
from engine.services import own_units, procedure_contents, publishing, rehearsals
from engine.services.procedure_contents import AS_DRAWN, Content, Heading, Reading
from engine.services.transactions import Request, told_before, transact
from engine.store.procedures import ProcedureVersion


@dataclass(frozen=True, slots=True)
class Import:
    """What an import published and refused (contract §2 ``procedures import``)."""

    published: list[dict[str, Any]]
    refused: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """Return the JSON document that the command prints."""
        return {"published": self.published, "refused": self.refused}


def import_tables(
    ctx: Context, *, by: Actor, data: object, agency: str | None = None, request: Request | None = None
) -> Import:
    """Build, lint and publish every table that passes; each in its own transaction, so that none stops the others.

    Args:
        data: see ``procedure_contents.read_tables``.
        agency: code of the agency that gets them; None: the default agency.
        request: asked twice under the same key, the first answer is given again. It is kept when all tables are
            through: after a crash in between the same import is done again, which publishes nothing twice.

    Raises:
        AgencyNotFoundError, NotAllowedError, KeyReusedError.
    """
    publishing.check_may_publish(ctx, by, agency)
    return _import(ctx, by, agency, procedure_contents.read_tables(data), request)


def import_sheet(
    ctx: Context, *, by: Actor, content: bytes, kind: str, agency: str | None = None, request: Request | None = None
) -> Import:
    """Do as ``import_tables`` with the step tables of a spreadsheet.

    Args:
        content: the file.
        kind: ``csv`` or ``xlsx``.

    Raises:
        As ``import_tables``.
    """
    publishing.check_may_publish(ctx, by, agency)
    readings = list(procedure_contents.read_sheet(content, kind))
    with ctx.unit_of_work(read_only=True) as uow:
        owner = publishing.administered(uow, by, agency).id
        readings = [own_units.with_own_units(uow, owner, read) for read in readings]
    return _import(ctx, by, agency, readings, request)


def import_model(
    ctx: Context, *, by: Actor, xml: str | bytes, agency: str | None = None, heading: Heading = AS_DRAWN,
    request: Request | None = None,
) -> Import:  # fmt: skip
    """Lint and publish one BPMN file.

    Args:
        heading: code, name and limit for a file that does not say them.

    A model says nothing of policy, form, decisions and test runs: these stay as the procedure has them.

    Raises:
        As ``import_tables``.
    """
    publishing.check_may_publish(ctx, by, agency)
    reading = procedure_contents.read_model(xml, heading)
    before = _in_force(ctx, agency, reading.code)
    if before is not None and reading.content is not None:
        drawn = reading.content.source
        kept = Content(drawn, before.decisions, before.form, before.policy, tuple(before.scenarios))
        said = {(each.rule, each.where): each for each in reading.findings}
        reading = procedure_contents.read_content(kept)
        now = {(each.rule, each.where) for each in reading.findings}
        converted = [each for key, each in said.items() if key not in now and each.severity is Severity.WARNING]
        reading = replace(reading, findings=(*converted, *reading.findings))
    return _import(ctx, by, agency, [reading], request)


def import_content(
    ctx: Context, *, by: Actor, content: Content, agency: str | None = None, request: Request | None = None
) -> Import:
    """Lint and publish a whole procedure, such as one of the library.

    Raises:
        As ``import_tables``.
    """
    publishing.check_may_publish(ctx, by, agency)
    return _import(ctx, by, agency, [procedure_contents.read_content(content)], request)


def _import(
    ctx: Context, by: Actor, agency: str | None, readings: Iterable[Reading], request: Request | None
) -> Import:
    told = told_before(ctx, by=by, request=request)
    if told is not None:
        return Import(**told)
    outcome = Import(published=[], refused=[])
    for read in readings:
        reading = _tried(ctx, by, agency, read)
        if not reading.is_publishable:
            outcome.refused.append(_refusal(reading))
        else:
            outcome.published.append(_publish_one(ctx, by, agency, reading))
    if request is None:
        return outcome
    return Import(**transact(ctx, by=by, request=request, work=lambda _uow: outcome.as_json()))


def _tried(ctx: Context, by: Actor, agency: str | None, reading: Reading) -> Reading:
    """Return what was read with an error for each of its test runs that does not end as expected."""
    if not reading.is_publishable or reading.content is None or not reading.content.scenarios:
        return reading
    with ctx.unit_of_work(read_only=True) as uow:
        owner = publishing.administered(uow, by, agency).id
    told = scenarios.read(list(reading.content.scenarios))
    failed = [each for each in rehearsals.run(ctx, agency=owner, content=reading, scenarios=told)
              if each["passed"] is False]  # fmt: skip
    return replace(reading, findings=(*reading.findings, *(_failure(reading.code, each) for each in failed)))


def _failure(code: str, played: dict[str, Any]) -> Finding:
    if played["trouble"] is not None:
        why = f"act {played['trouble']['act']}: {played['trouble']['message']}"
    else:
        why = "; ".join(f"{each['what']}: expected {each['expected']}, found {each['found']}"
                        for each in played["differences"])  # fmt: skip
    return error("scenario-failed", code, f"The test run {played['name']!r} does not end as expected: {why}")


def _publish_one(ctx: Context, by: Actor, agency: str | None, reading: Reading) -> dict[str, Any]:
    # Run again when somebody publishes the same code at the same time, so that one lost race does not end an import.
    return transact(
        ctx, by=by, request=None,
        work=lambda uow: publishing.publish(
            ctx, uow, by=by, owner=publishing.administered(uow, by, agency), reading=reading
        ).answer,
    )  # fmt: skip


def _in_force(ctx: Context, agency: str | None, code: str) -> ProcedureVersion | None:
    with ctx.unit_of_work(read_only=True) as uow:
        owner = uow.agencies.by_code(agency) if agency else uow.agencies.default()
        procedure = uow.procedures.find(owner.id, code) if code else None
        return None if procedure is None else uow.procedures.in_force(procedure, ctx.clock.now())


def _refusal(reading: Reading) -> dict[str, Any]:
    return {"code": reading.code, "findings": [finding.as_json() for finding in reading.findings]}
