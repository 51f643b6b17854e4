"""A procedure's policy: field, cut-off, supplement rule and papers; checked whole before anything is published."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from engine.domain.deadlines import Cutoff
from engine.domain.dossier import ClockPolicy
from engine.domain.limits import Limit
from engine.errors import InvalidInputError
from engine.services.promises import ANSWER_LIMIT

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
_PAPER = ("name", "code", "originals", "copies")


class InvalidPolicyError(InvalidInputError):
    """A procedure's policy (cut-off, supplement rule, papers) cannot be used."""

    code = "invalid-policy"


def check_policy(raw: object) -> dict[str, Any]:
    """Return the policy with the defaults of what it leaves out (domain.md §1.5, §1.6).

    Raises:
        InvalidPolicyError: a field is unknown, of another type or out of range; the message names it.
    """
    given = _object(raw, "policy", tuple(DEFAULT_POLICY))
    supplement = _object(given.get("supplement", {}), "supplement", tuple(DEFAULT_POLICY["supplement"]))
    policy = {**DEFAULT_POLICY, **given, "supplement": {**DEFAULT_POLICY["supplement"], **supplement}}
    _check_text(policy["field"], "field", longest=LONGEST_FIELD)
    _check_cutoff(policy["cutoff"])
    _check_supplement(policy["supplement"])
    _check_papers(policy["papers"])
    return policy


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
    _check_text(supplement["answer_limit"], "supplement.answer_limit", longest=LONGEST_LIMIT, shortest=1)
    try:
        Limit.parse(supplement["answer_limit"])
    except InvalidInputError as error:
        raise InvalidPolicyError(f"supplement.answer_limit: {error.message}") from error


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
