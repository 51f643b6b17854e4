"""What is published of small counts, and that nobody can work the hidden ones out from the rest."""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations, product

from hypothesis import given
from hypothesis import strategies as st

from engine.domain.suppression import SMALLEST, Counts, Shown, publishable

GROUPS = st.lists(
    st.builds(Counts, received=st.integers(0, 9), on_time=st.integers(0, 9), late=st.integers(0, 6)),
    min_size=1,
    max_size=3,
)


def in_order(counts: list[Counts]) -> tuple[list[Shown], Shown]:
    """Return what is published where rows are hidden with others as they stand."""
    return publishable(counts, order=range(len(counts)))


def test_counts_that_are_large_or_zero_are_all_published() -> None:
    rows, total = in_order([Counts(10, 7, 5), Counts(0, 0, 0), Counts(8, 9, 0)])

    assert rows == [Shown(10, 12, 7, 5), Shown(0, 0, 0, 0), Shown(8, 9, 9, 0)]
    assert total == Shown(18, 21, 16, 5)


def test_a_small_count_takes_another_with_it() -> None:
    rows, total = publishable([Counts(3, 9, 9), Counts(20, 9, 9), Counts(7, 9, 9)], order=[2, 1, 0])

    assert [row.received for row in rows] == [None, 20, None]
    assert [row.finished for row in rows] == [18, 18, 18]
    assert total.received == 30


def test_few_late_ones_hide_what_was_on_time_too_but_not_what_was_finished() -> None:
    rows, total = in_order([Counts(90, 80, 2), Counts(50, 40, 6), Counts(70, 60, 9)])

    assert [(row.finished, row.on_time, row.late) for row in rows] == [
        (82, None, None), (46, None, None), (69, 60, 9),
    ]  # fmt: skip
    assert (total.on_time, total.late) == (180, 17)


def test_a_total_is_hidden_where_it_is_small_or_nothing_else_helps() -> None:
    rows, total = in_order([Counts(3, 40, 2), Counts(0, 50, 0)])

    assert (total.received, total.finished, total.on_time, total.late) == (None, 92, None, None)
    assert rows[1] == Shown(0, 50, 50, 0)
    assert in_order([]) == ([], Shown(0, 0, 0, 0))
    assert in_order([Counts(4, 3, 0)]) == ([Shown(None, None, None, None)], Shown(None, None, None, None))


def _alone(row: Shown) -> list[tuple[int, int]]:
    """Return every (on time, late) with which a row would look like this, as far as this counts."""
    most = 30
    if row.on_time is not None and row.late is not None:
        return [(row.on_time, row.late)]
    if row.finished is not None:
        return [(one, row.finished - one) for one in range(row.finished + 1)]
    return [(one, other) for one in range(0, most, 3) for other in range(0, most, 3)] + _NEAR


def _possible(rows: list[Shown], total: Shown) -> list[set[tuple[int, int]]]:
    """Return of each row every (on time, late) with which all would be published like this."""
    per_row = [_alone(row) for row in rows]
    shown = (total.on_time, total.late, total.finished)
    if shown == (None, None, None):
        return [set(each) for each in per_row]  # no row says anything of another
    *first, last = per_row
    ending: dict[tuple[int | None, ...], list[tuple[int, int]]] = defaultdict(list)
    for pair in last:
        ending[_known(shown, pair)].append(pair)
    found: list[set[tuple[int, int]]] = [set() for _ in rows]
    for world in product(*first):
        one, other = (sum(column) for column in zip((0, 0), *world, strict=True))
        left = tuple(
            None if has is None else has - got for has, got in zip(shown, (one, other, one + other), strict=True)
        )
        for pair in ending.get(left, ()):
            for values, each in zip(found, (*world, pair), strict=True):
                values.add(each)
    return found


def _known(shown: tuple[int | None, ...], pair: tuple[int, int]) -> tuple[int | None, ...]:
    """Return of a row's numbers and their sum those whose total is published."""
    return tuple(None if has is None else got for has, got in zip(shown, (*pair, sum(pair)), strict=True))


_NEAR = [(one, other) for one in range(8) for other in range(8)]


def test_who_knows_the_rule_but_not_the_order_works_nothing_out() -> None:
    """Of three counts, by all that could have led to what is published, whatever the order of hiding was."""
    worlds: dict[tuple[int | None, ...], set[tuple[int, ...]]] = defaultdict(set)
    for counts in product(range(12), repeat=3):
        for order in permutations(range(3)):
            rows, total = publishable([Counts(count, 0, 0) for count in counts], order=order)
            worlds[(*(row.received for row in rows), total.received)].add(counts)
    told = {
        shown: found
        for shown, found in worlds.items()
        for no, count in enumerate(shown[:3])
        if count is None and len({world[no] for world in found}) == 1 and max(map(max, found)) < 11
    }

    assert told == {}


@given(GROUPS)
def test_no_hidden_count_can_be_worked_out_or_told_to_be_small(counts: list[Counts]) -> None:
    rows, total = in_order(counts)
    possible = _possible(rows, total)

    for no, (row, count) in enumerate(zip(rows, counts, strict=True)):
        for part, known in enumerate((row.on_time, row.late)):
            if known is None and 0 < (count.on_time, count.late)[part] < SMALLEST:
                values = {pair[part] for pair in possible[no]}
                assert len(values) > 1
                assert max(values) >= SMALLEST
    hidden = [count.received for count, row in zip(counts, rows, strict=True) if row.received is None]
    assert total.received is None or not hidden or (len(hidden) > 1 and sum(hidden) >= SMALLEST)


@given(GROUPS)
def test_what_is_published_is_true_and_never_small(counts: list[Counts]) -> None:
    rows, total = in_order(counts)
    totals = [
        sum(column) for column in zip(*((c.received, c.finished, c.on_time, c.late) for c in counts), strict=True)
    ]
    cells = [
        (shown, true)
        for row, count in zip(rows, counts, strict=True)
        for shown, true in zip(_told(row), (count.received, count.finished, count.on_time, count.late), strict=True)
    ]

    assert [pair for pair in [*cells, *zip(_told(total), totals, strict=True)] if pair[0] not in (None, pair[1])] == []
    assert [shown for shown, _true in cells if shown is not None and 0 < shown < SMALLEST] == []
    for row in (*rows, total):
        assert None not in (row.on_time, row.late) or {row.on_time, row.late} == {None}
        assert row.finished is not None or row.on_time is None


def _told(row: Shown) -> tuple[int | None, ...]:
    return row.received, row.finished, row.on_time, row.late
