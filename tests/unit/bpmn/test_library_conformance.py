"""Our runner beside the library run plainly in memory: the same lives pass the same nodes.

The library arms an event on a border once; ours arms it again after it fired. So each such event is sent at most once
here, and `test_process_runner` holds the difference.
"""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.util.event import BpmnEvent
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.exceptions import WorkflowException
from SpiffWorkflow.util.task import TaskState

from bpmn.errors import MessageNotAwaitedError
from bpmn.names import MESSAGES
from bpmn.runner import complete, load, send, start
from bpmn.spiff import ENGINE, parse_model
from tests.support.step_tables import a_model_xml

ONCE = ("supplement.requested", "obligation.raised")


class PlainLibrary:
    """One process kept in memory by the library, without our interpreter."""

    def __init__(self) -> None:
        model = parse_model(a_model_xml())
        self.workflow = BpmnWorkflow(model.top, model.called, script_engine=ENGINE)
        self.passed: list[str] = []
        self._run()

    def complete(self, outcome: str) -> None:
        """Complete the open task."""
        task = self.workflow.get_next_task(state=TaskState.READY, manual=True)
        task.set_data(outcome=outcome)
        task.run()
        self.passed.append(task.task_spec.name)
        self._run()

    def send(self, message: str) -> bool:
        """Deliver a message; tell whether anything took it."""
        try:
            self.workflow.send_event(BpmnEvent(MessageEventDefinition(message), payload={}))
        except WorkflowException:
            return False
        self._run()
        return True

    def open(self) -> list[str]:
        """Return the nodes of the open tasks."""
        return [task.task_spec.name for task in self.workflow.get_tasks(state=TaskState.READY, manual=True)]

    def _run(self) -> None:
        def note(task: object) -> None:
            if task.task_spec.bpmn_id is not None:  # type: ignore[attr-defined]
                self.passed.append(task.task_spec.name)  # type: ignore[attr-defined]

        self.workflow.do_engine_steps(did_complete_task=note)


@given(st.lists(st.sampled_from([*MESSAGES, *4 * ["complete"], "supplement", "refuse"]), max_size=20))
@settings(max_examples=150)
def test_our_runner_passes_the_same_nodes_as_the_library(commands: list[str]) -> None:
    model, plain = load(a_model_xml()), PlainLibrary()
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
                assert not plain.send(command)
                sent.discard(command)
                continue
            assert plain.send(command)
        elif step.open:
            outcome = {"complete": "complete", "supplement": "supplement", "refuse": "refused"}[command]
            step = complete(model, step.state, step.open[0].id, {"outcome": outcome})
            plain.complete(outcome)
        else:
            continue
        passed.extend(step.passed)
        assert passed == plain.passed
        assert [task.node for task in step.open] == plain.open()
        assert step.finished == plain.workflow.completed
