"""What a process asks of the engine: notices, escalations, milestones, the next procedure of a chain.

Each is an event of the dossier; what has to leave the database, or to begin a dossier of its own, goes to the outbox in
the same transaction, so that an address that fails or a next procedure that is closed never holds up the result.
"""

from __future__ import annotations

from collections.abc import Callable

from bpmn.interpreter import Effect
from engine.domain.actors import Role
from engine.domain.dossier import Decision
from engine.domain.events import EventKind
from engine.domain.messages import MessageKind
from engine.services import messages
from engine.services.case import Case, record

NEXT = "dossier.next"  #: topic of the outbox: file the dossier of the next procedure of a chain
MAIL = "mail"
LONGEST_TEXT = 300  # characters of a milestone or a notice

CALLS = {  # why supervisors are called
    "opinion-late": "cơ quan được lấy ý kiến chưa trả lời đúng hạn",
    "verification-late": "cơ quan được đề nghị xác minh chưa trả lời đúng hạn",
    "measurement-late": "việc đo đạc chưa xong đúng hạn",
    "meeting-late": "cuộc họp chưa được tổ chức đúng hạn",
}


def carry_out(case: Case) -> None:
    """Do what the process has asked for since the last time, in order."""
    effects, case.effects = case.effects, []
    for effect in effects:
        _KINDS.get(effect.kind, _mark)(case, effect)


def _serve(case: Case, effect: Effect) -> None:
    _SERVICES.get(effect.name, _mark)(case, effect)


def _notify(case: Case, effect: Effect) -> None:
    """Tell the applicant by the channel of their choice, or keep that none reaches them.

    What the engine tells of itself, such as the result, is told once.
    """
    kind, subject_no = _told(case, effect.value)
    message = messages.order(case, kind, subject_no=subject_no, notice=effect.value)
    payload = {"node": effect.node, "notice": effect.value[:LONGEST_TEXT], "sent": message is not None}
    record(case, EventKind.APPLICANT_NOTIFIED, payload)


def _told(case: Case, notice: str) -> tuple[MessageKind, int]:
    """Return as which message a notice goes out, and its subject: the request, the obligation, or the very event."""
    row = case.dossier
    if notice == MessageKind.SUPPLEMENT:
        return MessageKind.SUPPLEMENT, max(1, row.supplement_count)
    if notice == MessageKind.OBLIGATION:
        return MessageKind.OBLIGATION, max(1, len(case.uow.dossiers.obligations(row.id)))
    if notice in (MessageKind.RESULT_READY, MessageKind.REFUSED) and row.decision is not None:
        return (MessageKind.RESULT_READY if row.decision is Decision.GRANTED else MessageKind.REFUSED), 1
    if notice in (MessageKind.RECEIVED, MessageKind.RESULT_READY, MessageKind.REFUSED):
        return MessageKind(notice), 1
    return MessageKind.NOTICE, row.event_seq + 1


def _escalate(case: Case, effect: Effect) -> None:
    """Call for the supervisors of the resolving agency: in the history, and by e-mail where they have an address."""
    about = effect.name if effect.kind == "escalation" else effect.value
    supervisors = case.uow.people.with_role(case.dossier.resolving_agency_id, Role.SUPERVISOR)
    addresses = sorted({officer.email for officer in supervisors if officer.email})
    payload = {"node": effect.node, "about": about[:LONGEST_TEXT], "mails": len(addresses)}
    seq = record(case, EventKind.ESCALATED, payload).seq
    for no, address in enumerate(addresses, start=1):
        text = f"Cần người giám sát xem xét: {CALLS.get(about, about or 'quá thời hạn của bước')}."
        _mail(case, to=address, key=f"escalation:{case.dossier.id}:{seq}:{no}", text=text)


def _mark(case: Case, effect: Effect) -> None:
    """Write a line into the history: a milestone by its text, a message that the process has thrown by its name."""
    text = (effect.value or effect.name)[:LONGEST_TEXT]
    record(case, EventKind.MILESTONE, {"node": effect.node, "text": text})


def _order_next(case: Case, effect: Effect) -> None:
    """Have the next procedure of a chain begin with the result of this one (domain.md §1.7)."""
    payload = {"node": effect.node, "procedure": effect.value}
    seq = record(case, EventKind.NEXT_ORDERED, payload).seq
    case.uow.outbox.add(
        agency=case.dossier.resolving_agency_id,
        topic=NEXT,
        key=f"{case.dossier.id}:{seq}",
        payload={"dossier": str(case.dossier.id), "procedure": effect.value, "by": case.by.id},
        at=case.now,
    )


def _mail(case: Case, *, to: str, key: str, text: str) -> None:
    row = case.dossier
    agency = case.uow.agencies.get(row.resolving_agency_id)
    named = f"Hồ sơ {row.code}" if row.code else "Hồ sơ chờ tiếp nhận"
    case.uow.outbox.add(
        agency=row.resolving_agency_id,
        topic=MAIL,
        key=key,
        payload={
            "to": to,
            "subject": f"{named}: thông báo",
            "text": f"{named} ({case.facts.name}).\n{text}\n\n{agency.name}",
        },
        at=case.now,
    )


_KINDS: dict[str, Callable[[Case, Effect], None]] = {"service": _serve, "escalation": _escalate}
_SERVICES: dict[str, Callable[[Case, Effect], None]] = {
    "notify_applicant": _notify,
    "notify_supervisor": _escalate,
    "start_next": _order_next,
    "record_milestone": _mark,
}
