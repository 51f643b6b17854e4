"""Official forms printed from real dossiers: each set has its own keys and titles, and verify finds nothing."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.official_forms import CURRENT, OLD, OWN, RESIDENCE, FormKind
from engine.services import corrections, endings, issued_papers, waiting
from engine.services.corrections import Correction
from engine.verification.verify import verify
from tests.support import builders as b
from tests.unit.documents.sample_papers import fonts, pages, text

K = FormKind
KEYS = {  #: by set: the key of each form that is issued by itself
    CURRENT: {K.RECEIPT: "01", K.SUPPLEMENT: "02", K.REFUSAL: "03", K.STOP: "05", K.OBLIGATION: ""},
    OLD: {K.RECEIPT: "01", K.SUPPLEMENT: "02", K.REFUSAL: "03", K.STOP: "05", K.OBLIGATION: ""},
    RESIDENCE: {K.RECEIPT: "CT04", K.SUPPLEMENT: "02", K.REFUSAL: "CT06", K.STOP: "05", K.OBLIGATION: ""},
}
TITLES = {
    "01": "GIẤY TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
    "CT04": "PHIẾU TIẾP NHẬN HỒ SƠ VÀ HẸN TRẢ KẾT QUẢ",
    "02": "PHIẾU YÊU CẦU BỔ SUNG, HOÀN THIỆN HỒ SƠ",
    "03": "PHIẾU TỪ CHỐI TIẾP NHẬN GIẢI QUYẾT HỒ SƠ",
    "CT06": "PHIẾU TỪ CHỐI TIẾP NHẬN, GIẢI QUYẾT HỒ SƠ",
    "05": "THÔNG BÁO DỪNG GIẢI QUYẾT HỒ SƠ",
    "": "THÔNG BÁO VỀ VIỆC THỰC HIỆN NGHĨA VỤ TÀI CHÍNH",
}
FEET = {
    CURRENT: "Mẫu số {}, Thông tư số 03/2025/TT-VPCP",
    OLD: "Mẫu số {}, Thông tư số 01/2018/TT-VPCP",
    RESIDENCE: "Mẫu {}, Thông tư số 66/2023/TT-BCA",
    OWN: "Mã hồ sơ",
}


def printed(ctx: Context, office: b.Office, dossier: b.Dossier) -> dict[FormKind, tuple[dict[str, Any], str]]:
    """Return the latest paper of each kind of a dossier, and what it says."""
    found = {}
    for paper in issued_papers.listed(ctx, by=office.supervisor, dossier=dossier["id"]):
        content = issued_papers.content(ctx, office.supervisor, paper["id"])
        assert pages(content) == 1
        assert {name.partition("+")[2].partition("-")[0] for name, _ in fonts(content)} == {"LiberationSerif"}
        found[FormKind(paper["kind"])] = paper, text(content)
    return found


def a_life_with_every_paper(ctx: Context, office: b.Office) -> dict[FormKind, tuple[dict[str, Any], str]]:
    """Let three dossiers have all that a citizen can be told, and return one paper of each kind."""
    first = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    second = b.a_received_dossier(ctx, office)
    owed = {"dossier": second["id"], "amount_vnd": 3_250_000, "notice": "Thông báo thuế số 12"}
    waiting.raise_obligation(ctx, by=office.officer, **owed)
    third = b.refuse(ctx, office, b.a_received_dossier(ctx, office))
    b.withdraw(ctx, office, first)
    return printed(ctx, office, first) | printed(ctx, office, second) | printed(ctx, office, third)


@pytest.mark.parametrize("form_set", KEYS)
def test_each_paper_is_the_form_of_the_dossiers_set(sqlite_ctx: Context, form_set: str) -> None:
    office = b.an_office(sqlite_ctx, policy={"form_set": form_set})
    papers = a_life_with_every_paper(sqlite_ctx, office)

    assert {kind: paper["form_key"] for kind, (paper, _) in papers.items()} == KEYS[form_set]
    for paper, said in papers.values():
        key = paper["form_key"]
        assert TITLES[key] in said
        assert FEET[paper["form_set"]].format(key) in said
        assert f"Số: {paper['number']}" in said
        assert "Ông (Bà)/Tổ chức: Nguyễn Văn Thử" in said
        assert "031090000001" in said
    assert verify(sqlite_ctx) == []


def test_refusal_at_reception_has_no_code_and_says_that_it_was_not_received(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx, policy={"form_set": RESIDENCE})
    dossier = b.a_submitted_dossier(sqlite_ctx, office)
    endings.refuse(sqlite_ctx, by=office.desk, dossier=dossier["id"], reason="Sai thẩm quyền\nThiếu CT01")
    ((paper, said),) = printed(sqlite_ctx, office, dossier).values()

    assert paper["form_key"] == "CT06"
    assert "không tiếp nhận hồ sơ này với lý do cụ thể như sau: - Sai thẩm quyền - Thiếu CT01" in said
    assert "Mã hồ sơ" not in said
    assert "Cán bộ desk" in said


def test_a_corrected_procedure_brings_its_own_forms(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    b.publish(sqlite_ctx, code=office.code, procedure="TP98", policy={"form_set": RESIDENCE})
    dossier = b.a_received_dossier(sqlite_ctx, office)
    wish = Correction(reason="nhầm thủ tục", procedure_code="TP98")
    corrections.correct(sqlite_ctx, by=office.desk, dossier=dossier["id"], correction=wish)
    listed = issued_papers.listed(sqlite_ctx, by=office.supervisor, dossier=dossier["id"])
    paper, said = printed(sqlite_ctx, office, dossier)[FormKind.RECEIPT]

    assert sorted(each["form_key"] for each in listed) == ["01", "CT04"]
    assert len({each["number"] for each in listed}) == 1
    assert paper["form_key"] == "CT04"
    assert "thay cho giấy cấp ngày" in said
    assert verify(sqlite_ctx) == []


def test_stop_on_a_ground_is_signed_by_the_head_of_the_agency(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    dossier = b.stop(sqlite_ctx, office, b.a_received_dossier(sqlite_ctx, office))
    _, said = printed(sqlite_ctx, office, dossier)[FormKind.STOP]

    assert "Căn cứ, lý do dừng: Đang có tranh chấp" in said
    assert "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ" in said
    assert "TRƯỞNG BỘ PHẬN" not in said


def test_what_is_hostile_in_a_dossier_is_printed_literally(sqlite_ctx: Context) -> None:
    office = b.an_office(sqlite_ctx)
    hostile = '#read("/etc/passwd") $x$ @y *b*'
    dossier = b.a_received_dossier(sqlite_ctx, office)
    waiting.request_supplement(
        sqlite_ctx, by=office.officer, dossier=dossier["id"], items=[hostile], reason=f"Vì {hostile}"
    )
    _, said = printed(sqlite_ctx, office, dossier)[FormKind.SUPPLEMENT]

    assert f"1. {hostile}" in said
    assert f"Lý do: Vì {hostile}" in said
