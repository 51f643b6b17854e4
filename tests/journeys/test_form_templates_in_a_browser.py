"""An administrator brings the office's own template: refused with reasons, then used; by keyboard."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from engine.documents.docx import render
from engine.domain.actors import Role
from engine.domain.official_forms import CURRENT
from engine.services.form_templates import form_named
from tests.support import builders as b
from tests.support.desk_journey import Journey
from tests.support.docx_files import with_text
from tests.support.site import an_account

pytestmark = pytest.mark.browser

OURS = render.shipped(form_named(CURRENT, "apology"))


def test_a_template_is_refused_mended_and_used(journey: Journey, tmp_path: Path) -> None:
    bad, good = tmp_path / "mau-sai.docx", tmp_path / "mau-dung.docx"
    bad.write_bytes(with_text(OURS, "{{ ma_ho_so }}"))
    good.write_bytes(with_text(OURS, "Mẫu của phường"))
    b.an_office(journey.ctx)
    an_account(journey.ctx, "quantri", Role.ADMIN, agency="H00")
    page = journey.page("quantri")
    page.goto("/quan-tri/mau-giay")
    upload = page.locator("form", has=page.get_by_role("heading", name="Tải mẫu lên"))
    for file, said in ((bad, "Không có ô điền ma_ho_so"), (good, "Không có lỗi")):
        upload.get_by_label("Biểu mẫu").select_option(f"{CURRENT} apology")
        upload.get_by_label("Tệp Word").set_input_files(file)
        upload.get_by_role("button", name="Tải lên và kiểm tra").press("Enter")
        expect(page.get_by_text(said)).to_be_visible(timeout=30_000)
        journey.hold(page, f"form-template-{file.stem}")
        if file is bad:
            page.goto("/quan-tri/mau-giay")
    page.get_by_role("button", name="Dùng mẫu này").press("Enter")
    expect(page.get_by_text("Từ nay giấy này in theo mẫu của cơ quan.")).to_be_visible(timeout=30_000)

    page.get_by_role("link", name="Các ô điền của biểu mẫu này").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ô điền của biểu mẫu")
    journey.hold(page, "form-placeholders")
    page.goto("/quan-tri/mau-giay")
    expect(page.get_by_text("Đang dùng")).to_be_visible()
    journey.hold(page, "form-templates")
