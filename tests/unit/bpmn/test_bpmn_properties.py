"""Properties over random step tables and over random lives of a process."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.errors import MessageNotAwaitedError
from bpmn.generator import build
from bpmn.lint import lint
from bpmn.model import facts
from bpmn.names import MESSAGES
from bpmn.runner import awaited, complete, load, open_tasks, send, start
from bpmn.tables import read_tables
from tests.support.drawings import problems
from tests.support.step_tables import a_model_xml, a_step

# as the table has them
ABOUT_LIMITS_AND_PAUSES = {"stages-exceed-limit", "stages-below-limit", "step-without-limit", "pause-without-resume"}
TEXTS = st.text(
    st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="�"), min_size=1, max_size=12
)


@st.composite
def entries(draw: st.DrawFn) -> dict[str, Any]:
    """Return a linear procedure with something positive as its limit."""
    count = draw(st.integers(1, 12))
    keys = draw(st.lists(TEXTS, min_size=count, max_size=count, unique=True))
    units = draw(st.lists(st.sampled_from(["A", "B", "C", "Đ"]), min_size=count, max_size=count))
    rows = [
        a_step(
            key,
            units[at],
            keys[at + 1] if at + 1 < count else None,
            name=draw(TEXTS),
            stage_limit_days=draw(st.sampled_from(["0", "0.5", "1", 2, "0.25", None, "-1"])),
            ends_processing=draw(st.booleans()),
            pauses_clock=draw(st.booleans()),
            single_officer=draw(st.booleans()),
        )
        for at, key in enumerate(keys)
    ]
    total = draw(st.sampled_from(["1", "0.5", 30, "2,5"]))
    return {"code": draw(TEXTS), "name": draw(TEXTS), "total_days": total, "fee": draw(st.sampled_from(["", "5.000"])),
            "steps": draw(st.permutations(rows))}  # fmt: skip


def _texts_are_kept(entry: dict[str, Any]) -> bool:
    return read_tables([entry])[0].table is not None


@given(entries().filter(_texts_are_kept))
@settings(max_examples=60)
def test_any_linear_table_builds_lints_draws_and_runs(entry: dict[str, Any]) -> None:
    (reading,) = read_tables([entry])
    table = reading.table
    assert table is not None
    assert [step.key for step in table.steps].count(table.steps[0].key) == 1
    xml = build(table)
    assert {finding.rule for finding in lint(xml)} <= ABOUT_LIMITS_AND_PAUSES
    assert problems(xml) == []
    said = facts(xml)
    steps = [step for step in said.steps.values() if step.stage > 0]
    assert [
        (step.key, step.name, step.unit, step.stage, step.stage_limit, step.phase, step.pauses_clock,
         step.single_officer, step.ends_processing, step.order)
        for step in steps
    ] == [
        (step.key, step.name, step.unit, step.stage, step.stage_limit, step.phase, step.pauses_clock,
         step.single_officer, step.ends_processing, step.order)
        for step in table.steps
    ]  # fmt: skip
    model = load(xml)
    begun = start(model, {})
    step = complete(model, begun.state, begun.open[0].id, {"outcome": "complete"})
    walked = []
    while not step.finished:
        walked.extend(task.node for task in step.open)
        step = complete(model, step.state, step.open[0].id, {})
    assert walked == [each.node for each in steps]


@given(st.lists(st.sampled_from([*MESSAGES, "complete", "supplement", "refuse"]), max_size=25))
@settings(max_examples=150)
def test_any_life_of_a_process_stays_sound(commands: list[str]) -> None:
    model = load(a_model_xml())
    step = start(model, {})
    for command in commands:
        before = awaited(model, step.state)
        if command in MESSAGES:
            if command not in before:
                try:
                    send(model, step.state, command)
                except MessageNotAwaitedError:
                    continue
                raise AssertionError(f"{command} was taken though nothing waited for it")
            step = send(model, step.state, command)
        elif step.open:
            outcome = {"complete": "complete", "supplement": "supplement", "refuse": "refused"}[command]
            step = complete(model, step.state, step.open[0].id, {"outcome": outcome})
        assert open_tasks(model, step.state) == step.open
        assert len(step.open) <= 1
        assert len(step.state) < 2000
        assert step.finished == (not step.open and not awaited(model, step.state))


@given(st.lists(st.sampled_from(["0", "0.5", "1", "2.25", "-1", "x", None]), min_size=1, max_size=8))
def test_a_missing_total_is_the_sum_of_the_stages(shares: list[str | None]) -> None:
    rows = [
        a_step(f"S{at}", f"U{at}", f"S{at + 1}" if at + 1 < len(shares) else None, stage_limit_days=share)
        for at, share in enumerate(shares)
    ]
    (reading,) = read_tables([{"code": "X", "name": "x", "total_days": None, "fee": None, "steps": rows}])
    usable = [Decimal(share) for share in shares if share not in (None, "x") and Decimal(share) > 0]
    if not usable:
        assert reading.table is None
        return
    assert reading.table is not None
    assert Decimal(reading.table.limit.split()[0]) == sum(usable)
