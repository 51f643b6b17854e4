"""History imports: what comes over, what is refused, what a second file changes, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Cause, Status
from engine.domain.events import EventKind
from engine.domain.history_mapping import InvalidMappingError
from engine.domain.permissions import NotAllowedError
from engine.reports import worklists
from engine.reports.filters import Filters, Queue
from engine.seeds import base
from engine.services import (
    correction_form,
    endings,
    history_checks,
    history_imports,
    intake,
    late_causes,
    nearing,
    notes,
    procedures,
    result_slips,
    transfers,
    waiting,
)
from engine.services.case import ImportedDossierError
from engine.services.history_rows import UnreadableHistoryError
from engine.verification.verify import verify
from tests.integration.test_races import at_once
from tests.support import builders
from tests.support.histories import HEAD, LOG_MAPPING, MAPPING, ROWS, a_file, a_table, imported

OPEN = "A-3,2024-03-02 09:00,2024-03-05 17:00,,web,,"
ENDED = "A-3,2024-03-02 09:00,2024-03-05 17:00,2024-03-09 09:00,web,,2024-03-08 09:00"


def dossier_of(ctx: Context, code: str) -> Any:
    """Return the row of a dossier."""
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.dossiers.by_code(code)


def test_dossiers_come_over_with_their_history(ctx: Context) -> None:
    office = builders.an_office(ctx)

    report = imported(ctx, a_table(*ROWS), agency=office.code)

    assert report.counts.as_json() == {
        "rows": 3, "dossiers": 3, "new": 3, "continued": 0, "known": 0, "refused": 0, "open": 1, "steps": 2,
    }  # fmt: skip
    first, late, open_one = (dossier_of(ctx, code) for code in ("A-1", "A-2", "A-3"))
    assert (first.status, late.status, open_one.status) == (Status.RETURNED, Status.RETURNED, Status.PROCESSING)
    assert (first.source, first.source_key) == ("old-desk", "A-1")
    assert late.finished_at > late.late_after
    with ctx.unit_of_work(read_only=True) as uow:
        events = uow.events.of(first.id)
        assert [event.kind for event in events] == [EventKind.IMPORTED, EventKind.HISTORY_STEP]
        assert "Nguyễn" not in str([event.payload for event in events])
        assert uow.dossiers.parties(first.id)["applicant"].name == "Nguyễn Văn Thử"
        assert uow.tasks.all_of(first.id) == []
        procedure = uow.procedures.by_code(office.id, "OLD-1")
        assert (procedure.is_open, procedure.level, procedure.name) == (False, "commune", "Khai sinh (hệ thống cũ)")
    for queue, filters in ((Queue.OVERDUE, None), (Queue.ALL, Filters(q="A-3"))):
        rows = worklists.walk(ctx, by=office.supervisor, queue=queue, filters=filters or Filters())
        assert [row["code"] for row in rows] == ["A-3"]
    assert nearing.fill(ctx) == 0
    assert verify(ctx) == []


def test_a_late_rule_by_the_day_ends_with_the_local_day(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    imported(sqlite_ctx, a_table(ROWS[1]), MAPPING.replace('"instant"', '"day"'))

    late_after = dossier_of(sqlite_ctx, "A-2").late_after

    assert builders.local("2024-03-05T23:59").replace(second=59, microsecond=999_999) == late_after
    assert verify(sqlite_ctx) == []


def test_what_is_refused_stops_nothing_else(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    bad = (
        "A-4,never,2024-03-05 17:00,,web,,",
        ",2024-03-01 09:00,,,web,,",
        ROWS[0],
        "A/5,2024-03-01 09:00,,,web,,",
        "A-5,2024-03-01 09:00,,,web,,",
    )

    report = imported(sqlite_ctx, a_table(*ROWS, *bad))

    assert [(each.row, each.code) for each in report.refusals] == [
        (5, "date-unreadable"), (6, "cell-empty"), (7, "key-repeated"), (9, "code-taken"),
    ]  # fmt: skip
    assert (report.counts.new, report.counts.refused, report.refused_rows) == (4, 4, 4)
    assert verify(sqlite_ctx) == []


def test_rows_of_one_dossier_must_stand_together(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    columns = (
        "case:concept:name,case:channel,case:startdate,case:deadline,case:enddate,concept:name,time:timestamp,"
        "org:resource,org:group,concept:instance"
    )
    row = "{},Desk,2011-01-01 08:00,2011-02-01 08:00,,Step,2011-01-02 08:00,R,G,i"

    report = imported(sqlite_ctx, a_table(*map(row.format, "aaba"), head=columns), LOG_MAPPING)

    assert [(each.row, each.key, each.code) for each in report.refusals] == [(5, "a", "rows-apart")]
    assert (report.counts.new, report.counts.refused, report.counts.steps) == (2, 1, 3)


def test_the_same_file_again_changes_nothing(ctx: Context) -> None:
    base.ensure(ctx)
    imported(ctx, a_table(*ROWS))
    before = _written(ctx)

    report = imported(ctx, a_table(*ROWS))

    assert (report.counts.known, report.counts.new) == (3, 0)
    assert _written(ctx) == before


def test_an_open_dossier_goes_on_with_a_later_file(ctx: Context) -> None:
    base.ensure(ctx)
    imported(ctx, a_table(OPEN))

    report = imported(ctx, a_table(ENDED))

    assert (report.counts.continued, report.refusals) == (1, [])
    row = dossier_of(ctx, "A-3")
    assert (row.status, row.event_seq) == (Status.RETURNED, 3)
    assert imported(ctx, a_table(ENDED)).counts.known == 1
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (ENDED, OPEN, "changed-since-import"),
        (ENDED, ENDED.replace("03-09", "03-10"), "changed-since-import"),
        (OPEN + "2024-03-03 09:00", ENDED, "steps-changed"),
    ],
)
def test_what_was_told_before_is_not_told_otherwise(sqlite_ctx: Context, before: str, after: str, code: str) -> None:
    base.ensure(sqlite_ctx)
    imported(sqlite_ctx, a_table(before))
    written = _written(sqlite_ctx)

    report = imported(sqlite_ctx, a_table(after))

    assert [each.code for each in report.refusals] == [code]
    assert _written(sqlite_ctx) == written


def test_a_run_that_broke_off_is_done_again(sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    base.ensure(sqlite_ctx)
    monkeypatch.setattr(history_checks, "BATCH", 1)

    def fail(done: int) -> None:
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        history_imports.run(sqlite_ctx, by=SYSTEM, file=a_table(*ROWS), mapping=MAPPING, progress=fail)
    assert history_imports.listing(sqlite_ctx, by=SYSTEM)[0]["counts"]["new"] == 2
    assert verify(sqlite_ctx) == []

    report = imported(sqlite_ctx, a_table(*ROWS))

    assert (report.counts.known, report.counts.new) == (2, 1)
    assert verify(sqlite_ctx) == []


def test_two_imports_at_once_bring_each_dossier_once(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    base.ensure(ctx)
    monkeypatch.setattr(history_checks, "BATCH", 5)
    rows = [f"B-{no},2024-03-01 09:00,2024-03-05 17:00,,web,," for no in range(40)]

    reports = at_once(*(lambda: imported(ctx, a_table(*rows)) for _ in range(2)))

    assert not [report for report in reports if isinstance(report, str)], reports
    assert sum(report.counts.new for report in reports) == 40
    assert sum(report.counts.known for report in reports) == 40
    assert verify(ctx) == []


def test_nothing_is_written_of_a_file_that_cannot_be_read_to_its_end(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)
    broken = a_file("\n".join((HEAD, *ROWS, '"A-4')))

    with pytest.raises(UnreadableHistoryError, match="row 5"):
        imported(sqlite_ctx, broken)

    assert history_imports.listing(sqlite_ctx, by=SYSTEM) == []


def test_a_procedure_that_is_there_takes_the_dossiers(sqlite_ctx: Context) -> None:
    office = builders.an_office(sqlite_ctx)
    report = imported(sqlite_ctx, a_table(OPEN), MAPPING.replace('"OLD-1"', f'"{office.procedure}"'))

    assert [each["new"] for each in report.procedures.values()] == [False]
    builders.publish(sqlite_ctx, code=office.code, procedure=office.procedure, total_days="9")
    shown = procedures.show(sqlite_ctx, code=office.procedure)
    assert shown["version"] == 2
    assert verify(sqlite_ctx) == []


def test_a_mapping_whose_procedure_makes_no_model_is_refused(sqlite_ctx: Context) -> None:
    base.ensure(sqlite_ctx)

    with pytest.raises(InvalidMappingError, match="OLD-1"):
        imported(sqlite_ctx, a_table(OPEN), MAPPING.replace('"Hộ tịch"', f'"{"x" * 121}"'))

    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert uow.session.scalar(text("select count(*) from dossier")) == 0


def test_agencies_and_units_are_those_of_the_mapping(ctx: Context) -> None:
    office = builders.an_office(ctx)
    other = builders.an_office(ctx, code="H01")
    places = 'agency = "where"\nunit = "room"\n\n[constants]'
    mapping = MAPPING.replace("[constants]", places) + '\n[agencies]\n"Phường A" = "H01"\n'
    mapping += '[units]\n"Tư pháp" = "PHONG_TU_PHAP"\n'
    head = f"{HEAD},where,room"
    given = enumerate(("Phường A,Tư pháp", "H09,", ",X", ","))
    rows = [f"C-{no},2024-03-01 09:00,,,web,,,{place}" for no, place in given]

    report = imported(ctx, a_table(*rows, head=head), mapping)

    assert [(each.row, each.code) for each in report.refusals] == [(3, "agency-unknown"), (4, "unit-unknown")]
    assert dossier_of(ctx, "C-0").resolving_agency_id == other.id
    assert dossier_of(ctx, "C-3").resolving_agency_id == office.id
    with ctx.unit_of_work(read_only=True) as uow:
        facts = uow.session.execute(text("select code, unit_id from dossier_fact"))
        units = {fact.code: fact.unit_id for fact in facts}
    assert units == {"C-0": other.units["PHONG_TU_PHAP"], "C-3": None}
    with pytest.raises(NotAllowedError):
        imported(ctx, a_table(*rows, head=head), mapping, by=office.admin)  # H01 is not theirs
    assert verify(ctx) == []


@pytest.mark.parametrize("role", ["desk", "officer", "supervisor", "auditor"])
def test_only_administrators_import(sqlite_ctx: Context, role: str) -> None:
    office = builders.an_office(sqlite_ctx)
    by = getattr(office, role)

    for act in (history_imports.preview, history_imports.run):
        with pytest.raises(NotAllowedError):
            act(sqlite_ctx, by=by, file=a_table(*ROWS), mapping=MAPPING, agency=office.code)
    assert history_imports.listing(sqlite_ctx, by=by) == []
    assert imported(sqlite_ctx, a_table(*ROWS), by=office.admin, agency=office.code).counts.new == 3
    assert len(history_imports.listing(sqlite_ctx, by=office.admin)) == 1


def test_nothing_is_done_with_an_imported_dossier_but_to_explain_it(sqlite_ctx: Context) -> None:
    ctx = sqlite_ctx
    office = builders.an_office(ctx)
    imported(ctx, a_table(OPEN, ROWS[0]), agency=office.code)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: endings.withdraw(ctx, by=office.desk, dossier="A-3"),
        lambda: endings.stop(ctx, by=office.approver, dossier="A-3", ground="Lý do"),
        lambda: intake.receive_submitted(ctx, by=office.desk, dossier="A-3"),
        lambda: waiting.raise_obligation(ctx, by=office.officer, dossier="A-3", amount_vnd=1000, notice="TB 1"),
        lambda: transfers.transfer(ctx, by=office.officer, dossier="A-3", unit="LANH_DAO", note="Lý do"),
        lambda: correction_form.form(ctx, by=office.supervisor, dossier="A-3"),
        lambda: result_slips.handover(ctx, by=office.desk, dossier="A-1"),
    )
    for act in acts:
        with pytest.raises(ImportedDossierError):
            act()

    notes.add(ctx, by=office.officer, dossier="A-3", text="Còn ở hệ thống cũ")
    late_causes.record(ctx, by=office.officer, dossier="A-3", cause=Cause.STAFF)
    assert verify(ctx) == []


def _written(ctx: Context) -> list[Any]:
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.execute(text("select dossier_id, seq, hash from event order by dossier_id, seq"))
        return [tuple(row) for row in rows]


TAMPERING = {
    "a due date": "update dossier set due_at = '2024-04-01 00:00:00' where code = 'A-1'",
    "a source": "update dossier set source = 'elsewhere' where code = 'A-1'",
    "a step": "delete from event where seq = 2",
    "a name": "update party set name = 'Somebody'",
    "an import": "update history_import set result = '{}'",
}


@pytest.mark.parametrize("change", TAMPERING.values(), ids=TAMPERING.keys())
def test_verify_sees_what_was_tampered_with(sqlite_ctx: Context, change: str) -> None:
    base.ensure(sqlite_ctx)
    imported(sqlite_ctx, a_table(*ROWS))
    assert verify(sqlite_ctx) == []

    with sqlite_ctx.unit_of_work() as uow:
        uow.session.execute(text(change))

    assert verify(sqlite_ctx) != []
