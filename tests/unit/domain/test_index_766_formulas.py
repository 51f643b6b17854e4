"""The formulas of Decision 766 to the letter: worked example, caps, no data apart from 0 (domain.md §5)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.index_766 import METRICS, Group, Points, Rank, added, rank_of, scored
from engine.domain.indicator_catalogue import INDICATORS
from engine.domain.indicators import UNKNOWN, State, Value

BY_CODE = {metric.code: metric for metric in METRICS}


def points(code: str, **values: Any) -> Points:
    known = {key: value if isinstance(value, Value) else Value(*value) for key, value in values.items()}
    return scored(BY_CODE[code], known).points


def test_worked_example() -> None:
    assert points("dvc-progress-tree", on_time_received=(985, 1000)).points == Fraction(197, 10)
    online = {"online_services": (0, 10), "online_services_used": (0, 10), "online_dossiers": (700, 1000)}
    assert points("provide-online-tree", **online).points == 6
    paid = {"online_payment": (95, 100), "fee_services_paid_online": (0, 7), "fee_services_on_portal": (0, 7)}
    assert points("formality-online-payment-tree", **paid).points == Fraction(57, 10)


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("PUBLISH_ON_TIME", {"publish_on_time": (2, 3)}, 4),
        ("PUBLIC_UPDATE_ON_TIME", {"update_on_time": (1, 3)}, Fraction(4, 3)),
        ("PUBLIC_CONTENT_FULL", {"content_full": (1, 1)}, 2),
        ("DOSSIER_SYNC", {"dossier_sync": (1, 4)}, Fraction(3, 2)),
        ("ORIGINAL_RESULT_AVAILABLE", {"electronic_results": (1, 2)}, 3),
        ("SO_HOA_GIAY_TO_GIAI_QUYET", {"papers_digitised": (3, 4)}, 3),
        ("REUSED_DIGITIZED_DATA", {"papers_reused": (4, 10)}, 1),
        ("REUSED_DIGITIZED_DATA", {"papers_reused": (8, 10)}, 2),
        ("REUSED_DIGITIZED_DATA", {"papers_reused": (10, 10)}, 2),
        ("SYNCED_WITH_DVCQG_PERSONAL_STORAGE", {"results_in_personal_store": (1, 8)}, Fraction(1, 2)),
        ("CITIZEN_DATA_CONNECTED_DOSSIER", {"dossiers_with_population_data": (1, 2)}, 1),
        ("CITIZEN_DATA_CONNECTED_FORMALITY", {"procedures_with_population_data": (1, 2)}, 1),
        ("ELECTRONIC_CERTIFIED_COPY", {"certified_copies": (1, 2)}, 1),
        ("DOSSIER_RECEIVING_SATISFACTION", {"satisfied_reception": (45, 100)}, 3),
        ("DOSSIER_RECEIVING_SATISFACTION", {"satisfied_reception": (95, 100)}, 6),
        ("PETITION_PROCESSING_ON_TIME", {"petitions_on_time": (1, 2)}, 3),
        ("PETITION_HANDLING_SATISFACTION", {"satisfied_petitions": (1, 3)}, 2),
        (
            "provide-online-tree",
            {"online_services": (4, 10), "online_services_used": (1, 4), "online_dossiers": (1, 4)},
            1 + 1 + 3,
        ),
        (
            "provide-online-tree",
            {"online_services": (9, 10), "online_services_used": (4, 4), "online_dossiers": (3, 4)},
            12,
        ),
        (
            "formality-online-payment-tree",
            {"online_payment": (1, 2), "fee_services_paid_online": (4, 10), "fee_services_on_portal": (2, 5)},
            3 + 1 + 1,
        ),
        (  # the summands reach 10.5: the indicator has 10
            "formality-online-payment-tree",
            {"online_payment": (5, 5), "fee_services_paid_online": (9, 10), "fee_services_on_portal": (5, 5)},
            10,
        ),
    ],
)
def test_points_of_each_formula_are_exact(code: str, values: dict[str, Any], expected: Fraction) -> None:
    assert points(code, **values) == Points(Fraction(expected), BY_CODE[code].most, Fraction(), Fraction())


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.code)
def test_nothing_known_is_not_zero_unless_the_decision_says_so(metric: Any) -> None:
    found = scored(metric, {}).points
    if metric.code == "DOSSIER_RECEIVING_SATISFACTION":
        assert (found.points, found.unknown) == (0, 0)
    else:
        assert (found.points, found.unknown, found.not_applicable) == (None, metric.most, 0)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.code)
def test_nothing_to_divide_by_is_neither_full_nor_zero_unless_the_decision_says_so(metric: Any) -> None:
    found = scored(metric, {term.indicator: Value(0, 0) for term in metric.terms}).points
    expected = {
        "DOSSIER_RECEIVING_SATISFACTION": (0, 0),
        "PETITION_PROCESSING_ON_TIME": (6, 0),
        "PETITION_HANDLING_SATISFACTION": (6, 0),
    }.get(metric.code, (None, metric.most))
    assert (found.points, found.not_applicable) == expected
    assert found.unknown == 0


def test_summand_that_is_not_known_leaves_the_others() -> None:
    found = points("provide-online-tree", online_services=UNKNOWN, online_services_used=(0, 0), online_dossiers=(1, 2))
    assert found == Points(Fraction(6), Fraction(12), Fraction(2), Fraction(4))


def test_groups_have_the_points_of_the_decision() -> None:
    of = {group: added([scored(m, {}).points for m in METRICS if m.group is group]).most for group in Group}
    assert of == {
        Group.TRANSPARENCY: 18, Group.PROGRESS: 20, Group.DIGITISATION: 22, Group.ONLINE: 22, Group.SATISFACTION: 18,
    }  # fmt: skip
    assert sum(of.values()) == 100
    assert len(BY_CODE) == 17
    assert {term.indicator for metric in METRICS for term in metric.terms} <= INDICATORS.keys()


def test_rank_is_said_only_when_unknown_points_cannot_change_it() -> None:
    hundred = Fraction(100)
    assert Points(Fraction(85), hundred, Fraction(), Fraction()).rank is Rank.GOOD
    assert Points(Fraction(81), hundred, Fraction(8), Fraction()).rank is Rank.GOOD
    assert Points(Fraction(81), hundred, Fraction(9), Fraction()).rank is None
    assert Points(None, hundred, hundred, Fraction()).rank is None
    assert Points(Fraction(48), Fraction(54), Fraction(), Fraction()).rank is None  # a unit's part of the index


@pytest.mark.parametrize(
    ("number", "rank"),
    [
        ("90", Rank.EXCELLENT),
        ("89.99", Rank.GOOD),
        ("80", Rank.GOOD),
        ("70", Rank.FAIR),
        ("50", Rank.AVERAGE),
        ("49.9", Rank.WEAK),
    ],
)
def test_bands(number: str, rank: Rank) -> None:
    assert rank_of(Fraction(number)) is rank


VALUES = st.one_of(
    st.just(UNKNOWN), st.integers(0, 50).flatmap(lambda n: st.integers(0, n).map(lambda part: Value(part, n)))
)


@given(st.data())
def test_known_unknown_and_not_applicable_points_never_exceed_what_there_is(data: st.DataObject) -> None:
    for metric in METRICS:
        values = {term.indicator: data.draw(VALUES) for term in metric.terms}
        found = scored(metric, values).points
        assert 0 <= (found.points or 0) + found.unknown + found.not_applicable <= metric.most
        if all(value.state is State.COMPUTED for value in values.values()):
            assert found.points is not None
            assert found.unknown == found.not_applicable == 0
