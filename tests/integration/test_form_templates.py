"""An office's own templates: uploaded, checked, put to use and retired, by its administrator alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from engine.context import Context
from engine.documents.docx import render, samples
from engine.domain.actors import SYSTEM, Actor, Role
from engine.domain.dossier import Cause
from engine.domain.official_forms import CURRENT, FormKind, UnknownFormError
from engine.domain.permissions import NotAllowedError
from engine.errors import ConflictError
from engine.integrations.files import FileMissingError
from engine.services import admin_scope, apologies, form_templates, issued_papers, letter_dispatch, office_documents
from engine.services.form_templates import FormTemplateRefusedError, FormTemplateStateError
from engine.store.form_templates import FormTemplateNotFoundError
from tests.support.builders import a_received_dossier, an_office, local
from tests.support.docx_files import parts_of, text_of, with_parts, with_text
from tests.support.site import an_account, an_agency

FORM = form_templates.form_named(CURRENT, FormKind.APOLOGY)
OWN = with_text(render.shipped(FORM), "Mẫu của phường, hồ sơ {{ code }}")
BAD = with_text(render.shipped(FORM), "{{ cycler.__init__.__globals__ }}")


def an_admin(ctx: Context) -> Actor:
    """Make the administrator of an agency."""
    an_agency(ctx)
    return an_account(ctx, "admin", Role.ADMIN, password=None).actor


def upload(ctx: Context, admin: Actor, content: bytes = OWN, *, name: str = "xin-loi.docx") -> dict[str, object]:
    """Upload a template of the apology."""
    return form_templates.upload(ctx, by=admin, agency="H01", form=FORM, file_name=name, content=content)


def in_use(ctx: Context, code: str = "H01") -> bytes | None:
    """Return the template that an agency uses for the apology."""
    with ctx.unit_of_work(read_only=True) as uow:
        agency = uow.agencies.by_code(code)
        return form_templates.active(ctx, uow, agency.id, FormKind.APOLOGY, CURRENT)


def test_template_goes_its_way(ctx: Context) -> None:
    admin = an_admin(ctx)
    first = upload(ctx, admin)
    assert (first["state"], first["version"], first["findings"]) == ("checked", 1, [])
    assert in_use(ctx) is None

    form_templates.activate(ctx, by=admin, template_id=first["id"])
    assert in_use(ctx) == OWN

    other = with_text(OWN, "Bản hai")
    second = upload(ctx, admin, other)
    assert second["version"] == 2
    form_templates.activate(ctx, by=admin, template_id=second["id"])
    assert in_use(ctx) == other
    states = {each["version"]: each["state"] for each in form_templates.listed(ctx, by=admin)}
    assert states == {1: "retired", 2: "active"}

    form_templates.retire(ctx, by=admin, template_id=second["id"])
    assert in_use(ctx) is None
    form_templates.activate(ctx, by=admin, template_id=first["id"])
    assert in_use(ctx) == OWN
    kinds = [act["kind"] for act in admin_scope.acts(ctx, by=admin) if act["kind"].startswith("form.")]
    assert kinds == [
        "form.activated",
        "form.retired",
        "form.activated",
        "form.uploaded",
        "form.activated",
        "form.uploaded",
    ]


def test_refused_template_keeps_its_findings_and_not_its_file(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    admin = an_admin(ctx)
    made = upload(ctx, admin, BAD)

    assert made["state"] == "refused"
    assert {each["rule"] for each in made["findings"]} == {"expression-refused"}
    with pytest.raises(FileMissingError):
        ctx.files.get(str(made["file_sha256"]))
    with pytest.raises(FormTemplateStateError):
        form_templates.activate(ctx, by=admin, template_id=made["id"])
    with pytest.raises(FormTemplateStateError):
        form_templates.filled_in(ctx, by=admin, template_id=made["id"])


def test_template_is_checked_again_before_it_is_used(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = sqlite_ctx
    admin = an_admin(ctx)
    body = "{{ code }} {{ due }} {{ new_due }} {{ reason }} {{ number }}"
    head = parts_of(OWN)["word/document.xml"].split(b"<w:body>")[0]
    plain = f"<w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body></w:document>".encode()
    made = upload(ctx, admin, with_parts(OWN, **{"word__document.xml": head + plain}))
    monkeypatch.setitem(samples.REQUIRED, FormKind.APOLOGY, ("code", "signer_name"))  # as a later version might

    with pytest.raises(FormTemplateRefusedError):
        form_templates.activate(ctx, by=admin, template_id=made["id"])

    assert in_use(ctx) is None


def test_names_of_files_are_bare(sqlite_ctx: Context) -> None:
    admin = an_admin(sqlite_ctx)

    assert upload(sqlite_ctx, admin, b"", name="C:\\x\\..\\mẫu\n.docx")["file_name"] == "mẫu.docx"
    assert upload(sqlite_ctx, admin, b"", name="")["file_name"] == "mau.docx"
    assert len(str(upload(sqlite_ctx, admin, b"", name="x" * 999)["file_name"])) == 200


def test_only_the_administrator_of_the_agency_may(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    admin = an_admin(ctx)
    an_agency(ctx, "H02")
    stranger = an_account(ctx, "other", Role.ADMIN, agency="H02", password=None).actor
    clerk = an_account(ctx, "clerk", Role.CLERK, Role.SUPERVISOR, password=None).actor
    made = upload(ctx, admin)

    for act in (form_templates.activate, form_templates.retire, form_templates.show, form_templates.filled_in):
        with pytest.raises(FormTemplateNotFoundError):
            act(ctx, by=stranger, template_id=made["id"])
        with pytest.raises(NotAllowedError):
            act(ctx, by=clerk, template_id=made["id"])
    for who in (stranger, clerk):
        with pytest.raises(NotAllowedError):
            upload(ctx, who)
    with pytest.raises(NotAllowedError):
        form_templates.listed(ctx, by=clerk)
    assert form_templates.listed(ctx, by=stranger) == []
    with pytest.raises(FormTemplateNotFoundError):
        form_templates.show(ctx, by=admin, template_id=999)


def test_two_who_put_templates_to_use_leave_one_in_use(ctx: Context) -> None:
    admin = an_admin(ctx)
    made = [upload(ctx, admin)["id"] for _no in range(3)]

    def use(template_id: int) -> object:
        try:
            return form_templates.activate(ctx, by=admin, template_id=template_id)
        except ConflictError as error:
            return error

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(use, made))

    states = [each["state"] for each in form_templates.listed(ctx, by=admin)]
    assert states.count("active") == 1


def test_unknown_forms_are_named() -> None:
    for form_set, kind in ((CURRENT, "fee"), ("-", "fee"), (CURRENT, "nothing"), ("TT99", "receipt")):
        with pytest.raises(UnknownFormError):
            form_templates.form_named(form_set, kind)


def test_letter_is_printed_by_the_template_of_its_agency(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    draft = apologies.Draft(cause=Cause.STAFF, reason="Thiếu người thụ lý hồ sơ", new_due_at=local("2026-04-06T09:00"))
    letter = apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"]

    drafted = text_of(office_documents.of_letter(ctx, by=office.officer, letter_id=letter))
    assert drafted.startswith("BẢN NHÁP")
    assert "Thiếu người thụ lý hồ sơ" in drafted

    agency = dossier_agency(ctx, dossier["code"])
    made = form_templates.upload(ctx, by=SYSTEM, agency=agency, form=FORM, file_name="a.docx", content=OWN)
    form_templates.activate(ctx, by=SYSTEM, template_id=made["id"])
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    sent = letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter)["letter"]
    ctx.clock.advance(timedelta(days=1))

    said = text_of(office_documents.of_letter(ctx, by=office.officer, letter_id=letter))
    assert said.startswith(f"Mẫu của phường, hồ sơ {dossier['code']}")
    assert sent["number"] in said
    assert "BẢN NHÁP" not in said
    (paper,) = [each for each in issued_papers.listed(ctx, by=office.officer, dossier=dossier["id"])
                if each["kind"] == "apology"]  # fmt: skip
    row = issued_papers.read(ctx, office.officer, paper["id"])
    assert text_of(office_documents.of_paper(ctx, row)) == said


def dossier_agency(ctx: Context, dossier: str) -> str:
    """Return the code of the agency that resolves a dossier."""
    with ctx.unit_of_work(read_only=True) as uow:
        row = uow.dossiers.by_code(dossier)
        return uow.agencies.get(row.resolving_agency_id).code


def test_template_whose_file_is_lost_is_an_error_and_no_other_layout(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    admin = an_admin(ctx)
    made = upload(ctx, admin)
    form_templates.activate(ctx, by=admin, template_id=made["id"])
    for path in Path(ctx.settings.files).rglob("*"):
        if path.is_file():
            path.unlink()

    with pytest.raises(FileMissingError):
        in_use(ctx)


def test_placeholders_are_told_with_examples() -> None:
    found = {each["name"]: each for each in form_templates.placeholders(form_templates.form_named(CURRENT, "receipt"))}

    assert found["code"]["required"]
    assert found["applicant.name"]["sample"]
    assert found["each.originals"]["repeats"] == "each in papers"
    assert found["each"]["repeats"] == "each in title"
