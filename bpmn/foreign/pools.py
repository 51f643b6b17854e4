"""Which process of a foreign file is the procedure: that of the pool that works, and the processes that it calls."""

from __future__ import annotations

from dataclasses import dataclass

from lxml import etree

from bpmn.elements import kind
from bpmn.foreign.notes import Notes
from bpmn.vocabulary import FLOW_NODES
from bpmn.xml import extension, tag


@dataclass(frozen=True)
class Choice:
    """The process to import, those that it calls, and the name of each one's pool."""

    top: etree._Element
    called: tuple[etree._Element, ...]
    pools: dict[str, etree._Element]


def choose(root: etree._Element, notes: Notes) -> Choice | None:
    """Return what is imported, or None with an error when no process has a node; what is left out is named."""
    processes = [each for each in root.iterchildren(tag("process")) if _size(each)]
    if not processes:
        notes.refuse("process-missing", "file", "The file has no process with nodes; export the drawn process.")
        return None
    pools = {
        (pool.get("processRef") or "").rpartition(":")[2]: pool
        for pool in root.iterfind(f"{tag('collaboration')}/{tag('participant')}")
    }
    top = max(processes, key=lambda each: (extension(each, "procedure") is not None, _runs(each), _size(each)))
    called = _called(top, processes)
    kept = {id(top), *(id(each) for each in called)}
    for process in processes:
        if id(process) not in kept:
            name = _pool_name(process, pools)
            message = f"The process `{name[:80]}` is left out: a procedure is one pool; import it as a file of its own."
            notes.warn("process-dropped", process.get("id") or "file", message)
    _drop_pools(root, {each.get("id") or "" for each in (top, *called)}, {each.get("id") for each in processes}, notes)
    return Choice(top, tuple(called), pools)


def _size(process: etree._Element) -> int:
    return sum(1 for child in process.iter() if kind(child) in FLOW_NODES or kind(child).endswith(("Task", "task")))


def _runs(process: etree._Element) -> bool:
    return process.get("isExecutable") == "true"


def _pool_name(process: etree._Element, pools: dict[str, etree._Element]) -> str:
    pool = pools.get(process.get("id") or "")
    named = None if pool is None else pool.get("name")
    return named or process.get("name") or process.get("id") or "without a name"


def _called(top: etree._Element, processes: list[etree._Element]) -> list[etree._Element]:
    by_id = {each.get("id") or "": each for each in processes}
    found: dict[str, etree._Element] = {}
    waiting = [top]
    while waiting:
        for call in waiting.pop().iter(tag("callActivity")):
            name = (call.get("calledElement") or "").rpartition(":")[2]
            process = by_id.get(name)
            if process is not None and process is not top and name not in found:
                found[name] = process
                waiting.append(process)
    return list(found.values())


def _drop_pools(root: etree._Element, kept: set[str], full: set[str | None], notes: Notes) -> None:
    for pool in root.iterfind(f"{tag('collaboration')}/{tag('participant')}"):
        called = (pool.get("processRef") or "").rpartition(":")[2]
        if called not in kept and called not in full:
            message = f"The pool `{(pool.get('name') or '')[:80]}` has no process of its own and is left out."
            notes.warn("pool-dropped", pool.get("id") or "file", message)
