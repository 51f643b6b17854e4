"""What the decisions of a version say of a case: its limit, its fee, the papers to bring (DMN, decision 0018).

Three decisions have a meaning for the engine: ``limit`` (output ``limit``), ``fee`` (output ``fee_vnd``) and ``papers``
(the codes of the papers that apply). A version without one of them says the same for every case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bpmn.decisions import InvalidDecisionError, parse
from engine.domain import forms
from engine.domain.forms import Facts
from engine.domain.limits import Limit
from engine.errors import EngineError, InvalidInputError
from engine.store.procedures import ProcedureVersion

_tables = lru_cache(maxsize=256)(parse)


class DecisionFailedError(InvalidInputError):
    """A decision of the procedure cannot be made on the facts of this case."""

    code = "decision-failed"


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided; None where the version has no such decision: then it is as the version says for all."""

    limit: str | None
    fee_vnd: int | None
    papers: tuple[str, ...] | None


def decide(version: ProcedureVersion, facts: Facts) -> Decided:
    """Return what a version decides on the facts of a case.

    Raises:
        DecisionFailedError: a fact is missing, no rule matches, or the answer cannot be used; the message names it.
    """
    return decided(version.decisions, version.form, facts)


def decided(decisions: str, form: Mapping[str, Any], facts: Facts) -> Decided:
    """Return the same from the texts of a version.

    Raises:
        DecisionFailedError: as ``decide``.
    """
    if not decisions:
        return Decided(None, None, None)
    data = known(form, facts)
    try:
        tables = _tables(decisions)
        found = {ref: tables.evaluate(ref, data) for ref in ("limit", "fee", "papers") if ref in tables.ids}
    except InvalidDecisionError as error:
        raise DecisionFailedError(f"the case cannot be decided: {error}", field="facts") from error
    return Decided(
        limit_of(found["limit"].get("limit")) if "limit" in found else None,
        fee_in_dong(found["fee"].get("fee_vnd")) if "fee" in found else None,
        _codes(found["papers"].values()) if "papers" in found else None,
    )


def known(form: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """Return the facts as decisions and processes read them: a field of the receipt that was not answered is null."""
    asked = {name: None for name, field in forms.fields_of(form).items() if field.asked is forms.Asked.RECEIPT}
    return {**asked, **forms.routed(form, facts)}


def decides_fee(version: ProcedureVersion) -> bool:
    """Whether a table of the version decides the fee by the facts of the case."""
    return bool(version.decisions) and "fee" in _tables(version.decisions).ids


def fee_of(version: ProcedureVersion, facts: Facts) -> int | None:
    """Return the fee of a case in đồng; the version's own one where none is decided, or none can be decided yet."""
    try:
        fee = decide(version, facts).fee_vnd
    except DecisionFailedError:
        return version.fee_vnd
    return version.fee_vnd if fee is None else fee


def limit_of(value: object) -> str:
    """Return what the decision `limit` gave as an amount.

    Raises:
        DecisionFailedError: it is none.
    """
    try:
        return str(Limit.parse(str(value)))
    except EngineError as error:
        raise DecisionFailedError(f"the decision limit gives {value!r}: {error.message}", field="facts") from error


def fee_in_dong(value: object) -> int:
    """Return what the decision `fee` gave as a number of đồng.

    Raises:
        DecisionFailedError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise DecisionFailedError(f"the decision fee gives {value!r}; fee_vnd is a whole number of đồng", field="facts")
    return value


def _codes(values: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code for value in values for code in str(value or "").split()))
