"""What the page of a dossier shows on each of its tabs, read at once."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.actors import Actor
from engine.domain.calendar import CalendarGapError
from engine.services import (
    acts,
    dossier_file,
    explaining,
    issued_papers,
    message_desk,
    opinions,
    paper_versions,
    reading,
    step_line,
    talk,
    time_used,
)
from engine.services.case import Case

TABS = ("file", "papers", "history", "talk", "time")


def page(ctx: Context, *, by: Actor, dossier: str, tab: str, task: str | None = None) -> dict[str, Any]:
    """Return what a tab of the page shows, and what its head shows on every tab.

    Returns:
        ``dossier`` (``reading.detail``), ``offered`` (``acts.offered``), ``timeline`` (``reading.timeline``),
        ``papers`` (``paper_versions.listed``), ``new_papers`` (how many of them are new), ``talk`` (``talk.told``).
        With the tabs ``file``, ``history`` and ``time`` also ``why`` (``explaining.why_these_dates``); with ``file``
        and ``time`` also ``time_used`` (None before the receipt and where the calendar ends) and ``stations``
        (``step_line.line_of``); with ``talk`` ``awaited`` (``opinions.awaited_beside``); with ``time`` ``marks``
        (``reading.marks``); with ``papers`` ``issued`` (``issued_papers.of_case``); with ``history`` ``messages``
        (``message_desk.of_case``).

    Args:
        tab: one of TABS.
        task: id of the task to offer, see ``acts.offered``.

    Raises:
        DossierNotFoundError: there is none, or it is not the actor's to know.
    """
    with dossier_file.opened(ctx, by=by, dossier=dossier) as case:
        shown: dict[str, Any] = {
            "dossier": reading.told(case),
            "offered": acts.open_acts(case, task),
            "timeline": reading.happened(case),
        }
        papers = paper_versions.listed(case, shown["dossier"]["components"])
        fresh = sum(paper["is_new"] for paper in papers)
        shown |= {"papers": papers, "new_papers": fresh, "talk": talk.told(case)}
        if tab == "papers":
            shown["issued"] = issued_papers.of_case(case)
        if tab in ("file", "history", "time"):
            shown["why"] = explaining.these_dates(case)
        if tab in ("file", "time"):
            spent = _spent(case)
            shown |= {"time_used": spent, "stations": step_line.line_of(case, spent)}
        if tab == "talk":
            shown["awaited"] = opinions.awaited_beside(case)
        if tab == "history":
            shown["messages"] = message_desk.of_case(case)
        if tab == "time":
            shown["marks"] = reading.marks(case)
        return shown


def _spent(case: Case) -> dict[str, Any] | None:
    if case.dossier.received_at is None or case.dossier.source is not None:
        return None
    try:
        return time_used.used(case)
    except CalendarGapError:  # the rest of the page is needed all the same
        return None
