"""The peek at a dossier with several open steps: it is about the step that the row of the list names."""

from __future__ import annotations

from engine.context import Context
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.services import peek, processing
from tests.support import processes as p

PARTNERS = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}


def test_the_peek_of_a_row_is_about_the_step_that_the_row_names(sqlite_ctx: Context) -> None:
    reference = p.a_reference(sqlite_ctx, "1.013225", partners=PARTNERS)
    by = reference.everybody
    dossier = p.receive(sqlite_ctx, reference, facts={"private_house": False})
    dossier = p.do(sqlite_ctx, reference, dossier, "appraise", "complete")
    fields = {"opinion_count": 2, "opinion_1": "dien_luc", "opinion_2": "CO_QUAN_Y_KIEN"}
    dossier = p.do(sqlite_ctx, reference, dossier, "plan", **fields)
    mine = p.task(dossier, "visit")["id"]
    processing.claim(sqlite_ctx, by=by, task_id=mine)

    for queue in (Queue.MINE, Queue.UNCLAIMED):
        (row,) = worklists.page(sqlite_ctx, by=by, queue=queue).items
        task = row["task"]["id"]
        assert (task == mine) is (queue is Queue.MINE)
        assert worklists.one(sqlite_ctx, by=by, reference=row["code"], task=task)["task"]["id"] == task
        assert peek.at(sqlite_ctx, by=by, dossier=row["code"], task=task)["offered"]["task"]["id"] == task
