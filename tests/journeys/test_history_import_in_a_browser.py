"""An administrator takes over another system's dossiers, by keyboard; a supervisor finds them marked."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.domain.actors import Role
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.histories import HEAD, MAPPING, ROWS
from tests.support.site import an_account

pytestmark = pytest.mark.browser


def test_a_file_is_looked_at_mended_and_taken_over(journey: Journey, tmp_path: Path) -> None:
    b.an_office(journey.ctx)
    an_account(journey.ctx, "quantri", Role.ADMIN, agency="H00")
    an_account(journey.ctx, "giamsat", Role.SUPERVISOR, agency="H00")
    file, mapping = tmp_path / "ho-so-cu.csv", tmp_path / "anh-xa.toml"
    file.write_text("\n".join((HEAD, *ROWS, "A-4,hôm qua,,,web,,")), encoding="utf-8")
    mapping.write_text(MAPPING.replace('"web" = "online"\n', ""), encoding="utf-8")
    page = journey.page("quantri")
    page.goto("/quan-tri/nhap-so-lieu")
    page.get_by_label("Tệp số liệu").set_input_files(file)
    page.get_by_label("Tệp ánh xạ (.toml)").set_input_files(mapping)
    page.get_by_role("button", name="Xem trước").press("Enter")
    expect(page.get_by_text("Tệp ánh xạ không có giá trị này").first).to_be_visible(timeout=30_000)

    written = page.get_by_label("Ánh xạ", exact=True)
    written.fill(MAPPING)
    page.get_by_role("button", name="Xem trước").press("Enter")
    confirm = page.get_by_role("button", name="Nhập 3 hồ sơ")
    expect(confirm).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Không đọc được ngày")).to_be_visible()
    journey.hold(page, "history-import")
    confirm.press("Enter")
    expect(page.get_by_role("heading", name="Đã nhập")).to_be_visible(timeout=30_000)
    expect(page.get_by_role("heading", name="Các lần nhập")).to_be_visible()
    journey.hold(page, "history-imported")

    page = journey.page("giamsat")
    page.goto("/ho-so/A-3")
    expect(page.get_by_text("Nhập từ old-desk").first).to_be_visible()
    journey.hold(page, "dossier-imported")
    page.goto("/qua-han")
    expect(page.get_by_text("Nhập từ old-desk").first).to_be_visible()
    journey.hold(page)
