"""Rows of another system's file to dossiers: every row that cannot be taken says why and what to do."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.domain.dossier import Status
from engine.domain.history_mapping import HistoryMapping, read_mapping
from engine.domain.history_records import REMEDIES, OldDossier, Record, Refusal, dossier_of
from tests.support.histories import LOG_MAPPING, MAPPING
from web.history_refusals import ROWS

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
USUAL = {
    "key": "A-1", "received": "2024-03-01 08:30", "due": "2024-03-05 17:00", "ended": "2024-03-04 10:00",
    "channel": "desk", "who": None, "step1": "2024-03-02 09:00",
}  # fmt: skip


def a_mapping(*changes: tuple[str, str]) -> HistoryMapping:
    """Return the usual mapping with some text replaced."""
    text = MAPPING
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read_mapping(text)


def the_one(mapping: HistoryMapping | None = None, **cells: Any) -> OldDossier:
    """Return the dossier of a row that is taken."""
    found, refusals = dossier_of(mapping or a_mapping(), [Record(2, USUAL | cells)], now=NOW)
    assert refusals == []
    assert found is not None
    return found


def the_refusal(mapping: HistoryMapping | None = None, **cells: Any) -> Refusal:
    """Return why a row is refused."""
    found, refusals = dossier_of(mapping or a_mapping(), [Record(2, USUAL | cells)], now=NOW)
    assert found is None
    (refusal,) = refusals
    return refusal


def test_a_row_becomes_a_dossier_in_the_zone_of_the_mapping() -> None:
    old = the_one()

    assert old.received_at == datetime(2024, 3, 1, 1, 30, tzinfo=UTC)
    assert (old.status, old.finished_at, old.ended_at) == (Status.RETURNED, old.ended_at, old.finished_at)
    assert [(step.step, step.at.hour) for step in old.steps] == [("Thẩm tra", 2)]


def test_a_time_with_an_offset_keeps_it() -> None:
    assert the_one(received="2024-03-01T08:30:00+01:00").received_at == datetime(2024, 3, 1, 7, 30, tzinfo=UTC)


def test_a_row_without_a_time_for_a_step_did_not_take_it() -> None:
    assert the_one(step1=None).steps == ()


def test_an_open_dossier_has_no_end() -> None:
    old = the_one(ended=None)

    assert (old.status, old.finished_at, old.ended_at) == (Status.PROCESSING, None, None)


def test_a_slash_in_the_key_is_a_hyphen_in_the_code() -> None:
    old = the_one(key="12/2024/HS")

    assert (old.key, old.code) == ("12/2024/HS", "12-2024-HS")


def test_dates_of_offices_are_read_in_the_forms_that_the_mapping_names() -> None:
    forms = a_mapping(
        ("[columns]", '[dates]\nformats = ["%d/%m/%Y %H:%M", "%d/%m/%Y"]\nwithout_time.due_at = "17:00"\n[columns]')
    )
    cells = {"received": "01/03/2024 08:30", "due": "05/03/2024", "ended": None, "step1": None}

    assert the_one(forms, **cells).due_at == datetime(2024, 3, 5, 10, tzinfo=UTC)
    assert the_refusal(forms, **cells | {"received": "2024-03-01 08:30"}).code == "date-unreadable"
    assert the_refusal(forms, **cells | {"received": "01/03/2024"}).code == "date-without-time"


def test_a_cell_of_a_spreadsheet_may_be_a_date_already() -> None:
    assert the_one(due=datetime(2024, 3, 5, 17)).due_at == datetime(2024, 3, 5, 10, tzinfo=UTC)  # noqa: DTZ001
    assert the_refusal(due=date(2024, 3, 5)).code == "date-without-time"


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"received": None}, "received", "cell-empty"),
        ({"received": "yesterday"}, "received", "date-unreadable"),
        ({"received": "2024-02-30 08:00"}, "received", "date-unreadable"),
        ({"received": "2024-03-01"}, "received", "date-without-time"),
        ({"received": "0024-03-01 08:00"}, "received", "date-impossible"),
        ({"received": "2031-03-01 08:00", "due": None, "ended": None}, "received", "date-in-future"),
        ({"ended": "2031-03-01 08:00"}, "ended", "date-in-future"),
        ({"ended": "2024-02-01 08:00"}, "ended", "end-before-start"),
        ({"due": "2024-02-01 08:00"}, "due", "due-before-start"),
        ({"channel": "pigeon"}, "channel", "value-unknown"),
        ({"channel": None}, "channel", "cell-empty"),
        ({"key": "x" * 121}, "key", "cell-too-long"),
        ({"key": "số 1"}, "key", "code-invalid"),
        ({"key": "0190a3f0-1111-7222-8333-444455556666"}, "key", "code-invalid"),
        ({"who": "x" * 201}, "who", "cell-too-long"),
        ({"step1": "noon"}, "step1", "date-unreadable"),
    ],
)
def test_a_row_that_cannot_be_taken_is_refused(cells: dict[str, str | None], column: str, code: str) -> None:
    refusal = the_refusal(**cells)

    assert (refusal.row, refusal.column, refusal.code) == (2, column, code)
    assert refusal.message


def test_a_local_time_that_no_clock_showed_is_refused() -> None:
    summer = a_mapping(("Asia/Ho_Chi_Minh", "Europe/Amsterdam"))

    assert the_refusal(summer, step1="2024-03-31 02:30", ended=None, due=None).code == "date-impossible"


def test_statuses_must_agree_with_the_end() -> None:
    column = (
        "[status]\nwith_end = \"returned\"\nwithout_end = \"processing\"", '[statuses]\n"xong" = "finished"\n"rút" = '
        '"withdrawn"\n"đang" = "processing"',
    )  # fmt: skip
    mapping = a_mapping(('channel = "channel"', 'channel = "channel"\nstatus = "state"'), column)

    finished, withdrawn = the_one(mapping, state="xong"), the_one(mapping, state="rút")
    assert (finished.status, finished.ended_at) == (Status.FINISHED, None)
    assert (withdrawn.status, withdrawn.finished_at) == (Status.WITHDRAWN, None)
    assert the_refusal(mapping, state="xong", ended=None).code == "end-missing"
    assert the_refusal(mapping, state="đang").code == "end-unexpected"
    assert the_refusal(mapping, state="lạ").code == "value-unknown"
    assert the_refusal(mapping, state=None).code == "cell-empty"


def test_disorder_is_kept_where_the_mapping_says_so() -> None:
    kept = a_mapping(('rows = "dossier"', 'rows = "dossier"\nout_of_order = "keep"'))

    assert the_one(kept, ended="2024-02-01 08:00").finished_at == datetime(2024, 2, 1, 1, tzinfo=UTC)


def test_personal_data_is_in_no_refusal() -> None:
    lonely = a_mapping(('applicant = "who"', 'applicant = "who"\nphone = "tel"'))

    for refusal in (the_refusal(who="Nguyễn Văn Thử" * 20), the_refusal(lonely, tel="0912000001")):
        assert "Nguyễn" not in str(refusal.as_json())
        assert "0912" not in str(refusal.as_json())


def test_rows_of_one_dossier_must_agree() -> None:
    first = dict.fromkeys(read_mapping(LOG_MAPPING).wanted, "x") | {"case:deadline": "2011-12-06 10:00"}
    rows = [Record(2, first), Record(3, first | {"case:deadline": "2011-12-07 10:00"})]

    found, (refusal,) = dossier_of(read_mapping(LOG_MAPPING), rows, now=NOW)

    assert found is None
    assert (refusal.row, refusal.column, refusal.code) == (3, "case:deadline", "rows-differ")


def test_each_row_with_a_wrong_step_is_named() -> None:
    usual = {
        "case:concept:name": "c-1", "case:channel": "Desk", "case:startdate": "2011-01-01 08:00",
        "case:deadline": "2011-02-01 08:00", "case:enddate": None, "concept:name": "Step", "org:resource": "R1",
        "time:timestamp": "2011-01-02 08:00", "org:group": None, "concept:instance": None,
    }  # fmt: skip
    bad = usual | {"time:timestamp": "never"}, usual | {"concept:name": None}
    rows = [Record(no, row) for no, row in enumerate((usual, *bad), start=2)]

    found, refusals = dossier_of(read_mapping(LOG_MAPPING), rows, now=NOW)

    assert found is None
    assert [(each.row, each.code) for each in refusals] == [(3, "date-unreadable"), (4, "cell-empty")]


def test_each_reason_has_its_words() -> None:
    assert set(REMEDIES) == set(ROWS)
    facts = {"most": "9", "field": "due_at", "table": "channels"}
    assert all(Refusal(2, "k", "c", code, "v", facts).message for code in REMEDIES)
