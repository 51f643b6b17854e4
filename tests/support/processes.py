"""Reference processes in an office of a test: published with people in every unit, and driven by their outcomes."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bpmn import model
from bpmn.assembly import assemble
from engine.context import Context
from engine.domain.actors import Actor, Role
from engine.domain.events import digest
from engine.domain.ids import AgencyId, DossierId
from engine.domain.text import fold
from engine.seeds import base
from engine.services import intake, processing
from engine.services.policies import check_policy
from engine.store.agencies import Agency, Unit
from engine.store.procedures import Procedure, ProcedureVersion
from tests.support import builders as b

MODELS = Path(__file__).parents[2] / "bpmn" / "models"
PEOPLE = (Role.DESK, Role.OFFICER, Role.APPROVER, Role.CLERK)


@dataclass(frozen=True)
class Reference:
    """A reference process in force at the default agency; one person works in every unit with every role."""

    code: str
    agency: AgencyId
    everybody: Actor
    supervisor: Actor


def a_reference(
    ctx: Context,
    code: str,
    *,
    partners: Mapping[str, str] | None = None,
    changes: Mapping[str, str] | None = None,
    policy: Mapping[str, Any] | None = None,
    agencies: tuple[str, ...] = (),
) -> Reference:
    """Publish a reference process at the default agency; partner units and the agencies named are made.

    Args:
        partners: role of a partner: code of its agency.
        changes: text of the drawn process: what stands there instead.
        policy: beside the supplement rule of the process.
        agencies: codes of further agencies.
    """
    base.ensure(ctx)
    folder = MODELS / code
    source = (folder / "process.bpmn").read_text(encoding="utf-8")
    for old, new in (changes or {}).items():
        assert old in source
        source = source.replace(old, new)
    facts = tomllib.loads((folder / "facts.toml").read_text(encoding="utf-8"))
    rules = {"supplement": facts.get("supplement", {}), **(policy or {})}
    if partners:
        rules["partners"] = dict(partners)
    with ctx.unit_of_work() as uow:
        home = uow.agencies.default()
        for each in (*agencies, *(partners or {}).values()):
            if uow.agencies.find(each) is None:
                made = uow.agencies.add(Agency(code=each, name=f"Cơ quan {each}", place="Thử"))
                uow.agencies.add_unit(Unit(owner_agency_id=made.id, code="TIEP_NHAN", name="Tiếp nhận"))
    with ctx.unit_of_work(read_only=True) as uow:
        is_there = uow.procedures.find(home.id, code) is not None
    xml = assemble(source)
    decisions, form = _text(folder / "decisions.dmn"), json.loads(_text(folder / "form.json") or "{}")
    if not is_there:
        _insert(ctx, home.id, xml, check_policy(rules), decisions, form)
    with ctx.unit_of_work(read_only=True) as uow:
        units = [(unit.id, agency.id) for agency in uow.agencies.all() for unit in uow.agencies.units(agency.id)]
    everybody = b.a_person(ctx, home.id, "moi_viec", PEOPLE, [])
    for unit, agency in units:
        everybody = b.a_person(ctx, agency, "moi_viec", PEOPLE, [unit])
    return Reference(code, home.id, everybody, b.a_person(ctx, home.id, "giam_sat", [Role.SUPERVISOR]))


def receive(ctx: Context, reference: Reference, **filing: Any) -> b.Dossier:
    """Receive a dossier of the process now, and go on to its first step that has to be done."""
    usual: dict[str, Any] = {"procedure_code": reference.code, "applicant": b.NO_EMAIL, "agency": "H00"}
    return intake.receive(ctx, by=reference.everybody, filing=intake.Filing(**(usual | filing)))


def usual_facts(code: str) -> dict[str, Any]:
    """Return answers to all that the process asks at receipt: no, 1, the first choice, a word."""
    form = json.loads(_text(MODELS / code / "form.json") or "{}")
    usual = {"boolean": False, "number": 1, "text": "Thử"}
    return {
        field["name"]: usual[field["type"]] if field["type"] in usual else field["choices"][0]["value"]
        for field in form.get("fields", [])
        if field.get("asked", "receipt") == "receipt"
    }


def task(dossier: b.Dossier, node: str) -> dict[str, Any]:
    """Return the open task at a node; with several of them the first."""
    return next(each for each in dossier["open_tasks"] if each["node"] == node)


def nodes(dossier: b.Dossier) -> list[str]:
    """Return the nodes of the open tasks in order."""
    return sorted(each["node"] for each in dossier["open_tasks"])


def do(
    ctx: Context, reference: Reference, dossier: b.Dossier, node: str, outcome: str | None = None, **fields: Any
) -> b.Dossier:
    """Do the open task at a node; the first outcome that it offers unless another is named."""
    found = task(dossier, node)
    offered = [each["value"] for each in found["outcomes"]] or ["done"]
    return processing.complete(
        ctx, by=reference.everybody, task_id=found["id"], outcome=outcome or offered[0], fields=fields
    )


def kinds(ctx: Context, dossier: b.Dossier) -> list[str]:
    """Return the kinds of the events of a dossier in order."""
    return [kind for kind, _ in events(ctx, dossier)]


def events(ctx: Context, dossier: b.Dossier) -> list[tuple[str, dict[str, Any]]]:
    """Return kind and payload of the events of a dossier in order."""
    with ctx.unit_of_work(read_only=True) as uow:
        found = uow.dossiers.by_code(dossier["code"]) if dossier["code"] else None
        row = found.id if found is not None else DossierId(dossier["id"])
        return [(str(event.kind), event.payload) for event in uow.events.of(row)]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _insert(
    ctx: Context, owner: AgencyId, xml: str, policy: dict[str, Any], decisions: str, form: dict[str, Any]
) -> None:
    facts = model.facts(xml)
    with ctx.unit_of_work() as uow:
        for unit in facts.units:
            agency = owner if unit.agency is None else uow.agencies.by_code(policy["partners"][unit.agency]).id
            if uow.agencies.find_unit(agency, unit.code) is None:
                first = not any(each.is_one_stop for each in uow.agencies.units(agency))
                made = Unit(owner_agency_id=agency, code=unit.code, name=unit.label, is_one_stop=first)
                uow.agencies.add_unit(made)
        procedure = uow.procedures.add(
            Procedure(owner_agency_id=owner, code=facts.code, name=facts.name, name_folded=fold(facts.name), field="",
                      is_open=True, current_version_id=None)
        )  # fmt: skip
        named = [model.content_hash(xml), policy, *([decisions, form] if decisions or form else [])]
        version = uow.procedures.add_version(
            ProcedureVersion(
                owner_agency_id=owner, procedure_id=procedure.id, number=1, content_hash=digest(named), model=xml,
                decisions=decisions, form=form, limit=facts.limit, fee_vnd=facts.fee_vnd, policy=policy, findings=[],
                published_at=ctx.clock.now(), effective_from=ctx.clock.now(),
            )
        )  # fmt: skip
        procedure.current_version_id = version.id
