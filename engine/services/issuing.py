"""Issuing papers: the number is taken in the transaction that issues, and what a paper says is fixed then.

The bytes follow later, in a worker: they are a function of what is fixed, so whoever asks before gets the same ones.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from engine.documents.frozen import freeze
from engine.domain import paper_numbers
from engine.domain.events import EventKind, digest
from engine.domain.ids import AgencyId
from engine.domain.official_forms import FormKind, OfficialForm, form_of, symbol_of
from engine.services.case import Case, record
from engine.store.papers import IssuedPaper

RENDER = "paper.render"  #: outbox topic: print what was issued, and keep the file

ValuesOf = Callable[[OfficialForm, str | None, str], Any]  #: form, number as printed, symbol: the values to print


def issue(
    case: Case,
    kind: FormKind,
    values_of: ValuesOf,
    *,
    subject_no: int = 1,
    agency: AgencyId | None = None,
    number_as: IssuedPaper | None = None,
    numbered: bool = True,
) -> IssuedPaper:
    """Issue a paper, the last thing in the caller's transaction: counters are hot, and rolled back none was taken.

    Args:
        values_of: makes the values that the form prints; they are kept as they are now, whatever is corrected later.
        subject_no: which of its kind: issue of the receipt, number of the request, promise.
        agency: who issues and numbers it; None: the resolving agency.
        number_as: the first issue of the same paper, whose number prints again.
        numbered: False for a paper that has no number at all.

    Raises:
        UnknownFormError: the set has no form of that kind.
        ChangedMeanwhileError: at the end of the transaction; somebody else has issued this very paper.
    """
    issuer = case.uow.agencies.get(agency or case.dossier.resolving_agency_id)
    form = form_of(case.dossier.form_set, kind)
    symbol = symbol_of(kind, desk_symbol=issuer.desk_symbol, own=issuer.paper_symbols)
    year = paper_numbers.year_of(case.now, issuer.zone) if number_as is None else number_as.year
    counter = _taken(case, issuer.id, kind, year) if numbered and number_as is None else None
    before = None if number_as is None else number_as.number
    number = before if counter is None else paper_numbers.printed(counter, symbol)
    made_from = _fixed(values_of(form, number, symbol))
    paper = IssuedPaper(
        id=case.ctx.new_id(),
        owner_agency_id=issuer.id,
        dossier_id=case.dossier.id,
        kind=kind.value,
        subject_no=subject_no,
        form_set=form.form_set,
        form_key=form.key,
        form_version=form.version,
        year=year,
        counter=counter,
        number=number,
        made_from=made_from,
        made_from_sha256=digest(made_from),
        issued_at=case.now,
        issued_by=case.by.id,
    )
    return _written(case, paper)


def _fixed(values: Any) -> dict[str, Any]:
    """Return what is kept of values; by their salt nobody finds what they say of people by trying digests."""
    return {"salt": secrets.token_hex(16), "values": freeze(values)}


def _taken(case: Case, agency: AgencyId, kind: FormKind, year: int) -> int:
    return case.uow.numbers.take(agency, paper_numbers.counter_of(kind), str(year))


def void_within(case: Case, paper: IssuedPaper, *, reason: str) -> None:
    """Void a paper inside the caller's transaction; its number stays used, and the register says why.

    The caller has checked who may and that there is a reason.
    """
    paper.voided_at, paper.voided_by, paper.void_reason = case.now, case.by.id, reason
    record(case, EventKind.PAPER_VOIDED, {"paper": str(paper.id), "reason": reason})


def _written(case: Case, paper: IssuedPaper) -> IssuedPaper:
    case.uow.papers.add(paper)
    payload = {
        "paper": str(paper.id),
        "agency": paper.owner_agency_id,
        "kind": paper.kind,
        "form_set": paper.form_set,
        "form_key": paper.form_key,
        "version": paper.form_version,
        "subject": paper.subject_no,
        "number": paper.number,
        "counter": paper.counter,
        "year": paper.year,
        "made_from": paper.made_from_sha256,
    }
    record(case, EventKind.PAPER_ISSUED, payload)
    case.uow.outbox.add(
        agency=paper.owner_agency_id, topic=RENDER, key=str(paper.id), payload={"paper": str(paper.id)}, at=case.now
    )
    return paper
