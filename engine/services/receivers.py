"""Who takes a result, with which papers, and how they sign for it (domain.md §1.11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import filetype

from engine.context import Context
from engine.domain.identity_numbers import check_identity_number
from engine.domain.result_return import SignatureKind, is_collected, numbers_differ, receivers_needed
from engine.errors import InvalidInputError
from engine.services import intake
from engine.services.case import Case

CAPACITIES = ("owner", "authorised")  #: in which somebody takes a result
WAYS = ("signature", "post", "electronic")  #: how a result reaches its receiver
FIRST, SECOND = "receiver", "receiver2"  #: roles of the people in ``party``
LARGEST_SIGNATURE = 200_000  #: bytes of a drawn signature


class ReceiverMissingError(InvalidInputError):
    """The result is handed to somebody, who has a name."""

    code = "receiver-missing"


class SecondReceiverMissingError(InvalidInputError):
    """Two people must come for this result, and one is named."""

    code = "second-receiver-missing"


class AuthorisationMissingError(InvalidInputError):
    """Who takes the result for others shows the paper that authorises them."""

    code = "authorisation-missing"


class SignatureNotReadableError(InvalidInputError):
    """The drawn signature is no PNG, empty, or larger than 200 kB."""

    code = "signature-not-readable"


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who took the result, and how (domain.md §1.11)."""

    name: str
    identity_number: str | None = None
    capacity: str = "owner"  #: one of CAPACITIES
    how: str = "signature"  #: one of WAYS
    proof: str | None = None  #: number of the postal slip or the like
    authorisation: str | None = None  #: number and day of the paper that authorises them; no names
    second: SecondReceiver | None = None  #: who came with them, where two must come
    signature: SignatureKind | None = None  #: None: not kept
    originals_collected: bool | None = None  #: None: nothing was filed as a copy, or it is not kept
    receipt_given_back: bool | None = None  #: form 01


@dataclass(frozen=True, slots=True)
class SecondReceiver:
    """The other of two people who must both be present (domain.md §8.2)."""

    name: str
    identity_number: str | None = None


def check(receiver: Receiver) -> None:
    """Refuse a receiver that no dossier can have.

    Raises:
        ReceiverMissingError: no name. InvalidInputError: unknown capacity or way.
        AuthorisationMissingError: somebody authorised who shows no paper.
    """
    if not receiver.name.strip():
        raise ReceiverMissingError("name who takes the result", field="name")
    if receiver.capacity not in CAPACITIES:
        raise InvalidInputError(f"capacity must be one of {', '.join(CAPACITIES)}", field="capacity")
    if receiver.how not in WAYS:
        raise InvalidInputError(f"how must be one of {', '.join(WAYS)}", field="how")
    paper = (receiver.authorisation or receiver.proof or "").strip()
    if receiver.capacity == "authorised" and not paper:
        message = "name the paper that authorises the receiver: its number and day"
        raise AuthorisationMissingError(message, field="authorisation")


def needed(case: Case) -> int:
    """Return how many people must come for the result of a dossier."""
    return receivers_needed(case.version.policy, code=case.facts.code, decision=case.dossier.decision)


def to_collect(case: Case) -> list[str]:
    """Return the names of the papers whose originals are collected when the result is handed over."""
    return [paper.name for paper in case.uow.dossiers.papers(case.dossier.id) if is_collected(paper)]


def store_signature(ctx: Context, content: bytes | None) -> str | None:
    """Keep a drawn signature and return its hash, before the row that names it is written.

    Raises:
        SignatureNotReadableError: it is no PNG, or larger than ``LARGEST_SIGNATURE``.
    """
    if content is None:
        return None
    kind = filetype.guess(content) if 0 < len(content) <= LARGEST_SIGNATURE else None
    if kind is None or kind.mime != "image/png":
        message = (
            f"a drawn signature is a PNG of at most {LARGEST_SIGNATURE // 1000} kB; draw it again or sign on paper"
        )
        raise SignatureNotReadableError(message, field="signature")
    return ctx.files.put(content)


def keep(case: Case, receiver: Receiver) -> dict[str, Any]:
    """Keep the people of a hand-over and return what its event says of them: digests, no names and numbers.

    Raises:
        SecondReceiverMissingError: two must come, and one is named, or both by one number.
        InvalidIdentityError: an impossible number.
    """
    second = receiver.second
    if needed(case) > 1 and (second is None or not second.name.strip()):
        raise SecondReceiverMissingError("both must come for this result; name the second one", field="second_name")
    if second is not None and second.identity_number and second.identity_number == receiver.identity_number:
        message = "two people have two numbers; this one is the first receiver's"
        raise SecondReceiverMissingError(message, field="second_identity_number")
    known = [party.identity_number for party in case.uow.dossiers.parties(case.dossier.id).values()]
    said: dict[str, Any] = {
        "digest": _keep(case, FIRST, receiver.name, receiver.identity_number),
        "capacity": receiver.capacity,
        "how": receiver.how,
        "proof": receiver.proof,
        "authorisation": receiver.authorisation,
        "number_differs": numbers_differ(receiver.identity_number, known),
    }
    if second is not None:
        said["second"] = _keep(case, SECOND, second.name, second.identity_number, field="second_identity_number")
    return said


def _keep(case: Case, role: str, name: str, number: str | None, *, field: str = "identity_number") -> str:
    if number:
        try:
            check_identity_number(number)
        except InvalidInputError as error:
            error.details["field"] = field
            raise
    return intake.add_person(case, role, intake.Person(name=name.strip(), identity_number=number))
