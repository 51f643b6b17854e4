"""Folding what happens at reception, and papers, supplements and obligations."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import fee_list, on_receipts, slow_time
from engine.verification.life import Life, MisfitError, Moment

USUAL_FORMS = "TT03/2025"  #: of a procedure that names no other set (domain.md §2.1)


def submitted(life: Life, moment: Moment) -> None:
    """Begin: every column of the dossier that is known when it is filed."""
    said = moment.payload
    if moment.seq != 1:
        raise MisfitError("seq", 1, moment.seq, "a dossier is filed by its first event only")
    life.dossier.update(
        owner_agency_id=said["receiving"],
        receiving_agency_id=said["receiving"],
        resolving_agency_id=said["resolving"],
        returning_agency_id=said["returning"],
        code=None,
        procedure_id=said["procedure"],
        version_id=said["procedure_version"],
        form_set=said["form_set"],
        calendar_version=None,
        **_wishes(said),
        case_name=said["case"],
        decision=None,
        submitted_at=moment.instant("submitted_at"),
        received_at=None,
        due_at=None,
        late_after=None,
        missed_late_after=None,
        is_provisional=False,
        is_paused=False,
        extended_due_at=None,
        finished_at=None,
        ended_at=None,
        supplement_count=0,
        extension_count=0,
        extension_broken_at=None,
        facts=said.get("facts", {}),  # events of before there were forms have none
        received_late=False,
        late_cause=None,
        source=None,
        source_key=None,
        follows_id=None if said.get("follows") is None else UUID(said["follows"]),
    )
    _check_version(life, moment)
    life.people = dict(said["people"])
    life.authorisation = said.get("authorisation")
    for role in life.people:
        life.put("party", (role,), {"owner_agency_id": said["receiving"]})
    for agency in {said["receiving"], said["resolving"]}:
        life.put("dossier_agency", (agency,), {"owner_agency_id": agency})
    instance = {"owner_agency_id": said["receiving"], "version_id": said["procedure_version"]}
    life.put("process_instance", (), instance)
    papers_brought(life, moment, said["papers"])


def _check_version(life: Life, moment: Moment) -> None:
    version = life.version
    if version is None:
        return
    message = "the version belongs to another procedure"
    life.expect(moment, "payload.procedure", version.procedure_id, moment.payload["procedure"], message)
    wanted, found = version.policy.get("form_set", USUAL_FORMS), moment.payload["form_set"]
    life.expect(moment, "payload.form_set", wanted, found, "forms of another set than the procedure's")


def _wishes(said: dict[str, Any]) -> dict[str, Any]:
    return {
        "channel": said["channel"],
        "result_channel": said["result_channel"],
        "notify_by": said.get("notify_by", "email"),  # events of before people could choose have none
        "notify_language": said.get("notify_language", "vi"),
    }


def received(life: Life, moment: Moment) -> None:
    """Give code and promise; both are counted again from the receipt."""
    said = moment.payload
    received_at = moment.instant("received_at")
    life.expect(moment, "payload.received_at", True, received_at <= moment.at, "received later than written down")
    life.late_rule = said["late_rule"]
    due_at, late_after = moment.instant("due_at"), moment.instant("late_after")
    life.dossier.update(
        code=said["code"],
        received_at=received_at,
        due_at=due_at,
        late_after=late_after,
        is_provisional=said["provisional"],
        calendar_version=said["calendar"],
        received_late="slip" in said,
    )
    if "facts" in said:
        life.dossier["facts"] = said["facts"]
    promise = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "state": "running",
        "time_limit": said["limit"],
        "rest": said["limit"],
        "running_from": moment.instant("counted_from"),
        "due_at": due_at,
        "late_after": late_after,
        "is_broken": False,
        "passed_at": None,
        "calendar_version": said["calendar"],
    }
    life.put("deadline", ("promise", said["promise"]), promise)
    on_receipts.issued_first(life, moment)
    _check_number(life, moment)
    _check_rule_version(life, moment)
    _check_promise(life, moment)


def not_received(life: Life, moment: Moment) -> None:
    """End at reception."""
    life.dossier["ended_at"] = moment.instant("ended_at")
    life.expect(moment, "payload.reason", True, bool(moment.payload["reason"]), "a refusal names its reason")


def paper_added(life: Life, moment: Moment) -> None:
    """Add one paper, with its file."""
    papers_brought(life, moment, [moment.payload])


def supplement_requested(life: Life, moment: Moment) -> None:
    """Ask the citizen; the limit to answer runs."""
    said = moment.payload
    life.dossier["supplement_count"] += 1
    agency = life.dossier["resolving_agency_id"]
    request = {
        "owner_agency_id": agency,
        "stage": said["stage"],
        "clock": said["clock"],
        "reason": said["reason"],
        "items": said["items"],
        "requested_by": moment.actor,
        "requested_at": moment.at,
        "answer_due_at": moment.instant("answer_due_at"),
        "completed_at": None,
        "lapsed_at": None,
    }
    life.put("supplement", (said["no"],), request)
    answer = {
        "owner_agency_id": agency,
        "state": "running",
        "time_limit": said["answer_limit"],
        "rest": said["answer_limit"],
        "running_from": moment.instant("answer_from"),
        "due_at": moment.instant("answer_due_at"),
        "late_after": moment.instant("answer_late_after"),
        "is_broken": False,
        "passed_at": None,
        "calendar_version": said["calendar"],
    }
    life.put("deadline", ("answer", said["no"]), answer)
    _check_supplement(life, moment)


def supplement_completed(life: Life, moment: Moment) -> None:
    """Take the missing papers; the limit to answer ends."""
    said = moment.payload
    life.part("supplement", "no", said["no"])["completed_at"] = moment.at
    for paper in said["papers"]:
        if "supplement_no" in paper:  # events of before did not say it of each
            message = "the paper answers another request"
            life.expect(moment, "payload.papers", said["no"], paper["supplement_no"], message)
    papers_brought(life, moment, said["papers"])
    end_answers(life)


def supplement_lapsed(life: Life, moment: Moment) -> None:
    """Close the request that was not answered; only after its limit."""
    row = life.part("supplement", "no", moment.payload["no"])
    row["lapsed_at"] = moment.at
    answer = life.rows["deadline"][("answer", moment.payload["no"])]
    message = "closed before the citizen's limit had passed"
    life.expect(moment, "at", True, moment.at > answer["late_after"], message)


def obligation_raised(life: Life, moment: Moment) -> None:
    """Tell the citizen what to pay."""
    said = moment.payload
    row = {
        "owner_agency_id": life.dossier["resolving_agency_id"],
        "amount_vnd": said["amount_vnd"],
        "notice": said["notice"],
        "raised_by": moment.actor,
        "raised_at": moment.at,
        "settled_at": None,
        "settled_how": None,
        "paid_by": None,
        "reference": None,
    }
    life.put("obligation", (said["no"],), row)


def obligation_settled(life: Life, moment: Moment) -> None:
    """Record how it was settled."""
    said = moment.payload
    row = life.part("obligation", "no", said["no"])
    row.update(settled_at=moment.at, settled_how=said["how"], reference=said["reference"], paid_by=said.get("paid_by"))


def end_answers(life: Life) -> None:
    """End the citizen's limit, if one runs."""
    for key, row in life.rows["deadline"].items():
        if key[0] == "answer" and row["state"] == "running":
            row["state"] = "ended"


def papers_brought(life: Life, moment: Moment, papers: list[dict[str, Any]]) -> None:
    """Expect the papers that an event names."""
    for said in papers:
        row = {
            "owner_agency_id": life.dossier["owner_agency_id"],
            "code": said["code"],
            "name": said["name"],
            "originals": said["originals"],
            "copies": said["copies"],
            "file_sha256": said.get("file_sha256"),
            "file_name": said.get("file_name"),
            "media_type": said.get("media_type"),
            "added_at": moment.at,
            "source": said.get("source", "filed"),
            "source_dossier_id": UUID(said["source_dossier_id"]) if said.get("source_dossier_id") else None,
            "source_no": said.get("source_no"),
            "replaces_no": said.get("replaces_no"),
            "supplement_no": said.get("supplement_no"),
        }
        if "source" in said:  # events of before said neither; their rows do not say who
            row["added_by"] = moment.actor
        life.put("paper", (said["no"],), row)


def _check_number(life: Life, moment: Moment) -> None:
    said = moment.payload
    office = life.office(said["calendar"])
    if office is None:
        return
    period = on_receipts.period_of(life, moment, f"{office.local_date(moment.instant('received_at')):%y%m%d}")
    life.numbers.append(("dossier", life.dossier["resolving_agency_id"], period, said["number"]))
    wanted = f"-{period}-{said['number']:04d}"
    found = said["code"][-len(wanted) :]
    life.expect(moment, "payload.code", wanted, found, "the code does not end in the day of receipt and its number")


def _check_rule_version(life: Life, moment: Moment) -> None:
    """The rules in force at reception are used to the end (domain.md §1.15, invariant 10)."""
    version = life.version
    if version is None:
        return
    message = "not what the pinned version of the procedure says"
    limit, fee = version.decided(life.dossier["facts"])
    listed = None if version.decides_fee else _listed_fee(life, moment, version.procedure_id)
    fee = fee if listed is None else listed
    life.expect(moment, "payload.limit", limit, moment.payload["limit"], message)
    if "fee_vnd" in moment.payload:  # events of before there were decisions do not say it
        life.expect(moment, "payload.fee_vnd", fee, moment.payload["fee_vnd"], message)
    life.expect(moment, "payload.cutoff", version.policy["cutoff"], moment.payload["cutoff"], message)


def _listed_fee(life: Life, moment: Moment, procedure: int) -> int | None:
    rows = life.reference.fees.get(procedure)
    office = life.office(moment.payload["calendar"]) if rows else None
    if rows is None or office is None:
        return None
    on = office.local_date(moment.instant("received_at"))
    return fee_list.listed_fee(rows, on, life.dossier["channel"], life.dossier["case_name"])


def _check_promise(life: Life, moment: Moment) -> None:
    said = moment.payload
    office = life.office(said["calendar"])
    if office is None:
        return
    limit = Limit.parse(said["limit"])
    counted_from, due_at = slow_time.due(office, moment.instant("received_at"), limit, said["cutoff"])
    message = "counted again from receipt, limit, cut-off and calendar, it is another one"
    life.expect(moment, "payload.counted_from", counted_from, moment.when("counted_from"), message)
    life.expect(moment, "payload.due_at", due_at, moment.when("due_at"), message)
    late_after = slow_time.late_after(office, due_at, said["late_rule"])
    life.expect(moment, "payload.late_after", late_after, moment.when("late_after"), message)
    provisional = office.is_provisional(counted_from, due_at)
    life.expect(moment, "payload.provisional", provisional, said["provisional"], message)


def _check_supplement(life: Life, moment: Moment) -> None:
    said, version = moment.payload, life.version
    life.expect(moment, "payload.no", life.dossier["supplement_count"], said["no"], "requests are numbered from 1")
    if version is not None:
        policy = version.policy["supplement"]
        message = "not what the pinned version of the procedure says"
        life.expect(moment, "payload.clock", policy["clock"], said["clock"], message)
        life.expect(moment, "payload.answer_limit", policy["answer_limit"], said["answer_limit"], message)
        few = life.dossier["supplement_count"] <= policy["max"]
        life.expect(moment, "payload.no", True, few, f"more requests than the {policy['max']} allowed (invariant 2)")
    office = life.office(said["calendar"])
    if office is None:
        return
    counted_from, due_at = slow_time.due(office, moment.at, Limit.parse(said["answer_limit"]), None)
    message = "counted again from the request, it is another one"
    life.expect(moment, "payload.answer_from", counted_from, moment.when("answer_from"), message)
    life.expect(moment, "payload.answer_due_at", due_at, moment.when("answer_due_at"), message)
    rule = said.get("late_rule") or life.late_rule
    rules = [rule] if rule else ["day", "instant"]  # asked at reception, by a version that did not name the rule
    late = {slow_time.late_after(office, due_at, each) for each in rules}
    if moment.when("answer_late_after") not in late:
        life.expect(moment, "payload.answer_late_after", min(late), moment.when("answer_late_after"), message)


HANDLERS = {
    EventKind.SUBMITTED: submitted,
    EventKind.RECEIVED: received,
    EventKind.NOT_RECEIVED: not_received,
    EventKind.PAPER_ADDED: paper_added,
    EventKind.SUPPLEMENT_REQUESTED: supplement_requested,
    EventKind.SUPPLEMENT_COMPLETED: supplement_completed,
    EventKind.SUPPLEMENT_LAPSED: supplement_lapsed,
    EventKind.OBLIGATION_RAISED: obligation_raised,
    EventKind.OBLIGATION_SETTLED: obligation_settled,
}
