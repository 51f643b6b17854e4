"""The steps that a process will probably still come to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from bpmn.assembly import assemble
from bpmn.model import facts
from bpmn.way_ahead import way_ahead

MODELS = Path(__file__).parents[3] / "bpmn" / "models"
CODES = sorted(folder.name for folder in MODELS.iterdir() if (folder / "process.bpmn").is_file())

BESIDE = {"settle_objection"}  # steps of a branch that ends beside the others


@cache
def model(code: str) -> tuple[str, str]:
    """Return a reference process as it runs, and its decisions."""
    decisions = MODELS / code / "decisions.dmn"
    return assemble((MODELS / code / "process.bpmn").read_text(encoding="utf-8")), (
        decisions.read_text(encoding="utf-8") if decisions.is_file() else ""
    )


def ahead(code: str, *places: str, decided: bool = False) -> list[str]:
    """Return the names of the steps that come."""
    xml, decisions = model(code)
    return [facts(xml).steps[node].name for node in way_ahead(xml, decisions, frozenset(places), decided)]


@pytest.mark.parametrize("code", CODES)
def test_every_step_leads_to_the_return_of_the_result(code: str) -> None:
    """From wherever a dossier stands before the decision, the way ends where the result is given."""
    xml, decisions = model(code)
    for node, step in facts(xml).steps.items():
        way = way_ahead(xml, decisions, frozenset([node]), decided=step.ends_processing)
        assert node not in way
        assert len(set(way)) == len(way)
        if not step.last and node not in BESIDE:
            assert facts(xml).steps[way[-1]].last


def test_way_grants_and_leaves_out_loops_and_what_is_optional() -> None:
    """A birth: no questions to others, no supplement, signed and issued."""
    assert ahead("1.001193", "receive__digitise") == [
        "Thẩm tra, tra cứu kết hôn của cha mẹ",
        "Ghi sổ, lấy số định danh, in giấy khai sinh",
        "Xem xét, ký kết quả",
        "Cấp số, đóng dấu, phát hành",
        "Trả kết quả, thu giấy hẹn",
    ]


def test_after_the_decision_only_the_end_is_left() -> None:
    xml, _decisions = model("1.001193")
    sign = next(node for node, step in facts(xml).steps.items() if step.name == "Xem xét, ký kết quả")
    assert ahead("1.001193", sign, decided=True)[-1] == "Trả kết quả, thu giấy hẹn"
    assert "Ghi sổ, lấy số định danh, in giấy khai sinh" not in ahead("1.001193", sign, decided=True)


def test_places_of_another_model_lead_nowhere() -> None:
    """A dossier that was moved may have stood at nodes that are gone."""
    assert ahead("1.001193", "gone") == []
