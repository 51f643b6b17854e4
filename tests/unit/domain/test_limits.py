"""Limits: what is read, what is written and what is refused."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.domain.limits import InvalidLimitError, Limit, Segment, Unit, amount_text
from engine.errors import InvalidInputError

AMOUNTS = st.fractions(min_value=0, max_value=10_000, max_denominator=10**6)
LIMITS = st.lists(st.builds(Segment, AMOUNTS, st.sampled_from(Unit)), min_size=1, max_size=4).map(
    lambda segments: Limit(tuple(segments))
)


def test_parse_reads_segments_in_order():
    limit = Limit.parse("15 working_day + 2.5 calendar_day")
    assert limit.segments == (
        Segment(Fraction(15), Unit.WORKING_DAY),
        Segment(Fraction(5, 2), Unit.CALENDAR_DAY),
    )


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("3 working_day", "3 working_day"),
        ("  3   working_day+1.50 working_hour ", "3 working_day + 1.5 working_hour"),
        ("0.0 calendar_day", "0 calendar_day"),
        ("7/16 working_day", "0.4375 working_day"),
        ("2/6 working_hour", "1/3 working_hour"),
        ("10000 calendar_day", "10000 calendar_day"),
        ("100 working_day", "100 working_day"),
        ("0.05 working_day", "0.05 working_day"),
    ],
)
def test_limit_is_written_canonically(text, canonical):
    assert str(Limit.parse(text)) == canonical


@given(LIMITS)
def test_written_limit_parses_to_the_same_limit(limit):
    assert Limit.parse(str(limit)) == limit


@pytest.mark.parametrize(
    ("text", "part", "column"),
    [
        ("1,5 ngày", "1,5 ngày", 1),
        ("1.5 ngày", "1.5 ngày", 1),
        ("3", "3", 1),
        ("working_day", "working_day", 1),
        ("3working_day", "3working_day", 1),
        ("3 working_days", "3 working_days", 1),
        ("-1 working_day", "-1 working_day", 1),
        ("1e3 working_day", "1e3 working_day", 1),
        (".5 working_day", ".5 working_day", 1),
        ("1/0 working_day", "1/0 working_day", 1),
        ("nan working_day", "nan working_day", 1),
        ("٣ working_day", "٣ working_day", 1),
        ("", "", 1),
        ("3 working_day + ", "", 17),
        ("3 working_day + 1,5 ngày", "1,5 ngày", 17),
        ("10000.1 working_day", "10000.1 working_day", 1),
        ("3 working_day + 20000 calendar_day", "20000 calendar_day", 17),
    ],
)
def test_bad_limit_is_refused_by_its_part(text, part, column):
    with pytest.raises(InvalidLimitError) as refused:
        Limit.parse(text)
    assert refused.value.code == "invalid-limit"
    assert isinstance(refused.value, InvalidInputError)
    assert refused.value.details == {"part": part, "column": column}
    assert f'"{part}"' in refused.value.message


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("1,5 working_day", 'write "1.5 working_day"'),
        (",5 working_day", 'write "0.5 working_day"'),
        ("1.5working_day", 'write "1.5 working_day"'),
        ("3 working_days", 'write "3 working_day"'),
        ("3 Working-Days", 'write "3 working_day"'),
        ("3 ngày làm việc", 'write "3 working_day"'),
        ("1/3 giờ làm việc", 'write "1/3 working_hour"'),
        ("0.4375 ngày lịch", 'write "0.4375 calendar_day"'),
        ("1,5 ngày", 'days are working or calendar days: write "1.5 working_day" or "1.5 calendar_day"'),
        ("3", 'days are working or calendar days: write "3 working_day" or "3 calendar_day"'),
        ("-1 working_day", "a limit cannot be negative"),
        ("−1,5 ngày", "a limit cannot be negative"),
        ("1e9 working_day", "write the amount in digits, 10000 at most"),
        ("nan working_day", 'write the amount in digits with a decimal point, such as "1.5 working_day"'),
        ("24 giờ", "units are working_day, working_hour, calendar_day"),
        ("3 tháng", "units are working_day, working_hour, calendar_day"),
        ("", 'write an amount and a unit, such as "1.5 working_day"'),
    ],
)
def test_refusal_says_what_to_write_where_the_meaning_is_clear(text, remedy):
    with pytest.raises(InvalidLimitError) as refused:
        Limit.parse(text)
    assert refused.value.message.startswith(f'"{text}" (column 1) is not a limit: {remedy}')


@pytest.mark.parametrize("text", ["1,500 working_day", "1.000 ngày", "1.5.2 working_day", "1/0 ngày"])
def test_amount_that_may_mean_two_things_is_not_guessed(text):
    with pytest.raises(InvalidLimitError, match="write the amount in digits with a decimal point"):
        Limit.parse(text)


@pytest.mark.parametrize("text", ["3 ngày\nlàm\tviệc", "3 " + "x" * 900])
def test_refusal_is_one_short_line(text):
    with pytest.raises(InvalidLimitError) as refused:
        Limit.parse(text)
    assert "\n" not in refused.value.message
    assert len(refused.value.message) < 250


def test_endless_text_is_refused_without_being_read():
    with pytest.raises(InvalidLimitError):
        Limit.parse("9" * 100_000 + " working_day")


def test_segment_refuses_a_negative_amount():
    with pytest.raises(InvalidLimitError):
        Segment(Fraction(-1), Unit.WORKING_DAY)


def test_limit_without_segments_is_refused():
    with pytest.raises(InvalidLimitError):
        Limit(())


@pytest.mark.parametrize(
    ("text", "zero"),
    [("0 working_day", True), ("0 working_day + 0 working_hour", True), ("0 working_day + 0.1 calendar_day", False)],
)
def test_is_zero_looks_at_every_segment(text, zero):
    assert Limit.parse(text).is_zero is zero


@pytest.mark.parametrize(("amount", "text"), [(Fraction(-5, 2), "-2.5"), (Fraction(-1, 3), "-1/3"), (Fraction(7), "7")])
def test_amount_text_writes_negative_and_whole_amounts(amount, text):
    assert amount_text(amount) == text
