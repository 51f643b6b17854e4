"""Folding issues of receipts: the first with the receipt, the next with each correction; and slips entered later."""

from __future__ import annotations

from engine.verification.life import Life, Moment
from engine.verification.rows import Row


def issued_first(life: Life, moment: Moment) -> None:
    """Expect issue 1 where the event of the receipt names it; events of before there were issues do not."""
    row = _issue(life, moment)
    if "receipt_no" not in moment.payload:
        life.first_issue = row
        return
    life.expect(moment, "payload.receipt_no", 1, moment.payload["receipt_no"], "a receipt has number of issue 1")
    life.put("receipt_issue", (1,), row)


def reissued(life: Life, moment: Moment) -> None:
    """Mark the last issue as replaced, with the reason and the bytes that were handed out, and expect the next."""
    said, issues = moment.payload, life.rows["receipt_issue"]
    if not issues and life.first_issue is not None:
        life.put("receipt_issue", (1,), life.first_issue)
    last = max((key[0] for key in issues), default=0)
    life.expect(moment, "payload.receipt_no", last + 1, said["receipt_no"], "issues are numbered from 1")
    if last:
        issues[(last,)].update(replaced_at=moment.at, reason=said["reason"], file_sha256=said["replaced_file"])
    life.put("receipt_issue", (said["receipt_no"],), _issue(life, moment))


def period_of(life: Life, moment: Moment, received_on: str) -> str:
    """Return the period of the number that was given: of the day of receipt, or of the day the slip was reserved."""
    slip = moment.payload.get("slip")
    if slip is None:
        return received_on
    reserved_at, received_at = slip["reserved_at"], moment.instant("received_at")
    office = life.office(moment.payload["calendar"])
    at = Moment(moment.seq, moment.kind, moment.at, moment.actor, {"reserved_at": reserved_at}).instant("reserved_at")
    message = "the slip was filled in before it was reserved, or after it was entered"
    life.expect(moment, "payload.received_at", True, at <= received_at < moment.at, message)
    life.slip = moment.payload["code"]
    return received_on if office is None else f"{office.local_date(at):%y%m%d}"


def _issue(life: Life, moment: Moment) -> Row:
    return {
        "owner_agency_id": life.dossier["owner_agency_id"],
        "issued_by": moment.actor,
        "issued_at": moment.at,
        "event_seq": moment.seq,
        "file_sha256": None,
        "replaced_at": None,
        "reason": None,
    }
