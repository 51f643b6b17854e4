"""Known limits of the library (decision 0020), each still true, and what ours does instead."""

from __future__ import annotations

from pathlib import Path

from bpmn.runner import complete, places, start
from bpmn.spiff import LibraryRun, parse_model
from tests.support import small_models as small
from tests.support.random_nets import unchecked

HERE = Path(__file__).parent


def _splits(number: int) -> str:
    parts, flow = [], ["start -> split0"]
    for at in range(number):
        parts += [small.parallel(f"split{at}"), small.parallel(f"join{at}"), small.task(f"a{at}"), small.task(f"b{at}")]
        onward = f"split{at + 1}" if at < number - 1 else "decide"
        flow += [f"split{at} -> a{at} -> join{at} -> {onward}", f"split{at} -> b{at} -> join{at}"]
    return small.with_end(*parts, flow=tuple(flow))


def test_the_library_predicts_every_branch_of_parallel_splits_in_a_row() -> None:
    few, more = (LibraryRun(parse_model(_splits(number)), {}).size for number in (4, 8))
    assert more > 10 * few
    for number in (4, 12):
        model = unchecked(_splits(number))
        assert len(places(model, start(model, {}).state)) == 2


def test_the_library_lets_one_process_change_the_specification_of_all() -> None:
    xml = (HERE / "models" / "event_subprocess_top.bpmn").read_text(encoding="utf-8")
    shared = parse_model(xml)
    first = LibraryRun(shared, {})
    first.send("objection.raised")
    assert "judge" in first.open
    changed = LibraryRun(shared, {})
    fresh = LibraryRun(parse_model(xml), {})
    assert (changed.size, changed.open) != (fresh.size, fresh.open)
    model = unchecked(xml)
    before = start(model, {})
    assert start(model, {}) == before


def test_the_library_ends_without_a_word_where_a_signal_is_thrown() -> None:
    xml = (HERE / "models" / "refused" / "signal_end.bpmn").read_text(encoding="utf-8")
    run = LibraryRun(parse_model(xml), {})
    for node in ("decide", "give"):
        run.complete(node, {})
    assert (run.finished, run.passed[-1]) == (True, "x")


def test_the_library_goes_nowhere_from_a_link() -> None:
    xml = (HERE / "models" / "refused" / "link_throw.bpmn").read_text(encoding="utf-8")
    run = LibraryRun(parse_model(xml), {})
    assert run.passed[-1] == "x"  # passed as if it were nothing


def test_the_library_joins_too_early_in_the_second_round_of_a_loop() -> None:
    xml = small.with_end(
        *(small.task(node) for node in ("head", "a", "b")), *(small.parallel(node) for node in ("split", "join")),
        small.xor("turn", "decide"), small.xor("meet"),
        flow=("start -> meet -> head -> split -> a -> join -> turn -> decide", "split -> b -> join",
              "turn -[again = true]-> meet"),
    )  # fmt: skip
    acts = [("head", False), ("b", False), ("a", True), ("head", False), ("a", False)]
    model, run = unchecked(xml), LibraryRun(parse_model(xml), {"again": False})
    step = start(model, {"again": False})
    for node, again in acts:
        step = complete(model, step.state, next(task.id for task in step.open if task.node == node), {"again": again})
        run.complete(node, {"again": again})
    assert [task.node for task in step.open] == ["b"]
    assert run.passed.count("join") == 2  # b of this round is still open
    assert run.open != ["b"]
