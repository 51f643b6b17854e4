"""Papers around a dossier that the desk prints for citizens: the receipt of money, the slip for what they say."""

from __future__ import annotations

from engine.context import Context
from engine.documents.fee_receipts import FeeReceiptValues
from engine.documents.feedback_slips import FeedbackValues
from engine.documents.forms import render_pdf
from engine.domain.actors import Actor, Role
from engine.domain.official_forms import OWN, FormKind, form_of
from engine.domain.permissions import NotAllowedError
from engine.domain.result_return import tracking_url
from engine.errors import ConflictError
from engine.services import dossier_file, fees, step_units
from engine.services.case import Case, check_ours
from engine.services.receipts import NotReceivedError
from engine.store.dossiers import Obligation


class NothingPaidError(ConflictError):
    """The dossier has no fee, or the obligation with this number is not paid: there is nothing to receipt."""

    code = "nothing-paid"


def pdf(ctx: Context, *, by: Actor, dossier: str, obligation: int | None = None) -> bytes:
    """Return the receipt of money in three copies: of a paid obligation, or of the procedure's fee taken at the desk.

    Args:
        obligation: number of the obligation; None: the fee that was told at the receipt.

    Raises:
        DossierNotFoundError, NotAllowedError, NotReceivedError.
        NothingPaidError: see the message.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        _check_takes_money(case, by)
        made = values(case, by=by, obligation=obligation)
        return render_pdf(made.form, made)


def feedback(ctx: Context, *, by: Actor, dossier: str) -> bytes:
    """Return the slip on which a citizen says how they were served.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
        NotReceivedError: it is not received yet.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        code = _received(case)
        agency = case.uow.agencies.get(case.dossier.receiving_agency_id)
        made = FeedbackValues(
            form=form_of(OWN, FormKind.FEEDBACK),
            superior_body=agency.name,
            unit_name=step_units.one_stop_unit(case, agency.id).name,
            place=agency.place,
            phone=agency.phone or None,
            code=code,
            applicant_name=case.uow.dossiers.parties(case.dossier.id)["applicant"].name,
            procedure_name=case.facts.name,
            tracking_url=tracking_url(case.ctx.settings.public_url, code),
            printed_at=case.now,
            zone=agency.zone,
        )
        return render_pdf(made.form, made)


def values(case: Case, *, by: Actor, obligation: int | None) -> FeeReceiptValues:
    """Return what the receipt of money prints.

    Raises:
        NotReceivedError, NothingPaidError.
    """
    code = _received(case)
    row, uow = case.dossier, case.uow
    agency = uow.agencies.get(row.receiving_agency_id)
    payer = uow.dossiers.parties(row.id)["applicant"]
    paid = None if obligation is None else _paid(case, obligation)
    amount = _fee(case) if paid is None else paid.amount_vnd
    return FeeReceiptValues(
        form=form_of(OWN, FormKind.FEE),
        superior_body=agency.name,
        agency_name=step_units.one_stop_unit(case, agency.id).name,
        place=agency.place,
        code=code,
        payer_name=payer.name,
        identity_number=payer.identity_number,
        address=payer.address,
        procedure_name=case.facts.name,
        subject="Phí, lệ phí giải quyết thủ tục" if paid is None else f"Theo thông báo {paid.notice}",
        amount_vnd=amount,
        reference=None if paid is None else paid.reference,
        paid_at=case.now if paid is None or paid.settled_at is None else paid.settled_at,
        collector_name=by.name,
        printed_at=case.now,
        zone=agency.zone,
    )


def _received(case: Case) -> str:
    check_ours(case.dossier)
    if case.dossier.code is None:
        raise NotReceivedError("the dossier is not received yet", status=case.dossier.status)
    return case.dossier.code


def _paid(case: Case, no: int) -> Obligation:
    rows = case.uow.dossiers.obligations(case.dossier.id)
    paid = next((row for row in rows if row.no == no and row.settled_how == "paid"), None)
    if paid is None:
        raise NothingPaidError("no obligation with this number was paid; record the payment first", no=no)
    return paid


def _fee(case: Case) -> int:
    row = case.dossier
    amount = fees.fee_of(
        case.uow, case.version, row.facts, channel=row.channel, case=row.case, at=row.received_at or case.now
    )
    if not amount:
        raise NothingPaidError("no fee is known for this dossier, or it is 0")
    return amount


def _check_takes_money(case: Case, by: Actor) -> None:
    """Money is receipted by the desk that received the dossier, or returns its result."""
    places = (case.dossier.receiving_agency_id, case.dossier.returning_agency_id)
    if not any(who.holds(place, (Role.DESK,)) for who in by.standings for place in places):
        raise NotAllowedError("only desk may print a receipt of money", needed=[Role.DESK.value])
