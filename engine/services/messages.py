"""Order messages to citizens, in the transaction of what they tell; the outbox carries them out (decision 0024)."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.documents.messages import MessageValues, compose
from engine.domain import messages as rules
from engine.domain.ids import AgencyId
from engine.domain.messages import MessageKind, MessageState, Way
from engine.domain.result_return import tracking_url
from engine.services.case import Case
from engine.store.agencies import Agency
from engine.store.dossiers import Dossier
from engine.store.messages import Message

WRITERS = ("applicant", "owner")  #: in this order: who of a dossier is written to


def order(
    case: Case,
    kind: MessageKind,
    *,
    subject_no: int = 1,
    attachment: tuple[str, str] | None = None,
    way: Way | None = None,
    notice: str = "",
) -> Message | None:
    """Order a message inside the caller's transaction: what is rolled back tells nobody anything.

    It goes by the channel that the citizen has chosen, else by what they have; a channel by telephone counts only
    where the office is connected to one. SMS and Zalo wait for the end of the agency's quiet hours.

    Args:
        subject_no: of what it tells among its kind: number of the request, of the promise; once for each.
        attachment: sha256 of a PDF in the file store, and its name for the reader; goes with an e-mail only.
        way: the channel that somebody at the desk has chosen with the citizen, instead of the citizen's usual one.
        notice: what a message of kind ``NOTICE`` says (see ``engine.documents.messages.NOTICES``).

    Returns:
        The message, or the one that was ordered for this subject before; None when the citizen wants none or can be
        reached by no channel, so a paper has to do.
    """
    case.uow.flush()
    known = case.uow.messages.of_subject(case.dossier.id, kind.value, subject_no)
    if known is not None:
        return known
    reached = way_of(case, way=way)
    if reached is None:
        return None
    by, address = reached
    sender = case.uow.agencies.get(_sender(case.dossier, kind))
    message = case.uow.messages.add(
        Message(
            id=case.ctx.new_id(),
            owner_agency_id=sender.id,
            dossier_id=case.dossier.id,
            kind=kind.value,
            subject_no=subject_no,
            channel=by.value,
            language=case.dossier.notify_language,
            address=address,
            state=MessageState.QUEUED.value,
            ordered_at=case.now,
        )
    )
    _to_outbox(case, message, sender, attachment if by is Way.EMAIL else None, notice)
    return message


def way_of(case: Case, *, way: Way | None = None) -> tuple[Way, str] | None:
    """Return the channel and the address by which the people of a dossier are told; None: by none.

    Args:
        way: only this channel, or none.
    """
    people = case.uow.dossiers.parties(case.dossier.id)
    wish = case.dossier.notify_by if way is None else way.value
    for person in (people[role] for role in WRITERS if role in people):
        found = rules.way_to(wish, email=person.email, phone=person.phone, connected=connected(case.ctx))
        if found is not None and way in (None, found[0]):
            return found
    return None


def connected(ctx: Context) -> frozenset[Way]:
    """Return the channels by telephone that this office can send through."""
    return frozenset(ctx.texts)


def quiet_until(agency: Agency, at: datetime) -> datetime:
    """Return the first instant from ``at`` on at which a telephone of an agency's citizens may ring."""
    return rules.may_ring_at(at, zone=agency.zone, quiet_from=agency.quiet_from, quiet_to=agency.quiet_to)


def _sender(dossier: Dossier, kind: MessageKind) -> AgencyId:
    """Return who writes: who is sorry, who has the result, else the desk that the citizen knows (domain.md §1.9)."""
    if kind is MessageKind.APOLOGY:
        return dossier.resolving_agency_id
    return dossier.returning_agency_id if kind is MessageKind.RESULT_READY else dossier.receiving_agency_id


def _date_of(case: Case, message: Message) -> datetime | None:
    if message.kind != MessageKind.APOLOGY:
        return case.dossier.due_at
    letter = case.uow.letters.of_promise(case.dossier.id, message.subject_no)
    return None if letter is None else letter.new_due_at


def _to_outbox(case: Case, message: Message, sender: Agency, attachment: tuple[str, str] | None, notice: str) -> None:
    row, kind, way = case.dossier, MessageKind(message.kind), Way(message.channel)
    values = MessageValues(
        code=row.code,
        procedure=case.facts.name,
        agency=sender.name,
        place=case.uow.agencies.get(row.returning_agency_id).name,
        due_at=_date_of(case, message),
        tracking_url=tracking_url(case.ctx.settings.public_url, row.code) if row.code else None,
        notice=notice,
        zone=ZoneInfo(sender.zone),
    )
    said = compose(kind, values, way=way, language=message.language, has_attachment=attachment is not None)
    payload = {"subject": said.subject, "text": said.text}
    if attachment is not None:
        payload |= {"file_sha256": attachment[0], "file_name": attachment[1]}
    case.uow.outbox.add(
        agency=sender.id,
        topic=rules.topic_of(way),
        key=str(message.id),
        payload=payload,
        at=case.now,
        not_before=quiet_until(sender, case.now) if way in rules.RINGS else case.now,
    )
