"""Event logs on both databases: what they say of a dossier, nobody's data, and that another reader understands them."""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.dossier import Status
from engine.reports import event_log, ocel, xes
from engine.reports.event_log import Detail, Log, Officers, Trace, traces
from engine.reports.export import Selection
from engine.reports.filters import Filters
from engine.services import processing, step_back
from tests.support.builders import (
    NO_EMAIL,
    Office,
    a_received_dossier,
    advance_to,
    an_office,
    apologise,
    ask_supplement,
    bring_supplement,
    do_next_step,
    publish,
    turn_clock_to,
    withdraw,
)
from web.cli import main

SECRETS = ("Nguyễn Văn Thử", "031090000001", "0912000001", "Bản sao giấy khai sinh", "Còn thiếu", "Một ghi chú riêng")


@pytest.fixture(scope="module")
def pm4py() -> Iterator[Any]:
    """The process mining library that reads our files; it warns of itself and of what is not there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield pytest.importorskip("pm4py")


def read(ctx: Context, **asked: Any) -> list[Trace]:
    with ctx.unit_of_work(read_only=True) as uow:
        return list(traces(ctx, uow, by=SYSTEM, log=Log(**asked)))


def activities(trace: Trace) -> list[str]:
    return [event.activity for event in trace.events]


def some_cases(ctx: Context) -> Office:
    """Four dossiers: returned; waiting for a paper; with its paper and an apology; withdrawn."""
    office = an_office(ctx)
    advance_to(ctx, office, a_received_dossier(ctx, office), Status.RETURNED)
    ask_supplement(ctx, office, a_received_dossier(ctx, office))
    answered = ask_supplement(ctx, office, a_received_dossier(ctx, office))
    withdraw(ctx, office, a_received_dossier(ctx, office))
    turn_clock_to(ctx, "2026-03-03T08:00")
    bring_supplement(ctx, office, answered)
    apologise(ctx, office, answered, new_due="2026-03-12T09:00")
    return office


def test_a_case_tells_what_happened_in_order(ctx: Context) -> None:
    office = an_office(ctx)
    dossier = a_received_dossier(ctx, office)
    turn_clock_to(ctx, "2026-03-03T09:00")
    advance_to(ctx, office, dossier, Status.RETURNED)
    (trace,) = read(ctx, officers=Officers.USERNAME)

    assert (trace.id, trace.attributes["procedure"], trace.attributes["status"]) == (dossier["code"], "TP99", 10)
    assert (trace.attributes["late"], trace.attributes["source"]) == (False, None)
    assert activities(trace) == [
        "dossier.submitted", "dossier.received", "Kiểm tra thành phần hồ sơ", "Bước NHAN", "Bước THU_LY", "Bước KY",
        "dossier.finished", "Bước THU_PHI", "Bước TRA", "dossier.returned",
    ]  # fmt: skip
    (worked,) = [event for event in trace.events if event.activity == "Bước THU_LY"]
    assert (worked.resource, worked.unit, worked.stage, worked.transition) == (
        "officer", "H00/PHONG_TU_PHAP", 2, "complete",
    )  # fmt: skip
    assert worked.at.isoformat() == "2026-03-03T09:00:00+07:00"


def test_all_entries_of_the_history_are_in_a_log_of_all(ctx: Context) -> None:
    some_cases(ctx)
    with ctx.unit_of_work(read_only=True) as uow:
        stored = [(event.seq, event.kind) for event in uow.events.of(uow.dossiers.by_code("H00-260302-0001").id)]
    traces_read = read(ctx, detail=Detail.ALL)
    first = next(trace for trace in traces_read if trace.id == "H00-260302-0001")
    steps = [event.transition for event in first.events if event.activity == "Bước THU_LY"]

    assert [(event.seq, event.kind) for event in first.events] == stored
    assert steps[0] == "schedule"
    assert steps[-1] == "complete"
    assert len(traces_read) == 4


def test_what_was_taken_back_has_not_been(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    dossier = a_received_dossier(sqlite_ctx, office)
    (task,) = dossier["open_tasks"]
    do_next_step(sqlite_ctx, office, dossier)
    step_back.take_back(sqlite_ctx, by=office.officer, task_id=task["id"])
    (acts,) = read(sqlite_ctx)
    (everything,) = read(sqlite_ctx, detail=Detail.ALL)

    assert Counter(activities(acts))["Bước THU_LY"] == 0
    assert "step.taken_back" in activities(everything)
    assert "Bước KY" in activities(everything)
    processing.complete(sqlite_ctx, by=office.officer, task_id=task["id"])
    (again,) = read(sqlite_ctx)
    assert Counter(activities(again))["Bước THU_LY"] == 1


def test_officers_are_named_as_asked_and_the_same_everywhere(sqlite_ctx: Context) -> None:
    office = an_office(sqlite_ctx)
    for _ in range(2):
        advance_to(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office), Status.RETURNED)
    named = [{event.resource for event in trace.events} for trace in read(sqlite_ctx, officers=Officers.USERNAME)]
    hidden = [{event.resource for event in trace.events} for trace in read(sqlite_ctx)]
    without = {event.resource for trace in read(sqlite_ctx, officers=Officers.NONE) for event in trace.events}

    assert named[0] - {None} == {"desk", "officer", "approver"}
    assert hidden[0] == hidden[1]
    assert len(hidden[0] - {None}) == 3
    assert {name for name in hidden[0] if name and not name.startswith("cb-")} == set()
    assert without == {None}


def test_a_log_is_of_the_dossiers_that_were_asked_for(ctx: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_log, "AT_ONCE", 2)  # more than one round
    office, there = an_office(ctx), an_office(ctx, code="H01")
    publish(ctx, code=office.code, procedure="TP98")
    codes = [a_received_dossier(ctx, office)["code"] for _ in range(5)]
    other = a_received_dossier(ctx, office, procedure_code="TP98")["code"]
    theirs = a_received_dossier(ctx, there)["code"]

    def found(by: Any = SYSTEM, **filters: Any) -> list[str]:
        with ctx.unit_of_work(read_only=True) as uow:
            log = Log(Selection(filters=Filters(**filters)))
            return sorted(trace.id for trace in traces(ctx, uow, by=by, log=log))

    assert found() == sorted([*codes, other, theirs])
    assert found(procedure="TP98") == [other]
    assert found(received_from=date(2026, 3, 3)) == []
    assert found(by=there.auditor) == [theirs]
    assert found(by=there.admin) == []


def test_no_file_holds_what_people_typed(sqlite_ctx: Context, tmp_path: Path) -> None:
    office = some_cases(sqlite_ctx)
    noted = a_received_dossier(sqlite_ctx, office, applicant=replace(NO_EMAIL, name="Nguyễn Văn Thử"))
    (task,) = noted["open_tasks"]
    processing.complete(sqlite_ctx, by=office.officer, task_id=task["id"], note="Một ghi chú riêng")
    log = Log(detail=Detail.ALL)
    xes.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "l.xes", log=log)
    for name in ("l.json", "l.xml"):
        ocel.save(sqlite_ctx, by=SYSTEM, to=tmp_path / name, log=log)
    texts = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir() if path.name.startswith("l.")}

    assert len(texts) == 3
    assert [(name, secret) for name, text in texts.items() for secret in SECRETS if secret in text] == []
    assert [name for name, text in texts.items() if '"officer"' in text and "approver" in text] == []


# --- another reader --------------------------------------------------------------------------------------------------


def test_xes_is_read_by_pm4py_with_the_same_cases_events_and_variants(
    sqlite_ctx: Context, tmp_path: Path, pm4py: Any
) -> None:
    some_cases(sqlite_ctx)
    expected = read(sqlite_ctx)
    cases, events = xes.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "l.xes", log=Log())
    frame = pm4py.read_xes(str(tmp_path / "l.xes"), variant="iterparse", show_progress_bar=False)

    assert (cases, events) == (4, sum(len(trace.events) for trace in expected))
    assert len(frame) == events
    assert dict(frame.groupby("case:concept:name")["concept:name"].agg(list)) == {
        trace.id: activities(trace) for trace in expected
    }
    assert Counter(pm4py.get_variants_as_tuples(frame)) == Counter(tuple(activities(trace)) for trace in expected)
    assert set(frame["case:late"]) == {False}
    first = frame[frame["case:concept:name"] == "H00-260302-0001"]
    assert [at.isoformat() for at in first["time:timestamp"]][:1] == ["2026-03-02T01:00:00+00:00"]


@pytest.mark.parametrize("name", ["l.jsonocel", "l.xmlocel"])
def test_ocel_is_read_by_pm4py_with_the_same_objects_and_events(
    sqlite_ctx: Context, tmp_path: Path, pm4py: Any, name: str
) -> None:
    some_cases(sqlite_ctx)
    expected = read(sqlite_ctx)
    dossiers, events = ocel.save(sqlite_ctx, by=SYSTEM, to=tmp_path / name, log=Log())
    reader = pm4py.read_ocel2_json if name == "l.jsonocel" else pm4py.read_ocel2_xml
    log = reader(str(tmp_path / name))
    types = Counter(log.objects["ocel:type"])
    flat = pm4py.ocel_flattening(log, "dossier")

    assert (dossiers, events, len(log.events)) == (4, sum(len(trace.events) for trace in expected), events)
    assert (types["dossier"], types["agency"], types["letter"]) == (4, 1, 1)
    assert types["task"] > 4
    assert types["paper"] > 0
    assert types["officer"] == len({e.resource for t in expected for e in t.events if e.resource})
    assert {f"dossier:{trace.id}": activities(trace) for trace in expected} == dict(
        flat.groupby("case:concept:name")["concept:name"].agg(list)
    )
    assert set(log.relations["ocel:oid"]) <= set(log.objects["ocel:oid"])


def test_ocel_names_every_type_and_object_before_it_is_used(sqlite_ctx: Context, tmp_path: Path) -> None:
    some_cases(sqlite_ctx)
    ocel.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "l.json", log=Log())
    log = json.loads((tmp_path / "l.json").read_text(encoding="utf-8"))
    types = {each["name"]: {a["name"]: a["type"] for a in each["attributes"]} for each in log["objectTypes"]}
    ids = [each["id"] for each in log["objects"]]

    assert list(log) == ["objectTypes", "eventTypes", "objects", "events"]
    assert len(ids) == len(set(ids))
    assert {each["type"] for each in log["events"]} == {each["name"] for each in log["eventTypes"]}
    for each in log["objects"]:
        assert {attribute["name"] for attribute in each["attributes"]} <= set(types[each["type"]])
    related = [r["objectId"] for each in (*log["objects"], *log["events"]) for r in each["relationships"]]
    assert set(related) <= set(ids)


def test_names_that_xml_cannot_hold_are_written_so_that_it_can(sqlite_ctx: Context, tmp_path: Path, pm4py: Any) -> None:
    assert xes.text("a\x00<b>&\"'\x1b\ud800") == '"a\ufffd&lt;b&gt;&amp;&quot;\'\ufffd\ufffd"'
    for steps in ("Tên & <lạ> \"'",):
        office = an_office(sqlite_ctx, name=steps)
    advance_to(sqlite_ctx, office, a_received_dossier(sqlite_ctx, office), Status.RETURNED)
    xes.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "l.xes", log=Log())
    ocel.save(sqlite_ctx, by=SYSTEM, to=tmp_path / "l.xml", log=Log())
    frame = pm4py.read_xes(str(tmp_path / "l.xes"), variant="iterparse", show_progress_bar=False)
    objects = pm4py.read_ocel2_xml(str(tmp_path / "l.xml")).objects

    assert set(frame["case:procedure_name"]) == {steps}
    assert set(objects["procedure_name"].dropna()) == {steps}


@pytest.mark.parametrize("name", ["l.xes", "l.json", "l.xml"])
def test_logs_of_nothing_are_whole_files(sqlite_ctx: Context, tmp_path: Path, name: str) -> None:
    an_office(sqlite_ctx)
    save = xes.save if name == "l.xes" else ocel.save

    assert save(sqlite_ctx, by=SYSTEM, to=tmp_path / name, log=Log()) == (0, 0)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert text.endswith("\n]}\n" if name == "l.json" else "</log>\n")
    assert name != "l.json" or json.loads(text)["events"] == []


# --- the commands ----------------------------------------------------------------------------------------------------


def invoke(ctx: Context, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setenv("MOTCUA_DATA", str(ctx.settings.data))
    monkeypatch.setenv("MOTCUA_DATABASE_URL", ctx.settings.database_url)
    return main.run(["export", *arguments])


def test_commands_write_logs_and_say_how_much_is_in_them(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    office = an_office(sqlite_ctx)
    a_received_dossier(sqlite_ctx, office)
    one, other = str(tmp_path / "l.xes"), str(tmp_path / "l.json")
    asked = ("--procedure", "TP99", "--from", "2026-03-02", "--to", "2026-03-02", "--officers", "username")

    assert invoke(sqlite_ctx, monkeypatch, "xes", "-o", one, *asked) == 0
    assert invoke(sqlite_ctx, monkeypatch, "ocel", "-o", other, "--detail", "all") == 0
    out, err = capsys.readouterr()
    first, second = err.splitlines()
    assert (out, first.startswith("1 dossiers with "), first.endswith(f"written to {one}")) == ("", True, True)
    assert second.endswith(f"written to {other}")
    assert 'value="desk"' in Path(one).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["xes", "ocel"])
def test_commands_leave_the_old_file_when_they_fail(
    sqlite_ctx: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    an_office(sqlite_ctx)
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "l.json").write_text("old", encoding="utf-8")

    assert invoke(sqlite_ctx, monkeypatch, kind, "-o", str(folder / "l.json"), "--from", "0001-01-01") == 2
    assert "the year 1 is not between" in capsys.readouterr().err
    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == {"l.json": "old"}
