"""What a paper was made from is kept as JSON and comes back the same."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, date, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.documents.forms import fields_of, render_pdf, values_class
from engine.documents.frozen import FrozenValuesError, freeze, thaw
from engine.documents.values import ApologyValues, Authoriser, Book, PaperLine, ReceiptValues, Reissue
from engine.domain.official_forms import FORMS, OLD, FormKind, UnknownFormError, form_of
from tests.unit.documents.sample_papers import APOLOGY, AUTHORISER, RECEIPT

INSTANTS = st.datetimes(
    timezones=st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
)  # fmt: skip
TEXTS = st.text(max_size=40)
MAYBE = st.none() | TEXTS


def receipts() -> st.SearchStrategy[ReceiptValues]:
    return st.builds(
        ReceiptValues,
        form=st.sampled_from(FORMS),
        authoriser=st.none() | st.builds(Authoriser, **dict.fromkeys(Authoriser.__slots__, TEXTS) | {"email": MAYBE}),
        papers=st.lists(st.builds(PaperLine, TEXTS, st.integers(), st.integers()), max_size=4).map(tuple),
        book=st.none() | st.builds(Book, TEXTS, TEXTS),
        received_at=INSTANTS,
        due_at=INSTANTS,
        reissue=st.none() | st.builds(Reissue, no=st.integers(2), issued_at=INSTANTS, replaces_at=INSTANTS),
    )


@given(receipts())
def test_values_come_back_as_they_were(values: ReceiptValues) -> None:
    kept = json.loads(json.dumps(freeze(values)))

    assert thaw(ReceiptValues, kept) == values
    assert freeze(thaw(ReceiptValues, kept)) == kept


_DATES = {"received_at": INSTANTS, "due_at": INSTANTS, "issued_at": st.none() | INSTANTS, "new_due_at": st.none()}
_DONE = dict.fromkeys(("met_at", "finished_at", "ended_at"), st.none() | INSTANTS)


@given(st.builds(ApologyValues, **_DATES, **_DONE))
def test_letters_come_back_as_they_were(values: ApologyValues) -> None:
    assert thaw(ApologyValues, json.loads(json.dumps(freeze(values)))) == values


def test_what_comes_back_prints_the_same_bytes() -> None:
    values = replace(RECEIPT, authoriser=AUTHORISER)
    kept = json.dumps(freeze(values))
    back = thaw(values_class(FormKind.RECEIPT), json.loads(kept))

    assert render_pdf(values.form, back) == render_pdf(values.form, values)


@dataclass(frozen=True, kw_only=True)
class Mixed:
    kind: FormKind
    day: date
    amount: Decimal
    yes: bool
    names: dict[str, str]
    later: int = 3


MIXED = Mixed(kind=FormKind.FEE, day=date(2026, 3, 5), amount=Decimal("0.50"), yes=True, names={"a": "b"})


def test_days_amounts_enums_and_names_come_back() -> None:
    assert thaw(Mixed, json.loads(json.dumps(freeze(MIXED)))) == MIXED


def test_a_field_that_came_later_takes_its_default() -> None:
    kept = freeze(MIXED)
    del kept["later"]

    assert thaw(Mixed, kept) == MIXED


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("kind", "no-such-kind", "Mixed.kind"),
        ("day", "yesterday", "Mixed.day"),
        ("amount", "1,5", "Mixed.amount"),
        ("yes", 1, "Mixed.yes"),
        ("names", {"a": 1}, "Mixed.names.a"),
        ("names", ["a"], "Mixed.names"),
        ("later", True, "Mixed.later"),
        ("other", "x", "no field other"),
    ],
)
def test_what_is_not_what_the_form_prints_from_is_refused_by_place(name: str, value: Any, said: str) -> None:
    with pytest.raises(FrozenValuesError, match=said):
        thaw(Mixed, freeze(MIXED) | {name: value})


def test_a_missing_field_is_refused_by_name() -> None:
    kept = freeze(RECEIPT)
    del kept["form"]["key"], kept["due_at"]

    with pytest.raises(FrozenValuesError, match="due_at"):
        thaw(ReceiptValues, kept)
    with pytest.raises(FrozenValuesError, match=r"ReceiptValues\.form: key"):
        thaw(ReceiptValues, kept | {"due_at": "2026-03-05T09:00:00+07:00"})


def test_naive_instants_are_neither_kept_nor_read() -> None:
    with pytest.raises(ValueError, match="due_at"):
        freeze(replace(RECEIPT, due_at=RECEIPT.due_at.replace(tzinfo=None)))
    with pytest.raises(FrozenValuesError, match="offset"):
        thaw(ReceiptValues, freeze(RECEIPT) | {"due_at": "2026-03-05T09:00:00"})


def test_what_is_no_value_is_not_kept() -> None:
    with pytest.raises(TypeError):
        freeze(replace(RECEIPT, papers=[1.5]))  # type: ignore[arg-type] - what must be refused
    with pytest.raises(TypeError):
        freeze(ReceiptValues)


def test_instants_print_alike_whatever_their_offset() -> None:
    moved = replace(RECEIPT, due_at=RECEIPT.due_at.astimezone(UTC), received_at=RECEIPT.received_at.astimezone(UTC))

    assert render_pdf(RECEIPT.form, moved) == render_pdf(RECEIPT.form, RECEIPT)


def test_the_form_of_another_set_prints_its_own_foot() -> None:
    old = form_of(OLD, FormKind.RECEIPT)

    assert fields_of(RECEIPT.form, RECEIPT)["form"] == "Mẫu số 01, Thông tư số 03/2025/TT-VPCP"
    assert fields_of(old, RECEIPT)["form"] == "Mẫu số 01, Thông tư số 01/2018/TT-VPCP"


def test_values_of_another_kind_are_refused() -> None:
    with pytest.raises(TypeError, match="ReceiptValues"):
        render_pdf(RECEIPT.form, APOLOGY)


def test_a_kind_without_print_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.documents.forms.PRINTS", {})
    with pytest.raises(UnknownFormError):
        values_class(FormKind.RECEIPT)
