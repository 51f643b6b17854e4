"""``motcua calendar``: a decision is previewed, imported, listed and undone; weekly hours are declared."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.services import calendar_changes, calendars
from engine.services.calendar_files import read_days
from tests.support.builders import a_received_dossier, an_office
from web.cli.main import run

DECISION = "date,kind,decision,note\n2026-03-06,off,12/QĐ,Nghỉ\n2026-03-14,work,12/QĐ,Làm bù\n"
Command = Callable[..., "Answer"]


class Answer:
    """What a command printed, and its exit status."""

    def __init__(self, status: int, captured: Any) -> None:
        self.status, self.out, self.err = status, captured.out, captured.err


@pytest.fixture
def site(tmp_path: Path, sqlite_ctx: Context, monkeypatch: pytest.MonkeyPatch) -> Context:
    """A database that the commands find; they live at the present time, its dossiers in March 2026."""
    monkeypatch.setenv("MOTCUA_DATABASE_URL", sqlite_ctx.settings.database_url)
    monkeypatch.setenv("MOTCUA_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return sqlite_ctx


@pytest.fixture
def motcua(site: Context, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run ``motcua calendar`` with these arguments."""

    def command(*arguments: str) -> Answer:
        status = run(["calendar", *arguments])
        return Answer(status, capsys.readouterr())

    return command


def _file(text: str, name: str = "q.csv") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


def _works(ctx: Context, on: str) -> bool:
    return calendars.of_agency(ctx, code=None)[0].is_working_day(date.fromisoformat(on))


def test_preview_lists_each_date_that_would_move_and_changes_nothing(site: Context, motcua: Command) -> None:
    dossier = a_received_dossier(site, an_office(site))
    file = _file(DECISION)

    seen = motcua("preview", file)
    document = json.loads(motcua("preview", file, "--json").out)

    assert (seen.status, seen.err) == (0, "")
    first, move, counts, *notes = seen.out.splitlines()
    assert first == "H00, 12/QĐ: 2 declared, 0 replaced; nothing is changed yet"
    assert move == f"{dossier['code']}  promise 1: 2026-03-06 08:00 -> 2026-03-09 07:00, stays late"
    assert counts.startswith("1 of 1 open dossiers would move: 0 become late, 0 stop being late, 0 have a letter")
    assert notes[0] == "note: 2026-03-06 has passed: what was counted over it stays as it was"
    assert [(move["code"], move["what"]) for move in document["moves"]] == [(dossier["code"], "promise")]
    assert document["id"] is None
    assert _works(site, "2026-03-06")
    assert motcua("history").out == "no change was made yet\n"


def test_import_says_what_moved_and_how_to_take_it_back(site: Context, motcua: Command) -> None:
    dossier = a_received_dossier(site, an_office(site))

    made = motcua("import", _file(DECISION))

    version = calendars.of_agency(site, code=None)[0].version
    assert (made.status, made.err) == (0, "")
    first, calendar, counts, *_, last = made.out.splitlines()
    assert first == "change 1 of H00 is made: 12/QĐ"
    assert calendar == f"calendar {version} is in force: 2 declared, 0 replaced"
    assert counts.startswith("1 of 1 open dossiers moved: ")
    assert last == "to take it back: motcua calendar undo 1"
    assert not _works(site, "2026-03-06")
    assert _works(site, "2026-03-14")
    with site.unit_of_work(read_only=True) as uow:
        assert uow.dossiers.by_code(dossier["code"]).due_at.isoformat() == "2026-03-09T00:00:00+00:00"


def test_undo_is_seen_first_and_then_made_once(site: Context, motcua: Command) -> None:
    a_received_dossier(site, an_office(site))
    motcua("import", _file(DECISION))

    seen = motcua("undo", "1", "--dry-run")
    assert "promise 1: 2026-03-09 07:00 -> 2026-03-06 08:00" in seen.out
    assert not _works(site, "2026-03-06")

    made = json.loads(motcua("undo", "1", "--json").out)
    assert (made["id"], made["kind"], made["moved"]) == (2, "undo", 1)
    assert _works(site, "2026-03-06")

    again = motcua("undo", "1")
    assert (again.status, again.out) == (2, "")
    assert again.err == "motcua: calendar change 1 cannot be undone: it was undone by change 2\n"
    assert motcua("undo", "77").err == "motcua: there is no calendar change 77\n"

    lines = motcua("history").out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["2", "1"]
    assert "undoes 1" in lines[0]
    assert "undone by 2  12/QĐ" in lines[1]
    assert [each["id"] for each in json.loads(motcua("history", "--json").out)["changes"]] == [2, 1]


def test_year_that_an_import_adds_has_its_holidays_and_goes_with_the_undo(site: Context, motcua: Command) -> None:
    an_office(site)
    before = calendars.of_agency(site, code=None)[0]

    motcua("import", _file("date,kind,decision,note\n2030-01-05,work,1/QĐ,Làm bù\n"))

    shown = motcua("show", "2029").out
    assert "Tue 2029-02-13  off    Tết Nguyên Đán (Bộ luật Lao động 2019 Điều 112, provisional)" in shown
    assert not _works(site, "2030-02-01")
    assert _works(site, "2030-01-05")

    motcua("undo", "1")

    assert calendars.of_agency(site, code=None)[0] == before
    assert motcua("show", "2030").err.startswith("motcua: the working calendar covers 2023–2028, not 2030")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(DECISION, "row 2: 2026-03-06 is declared off by", id="decision-known"),
        pytest.param(
            DECISION.replace("2026-03-14", "2062-03-14"), "row 3, column date: 2062 lies more than 10", id="too-far"
        ),
        pytest.param(DECISION.replace("work", "nghi"), 'row 3, column 2 (kind): "nghi" is', id="kind"),
        pytest.param("", "is empty", id="empty"),
    ],
)
def test_bad_decision_is_one_line_that_names_file_and_row_and_nothing_is_saved(
    site: Context, motcua: Command, text: str, words: str
) -> None:
    an_office(site)
    motcua("import", _file(DECISION, "first.csv"))
    file = _file(text)

    for command in ("preview", "import"):
        refused = motcua(command, file)

        assert (refused.status, refused.out) == (2, "")
        assert refused.err.startswith(f"motcua: q.csv: {words}")
        assert len(refused.err.splitlines()) == 1
    assert len(json.loads(motcua("history", "--json").out)["changes"]) == 1


def test_year_in_which_no_day_works_names_its_row(site: Context, motcua: Command) -> None:
    an_office(site)
    every = (date.fromordinal(day) for day in range(date(2030, 1, 1).toordinal(), date(2031, 1, 1).toordinal()))
    text = "date,kind,decision,note\n" + "".join(f"{on},off,1/QĐ,\n" for on in every)

    refused = motcua("import", _file(text))

    assert (refused.status, refused.err) == (2, "motcua: q.csv: row 2: the calendar has no working day in 2030\n")


def test_file_that_is_not_there_is_named(site: Context, motcua: Command) -> None:
    assert motcua("import", "none.csv").err == "motcua: none.csv: No such file or directory\n"
    assert motcua("preview", ".").err == "motcua: .: Is a directory\n"


def test_weekly_hours_are_previewed_declared_and_shown(site: Context, motcua: Command) -> None:
    an_office(site)
    week = "mon-fri 07:30-11:30,13:30-17:00; sat 07:30-11:30"
    arguments = ("hours", "--from", "2026-06-01", "--week", week, "--decision", "15/QĐ")

    seen = motcua(*arguments, "--preview")
    assert seen.out.startswith("H00, 15/QĐ: 1 declared, 0 replaced; nothing is changed yet\n")
    assert not _works(site, "2026-06-06")

    made = motcua(*arguments)
    assert (made.status, made.out.splitlines()[0]) == (0, "change 1 of H00 is made: 15/QĐ")
    assert _works(site, "2026-06-06")
    assert "hours from 2026-06-01: Mon-Fri 07:30-11:30, 13:30-17:00; Sat 07:30-11:30 (15/QĐ)" in (
        motcua("show", "2026").out.splitlines()
    )
    assert motcua(*arguments).err.startswith("motcua: --from 2026-06-01: the weekly hours from 2026-06-01 are those of")


def test_reception_hours_of_a_desk_move_no_date(site: Context, motcua: Command) -> None:
    an_office(site)

    made = motcua(
        "hours", "--from", "2026-06-01", "--week", "Sat 07:00-11:30", "--decision", "16/QĐ", "--desk", "BP_MOT_CUA"
    )

    assert made.status == 0
    assert not _works(site, "2026-06-06")
    shown = motcua("show", "2026").out.splitlines()
    assert any(
        line.startswith("reception of BP_MOT_CUA: ") and "Sat 07:00-11:30 from 2026-06-01" in line for line in shown
    )


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        (("--from", "1/6/2026"), '--from: "1/6/2026" is not a date such as 2027-01-04'),
        (
            ("--from", "2029-01-01"),
            "--from 2029-01-01: weekly hours from 2029-01-01 begin outside 2023–2028: import",
        ),
        (("--week", ""), '--week: "" names no day and its hours'),
        (("--week", "mon"), '--week: "mon" names no day and its hours'),
        (("--week", "t2 07:00-11:30"), '--week: "t2" is neither a weekday of mon,tue,wed,thu,fri,sat,sun nor'),
        (("--week", "fri-mon 07:00-11:30"), '--week: "fri-mon" runs backwards'),
        (("--week", "mon-fri 07:00-11:30; fri 08:00-09:00"), '--week: fri is named again in "fri 08:00-09:00"'),
        (("--week", "mon 07:00-11:30,11:00-12:00"), '--week: shifts of "07:00-11:30,11:00-12:00" overlap'),
        (("--week", "mon ;"), '--week: "mon" names no day'),
        (("--decision", " "), "--decision: name the decision"),
        (("--decision", "x" * 201), "--decision: has 201 characters"),
        (("--note", "x" * 201), "--note: has 201 characters"),
        (("--desk", "NONE"), "the agency has no unit"),
    ],
)
def test_bad_weekly_hours_are_refused_by_their_option(
    site: Context, motcua: Command, changed: tuple[str, str], words: str
) -> None:
    an_office(site)
    options = {"--from": "2026-06-01", "--week": "mon 07:00-11:30", "--decision": "1/QĐ"} | {changed[0]: changed[1]}

    refused = motcua("hours", *(part for option in options.items() for part in option))

    assert (refused.status, refused.out) == (2, "")
    assert refused.err.startswith(f"motcua: {words}")
    assert json.loads(motcua("history", "--json").out)["changes"] == []


def test_show_says_who_declared_a_day_and_the_hours_of_half_days(site: Context, motcua: Command) -> None:
    office = an_office(site)
    half = "date,kind,decision,note,shifts\n2026-03-07,work,12/QĐ,Trực,07:00-11:30\n"
    calendar_changes.apply(site, by=office.admin, change=calendar_changes.Days(tuple(read_days(half, "half.csv"))))
    calendar_changes.apply(site, by=SYSTEM, change=calendar_changes.Days(tuple(read_days(DECISION, "q.csv"))))

    lines = motcua("show", "2026").out.splitlines()

    assert "Sat 2026-03-07  works  07:00-11:30 Trực (12/QĐ)  [H00, change 1, Cán bộ admin, 2026-03-02]" in lines
    assert "Fri 2026-03-06  off    Nghỉ (12/QĐ)  [H00, change 2, command line, 2026-03-02]" in lines
    days = {day["date"]: day for day in json.loads(motcua("show", "2026", "--json").out)["days"]}
    assert (days["2026-03-07"]["shifts"], days["2026-03-07"]["entered_by"]) == ("07:00-11:30", "Cán bộ admin")
    assert (days["2026-01-01"]["owner"], days["2026-01-01"]["change"]) == ("H00", None)


def test_calendar_of_an_agency_is_its_own_over_that_of_the_country(site: Context, motcua: Command) -> None:
    an_office(site)
    an_office(site, code="H01")

    made = motcua("import", _file(DECISION), "--agency", "H01")

    assert made.out.startswith("change 1 of H01 is made")
    assert "Fri 2026-03-06  off" in motcua("show", "2026", "--agency", "H01").out
    national = motcua("show", "2026").out
    assert "Fri 2026-03-06" not in national
    assert "reception of" not in national, "a desk without hours of its own has those of the agency"
    assert motcua("import", "q.csv", "--agency", "H77").err.startswith("motcua: ")
