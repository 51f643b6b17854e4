"""A procedure's policy: field, cut-off, supplements, papers, appointments; checked whole before it is published."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction
from typing import Any

from bpmn.model import ModelFacts
from engine.documents import words
from engine.domain.deadlines import Cutoff
from engine.domain.dossier import ClockPolicy
from engine.domain.limits import Limit, Segment
from engine.domain.official_forms import CURRENT, FORM_SET, SETS
from engine.domain.result_return import RECEIVERS
from engine.errors import InvalidInputError
from engine.services.appointments import MOST_APPOINTMENTS
from engine.services.promises import ANSWER_LIMIT
from engine.store.stage_plans import pausing_stage

LONGEST_FIELD = 120  #: characters
LONGEST_NAME = 300  #: of a paper, in characters
LONGEST_LIMIT = 120  #: of the text of a limit, in characters
MOST_PAPERS = 100
MOST_COPIES = 100  #: of one paper
MOST_REQUESTS = 10  #: to supplement

# (domain.md §1.6) one request; the clock restarts with the complete dossier; closed after 15 working days
DEFAULT_POLICY: dict[str, Any] = {
    "field": "",
    "cutoff": None,
    "supplement": {"max": 1, "clock": ClockPolicy.RESTART.value, "answer_limit": ANSWER_LIMIT},
    "papers": [],
}
MOST_PARTNERS = 20
_APPOINTMENTS = "appointments"
_PARTNERS = "partners"
_RECEIVES_NEXT = "receives_next"  #: the next dossier of a chain is received at once
_OPTIONAL = (_APPOINTMENTS, _PARTNERS, _RECEIVES_NEXT, RECEIVERS, FORM_SET)
_PAPER = ("name", "code", "originals", "copies")


class InvalidPolicyError(InvalidInputError):
    """A procedure's policy (cut-off, supplement rule, papers, appointments) cannot be used."""

    code = "invalid-policy"


def check_policy(raw: object) -> dict[str, Any]:
    """Return the policy with the defaults of what it leaves out (domain.md §1.5, §1.6).

    ``appointments`` are named only where there are two, and ``partners`` (role of a lane to code of the agency) only
    where there are some: a policy without them keeps the content, and so the version, that it has always had.
    ``receives_next`` says that the next dossier of a chain is received as soon as the result files it, ``receivers``
    how many people must come for the result where that is not as usual (``result_return.receivers_needed``),
    ``form_set`` whose forms the dossiers print where they are not the current ones (domain.md §2.1, §2.4).

    Raises:
        InvalidPolicyError: a field is unknown, of another type or out of range; the message names it.
    """
    given = dict(_object(raw, "policy", (*DEFAULT_POLICY, *_OPTIONAL)))
    _check_form_set(given)
    if not isinstance(given.get(_RECEIVES_NEXT, False), bool):
        raise InvalidPolicyError(f"{_RECEIVES_NEXT} must be true or false")
    if not given.get(_RECEIVES_NEXT):
        given.pop(_RECEIVES_NEXT, None)
    if RECEIVERS in given and (given[RECEIVERS] not in (1, 2) or isinstance(given[RECEIVERS], bool)):
        raise InvalidPolicyError(f"{RECEIVERS} must be 1 or 2: how many people must come for the result")
    if given.get(_PARTNERS):
        _check_partners(given[_PARTNERS])
    else:
        given.pop(_PARTNERS, None)
    if given.get(_APPOINTMENTS) is None:
        given.pop(_APPOINTMENTS, None)
    else:
        _check_appointments(given[_APPOINTMENTS])
    supplement = _object(given.get("supplement", {}), "supplement", tuple(DEFAULT_POLICY["supplement"]))
    policy = {**DEFAULT_POLICY, **given, "supplement": {**DEFAULT_POLICY["supplement"], **supplement}}
    _check_text(policy["field"], "field", longest=LONGEST_FIELD)
    _check_cutoff(policy["cutoff"])
    _check_supplement(policy["supplement"])
    _check_papers(policy["papers"])
    return policy


def check_fits(policy: dict[str, Any], facts: ModelFacts) -> None:
    """Refuse two appointments that do not fit the procedure (docs/reference/working-time.md, "Two appointments").

    The stages up to the step that pauses belong to the first appointment, those after it to the second, so there must
    be one; a financial obligation, which can be raised at any step, tells nothing of that beforehand.

    Args:
        policy: as ``check_policy`` returns it.

    Raises:
        InvalidPolicyError: no step pauses the clock before processing ends, or the two are longer than the limit.
    """
    if _APPOINTMENTS not in policy:
        return
    if pausing_stage(facts) is None:
        raise InvalidPolicyError(
            "appointments: no step pauses the clock before processing ends; "
            "set pauses_clock on the step that tells the citizen what to pay"
        )
    limits = [Limit.parse(text) for text in policy[_APPOINTMENTS]]
    segments = [segment for limit in limits for segment in limit.segments]
    whole = Limit.parse(facts.limit)
    if len({segment.unit for segment in (*segments, *whole.segments)}) != 1:
        return  # different units have no sum
    total = sum((segment.amount for segment in segments), Fraction(0))
    if total > sum(segment.amount for segment in whole.segments):
        together = Segment(total, segments[0].unit)
        raise InvalidPolicyError(f"appointments: {together} together, more than the procedure's limit of {whole}")


def _check_appointments(appointments: object) -> None:
    if not isinstance(appointments, list) or len(appointments) != MOST_APPOINTMENTS:
        raise InvalidPolicyError('appointments must be two limits such as ["16 working_day", "4 working_day"], or null')
    for no, text in enumerate(appointments, start=1):
        limit = _check_limit(text, f"appointments, no. {no}")
        if limit.is_zero:
            raise InvalidPolicyError(f"appointments, no. {no}: a limit must be above zero")
        try:
            words.limit(str(limit))
        except words.UnknownWordError as error:
            raise InvalidPolicyError(
                f"appointments, no. {no}: the receipt cannot print {limit}; write a decimal such as 0.5"
            ) from error


def _check_limit(text: object, where: str) -> Limit:
    _check_text(text, where, longest=LONGEST_LIMIT, shortest=1)
    try:
        return Limit.parse(str(text))
    except InvalidInputError as error:
        raise InvalidPolicyError(f"{where}: {error.message}") from error


def _check_form_set(given: dict[str, Any]) -> None:
    """Refuse a set that does not exist; the current one is not named, so that the content stays what it was."""
    if given.get(FORM_SET, CURRENT) not in SETS:
        raise InvalidPolicyError(f"{FORM_SET} must be one of {', '.join(SETS)}")
    if given.get(FORM_SET) == CURRENT:
        given.pop(FORM_SET)


def _check_partners(partners: object) -> None:
    if not isinstance(partners, dict) or len(partners) > MOST_PARTNERS:
        raise InvalidPolicyError(f"partners must map at most {MOST_PARTNERS} roles of lanes to codes of agencies")
    for role, agency in partners.items():
        _check_text(role, "partners: role", longest=LONGEST_FIELD, shortest=1)
        _check_text(agency, f"partners: {role}", longest=LONGEST_FIELD, shortest=1)


def _check_papers(papers: object) -> None:
    if not isinstance(papers, list) or len(papers) > MOST_PAPERS:
        raise InvalidPolicyError(f"papers must be a list of at most {MOST_PAPERS} papers")
    for no, paper in enumerate(papers, start=1):
        _check_paper(paper, f"papers, no. {no}")


def _check_paper(paper: object, where: str) -> None:
    if isinstance(paper, str):
        _check_text(paper, where, longest=LONGEST_NAME, shortest=1)
        return
    facts = _object(paper, where, _PAPER)
    _check_text(facts.get("name"), f"{where}: name", longest=LONGEST_NAME, shortest=1)
    _check_text(facts.get("code", ""), f"{where}: code", longest=LONGEST_FIELD)
    for name in ("originals", "copies"):
        _check_whole(facts.get(name, 0), f"{where}: {name}", most=MOST_COPIES)


def _check_supplement(supplement: dict[str, Any]) -> None:
    _check_whole(supplement["max"], "supplement.max", most=MOST_REQUESTS)
    if supplement["clock"] not in [member.value for member in ClockPolicy]:
        raise InvalidPolicyError("supplement.clock must be pause or restart")
    _check_limit(supplement["answer_limit"], "supplement.answer_limit")


def _check_cutoff(cutoff: object) -> None:
    if cutoff is None:
        return
    if not isinstance(cutoff, str):
        raise InvalidPolicyError("cutoff must be a text such as 15:00 or last-hour, or null")
    try:
        Cutoff.parse(cutoff)
    except InvalidInputError as error:
        raise InvalidPolicyError(f"cutoff: {error.message}") from error


def _object(value: object, where: str, known: Collection[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise InvalidPolicyError(f"{where} must be an object with some of {', '.join(known)}")
    unknown = sorted(str(name) for name in value if name not in known)
    if unknown:
        raise InvalidPolicyError(f"{where}: unknown field {', '.join(unknown)[:200]}; known are {', '.join(known)}")
    return value


def _check_text(value: object, where: str, *, longest: int, shortest: int = 0) -> None:
    if not isinstance(value, str) or not shortest <= len(value.strip()) or len(value) > longest:
        raise InvalidPolicyError(f"{where} must be a text of {shortest} to {longest} characters")
    # neither of them can be stored: PostgreSQL refuses NUL in JSON, and half a surrogate pair is no UTF-8
    if any(char == "\0" or "\ud800" <= char <= "\udfff" for char in value):
        raise InvalidPolicyError(f"{where} holds a character that is no text")


def _check_whole(value: object, where: str, *, most: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise InvalidPolicyError(f"{where} must be a whole number from 0 to {most}")
