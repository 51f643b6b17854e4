"""Our runner beside the library run plainly in memory: the same lives pass the same nodes.

The library arms an event on a border once; ours arms it again after it fired. So each such event is sent at most once
here, and `test_process_runner` holds the difference.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bpmn.errors import MessageNotAwaitedError
from bpmn.names import MESSAGES
from bpmn.runner import complete, load, send, start
from bpmn.spiff import LibraryRun, parse_model
from tests.support.step_tables import a_model_xml

ONCE = ("supplement.requested", "obligation.raised")


@given(st.lists(st.sampled_from([*MESSAGES, *4 * ["complete"], "supplement", "refuse"]), max_size=20))
@settings(max_examples=150)
def test_our_runner_passes_the_same_nodes_as_the_library(commands: list[str]) -> None:
    model, plain = load(a_model_xml()), LibraryRun(parse_model(a_model_xml()), {})
    step = start(model, {})
    passed = list(step.passed)
    sent: set[str] = set()
    for command in commands:
        if command in ONCE and command in sent:
            continue
        sent.add(command)
        if command in MESSAGES:
            try:
                step = send(model, step.state, command)
            except MessageNotAwaitedError:
                with pytest.raises(MessageNotAwaitedError):
                    plain.send(command)
                sent.discard(command)
                continue
            plain.send(command)
        elif step.open:
            outcome = {"complete": "complete", "supplement": "supplement", "refuse": "refused"}[command]
            before = step.open[0].node
            step = complete(model, step.state, step.open[0].id, {"outcome": outcome})
            plain.complete(before, {"outcome": outcome})
        else:
            continue
        passed.extend(step.passed)
        assert passed == plain.passed
        assert [task.node for task in step.open] == plain.open
        assert step.finished == plain.finished
