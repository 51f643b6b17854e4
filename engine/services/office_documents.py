"""Papers as editable .docx: by the template of the agency that issues them, or by ours (issue 6)."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.documents.docx import render
from engine.domain.actors import Actor
from engine.domain.ids import AgencyId
from engine.services import (
    control_slips,
    courses,
    dossier_file,
    form_templates,
    letter_rules,
    letter_values,
    paper_prints,
)
from engine.services.case import Case
from engine.store.papers import IssuedPaper, PaperId


def of_letter(ctx: Context, *, by: Actor, letter_id: str) -> bytes:
    """Return a letter of apology as .docx: what was issued, or the draft as it stands, marked as one.

    It is a copy to work with. What was sent is the PDF, and only that is kept.

    Raises:
        LetterNotFoundError: there is none, or it is not the actor's to know (S05).
        TemplateOutdatedError: the agency's template does not fit the form any more.
    """
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        paper = None if letter.paper_id is None else uow.papers.get(PaperId(letter.paper_id))
        values = (
            letter_values.of(uow, letter, public_url=ctx.settings.public_url)
            if paper is None
            else paper_prints.values_of_paper(paper)
        )
        form = values.form
        template = form_templates.active(ctx, uow, letter.owner_agency_id, form.kind, form.form_set)
    return render.render_docx(form, values, template=template)


def of_paper(ctx: Context, paper: IssuedPaper) -> bytes:
    """Return an issued paper that the caller may read as .docx, from the values that were fixed at its issue.

    Raises:
        UnknownFormError: there is no .docx of its kind.
        FrozenValuesError: its values were changed.
        TemplateOutdatedError: the agency's template does not fit the form any more.
    """
    form = paper_prints.form_of_paper(paper)
    with ctx.unit_of_work(read_only=True) as uow:
        template = form_templates.active(ctx, uow, paper.owner_agency_id, form.kind, form.form_set)
    return render.render_docx(form, paper_prints.values_of_paper(paper), template=template)


def of_control_slip(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the control slip of a dossier as .docx.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        NotReceivedError: it is not received yet.
        TemplateOutdatedError: the receiving agency's template does not fit the form any more.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return _printed(case, control_slips.values(case), case.dossier.receiving_agency_id)


def of_course(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the course of a dossier as .docx.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        TemplateOutdatedError: the resolving agency's template does not fit the form any more.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        return _printed(case, courses.values(case), case.dossier.resolving_agency_id)


def of_values(ctx: Context, agency: AgencyId, values: Any) -> bytes:
    """Return a book, a slip or a report of an agency as .docx, from values that the caller may read.

    Raises:
        UnknownFormError: there is no .docx of its kind.
        TemplateOutdatedError: the agency's template does not fit the form any more.
    """
    form = values.form
    with ctx.unit_of_work(read_only=True) as uow:
        template = form_templates.active(ctx, uow, agency, form.kind, form.form_set)
    return render.render_docx(form, values, template=template)


def _printed(case: Case, values: Any, agency: AgencyId) -> bytes:
    form = values.form
    return render.render_docx(
        form, values, template=form_templates.active(case.ctx, case.uow, agency, form.kind, form.form_set)
    )
