"""What the banner tells an administrator of several agencies: each thing once, and whose it is."""

from __future__ import annotations

from datetime import date

from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.domain.office_hours import DayKind, DayRule
from engine.services import calendar_changes, calendar_overview
from engine.services.calendar_changes import Days
from tests.support.builders import an_office
from tests.support.forms import text_of
from tests.support.site import an_account, an_agency, make_site, sign_in
from web.calendar_banner import sentence

SATURDAY = DayRule(date(2026, 3, 14), DayKind.WORK, "5/QĐ", "")
UNDECIDED = "Năm 2027 chưa có quyết định nghỉ lễ"
ALONE = "Ngày làm bù 14/03/2026 (5/QĐ) không có ngày nghỉ hoán đổi"


def _offices(ctx: Context, *codes: str) -> None:
    """Make agencies, each with a make-up Saturday and so with a calendar of its own."""
    an_office(ctx)
    for code in codes:
        an_agency(ctx, code)
        calendar_changes.apply(ctx, by=SYSTEM, agency=code, change=Days((SATURDAY,)))


def test_warning_of_several_calendars_is_told_once_with_the_agencies_that_it_concerns(ctx: Context) -> None:
    _offices(ctx, "H01", "H02")
    found = {each["code"]: each["agencies"] for each in calendar_overview.warnings(ctx, by=SYSTEM)}
    assert found == {"year-undecided": None, "make-up-alone": ["Ủy ban nhân dân H01", "Ủy ban nhân dân H02"]}
    assert len(calendar_overview.warnings(ctx, by=SYSTEM)) == 2


def test_banner_names_agencies_only_where_not_all_are_meant(sqlite_ctx: Context) -> None:
    _offices(sqlite_ctx, "H01", "H02", "H03", "H04")
    for code in ("H00", "H01"):
        an_account(sqlite_ctx, f"qt{code}", Role.ADMIN, agency=code)
    client = make_site(sqlite_ctx).test_client()
    sign_in(client, "qtH01")
    page = text_of(client.get("/lich"))
    assert (page.count(UNDECIDED), page.count(ALONE)) == (1, 1)
    assert f"Ủy ban nhân dân H01: {ALONE}" not in page


def test_many_agencies_are_counted(sqlite_ctx: Context) -> None:
    names = [f"Phường {no}" for no in range(1, 6)]
    warning = {"code": "tet-missing", "year": 2027, "date": None, "decision": "", "agencies": names}
    with make_site(sqlite_ctx).test_request_context():
        assert sentence(warning).startswith("Phường 1, Phường 2, Phường 3 và 2 cơ quan nữa: Lịch năm 2027")
