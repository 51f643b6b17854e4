"""Many letters of apology in one act: each its own transaction, each with a verdict; one PIN signs or seals all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.dossier import LetterState
from engine.domain.signing import ELECTRONIC
from engine.errors import EngineError, InvalidInputError, UnavailableError
from engine.services import apologies, letter_dispatch, letter_rules, letter_signatures

MOST = 50
OF_KEY = frozenset({"signing-pin-wrong", "signing-key-resting", "signing-key-missing"})  #: true of all that follow, too


class LetterBatchError(InvalidInputError):
    """None, or more than 50, letters were named for one act."""

    code = "letter-batch-size"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one letter; ``refusal`` is the code of an error and ``facts`` its details, where it was not done.

    ``code`` is the dossier's, None when the letter is not the actor's to know.
    """

    id: str
    code: str | None
    done: bool
    refusal: str | None = None
    facts: dict[str, Any] | None = None


def approve_many(ctx: Context, *, by: Actor, letter_ids: Sequence[str], pin: str | None = None) -> list[Verdict]:
    """Approve letters, and sign them where their agency signs electronically; one that is approved is only signed.

    A wrong PIN is tried once: the letters after it are not signed, and say so.

    Raises:
        LetterBatchError: none or too many letters are named.
    """

    def one(letter_id: str) -> None:
        state, is_signed = _standing(ctx, by, letter_id)
        if state is LetterState.DRAFT or not is_signed:
            apologies.approve(ctx, by=by, letter_id=letter_id)
        if is_signed:
            letter_signatures.sign(ctx, by=by, letter_id=letter_id, pin=pin or "")

    return _each(ctx, by, letter_ids, one)


def dispatch_many(ctx: Context, *, by: Actor, letter_ids: Sequence[str], pin: str | None = None) -> list[Verdict]:
    """Number letters and send them, in the order in which they are named; ``pin`` is that of the agency's seal.

    Raises:
        LetterBatchError: none or too many letters are named.
    """
    return _each(
        ctx, by, letter_ids, lambda each: letter_dispatch.dispatch(ctx, by=by, letter_id=each, pin=pin)
    )  # fmt: skip


def _each(
    ctx: Context, by: Actor, letter_ids: Sequence[str], act: Callable[[str], object]
) -> list[Verdict]:  # fmt: skip
    wanted = list(dict.fromkeys(letter_ids))
    if not 1 <= len(wanted) <= MOST:
        raise LetterBatchError(f"name 1 to {MOST} letters, not {len(wanted)}", field="letters", most=MOST)
    codes = _codes(ctx, by, wanted)
    verdicts: list[Verdict] = []
    key_error: EngineError | None = None
    for letter_id in wanted:
        code = codes.get(letter_id)
        try:
            if key_error is not None:
                raise key_error  # asked again with a wrong PIN, the key would rest
            act(letter_id)
            verdicts.append(Verdict(letter_id, code, done=True))
        except EngineError as error:
            if error.code in OF_KEY or isinstance(error, UnavailableError):
                key_error = error
            verdicts.append(Verdict(letter_id, code, done=False, refusal=error.code, facts=dict(error.details)))
    return verdicts


def _standing(ctx: Context, by: Actor, letter_id: str) -> tuple[LetterState, bool]:
    """Return the state of a letter, and whether its agency signs electronically."""
    with ctx.unit_of_work(read_only=True) as uow:
        letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
        return letter.state, uow.agencies.get(letter.owner_agency_id).signs_letters == ELECTRONIC


def _codes(ctx: Context, by: Actor, letter_ids: Sequence[str]) -> dict[str, str | None]:
    """Return the dossier's code for each letter that the actor may know of."""
    found: dict[str, str | None] = {}
    with ctx.unit_of_work(read_only=True) as uow:
        for letter_id in letter_ids:
            try:
                letter = letter_rules.readable(uow, by=by, letter_id=letter_id)
            except EngineError:
                continue  # its own verdict says so
            found[letter_id] = uow.dossiers.get(letter.dossier_id).code
    return found
