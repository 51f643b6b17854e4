"""Folding issued papers: each with the form of its set and its number, void at most once, with a reason."""

from __future__ import annotations

from uuid import UUID

from engine.domain import paper_numbers
from engine.domain.events import EventKind
from engine.domain.official_forms import FormKind
from engine.verification.life import Life, MisfitError, Moment
from engine.verification.rows import Row

_SHARED = ("receiving_agency_id", "resolving_agency_id", "returning_agency_id")  # one of them issues


def issued(life: Life, moment: Moment) -> None:
    """Keep the paper; a second one of the same subject needs that the first is void."""
    said = moment.payload
    row: Row = {
        "owner_agency_id": said["agency"],
        "kind": said["kind"],
        "subject_no": said["subject"],
        "form_set": said["form_set"],
        "form_key": said["form_key"],
        "form_version": said["version"],
        "year": said["year"],
        "counter": said["counter"],
        "number": said["number"],
        "made_from_sha256": said["made_from"],
        "issued_at": moment.at,
        "issued_by": moment.actor,
        "voided_at": None,
        "voided_by": None,
        "void_reason": None,
    }
    same = [each for each in _papers(life, said["kind"]) if each["subject_no"] == said["subject"]]
    once = all(each["voided_at"] is not None for each in same)
    life.expect(moment, "payload.subject", True, once, "this paper was issued before and is not void")
    concerned = said["agency"] in {life.dossier.get(name) for name in _SHARED}
    life.expect(moment, "payload.agency", True, concerned, "issued by an agency that the dossier does not concern")
    _check_number(life, moment, row)
    life.put("issued_paper", (UUID(said["paper"]),), row)


def voided(life: Life, moment: Moment) -> None:
    """Void a paper; its number stays used."""
    row = life.part("issued_paper", "paper", UUID(moment.payload["paper"]))
    if row["voided_at"] is not None:
        raise MisfitError("payload.paper", None, moment.payload["paper"], "the paper was void already")
    life.expect(moment, "payload.reason", True, bool(moment.payload["reason"].strip()), "void without a reason")
    row.update(voided_at=moment.at, voided_by=moment.actor, void_reason=moment.payload["reason"])


def _check_number(life: Life, moment: Moment, row: Row) -> None:
    counter, number = row["counter"], row["number"]
    if counter is None:
        before = {each["number"] for each in _papers(life, row["kind"])}
        known = number is None or number in before
        life.expect(moment, "payload.number", True, known, "a number that was neither taken nor printed before")
        return
    printed = (number or "").partition("/")[0]
    message = "the printed number is not the one that was taken"
    life.expect(moment, "payload.number", f"{counter:02d}", printed, message)
    zone = life.reference.agencies.get(row["owner_agency_id"], {}).get("zone")
    if zone is not None:
        year = paper_numbers.year_of(moment.at, zone)
        life.expect(moment, "payload.year", year, row["year"], "not the year of that day in the agency's zone")
    if row["kind"] != FormKind.APOLOGY:  # counted with the event of its letter
        kind = paper_numbers.counter_of(FormKind(row["kind"]))
        life.numbers.append((kind, row["owner_agency_id"], str(row["year"]), counter))


def _papers(life: Life, kind: str) -> list[Row]:
    return [row for row in life.rows["issued_paper"].values() if row["kind"] == kind]


HANDLERS = {EventKind.PAPER_ISSUED: issued, EventKind.PAPER_VOIDED: voided}
