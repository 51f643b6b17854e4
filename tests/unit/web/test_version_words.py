"""Version moves in words: every reason and every fault of a position has its sentence."""

from __future__ import annotations

from bpmn.outlook import DOUBTFUL, WRONG
from engine.domain.version_moves import Obstacle
from engine.services.version_places import BOUNDED
from web.version_words import FAULTS, REASONS, reason_words


def test_every_obstacle_and_every_fault_of_a_position_has_words() -> None:
    assert {each.value for each in Obstacle} | {BOUNDED} <= set(REASONS)
    assert set(FAULTS) == WRONG | DOUBTFUL


def test_a_position_is_named_with_what_goes_wrong_from_there() -> None:
    why = {"reason": "position-unsound", "node": "c", "name": "Lấy ý kiến", "rule": "synchronisation-lacking"}
    assert "(Bước A, Bước B)" in reason_words(why | {"at": ["Bước A", "Bước B"]})
    assert "“Lấy ý kiến” bị làm hai lần" in reason_words(why | {"at": []})
    assert "(Bước A)" in reason_words({"reason": BOUNDED, "at": ["Bước A"]})
