"""Folding corrections: what the receipt says otherwise, with limit and dates counted again by code of its own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from engine.domain.dossier import UNFINISHED, Status
from engine.domain.events import EventKind
from engine.domain.limits import Limit
from engine.verification import on_intake, on_receipts, on_versions, slow_time
from engine.verification.life import Life, Moment
from engine.verification.rows import Key, Row

LONGEST_BACKDATE = timedelta(days=30)
_TOPICS = {  # of ``changed``, by the key of the event that says how
    "rewritten": "papers", "struck": "papers", "papers": "papers", "channel": "channel", "to": "procedure",
    "result_channel": "result_channel", "case": "case", "received_at": "received_at", "facts": "facts",
    "authorisation": "authorisation", "notify_by": "notify_by", "notify_language": "notify_language",
}  # fmt: skip
_COLUMNS = {
    "channel": "channel", "result_channel": "result_channel", "case": "case_name", "notify_by": "notify_by",
    "notify_language": "notify_language",
}  # fmt: skip


def corrected(life: Life, moment: Moment) -> None:
    """Put right what the event names, and issue the next receipt."""
    said = moment.payload
    _check_act(life, moment)
    on_receipts.reissued(life, moment)
    _people(life, said.get("people", {}))
    _papers(life, moment)
    for name, column in _COLUMNS.items():
        if name in said:
            life.dossier[column] = said[name]
    if "facts" in said:
        life.dossier["facts"] = said["facts"]
    if "authorisation" in said:
        life.authorisation = said["authorisation"]
    if "to" in said:
        _change_procedure(life, moment)
    _dates(life, moment)
    _check_printed(life, moment)


def _check_act(life: Life, moment: Moment) -> None:
    said = moment.payload
    is_open = life.status in UNFINISHED - {Status.SUBMITTED}
    life.expect(moment, "kind", True, is_open, "corrected before the receipt, or after the decision")
    life.expect(moment, "payload.reason", True, bool(str(said["reason"]).strip()), "a correction names its reason")
    wanted = {topic for name, topic in _TOPICS.items() if name in said} | set(said.get("people", {}))
    found = {str(each).partition(".")[0] for each in said["changed"]}
    life.expect(moment, "payload.changed", sorted(wanted), sorted(found), "not what the event changes")


def _people(life: Life, people: dict[str, str | None]) -> None:
    for role, made in people.items():
        if made is None:
            life.people.pop(role, None)
            life.rows["party"].pop((role,), None)
            continue
        life.people[role] = made
        life.rows["party"].setdefault((role,), {"owner_agency_id": life.dossier["owner_agency_id"]})


def _papers(life: Life, moment: Moment) -> None:
    said = moment.payload
    for each in said.get("rewritten", ()):
        names = ("name", "originals", "copies")
        life.part("paper", "rewritten", each["no"]).update({name: each[name] for name in names})
    for no in said.get("struck", ()):
        life.part("paper", "struck", no).update(originals=0, copies=0)
    on_intake.papers_brought(life, moment, said.get("papers", []))


def _change_procedure(life: Life, moment: Moment) -> None:
    said = moment.payload
    life.expect(moment, "payload.from", life.dossier["version_id"], said["from"], "it was on another version")
    life.dossier.update(version_id=said["to"], procedure_id=said["procedure"])
    life.dossier["form_set"] = said.get("form_set", life.dossier["form_set"])
    life.rows["process_instance"][()]["version_id"] = said["to"]
    version = life.version
    if version is not None:
        message = "the version belongs to another procedure"
        life.expect(moment, "payload.procedure", version.procedure_id, said["procedure"], message)
        wanted = version.policy.get("form_set", on_intake.USUAL_FORMS)
        life.expect(moment, "payload.form_set", wanted, life.dossier["form_set"], "forms of another set")
    left = [row["node"] for row in life.open_tasks()]
    life.expect(moment, "payload.to", [], left, "steps of the wrong procedure are still open")
    done = [row["node"] for row in life.rows["task"].values() if row["state"] == "done" and row["phase"] != "reception"]
    life.expect(moment, "payload.to", [], done, "a step of the wrong procedure was done")
    life.grants = {}


# --- the dates -------------------------------------------------------------------------------------------------------


def _dates(life: Life, moment: Moment) -> None:
    said, promise, before = moment.payload, life.need_promise(), life.dossier["received_at"]
    at_receipt = life.origin is not None and life.origin[0] == before
    moves = "received_at" in said and at_receipt
    if "received_at" in said:
        _move_receipt(life, moment)
    if promise["state"] == "ended" or life.promise_no > 1:
        life.expect(moment, "payload.due_at", False, "due_at" in said, "no promise runs from the receipt any more")
        return
    wanted = on_versions.limit_of(life, promise)
    is_other = wanted != str(Limit.parse(promise["time_limit"]))
    life.expect(moment, "payload.due_at", moves or is_other or "to" in said, "due_at" in said, "counted again, or not")
    if "due_at" not in said or life.origin is None:
        return
    cutoff = life.version.policy["cutoff"] if life.version else said["cutoff"]
    life.origin = (moment.instant("received_at") if moves else life.origin[0]), cutoff
    _check_recount(life, moment, promise, wanted)
    on_versions.write_promise(life, moment, promise)
    if promise["running_from"] is None or moment.at <= promise["late_after"]:
        life.passed.discard(life.promise_no)
        promise["passed_at"] = None
    _stage_ends(life, moment)


def _move_receipt(life: Life, moment: Moment) -> None:
    said, received_at = moment.payload, moment.instant("received_at")
    entered_at: datetime = life.rows["receipt_issue"][(1,)]["issued_at"]
    inside = entered_at - LONGEST_BACKDATE <= received_at <= entered_at
    message = "not within the 30 days before the receipt was written down"
    life.expect(moment, "payload.received_at", True, inside, message)
    life.dossier["received_at"] = received_at
    office = life.office(said.get("calendar") or life.dossier["calendar_version"])
    offices = [office, *life.reference.others(said.get("calendar") or life.dossier["calendar_version"])]
    limit = Limit.parse(_first_limit(life))
    cutoff = life.version.policy["cutoff"] if life.version else None
    counted = [slow_time.due(each, received_at, limit, cutoff)[0] for each in offices if each is not None]
    if counted and moment.when("receipt_from") not in counted:
        message = "counted again from the corrected receipt, it begins elsewhere"
        life.expect(moment, "payload.receipt_from", counted[0], moment.when("receipt_from"), message)


def _first_limit(life: Life) -> str:
    limits = life.version.limits if life.version else []
    if life.version is not None and len(limits) == 1:
        return life.version.decided(life.dossier["facts"])[0]
    return limits[0] if limits else str(life.need_promise(1)["time_limit"])


def _check_recount(life: Life, moment: Moment, promise: Row, wanted: str) -> None:
    said = moment.payload
    life.expect(moment, "payload.limit", wanted, said["limit"], "not what the procedure says of the corrected case")
    life.expect(moment, "payload.due_before", promise["due_at"], moment.when("due_before"), "another promise stood")
    life.expect(moment, "payload.broken", False, promise["is_broken"], "a promise that was broken in a pause stays")
    office = life.office(said["calendar"])
    if office is None or life.origin is None:
        return
    message = "counted again with what was corrected, it is another one"
    life.expect(moment, "payload.origin_at", life.origin[0], moment.when("origin_at"), message)
    begins = slow_time.due(office, life.origin[0], Limit.parse(wanted), life.origin[1])[0]
    life.expect(moment, "payload.origin_from", begins, moment.when("origin_from"), message)
    again = on_versions.recounted(life, office, Limit.parse(wanted), said["late_rule"], moment.at, may_pass=True)
    found = (
        moment.when("running_from"), said["rest"], moment.when("due_at"), moment.when("late_after"),
        moment.when("counted_from"),
    )  # fmt: skip
    life.expect(moment, "payload.due_at", again, found, message)


def _stage_ends(life: Life, moment: Moment) -> None:
    """Open steps get the share of the limit that they have now; those of another procedure open later."""
    opened: dict[Key, Row] = {key: row for key, row in life.rows["task"].items() if row["state"] == "open"}
    tasks: list[dict[str, Any]] = moment.payload["tasks"]
    named = sorted(UUID(each["task"]) for each in tasks)
    life.expect(moment, "payload.tasks", sorted(key[0] for key in opened), named, "not the open tasks, all of them")
    for each in tasks:
        row = opened[(UUID(each["task"]),)]
        if not life.is_apart(row):
            on_versions.check_stage(life, moment, each, row, on_versions.grant_of(life, row))
        row["due_at"] = None if each["due_at"] is None else datetime.fromisoformat(each["due_at"])
    life.grants = on_versions.granted(tasks)


def _check_printed(life: Life, moment: Moment) -> None:
    promise, said = life.need_promise(), moment.payload["printed"]
    if life.promise_no == 1 and promise["state"] != "ended":
        wanted = [promise["time_limit"], promise["due_at"], life.dossier["is_provisional"]]
        found = [said["limit"], datetime.fromisoformat(said["due_at"]), said["provisional"]]
        life.expect(moment, "payload.printed", wanted, found, "the next issue prints another promise")


HANDLERS = {EventKind.CORRECTED: corrected}
