"""What ``motcua calendar preview`` prints of a preview."""

from __future__ import annotations

from typing import Any

import pytest

from web.cli.calendar_changes import seen_lines


def _preview(*moves: dict[str, Any], **more: Any) -> dict[str, Any]:
    counts = {"open": 9, "moved": len(moves), "become_late": 0, "stop_late": 0, "letters_out": 0}
    sizes = {"declared": [{}, {}], "replaced": [{}], "notices": []}
    return {"agency": "H00", "kind": "days", "ground": "1/QĐ", "moves": list(moves)} | counts | sizes | more


def _move(**more: Any) -> dict[str, Any]:
    dates = {"due_before": "2026-03-06T08:00:00+07:00", "due_after": "2026-03-09T07:00:00+07:00"}
    lateness = {"was_late": False, "is_late": False}
    return {"code": "H00-1", "what": "step", "no": None, "letter": None} | dates | lateness | more


@pytest.mark.parametrize(
    ("move", "line"),
    [
        (_move(), "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00"),
        (_move(what="answer", no=2), "H00-1  answer 2: 2026-03-06 08:00 -> 2026-03-09 07:00"),
        (_move(is_late=True), "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00, becomes late"),
        (_move(was_late=True), "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00, stops being late"),
        (_move(was_late=True, is_late=True), "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00, stays late"),
        (
            _move(letter={"id": "x", "state": "sent", "number": "7/XL"}),
            "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00; letter 7/XL is sent",
        ),
        (
            _move(letter={"id": "x", "state": "draft", "number": None}),
            "H00-1  step: 2026-03-06 08:00 -> 2026-03-09 07:00; letter without number is draft",
        ),
    ],
)
def test_move_is_one_line_with_lateness_and_letter(move: dict[str, Any], line: str) -> None:
    assert seen_lines(_preview(move))[1] == line


def test_counts_and_notices_come_last() -> None:
    notices = [{"code": "in-the-past", "date": "2026-01-01", "message": "2026-01-01 has passed"}]

    assert seen_lines(_preview(become_late=1, stop_late=2, letters_out=3, notices=notices)) == [
        "H00, 1/QĐ: 2 declared, 1 replaced; nothing is changed yet",
        "0 of 9 open dossiers would move: 1 become late, 2 stop being late, 3 have a letter that is sent",
        "note: 2026-01-01 has passed",
    ]


def test_undo_puts_back_and_takes_out() -> None:
    assert seen_lines(_preview(kind="undo"))[0] == "H00, 1/QĐ: 2 put back, 1 taken out; nothing is changed yet"
