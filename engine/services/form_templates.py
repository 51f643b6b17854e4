"""Templates that an office owns: uploaded by its administrator, checked before use, used for .docx from then on."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from engine.context import Context
from engine.documents.docx import findings, package, render, samples, sandbox
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.domain.official_forms import FORMS, FormKind, OfficialForm, UnknownFormError
from engine.errors import ConflictError, InvalidInputError
from engine.services import admin_scope
from engine.services.officer_names import OfficerNames
from engine.store.agencies import Agency
from engine.store.form_templates import ACTIVE, FormTemplate, FormTemplateNotFoundError
from engine.store.unit_of_work import UnitOfWork

LARGEST_FILE = package.LARGEST_FILE  #: bytes of an upload
CHECKED, REFUSED, RETIRED = "checked", "refused", "retired"
LONGEST_NAME = 200  #: characters of a file's name


class FormTemplateStateError(ConflictError):
    """The template is not in the state that this act needs."""

    code = "form-template-state"


class FormTemplateRefusedError(InvalidInputError):
    """The template does not pass the check of this version any more; it was not put to use."""

    code = "form-template-refused"


def form_named(form_set: str, kind: str) -> OfficialForm:
    """Return the form of exactly that set, of which there is a .docx.

    Raises:
        UnknownFormError: there is none.
    """
    for form in forms():
        if (form.form_set, form.kind) == (form_set, kind):
            return form
    raise UnknownFormError(f"there is no form {kind[:40]} as .docx in the set {form_set[:40]}")


def forms() -> tuple[OfficialForm, ...]:
    """Return the forms of which there is a .docx, in the order of their sets."""
    return tuple(form for form in FORMS if form.kind in render.kinds())


def ours(form: OfficialForm) -> bytes:
    """Return the template of a form that comes with the engine, to begin with.

    Raises:
        UnknownFormError: there is none.
    """
    return render.shipped(form)


def check(form: OfficialForm, content: bytes) -> list[dict[str, Any]]:
    """Return the findings of a template: rule, severity, facts and message; ``error`` forbids to use it."""
    return [found.as_json() for found in sandbox.check(form, content)]


def upload(
    ctx: Context, *, by: Actor, agency: str, form: OfficialForm, file_name: str, content: bytes
) -> dict[str, Any]:
    """Check an uploaded template and keep what the check said; only one without errors is kept as a file.

    The check runs before the transaction, in a process of its own: see ``sandbox``.

    Raises:
        NotAllowedError, AgencyNotFoundError.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        admin_scope.managed_agency(uow, by, agency)  # nobody else has us look into a file
    found = check(form, content)
    passed = not any(each["severity"] == findings.ERROR for each in found)
    digest = ctx.files.put(content) if passed else sha256(content).hexdigest()
    with ctx.unit_of_work() as uow:
        owner = admin_scope.managed_agency(uow, by, agency)
        row = FormTemplate(
            owner_agency_id=owner.id,
            kind=form.kind.value,
            form_set=form.form_set,
            version=uow.form_templates.next_version(owner.id, form.kind, form.form_set),
            file_sha256=digest,
            file_name=_bare(file_name),
            state=CHECKED if passed else REFUSED,
            findings=found,
            uploaded_by=by.id,
            uploaded_at=ctx.clock.now(),
        )
        uow.form_templates.add(row)
        _note(ctx, uow, by, owner, row, "form.uploaded")
        return _view(row, owner, OfficerNames(uow))


def activate(ctx: Context, *, by: Actor, template_id: int) -> dict[str, Any]:
    """Use a checked template from now on; the one that was in use is retired. It is checked again before.

    Raises:
        FormTemplateNotFoundError, NotAllowedError.
        FormTemplateStateError: it was refused, or is in use already.
        FormTemplateRefusedError: the check of today refuses it.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row, _owner = _managed(uow, by, template_id)
        _need(row, CHECKED, RETIRED)
    content, form = ctx.files.get(row.file_sha256), form_named(row.form_set, row.kind)
    errors = [each for each in check(form, content) if each["severity"] == findings.ERROR]
    if errors:
        raise FormTemplateRefusedError(f"the template does not pass any more: {errors[0]['message']}", findings=errors)
    with ctx.unit_of_work() as uow:
        row, owner = _locked(uow, by, template_id)
        _need(row, CHECKED, RETIRED)
        now = ctx.clock.now()
        for other in uow.form_templates.versions_locked(owner.id, row.kind, row.form_set):
            if other.state == ACTIVE:
                other.state, other.retired_at = RETIRED, now
        row.state, row.active_from, row.retired_at = ACTIVE, now, None
        _note(ctx, uow, by, owner, row, "form.activated")
        return _view(row, owner, OfficerNames(uow))


def retire(ctx: Context, *, by: Actor, template_id: int) -> dict[str, Any]:
    """Use the template no more: papers are printed by our own layout again.

    Raises:
        FormTemplateNotFoundError, NotAllowedError.
        FormTemplateStateError: it is not in use.
    """
    with ctx.unit_of_work() as uow:
        row, owner = _locked(uow, by, template_id)
        _need(row, ACTIVE)
        row.state, row.retired_at = RETIRED, ctx.clock.now()
        _note(ctx, uow, by, owner, row, "form.retired")
        return _view(row, owner, OfficerNames(uow))


def active(ctx: Context, uow: UnitOfWork, agency: AgencyId, kind: FormKind, form_set: str) -> bytes | None:
    """Return the template that an agency uses for a form; None: ours.

    Raises:
        FileMissingError: the store lost it.
    """
    row = uow.form_templates.active(agency, kind, form_set)
    return None if row is None else ctx.files.get(row.file_sha256)


def listed(ctx: Context, *, by: Actor) -> list[dict[str, Any]]:
    """Return the templates of the agencies that the actor administers, newest first.

    Raises:
        NotAllowedError: the actor administers nothing.
    """
    admin_scope.check_administers(by)
    with ctx.unit_of_work(read_only=True) as uow:
        owners = {row.id: row for row in admin_scope.managed(uow, by)}
        names = OfficerNames(uow)
        return [_view(row, owners[row.owner_agency_id], names) for row in uow.form_templates.listed(owners.keys())]


def show(ctx: Context, *, by: Actor, template_id: int) -> dict[str, Any]:
    """Return a template with its findings.

    Raises:
        FormTemplateNotFoundError: there is none, or it is not the actor's to know.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row, owner = _managed(uow, by, template_id)
        return _view(row, owner, OfficerNames(uow))


def filled_in(ctx: Context, *, by: Actor, template_id: int) -> bytes:
    """Return a template that passed, filled in with sample data.

    Raises:
        FormTemplateNotFoundError.
        FormTemplateStateError: it was refused; such a file is not kept.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        row, _owner = _managed(uow, by, template_id)
        _need(row, CHECKED, ACTIVE, RETIRED)
    form = form_named(row.form_set, row.kind)
    return render.render_docx(form, samples.sample_values(form), template=ctx.files.get(row.file_sha256))


def placeholders(form: OfficialForm) -> list[dict[str, Any]]:
    """Return what a template of the form may print: ``name``, ``sample``, ``required``, ``repeats`` (inside a for)."""
    needed = samples.required(form)
    return [
        {"name": name, "sample": sample, "required": name.partition(".")[0] in needed, "repeats": repeats}
        for name, sample, repeats in _named(samples.sample_fields(form), "", "")
    ]


def _named(fields: dict[str, Any], before: str, inside: str) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = []
    for name, value in fields.items():
        if isinstance(value, dict):
            found += _named(value, f"{before}{name}.", inside)
        elif isinstance(value, (list, tuple)):
            each = value[0] if value else ""
            loop = f"each in {before}{name}"
            found += _named(each, "each.", loop) if isinstance(each, dict) else [("each", str(each), loop)]
        else:
            found.append((before + name, _example(value), inside))
    return found


def _example(value: Any) -> str:
    if isinstance(value, bool):
        return "có hoặc không"
    return "" if value is None else str(value)


def _managed(uow: UnitOfWork, by: Actor, template_id: int) -> tuple[FormTemplate, Agency]:
    admin_scope.check_administers(by)
    row = uow.form_templates.get(template_id)
    for agency in admin_scope.managed(uow, by):
        if agency.id == row.owner_agency_id:
            return row, agency
    raise FormTemplateNotFoundError(f"there is no template {template_id}")


def _locked(uow: UnitOfWork, by: Actor, template_id: int) -> tuple[FormTemplate, Agency]:
    row, owner = _managed(uow, by, template_id)
    uow.form_templates.versions_locked(owner.id, row.kind, row.form_set)
    return row, owner


def _need(row: FormTemplate, *states: str) -> None:
    if row.state not in states:
        raise FormTemplateStateError(f"the template is {row.state}, this needs {' or '.join(states)}", state=row.state)


def _note(ctx: Context, uow: UnitOfWork, by: Actor, owner: Agency, row: FormTemplate, kind: str) -> None:
    facts = {"template": row.id, "version": row.version, "state": row.state, "file": row.file_sha256}
    subject = f"{row.form_set} {row.kind} v{row.version}"
    admin_scope.note(uow, by=by, at=ctx.clock.now(), agency=owner, kind=kind, subject=subject, facts=facts)


def _bare(name: str) -> str:
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(char for char in last if char.isprintable())[-LONGEST_NAME:].strip() or "mau.docx"


def _view(row: FormTemplate, owner: Agency, names: OfficerNames) -> dict[str, Any]:
    return {
        "id": row.id,
        "agency": owner.code,
        "agency_name": owner.name,
        "kind": row.kind,
        "form_set": row.form_set,
        "version": row.version,
        "state": row.state,
        "file_name": row.file_name,
        "file_sha256": row.file_sha256,
        "findings": row.findings,
        "uploaded_by": names.of(row.uploaded_by),
        "uploaded_at": row.uploaded_at.isoformat(),
        "active_from": row.active_from.isoformat() if row.active_from else None,
        "retired_at": row.retired_at.isoformat() if row.retired_at else None,
    }
