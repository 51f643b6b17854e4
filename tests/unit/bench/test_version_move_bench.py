"""The bench of version moves measures preview, move and undo beside bare SQL."""

from __future__ import annotations

from bench import version_move


def test_a_move_is_measured_beside_its_floor() -> None:
    rates = version_move.measure(dossiers=3)
    found = rates.as_json()

    assert (found["name"], found["unit"]) == ("version-move", "dossiers/s")
    assert all(rate > 0 for rate in (rates.preview, rates.move, rates.undo, rates.floor))
    assert found["value"] == round(rates.move, 1)
