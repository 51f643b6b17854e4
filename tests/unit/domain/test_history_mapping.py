"""Mapping files of history imports: what is missing, wrong or not understood is named with its place."""

from __future__ import annotations

from datetime import time

import pytest

from engine.domain.deadlines import LateRule
from engine.domain.dossier import Channel, Status
from engine.domain.history_mapping import InvalidMappingError, read_mapping
from tests.support.histories import LOG_MAPPING, MAPPING
from tests.support.sources import ROOT


def test_the_mapping_of_the_real_log_is_read() -> None:
    read = read_mapping(LOG_MAPPING)

    assert (read.source, read.per_event, read.late_rule) == ("receipt-log", True, LateRule.INSTANT)
    assert read.keeps_disorder
    assert read.channels["Post"] is Channel.POSTAL
    assert (read.with_end, read.without_end) == (Status.RETURNED, Status.PROCESSING)
    assert read.wanted >= {"case:deadline", "concept:name", "org:resource"}


def test_the_mapping_of_the_guide_is_read() -> None:
    guide = (ROOT / "docs" / "howto" / "history-import.md").read_text(encoding="utf-8")
    shown = guide.split("```toml\n")[1].split("```")[0]
    both = 'channel = "Trực tiếp"\n\n[dates]'
    assert both in shown

    read = read_mapping(shown.replace(both, "\n[dates]"))  # the guide shows a constant that has a column, too

    assert read.without_time["due_at"] == time(17)
    assert read.statuses["Chờ bổ sung"] is Status.PROCESSING
    assert read.procedures["Đăng ký khai sinh"].code == "1.001193-CU"
    with pytest.raises(InvalidMappingError, match=r"constants\.channel"):
        read_mapping(shown)


@pytest.mark.parametrize(
    ("old", "new", "where"),
    [
        ('source = "old-desk"', "", "source"),
        ('source = "old-desk"', 'source = "Old Desk"', "source"),
        ('rows = "dossier"', 'rows = "line"', "rows"),
        ('zone = "Asia/Ho_Chi_Minh"', 'zone = "Asia/Hanoi"', "zone"),
        ('zone = "Asia/Ho_Chi_Minh"', 'zone = "../../etc/passwd"', "zone"),
        ('late_rule = "instant"', "", "late_rule"),
        ('key = "key"', "", "columns"),
        ('received_at = "received"', "", "columns"),
        ('applicant = "who"', 'phone = "who"', "columns.phone"),
        ('key = "key"', 'kee = "key"', "columns.kee"),
        ('key = "key"', "key = 7", "columns.key"),
        ('"desk" = "direct"', '"desk" = "window"', "channels.desk"),
        ('with_end = "returned"', 'with_end = "processing"', "status.with_end"),
        ('without_end = "processing"', "", "status.without_end"),
        ('limit = "2 working_day"', 'limit = "2 days"', "procedures.birth.limit"),
        ('code = "OLD-1"', 'code = "OLD/1"', "procedures.birth.code"),
        ('field = "Hộ tịch"', "", "procedures.birth"),
        ('called = "Thẩm tra"', "", "steps 1"),
        ('at = "step1"', "", "steps 1"),
        ('at = "step1"', 'at = "step1"\ncolour = "red"', "steps 1.colour"),
        ("[columns]", '[file]\nencoding = "klingon"\n[columns]', "file.encoding"),
        ("[columns]", '[file]\nencoding = "rot13"\n[columns]', "file.encoding"),
        ("[columns]", '[file]\nseparator = "--"\n[columns]', "file.separator"),
        ("[columns]", '[dates]\nformats = "%d"\n[columns]', "dates.formats"),
        ("[columns]", '[dates.without_time]\ndue_at = "noon"\n[columns]', "dates.without_time.due_at"),
        ("[columns]", 'colour = "red"\n[columns]', "colour"),
        ("[columns]", "columns = 3\n[old]", "old"),
        ('[procedures."birth"]', '[procedures."birth"]\ncolour = "red"', "procedures.birth.colour"),
        ("[columns]", "[columns", ""),
    ],
)
def test_a_wrong_mapping_names_the_place(old: str, new: str, where: str) -> None:
    assert MAPPING.count(old) >= 1

    with pytest.raises(InvalidMappingError) as refused:
        read_mapping(MAPPING.replace(old, new, 1))

    assert refused.value.details["where"] == where


def test_a_mapping_needs_a_procedure() -> None:
    with pytest.raises(InvalidMappingError, match="describe each procedure"):
        read_mapping(MAPPING.split("[procedures.")[0])
