"""What has happened to a dossier on a path of the walk: decided, returned, paused; and what is wrong with that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from bpmn.net import Kind, Net
from bpmn.phases import Phase
from bpmn.process_steps import Said
from bpmn.shell_pool import CHECK, STEPS

CLOSING = ("withdrawn", "stopped")
REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that the walk saw: the rule, the element, and another that the message names."""

    rule: str
    where: str
    also: str = ""


@dataclass(frozen=True, slots=True)
class Marks:
    """What happened so far: `decided` counts to 2; `paused` is the step whose pause lasts; `aside` is who ended it."""

    decided: int = 0
    returned: bool = False
    worked: bool = False
    paused: str = ""
    aside: str = ""


def is_framed(net: Net) -> bool:
    """Tell whether the frame that all procedures share is around the steps."""
    call = net.nodes.get(STEPS)
    return CHECK in net.nodes and call is not None and call.kind is Kind.CALL and call.scope == net.top


class Bookkeeper:
    """Follows the marks along a path."""

    def __init__(self, net: Net, steps: Mapping[str, Said]) -> None:
        self._net = net
        self._steps = steps
        self._is_framed = is_framed(net)

    def is_of_frame(self, node: str) -> bool:
        """Tell whether a node belongs to what all procedures share."""
        return self._is_framed and self._net.nodes[node].scope == self._net.top

    def completed(self, marks: Marks, task: str) -> tuple[Marks, list[Sighting]]:
        """Return the marks after a task was completed."""
        said = self._steps.get(task)
        if said is None or said.is_frame:
            return replace(marks, returned=marks.returned or (said is not None and said.is_return)), []
        seen: list[Sighting] = []
        paused = marks.paused
        runs = marks.decided == 0 and not said.ends
        if said.resumes and not paused and marks.decided == 0:
            seen.append(Sighting("resume-without-pause", task))
        if said.ends and not said.resumes and paused:
            seen.append(Sighting("pause-without-resume", paused, task))
        if said.resumes or said.ends:
            paused = ""
        if said.pauses and runs:
            paused = task
        after = Marks(
            decided=min(2, marks.decided + said.ends),
            returned=marks.returned or said.is_return,
            worked=marks.worked or said.phase == Phase.PROCESSING,
            paused=paused,
            aside=marks.aside,
        )
        return after, seen

    def told(self, marks: Marks, message: str) -> Marks:
        """Return the marks after a message arrived."""
        return replace(marks, aside=message) if message in (*CLOSING, REFUSED) else marks

    def ended(self, marks: Marks, passed: list[str], *, finished: bool) -> Iterator[Sighting]:
        """Yield what is wrong when the work on the dossier ends here."""
        done = STEPS in passed if self._is_framed else finished and (marks.worked or not marks.aside)
        if not done or marks.aside in CLOSING:
            return
        end = next((node for node in passed if self._net.nodes[node].kind is Kind.END), passed[-1])
        if not marks.returned:
            yield Sighting("no-return", end)
        if marks.aside == REFUSED:
            return
        if marks.decided == 0:
            yield Sighting("no-decision", end)
        elif marks.decided > 1:
            yield Sighting("decided-twice", end)
        if marks.paused:
            yield Sighting("pause-without-resume", marks.paused, end)
