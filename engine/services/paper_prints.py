"""The file of an issued paper, and what it is made again from: below all services that issue papers."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.documents import forms
from engine.documents.frozen import thaw
from engine.domain.official_forms import FormKind, OfficialForm
from engine.store.papers import IssuedPaper


def content_of(ctx: Context, paper: IssuedPaper) -> bytes:
    """Return the PDF of a paper that the caller may read."""
    kept = paper.signed_sha256 or paper.file_sha256
    return rendered(paper) if kept is None else ctx.files.get(kept)


def rendered(paper: IssuedPaper) -> bytes:
    """Print a paper from what was fixed at its issue: each time the same bytes, without any signature."""
    return forms.render_pdf(form_of_paper(paper), values_of_paper(paper))


def values_of_paper(paper: IssuedPaper) -> Any:
    """Return the values that were fixed at the issue.

    Raises:
        FrozenValuesError: they are no values of that kind; somebody has changed them.
    """
    return thaw(forms.values_class(FormKind(paper.kind)), paper.made_from["values"])


def form_of_paper(paper: IssuedPaper) -> OfficialForm:
    """Return the form in which a paper was issued."""
    return OfficialForm(paper.form_set, paper.form_key, FormKind(paper.kind), paper.form_version)
