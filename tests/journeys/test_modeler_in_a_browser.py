"""The workbench's modeler in Chromium: properties, the way on without a mouse, findings, saving, comparing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from lxml import etree
from playwright.sync_api import Locator, Page, expect

from bpmn import parts, references
from bpmn.names import BPMN, MOTCUA
from engine.context import Context
from engine.domain.actors import SYSTEM, Role
from engine.services import draft_making, drafts
from tests.support.desk_browser import a_browser, axe_findings, overflows, served
from tests.support.site import PASSWORD, an_account, an_agency, make_site
from tests.support.step_tables import an_entry

pytestmark = pytest.mark.browser

STEP = "Bước có người làm"
DEFAULTS = {("cancelActivity", "true"), ("isSequential", "false"), ("isInterrupting", "true")}


@pytest.fixture
def draft(sqlite_ctx: Context) -> int:
    """A draft of the small procedure, in an agency with an administrator."""
    an_agency(sqlite_ctx, units=("BP_MOT_CUA", "PHONG_TU_PHAP", "LANH_DAO"))
    an_account(sqlite_ctx, "admin", Role.ADMIN)
    made = draft_making.from_tables(sqlite_ctx, by=SYSTEM, data=[an_entry()], agency="H01")
    return int(made["drafts"][0]["id"])


@pytest.fixture
def page(chromium: str, sqlite_ctx: Context, draft: int) -> Iterator[Page]:
    """A page of Chromium where the administrator is signed in."""
    with served(make_site(sqlite_ctx)) as address, a_browser(chromium, address) as opened:
        opened.goto("/dang-nhap")
        opened.get_by_label("Tên đăng nhập").fill("admin")
        opened.get_by_label("Mật khẩu").fill(PASSWORD)
        opened.keyboard.press("Enter")
        expect(opened.get_by_role("heading", level=1)).to_contain_text("Xin chào")
        yield opened


def open_editor(page: Page, draft: int) -> None:
    """Open the drawing of a draft and wait until it can be worked on and its findings are there."""
    page.goto(f"/quy-trinh/{draft}/so-do")
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()
    expect(page.locator("[data-findings][data-asked]")).to_be_attached()


def choose(page: Page, label: str) -> None:
    """Choose an element in the list beside the drawing."""
    page.get_by_label("Phần tử", exact=True).select_option(label=label)


def add_after(page: Page, kind: str) -> None:
    """Add an element of a kind after the chosen one, without the mouse's way."""
    page.get_by_label("Thêm sau phần tử này").select_option(label=kind)
    page.get_by_role("button", name="Thêm", exact=True).click()


def save_by_key(page: Page) -> None:
    """Save and wait until the server has it."""
    page.keyboard.press("Control+s")
    expect(page.locator(".mc-state")).to_have_text("Đã lưu")


def the_model(ctx: Context, draft: int) -> etree._Element:
    """Return what the server keeps of the drawing."""
    return etree.fromstring(drafts.show(ctx, by=SYSTEM, draft_id=draft)["source"].encode())


def named(root: etree._Element, name: str) -> etree._Element:
    """Return the element of a model with this name."""
    (found,) = (
        each for each in root.iter(f"{{{BPMN}}}userTask", f"{{{BPMN}}}callActivity") if each.get("name") == name
    )
    return found


def the_limit(page: Page) -> Locator:
    """Return the field of the step's own limit."""
    return page.get_by_label("Thời hạn của bước", exact=True)


def test_an_administrator_changes_a_limit_adds_a_step_mends_the_finding_and_saves(
    page: Page, sqlite_ctx: Context, draft: int
) -> None:
    open_editor(page, draft)
    assert axe_findings(page) == []
    assert not overflows(page)
    choose(page, f"{STEP}: Bước THU_LY")
    the_limit(page).fill("2,5")
    page.keyboard.press("Tab")
    expect(page.locator(".mc-state")).to_have_text("Có thay đổi chưa lưu")
    page.get_by_role("button", name="Hoàn tác").click()
    expect(the_limit(page)).not_to_have_value("2.5")
    page.get_by_role("button", name="Làm lại").click()
    expect(the_limit(page)).to_have_value("2.5")

    page.locator("summary", has_text="không cần chuột").click()
    add_after(page, STEP)
    finding = page.locator("[data-findings] button", has_text="task-name")
    expect(finding).to_be_visible()
    expect(page.locator(".mc-sign-error")).to_be_visible()
    choose(page, "(cả quy trình)")
    finding.focus()
    page.keyboard.press("Enter")  # leads to the step without a name
    page.get_by_label("Tên (bắt buộc)").fill("Thẩm định thực địa")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Thêm kết quả").click()
    for typed in ("agree", "Đồng ý"):
        page.keyboard.type(typed)
        page.keyboard.press("Tab")
    assert axe_findings(page) == []
    expect(finding).to_have_count(0)
    save_by_key(page)

    root = the_model(sqlite_ctx, draft)
    changed, added = named(root, "Bước THU_LY"), named(root, "Thẩm định thực địa")
    assert changed.find(f".//{{{MOTCUA}}}step").get("limit") == "2.5 working_day"
    (outcome,) = added.iter(f"{{{MOTCUA}}}outcome")
    assert dict(outcome.attrib) == {"value": "agree", "label": "Đồng ý"}
    flows = {(each.get("sourceRef"), each.get("targetRef")) for each in root.iter(f"{{{BPMN}}}sequenceFlow")}
    assert (changed.get("id"), added.get("id")) in flows
    assert len([source for source, _ in flows if source == changed.get("id")]) == 1  # put into the flow, no branch


@pytest.mark.parametrize("typed", ["abc", "-3"])
def test_a_value_that_is_not_in_the_drawing_is_a_finding_until_it_is_mended(
    page: Page, sqlite_ctx: Context, draft: int, typed: str
) -> None:
    open_editor(page, draft)
    before = named(the_model(sqlite_ctx, draft), "Bước THU_LY").find(f".//{{{MOTCUA}}}step").get("limit")
    choose(page, f"{STEP}: Bước THU_LY")
    the_limit(page).fill(typed)
    page.keyboard.press("Tab")
    finding = page.locator("[data-findings] button", has_text="value-not-written")
    expect(finding).to_contain_text(f"Giá trị “{typed}” ở ô Thời hạn của bước chưa được ghi")
    expect(page.locator("[data-finding-count]")).to_have_text("1 lỗi, 0 lưu ý")
    choose(page, f"{STEP}: Bước KY")
    page.get_by_label("Tên (bắt buộc)").fill("Ký tắt")
    page.keyboard.press("Control+s")
    expect(page.locator(".mc-state")).to_have_text(f"Đã lưu, trừ giá trị chưa đúng: Thời hạn của bước: “{typed}”")
    root = the_model(sqlite_ctx, draft)
    assert named(root, "Bước THU_LY").find(f".//{{{MOTCUA}}}step").get("limit") == before
    assert named(root, "Ký tắt") is not None

    finding.click()  # leads to the step, where what was typed still stands
    expect(the_limit(page)).to_have_value(typed)
    assert axe_findings(page) == []
    the_limit(page).fill("2,5")
    page.keyboard.press("Tab")
    expect(finding).to_have_count(0)
    save_by_key(page)


def test_a_drawing_that_met_another_save_is_kept_and_offered_again(page: Page, sqlite_ctx: Context, draft: int) -> None:
    open_editor(page, draft)
    choose(page, f"{STEP}: Bước KY")
    page.get_by_label("Tên (bắt buộc)").fill("Ký tắt")
    page.keyboard.press("Tab")
    expect(page.locator("[data-findings]")).to_have_attribute("data-asked", "2")  # and kept on this machine
    elsewhere = drafts.show(sqlite_ctx, by=SYSTEM, draft_id=draft)["source"].replace("Bước TRA", "Trả tại quầy")
    drafts.save(sqlite_ctx, by=SYSTEM, draft_id=draft, changes={"source": elsewhere})
    page.keyboard.press("Control+s")
    expect(page.locator(".mc-state")).to_contain_text("Bản thảo đã được người khác")
    assert named(the_model(sqlite_ctx, draft), "Bước KY") is not None

    page.on("dialog", lambda asked: asked.accept())  # the browser warns of what is not saved
    page.reload()
    expect(page.get_by_role("dialog")).to_contain_text("Bản trên máy chủ đã được lưu lại sau đó")
    assert axe_findings(page) == []
    page.get_by_role("button", name="Khôi phục").click()
    expect(page.locator("[data-editor][data-ready]")).to_be_visible()
    save_by_key(page)
    assert named(the_model(sqlite_ctx, draft), "Ký tắt") is not None


def test_drawing_of_a_deleted_draft_can_be_taken_along(page: Page, sqlite_ctx: Context, draft: int) -> None:
    open_editor(page, draft)
    choose(page, f"{STEP}: Bước KY")
    page.get_by_label("Tên (bắt buộc)").fill("Ký tắt")
    drafts.delete(sqlite_ctx, by=SYSTEM, draft_id=draft)
    page.keyboard.press("Control+s")
    expect(page.locator(".mc-state")).to_contain_text("Bản thảo này đã bị xóa.")
    assert axe_findings(page) == []
    with page.expect_download() as taken:
        page.get_by_role("link", name="Tải bản vẽ về máy").click()
    assert "Ký tắt" in taken.value.path().read_text(encoding="utf-8")


def test_a_shared_part_and_a_wait_for_a_message_are_put_into_the_flow(
    page: Page, sqlite_ctx: Context, draft: int
) -> None:
    part = parts.library()["part_supplement"]
    open_editor(page, draft)
    choose(page, f"{STEP}: Bước THU_LY")
    page.locator("summary", has_text="không cần chuột").click()
    add_after(page, "Phần dùng chung")
    page.get_by_label("Phần được gọi").select_option(label=part.name)
    expect(page.get_by_label("Tên (bắt buộc)")).to_have_value(part.name)  # a call without a name takes the part's
    add_after(page, "Chờ tin")
    page.get_by_label("Tin chờ nhận").select_option("payment.confirmed")
    page.get_by_label("Tự báo sau", exact=True).fill("12")
    page.get_by_label("Tự báo sau – đơn vị thời gian").select_option("calendar_day")
    expect(page.locator("[data-finding-count]")).to_contain_text("Không có lỗi")
    assert axe_findings(page) == []
    save_by_key(page)

    root = the_model(sqlite_ctx, draft)
    assert named(root, part.name).get("calledElement") == part.id
    (wait,) = root.iter(f"{{{MOTCUA}}}wait")
    assert wait.get("after") == "12 calendar_day"
    (awaited,) = root.iter(f"{{{BPMN}}}messageEventDefinition")
    (message,) = (each for each in root.iter(f"{{{BPMN}}}message") if each.get("id") == awaited.get("messageRef"))
    assert message.get("name") == "payment.confirmed"


def test_a_copied_step_has_no_key_so_that_versions_tell_it_from_the_first(
    page: Page, sqlite_ctx: Context, draft: int
) -> None:
    open_editor(page, draft)
    page.locator("[data-element-id]", has_text="Bước KY").last.click()
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    page.mouse.move(780, 320)  # what is pasted follows the mouse until a click
    page.mouse.move(800, 330)
    page.mouse.click(800, 330)
    expect(page.get_by_label("Mã bước")).to_have_value("")
    save_by_key(page)
    steps = [each for each in the_model(sqlite_ctx, draft).iter(f"{{{BPMN}}}userTask") if each.get("name") == "Bước KY"]
    assert sorted(str(each.find(f".//{{{MOTCUA}}}step").get("key")) for each in steps) == ["KY", "None"]


def test_two_versions_are_compared_on_the_drawings_and_in_a_table(page: Page, sqlite_ctx: Context, draft: int) -> None:
    drafts.publish(sqlite_ctx, by=SYSTEM, draft_id=draft)
    open_editor(page, draft)
    choose(page, f"{STEP}: Bước THU_LY")
    the_limit(page).fill("0,25")
    page.keyboard.press("Tab")
    page.locator("summary", has_text="không cần chuột").click()
    add_after(page, STEP)
    page.get_by_label("Tên (bắt buộc)").fill("Thẩm định thực địa")
    page.keyboard.press("Tab")
    expect(page.locator("[data-finding-count]")).to_contain_text("Không có lỗi")
    save_by_key(page)
    drafts.publish(sqlite_ctx, by=SYSTEM, draft_id=draft)

    page.goto("/thu-tuc/H01/TP99/so-sanh?cu=1&moi=2")
    expect(page.locator("[data-compare][data-ready]")).to_be_visible()
    assert axe_findings(page) == []
    assert not overflows(page)
    row = page.locator("[data-rows-of] tr")
    expect(row.filter(has_text="Đã thêm")).to_contain_text("Thẩm định thực địa")
    expect(row.filter(has_text="Thời hạn của bước")).to_contain_text("0.25 ngày làm việc")
    expect(row.filter(has_text="Đi tiếp đến").filter(has_text="Thẩm định thực địa").first).to_be_visible()
    expect(page.locator("[data-side=new] .mc-badge-added")).to_have_text("+")
    expect(page.locator("[data-side=old] .mc-badge-added")).to_have_count(0)
    assert page.locator("[data-side=old] .mc-badge-changed").count() >= 1
    row.filter(has_text="Đã thêm").get_by_role("button").click()
    places = [page.locator(f"[data-side={side}] svg .viewport").get_attribute("transform") for side in ("old", "new")]
    old, new = ([round(float(number)) for number in re.findall(r"-?[\d.]+", place or "")] for place in places)
    assert old == new  # the two move together


def test_reference_processes_are_saved_as_they_were_opened(page: Page, sqlite_ctx: Context) -> None:
    changed = []
    for code in references.codes():
        made = draft_making.from_library(sqlite_ctx, by=SYSTEM, code=code, agency="H01")["drafts"][0]["id"]
        before = the_model(sqlite_ctx, made)
        open_editor(page, made)
        save_by_key(page)
        if meaning(the_model(sqlite_ctx, made)) != meaning(before) or page.locator("#messages .alert").count():
            changed.append(code)
    assert changed == []


def meaning(element: etree._Element) -> tuple[object, ...]:
    """Return what an element says: without drawing, order, white space and defaults written out."""
    inside = (each for each in element if isinstance(each.tag, str) and etree.QName(each).localname != "BPMNDiagram")
    said = {pair for pair in element.attrib.items() if pair not in DEFAULTS and not pair[0].startswith("{")}
    return element.tag, sorted(said), (element.text or "").strip(), sorted((meaning(each) for each in inside), key=repr)
