"""Figures, targets, tasks and the register as officials fill them in: kept with their source, or refused whole."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.permissions import NotAllowedError
from engine.domain.plan_facts import (
    PlanFactError,
    PlanNumberError,
    PlanPeriodError,
    PlanRowChangedError,
    PlanRowNotFoundError,
)
from engine.errors import EngineError, InvalidInputError
from engine.services import admin_scope, figures, plan_targets, plan_tasks, procedure_register
from engine.services.figures import Figure, FigureNotEnteredError
from engine.services.plan_files import PlanFileError
from engine.services.plan_targets import Target
from engine.services.plan_tasks import Task
from engine.services.procedure_register import Entry
from engine.store.indicators import IndicatorFigure, PlanTarget, PlanTask
from tests.support.builders import Office, an_office

YEAR = {"from_on": date(2026, 1, 1), "to_on": date(2026, 12, 31)}
SATISFIED = Figure("satisfied_reception", date(2026, 1, 1), date(2026, 1, 31), 95, 100, "Phiếu khảo sát tháng 1")
ON_TIME = Target("on_time_finished", ">", "99", **YEAR, document="Kế hoạch 12/KH-UBND")
TASK = Task(2026, "18", "Tiếp nhận phi địa giới", "Trung tâm", date(2026, 3, 31), "Kế hoạch 12/KH-UBND")


@pytest.fixture
def office(sqlite_ctx: Context) -> Office:
    return an_office(sqlite_ctx)


def standing(ctx: Context, row: type[IndicatorFigure] | type[PlanTarget]) -> list[tuple[object, ...]]:
    with ctx.unit_of_work(read_only=True) as uow:
        rows = uow.session.scalars(select(row).where(row.withdrawn_at.is_(None)).order_by(row.id))
        return [(each.numerator,) if isinstance(each, IndicatorFigure) else (each.figure,) for each in rows]


def agency(ctx: Context) -> str:
    with ctx.unit_of_work(read_only=True) as uow:
        return uow.agencies.default().code


def test_later_figure_for_the_same_days_stands_and_both_are_written_down(sqlite_ctx: Context, office: Office) -> None:
    place = agency(sqlite_ctx)
    figures.enter(sqlite_ctx, by=office.supervisor, agency=place, figure=SATISFIED)
    figures.enter(sqlite_ctx, by=office.supervisor, agency=place, figure=SATISFIED)  # sent twice
    assert standing(sqlite_ctx, IndicatorFigure) == [(95,)]
    better = Figure("satisfied_reception", SATISFIED.from_on, SATISFIED.to_on, 96, 100, "Sửa sau kiểm tra")
    made = figures.enter(sqlite_ctx, by=office.supervisor, agency=place, figure=better)
    assert standing(sqlite_ctx, IndicatorFigure) == [(96,)]
    figures.withdraw(sqlite_ctx, by=office.supervisor, figure_id=made["id"])
    assert standing(sqlite_ctx, IndicatorFigure) == []
    with pytest.raises(PlanRowNotFoundError):
        figures.withdraw(sqlite_ctx, by=office.supervisor, figure_id=made["id"])
    kinds = [act["kind"] for act in admin_scope.acts(sqlite_ctx, by=SYSTEM)]
    assert kinds[:3] == ["figure.withdrawn", "figure.entered", "figure.entered"]


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"numerator": 101}, PlanNumberError, "numerator"),
        ({"numerator": -1}, PlanNumberError, "numerator"),
        ({"numerator": 10**13, "denominator": 10**13}, PlanNumberError, "numerator"),
        ({"denominator": -1, "numerator": 0}, PlanNumberError, "denominator"),
        ({"source": "  "}, PlanFactError, "source"),
        ({"source": "x" * 501}, PlanFactError, "source"),
        ({"source": "a\x07b"}, PlanFactError, "source"),
        ({"to_on": date(2025, 12, 31)}, PlanPeriodError, "to_on"),
        ({"from_on": date(1999, 1, 1)}, PlanPeriodError, "from_on"),
        ({"to_on": date(2099, 1, 1)}, PlanPeriodError, "to_on"),
        ({"indicator": "online_dossiers"}, FigureNotEnteredError, "indicator"),
        ({"indicator": "nothing"}, InvalidInputError, "indicator"),
        ({"indicator": "initiatives", "numerator": 3, "denominator": 2}, PlanNumberError, "numerator"),
        ({"indicator": "sipas", "numerator": 3, "denominator": 0}, PlanNumberError, "denominator"),
    ],
)
def test_impossible_figures_are_refused(
    sqlite_ctx: Context, office: Office, changes: dict[str, object], error: type[EngineError], field: str
) -> None:
    wrong = Figure(**{name: getattr(SATISFIED, name) for name in Figure.__slots__} | changes)  # type: ignore[arg-type]
    with pytest.raises(error) as refused:
        figures.enter(sqlite_ctx, by=office.supervisor, agency=agency(sqlite_ctx), figure=wrong)
    assert refused.value.details["field"] == field
    assert standing(sqlite_ctx, IndicatorFigure) == []


def test_only_supervisors_keep_the_plan(sqlite_ctx: Context, office: Office) -> None:
    place = agency(sqlite_ctx)
    for by in (office.officer, office.approver, office.desk):
        with pytest.raises(NotAllowedError):
            figures.enter(sqlite_ctx, by=by, agency=place, figure=SATISFIED)
        with pytest.raises(NotAllowedError):
            plan_targets.set_target(sqlite_ctx, by=by, agency=place, target=ON_TIME)
        with pytest.raises(NotAllowedError):
            plan_tasks.put(sqlite_ctx, by=by, agency=place, task=TASK)
        with pytest.raises(NotAllowedError):
            procedure_register.listed(sqlite_ctx, by=by, agency=place)


def test_target_for_the_same_days_replaces_the_one_before(sqlite_ctx: Context, office: Office) -> None:
    place = agency(sqlite_ctx)
    plan_targets.set_target(sqlite_ctx, by=office.supervisor, agency=place, target=ON_TIME)
    other = Target("on_time_finished", ">=", "98,50", **YEAR, document="Kế hoạch 15/KH-UBND")
    made = plan_targets.set_target(sqlite_ctx, by=office.supervisor, agency=place, target=other)
    assert standing(sqlite_ctx, PlanTarget) == [("98.5",)]
    plan_targets.withdraw(sqlite_ctx, by=office.supervisor, target_id=made["id"])
    assert standing(sqlite_ctx, PlanTarget) == []


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"comparison": "="}, PlanFactError, "comparison"),
        ({"figure": "101"}, PlanNumberError, "figure"),
        ({"figure": "-1"}, PlanNumberError, "figure"),
        ({"figure": "nhiều"}, PlanNumberError, "figure"),
        ({"figure": "1,2345678"}, PlanNumberError, "figure"),
        ({"document": ""}, PlanFactError, "document"),
        ({"indicator": "time_cut"}, PlanFactError, "base_year"),
        ({"indicator": "time_cut", "base_year": 24}, PlanFactError, "base_year"),
    ],
)
def test_impossible_targets_are_refused(
    sqlite_ctx: Context, office: Office, changes: dict[str, object], error: type[EngineError], field: str
) -> None:
    wrong = Target(**{name: getattr(ON_TIME, name) for name in Target.__slots__} | changes)  # type: ignore[arg-type]
    with pytest.raises(error) as refused:
        plan_targets.set_target(sqlite_ctx, by=office.supervisor, agency=agency(sqlite_ctx), target=wrong)
    assert refused.value.details["field"] == field


def test_file_of_targets_is_taken_whole_or_not_at_all(sqlite_ctx: Context, office: Office) -> None:
    place = agency(sqlite_ctx)
    head = "plan;indicator;comparison;figure;from;to;document\n"
    good = "a;online_dossiers;>=;70;01/01/2026;31/12/2026;KH 1\n"
    bad = head + good + "\na;nothing;>=;70;01/01/2026;31/12/2026;KH 1\na;sipas;>=;x;01/01/2026;31/12/2026;KH 1\n"
    with pytest.raises(PlanFileError) as refused:
        plan_targets.import_file(sqlite_ctx, by=office.supervisor, agency=place, content=bad.encode(), name="x.csv")
    assert [(p["row"], p["field"], p["code"]) for p in refused.value.details["problems"]] == [
        (4, "indicator", "unknown-indicator"),
        (5, "figure", "plan-number-invalid"),
    ]
    assert standing(sqlite_ctx, PlanTarget) == []
    two = (head + good + good.replace("a;", "b;", 1)).encode("utf-8-sig")
    with pytest.raises(PlanFileError, match="two targets"):
        plan_targets.import_file(sqlite_ctx, by=office.supervisor, agency=place, content=two, name="x.csv")
    for _again in range(2):
        count = plan_targets.import_file(
            sqlite_ctx, by=office.supervisor, agency=place, content=two, name="x.csv", plan="b"
        )
        assert count == 1
    assert standing(sqlite_ctx, PlanTarget) == [("70",)]
    with pytest.raises(PlanFactError, match="no plan 'c'"):
        plan_targets.import_file(sqlite_ctx, by=office.supervisor, agency=place, content=two, name="x.csv", plan="c")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"\xff\xfe", "not-utf-8"),
        (b"indicator\0", "not-text"),
        (b"indicator,from\nx,y\n", "no-column"),
        (b"indicator,from,to,numerator,denominator,source,colour\n", "strange-column"),
        (b"indicator,from,to,numerator,denominator,source\n,,,,,\n", "no-row"),
        (b'indicator,from,to,numerator,denominator,source\n"x\n', "not-csv"),
    ],
)
def test_files_that_are_none_are_refused(sqlite_ctx: Context, office: Office, content: bytes, code: str) -> None:
    with pytest.raises(PlanFileError) as refused:
        figures.import_file(sqlite_ctx, by=office.supervisor, agency=agency(sqlite_ctx), content=content, name="x.csv")
    assert refused.value.details["problems"][0]["code"] == code


def test_file_of_figures(sqlite_ctx: Context, office: Office) -> None:
    text = (
        "indicator,from,to,numerator,denominator,source\n"
        'satisfied_reception,2026-01-01,2026-01-31,"1.900",2.000,Khảo sát\n'
        'sipas,01/01/2026,31/12/2026,"95,5",,Công bố của tỉnh\n'
    )
    place = agency(sqlite_ctx)
    assert figures.import_file(sqlite_ctx, by=SYSTEM, agency=place, content=text.encode(), name="f.csv") == 2
    assert standing(sqlite_ctx, IndicatorFigure) == [(1900,), (191,)]


def test_task_is_changed_in_place_and_a_change_of_others_is_told(sqlite_ctx: Context, office: Office) -> None:
    place = agency(sqlite_ctx)
    plan_tasks.put(sqlite_ctx, by=office.supervisor, agency=place, task=TASK)
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        (shown,) = uow.session.scalars(select(PlanTask)).all()
    sqlite_ctx.clock.advance(timedelta(minutes=1))  # type: ignore[attr-defined]
    done = Task(
        **{name: getattr(TASK, name) for name in Task.__slots__} | {"state": "done", "done_on": date(2026, 3, 1)}
    )
    plan_tasks.put(sqlite_ctx, by=office.supervisor, agency=place, task=done, expected=shown.changed_at)
    with pytest.raises(PlanRowChangedError):
        plan_tasks.put(sqlite_ctx, by=office.supervisor, agency=place, task=TASK, expected=shown.changed_at)
    with sqlite_ctx.unit_of_work(read_only=True) as uow:
        assert [(row.number, row.state) for row in uow.session.scalars(select(PlanTask))] == [("18", "done")]


@pytest.mark.parametrize(
    ("changes", "error", "field"),
    [
        ({"state": "done"}, PlanFactError, "done_on"),
        ({"done_on": date(2026, 3, 1)}, PlanFactError, "done_on"),
        ({"state": "done", "done_on": date(2026, 3, 3)}, PlanPeriodError, "done_on"),
        ({"state": "lost"}, PlanFactError, "state"),
        ({"year": 26}, PlanPeriodError, "year"),
        ({"name": ""}, PlanFactError, "name"),
        ({"number": " "}, PlanFactError, "number"),
        ({"due_on": date(1900, 1, 1)}, PlanPeriodError, "due_on"),
    ],
)
def test_impossible_tasks_are_refused(
    sqlite_ctx: Context, office: Office, changes: dict[str, object], error: type[EngineError], field: str
) -> None:
    wrong = Task(**{name: getattr(TASK, name) for name in Task.__slots__} | changes)  # type: ignore[arg-type]
    with pytest.raises(error) as refused:
        plan_tasks.put(sqlite_ctx, by=office.supervisor, agency=agency(sqlite_ctx), task=wrong)
    assert refused.value.details["field"] == field


def test_file_of_tasks(sqlite_ctx: Context, office: Office) -> None:
    head = "year,number,name,lead,due,state,done_on,document\n"
    good = head + "2026,1,Kế hoạch,VP,15/01/2026,done,2026-01-14,KH\n2026,2,Báo cáo,VP,31/12/2026,,,KH\n"
    place = agency(sqlite_ctx)
    assert plan_tasks.import_file(sqlite_ctx, by=SYSTEM, agency=place, content=good.encode(), name="t.csv") == 2
    twice = good + "2026,2,Báo cáo,VP,31/12/2026,,,KH\n"
    with pytest.raises(PlanFileError, match="stands twice"):
        plan_tasks.import_file(sqlite_ctx, by=SYSTEM, agency=place, content=twice.encode(), name="t.csv")


def test_two_supervisors_at_once_leave_one_figure_standing(ctx: Context) -> None:
    office, place, together = an_office(ctx), agency(ctx), Barrier(2)
    refused: list[EngineError] = []

    def enter(count: int) -> None:
        together.wait()
        figure = Figure("satisfied_reception", SATISFIED.from_on, SATISFIED.to_on, count, 100, f"Phiếu {count}")
        try:
            figures.enter(ctx, by=office.supervisor, agency=place, figure=figure)
        except EngineError as error:
            refused.append(error)

    threads = [Thread(target=enter, args=(count,)) for count in (90, 91)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(standing(ctx, IndicatorFigure)) == 1


def test_register_says_what_the_law_grants_and_how_far_a_procedure_is_online(
    sqlite_ctx: Context, office: Office
) -> None:
    place = agency(sqlite_ctx)
    code = procedure_register.listed(sqlite_ctx, by=SYSTEM, agency=place)[0]["code"]
    entry = Entry(online_level="full", legal_limit="15.0 working_day", published_at=date(2026, 1, 5))
    told = procedure_register.change(sqlite_ctx, by=SYSTEM, agency=place, code=code, entry=entry)
    assert (told["online_level"], told["legal_limit"], told["published_at"]) == ("full", "15 working_day", "2026-01-05")
    text = f"code,online_level,is_nonterritorial\n{code},,true\n"
    procedure_register.import_file(sqlite_ctx, by=SYSTEM, agency=place, content=text.encode(), name="r.csv")
    row = next(row for row in procedure_register.listed(sqlite_ctx, by=SYSTEM, agency=place) if row["code"] == code)
    assert (row["online_level"], row["legal_limit"], row["is_nonterritorial"]) == (None, "15 working_day", True)
    (latest, *_) = admin_scope.acts(sqlite_ctx, by=SYSTEM)
    assert (latest["kind"], latest["facts"]["before"]["online_level"]) == ("procedure.registered", "full")
    for wrong in ({"level": "x"}, {"online_level": "x"}, {"kind": "x"}, {"legal_limit": "soon"}):
        with pytest.raises(InvalidInputError) as refused:
            procedure_register.change(sqlite_ctx, by=SYSTEM, agency=place, code=code, entry=Entry(**wrong))
        assert refused.value.details["field"] == next(iter(wrong))
    with pytest.raises(PlanFileError, match="no procedure with code"):
        procedure_register.import_file(sqlite_ctx, by=SYSTEM, agency=place, content=b"code\nXX\n", name="r.csv")
