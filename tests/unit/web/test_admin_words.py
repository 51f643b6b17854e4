"""What administrators did is said in words, with what was before and after."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from tests.support.site import make_site
from web.admin_words import ACTS, admin_act, admin_act_change

SERVICES = Path(__file__).parents[3] / "engine" / "services"
KINDS = re.compile(r'"((?:officer|agency|unit|field|fee)\.[a-z_]+)"')


def test_every_act_that_services_write_down_has_words() -> None:
    lines = [line for path in SERVICES.glob("*.py") for line in path.read_text("utf-8").splitlines()]
    written = {kind for line in lines if "log." not in line for kind in KINDS.findall(line)}
    assert {"officer.roles", "fee.dropped"} <= written
    assert written <= ACTS.keys()


@pytest.mark.parametrize(
    ("kind", "facts", "name", "change"),
    [
        ("hall-board", {"on": True}, "bật bảng tin ở sảnh", ""),
        ("hall-board", {"on": False}, "tắt bảng tin ở sảnh", ""),
        (
            "officer.roles",
            {"before": {"roles": ["desk"], "units": []}, "after": {"roles": ["clerk", "admin"], "units": ["PHONG"]}},
            "đổi vai trò, đơn vị",
            "Tiếp nhận và trả kết quả → Văn thư, Quản trị; — → PHONG",
        ),
        ("fee.set", {"amount_vnd": 1_250_000, "valid_from": "2026-03-02"}, "đặt mức phí", "1.250.000 đ, 02/03/2026"),
        (
            "unit.changed",
            {"before": {"name": "A", "valid_to": None}, "after": {"name": "B", "valid_to": "2026-03-02"}},
            "sửa đơn vị",
            "A → B; — → 02/03/2026",
        ),
        ("agency.merged", {"into": "H02", "effective_on": "2026-03-02"}, "khai sáp nhập", "→ H02, 02/03/2026"),
        ("agency.change_applied", {"kind": "merged", "effective_on": "2026-03-02"}, "thực hiện thay đổi đã khai",
         "02/03/2026"),
        ("field.renamed", {"old": "Cũ", "procedures": 2}, "đổi tên lĩnh vực", "Cũ →"),
        ("officer.password", {}, "đặt mật khẩu mới", ""),
    ],
)  # fmt: skip
def test_an_act_is_said_with_before_and_after(
    sqlite_ctx: Context, kind: str, facts: dict[str, Any], name: str, change: str
) -> None:
    with make_site(sqlite_ctx).test_request_context():
        act = {"kind": kind, "facts": facts}
        assert (str(admin_act(act)), admin_act_change(act)) == (name, change)
