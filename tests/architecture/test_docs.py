"""The reference pages agree with the code, every word of the code has its entry, and links lead somewhere."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from datetime import datetime, timedelta
from enum import Enum
from types import ModuleType
from typing import Any
from uuid import UUID

import click
import pytest

from engine.context import Context
from engine.domain import dossier as words
from engine.domain.actors import SYSTEM, Role
from engine.domain.calendar import DayKind, DayRule
from engine.domain.deadlines import LateRule, Punctuality
from engine.domain.dossier import LABELS, Cause, Status
from engine.domain.events import EventKind
from engine.domain.ids import DossierId
from engine.domain.limits import Unit
from engine.domain.result_return import Notice
from engine.reports.filters import Queue
from engine.seeds.demo import SIGN_INS
from engine.services import (
    answers,
    apologies,
    attachments,
    calendar_changes,
    corrections,
    intake,
    issued_papers,
    late_causes,
    letter_dispatch,
    letter_proofs,
    letter_settings,
    letter_signatures,
    notes,
    opinions,
    processing,
    receivers,
    refusal_suggestions,
    reserved_numbers,
    result_returns,
    step_back,
    supervision,
    transfers,
    waiting,
)
from engine.services.calendar_changes import Days
from engine.services.corrected_parts import PaperChange
from engine.settings import KNOWN
from tests.support import appointments, builders, histories, processes, signing, signing_office, version_acts
from tests.support.builders import Dossier, Office
from tests.support.contexts import VIETNAM
from tests.support.lives import wait
from tests.support.sources import ROOT
from tests.support.step_tables import DESK, HEAD
from web.cli.main import cli

DOCS = ROOT / "docs"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
ENUMS = (
    *(Role, EventKind, Unit, LateRule, Punctuality, words.Channel, words.ResultChannel, words.Decision),
    *(words.TaskState, words.DeadlineKind, words.DeadlineState, words.PauseReason, words.ClockPolicy),
    *(words.LetterState, words.Cause, Queue),
)
ANYWHERE = {"status", "process", "for"}  # keys that any payload may have
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32


def _generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", DOCS / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


generate = _generator()


@pytest.mark.parametrize("name", generate.PAGES)
def test_generated_page_is_fresh(name: str) -> None:
    fresh = generate.PAGES[name]() == (DOCS / "reference" / name).read_text(encoding="utf-8")

    assert fresh, "run: python docs/generate.py"


def test_each_error_has_a_code_of_its_own_and_a_meaning() -> None:
    codes = Counter(kind.code for kind in generate.errors())

    assert {code: count for code, count in codes.items() if count > 1} == {}
    assert [kind.__qualname__ for kind in generate.errors() if "__doc__" not in vars(kind) or not kind.__doc__] == []


def test_each_kind_of_event_is_described() -> None:
    assert list(generate.event_facts()) == [kind.value for kind in EventKind]


@pytest.mark.parametrize("enum", ENUMS, ids=lambda enum: enum.__name__)
def test_glossary_has_each_word_of_the_code(enum: type[Enum]) -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")

    assert [member.value for member in enum if f"`{member.value}`" not in glossary] == []


@pytest.mark.parametrize("status", Status, ids=lambda status: status.name)
def test_glossary_has_each_status(status: Status) -> None:
    glossary = (DOCS / "glossary.md").read_text(encoding="utf-8")

    assert f"| {status.value} `{status.name}` | {LABELS[status]} |" in glossary


def test_links_between_pages_lead_somewhere() -> None:
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages
        for target in LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://", "mailto:", "#"))
        and not (page.parent / target.partition("#")[0]).exists()
    ]

    assert broken == []


def test_index_names_each_page() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    pages = [page.relative_to(DOCS) for page in sorted(DOCS.rglob("*.md")) if page != DOCS / "index.md"]

    assert [str(page) for page in pages if f"]({page})" not in index] == []


def test_decisions_are_numbered_records() -> None:
    records = sorted((DOCS / "decisions").glob("*.md"))

    assert [int(record.name[:4]) for record in records] == list(range(1, len(records) + 1))
    for record in records:
        text = record.read_text(encoding="utf-8")
        assert text.startswith(f"# {record.name[:4]} "), record.name
        assert all(part in text for part in ("\nStatus: ", "\n## Context\n", "\n## Decision\n", "\n## Consequences\n"))


def test_readme_lists_the_commands_that_there_are() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    section = readme.partition("## Commands")[2].partition("\n## ")[0]

    with click.Context(cli) as root:
        assert re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE) == cli.list_commands(root)


def test_readme_names_who_may_sign_in_to_the_demo() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")

    assert [name for name, _, _ in SIGN_INS if f"`{name}`" not in readme] == []
    assert {password for _, password, _ in SIGN_INS} == {"motcua-demo"}


def test_operating_names_each_setting() -> None:
    page = (DOCS / "howto" / "operate.md").read_text(encoding="utf-8")

    assert [name for name in KNOWN if f"| `{name}` |" not in page] == []


# --- what the services really write ----------------------------------------------------------------------------------


def test_events_carry_what_their_page_says(sqlite_ctx: Context) -> None:
    written = _payloads_of_many_lives(sqlite_ctx)
    described = generate.event_facts()

    wrong = [
        (kind, sorted(payload))
        for kind, payload in written
        if not _fits(set(payload) - ANYWHERE, described[kind].get("payload", {}))
        or payload.get("status") not in (None, *described[kind].get("status", ()))
    ]
    assert wrong == []
    assert {kind.value for kind in EventKind} == {kind for kind, _ in written}


def _fits(keys: set[str], described: dict[str, str]) -> bool:
    always = {name for name in described if not name.endswith("?")}
    return always <= keys <= {name.removesuffix("?") for name in described}


def _payloads_of_many_lives(ctx: Context) -> list[tuple[str, dict[str, Any]]]:
    office = builders.an_office(ctx)
    lives = (
        _in_time, _worked_on, _refused, _turned_away, _withdrawn, _supplemented, _sealed, _late, _paid, _unanswered,
        _moved, _moved_on, _talked_over, _advised_against, _consulted, _verified, _urged, _pressed, _chained,
        _gone_back, _corrected, _entered_later, _posted, _explained, _taken_over,
    )  # fmt: skip
    dossiers = [life(ctx, office) for life in lives]
    with ctx.unit_of_work(read_only=True) as uow:
        return [
            (str(event.kind), event.payload)
            for dossier in dossiers
            for event in uow.events.of(DossierId(UUID(dossier["id"])))
        ]


def _talked_over(ctx: Context, office: Office) -> Dossier:
    """Ask two units, of which one answers; suggest to refuse, and refuse with those words; write a note."""
    dossier = builders.a_received_dossier(ctx, office)
    asked: dict[str, Any] = {"ctx": ctx, "dossier": dossier["id"]}
    opinions.ask(by=office.officer, units=[HEAD, DESK], question="Có đủ điều kiện không?", days=2, **asked)
    opinions.give(by=office.approver, no=1, stance="agree", **asked)
    opinions.withdraw(by=office.officer, no=2, **asked)
    refusal_suggestions.suggest(by=office.officer, reason="Không đủ điều kiện", ground="Điều 5", **asked)
    notes.add(by=office.officer, text="Hẹn thứ Sáu", **asked)
    return builders.refuse(ctx, office, dossier)


def _advised_against(ctx: Context, office: Office) -> Dossier:
    """Suggest to refuse, in vain."""
    dossier = builders.a_received_dossier(ctx, office)
    asked: dict[str, Any] = {"ctx": ctx, "dossier": dossier["id"]}
    refusal_suggestions.suggest(by=office.officer, reason="Không đủ điều kiện", ground="Điều 5", **asked)
    return refusal_suggestions.decline(by=office.approver, answer="Đủ điều kiện theo khoản 2", **asked)


def _consulted(ctx: Context, _office: Office) -> Dossier:
    """Ask two others: one answers, the time of the other passes in silence."""
    dossier = wait(ctx)
    builders.turn_clock_to(ctx, (ctx.clock.now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
    return dossier


def _verifying(ctx: Context) -> tuple[processes.Reference, Dossier]:
    """Ask another commune."""
    reference = processes.a_reference(ctx, "1.004873")
    dossier = processes.receive(ctx, reference, facts=processes.usual_facts("1.004873"))
    dossier = processes.do(ctx, reference, dossier, dossier["open_tasks"][0]["node"], "verify")
    while dossier["open_tasks"]:
        dossier = processes.do(ctx, reference, dossier, dossier["open_tasks"][0]["node"])
    return reference, dossier


def _verified(ctx: Context, _office: Office) -> Dossier:
    """Be answered by the other commune."""
    reference, dossier = _verifying(ctx)
    said = "verification.answered"
    return answers.record(ctx, by=reference.everybody, dossier=dossier["id"], message=said, note="CV 12")


def _urged(ctx: Context, _office: Office) -> Dossier:
    """Call for the supervisors, as the other commune does not answer."""
    dossier = _verifying(ctx)[1]
    builders.turn_clock_to(ctx, (ctx.clock.now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M"))
    return dossier


def _pressed(ctx: Context, office: Office) -> Dossier:
    """Have a supervisor urge the officer, and take the dossier to those who sign."""
    dossier = builders.a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]["id"]
    processing.claim(ctx, by=office.officer, task_id=task)
    supervision.urge(ctx, by=office.supervisor, task_id=task)
    return supervision.escalate(ctx, by=office.supervisor, dossier=dossier["id"], reason="Chậm")


def _chained(ctx: Context, _office: Office) -> Dossier:
    """Bring about a result that files the next dossier."""
    reference = processes.a_reference(ctx, "LT297.1")
    dossier = processes.receive(ctx, reference)
    while dossier["status"] < Status.FINISHED:
        dossier = processes.do(ctx, reference, dossier, dossier["open_tasks"][0]["node"])
    return dossier


def _gone_back(ctx: Context, office: Office) -> Dossier:
    """Take a step back, do it again, and be sent back from the one behind it."""
    dossier = builders.a_received_dossier(ctx, office)
    task = dossier["open_tasks"][0]["id"]
    processing.complete(ctx, by=office.officer, task_id=task)
    step_back.take_back(ctx, by=office.officer, task_id=task)
    sent = processing.complete(ctx, by=office.officer, task_id=task)["open_tasks"][0]
    return step_back.send_back(ctx, by=office.approver, task_id=sent["id"], reason="Thiếu ý kiến")


def _in_time(ctx: Context, office: Office) -> Dossier:
    """Finish after the clock process ordered the letter, and before it is late."""
    dossier = builders.a_received_dossier(ctx, office)
    builders.turn_clock_to(ctx, "2026-03-05T09:00")
    return builders.advance_to(ctx, office, dossier, Status.RETURNED)


def _worked_on(ctx: Context, office: Office) -> Dossier:
    """Claim, release, assign, add a paper, pay, transfer."""
    dossier = builders.a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]
    processing.claim(ctx, by=office.officer, task_id=task["id"])
    processing.release(ctx, by=office.officer, task_id=task["id"])
    processing.assign(ctx, by=office.supervisor, task_id=task["id"], username="officer")
    attachments.add_paper(ctx, by=office.desk, dossier=dossier["id"], name="Ảnh", file_name="a.png", content=PNG)
    waiting.raise_obligation(ctx, by=office.officer, dossier=dossier["id"], amount_vnd=8000, notice="Lệ phí")
    waiting.settle_obligation(ctx, by=office.officer, dossier=dossier["id"])
    dossier = transfers.transfer(ctx, by=office.officer, dossier=dossier["id"], unit=HEAD, note="Nhầm đơn vị")
    return builders.advance_to(ctx, office, dossier, Status.FINISHED)


def _refused(ctx: Context, office: Office) -> Dossier:
    return builders.refuse(ctx, office, builders.a_received_dossier(ctx, office))


def _posted(ctx: Context, office: Office) -> Dossier:
    """Tell that the result is ready, post it, and have its delivery proved."""
    dossier = builders.advance_to(ctx, office, builders.a_received_dossier(ctx, office), Status.FINISHED)
    by = {"ctx": ctx, "by": office.desk, "dossier": builders.do_next_step(ctx, office, dossier)["id"]}
    result_returns.notify(**by, how=Notice.PHONE)
    result_returns.post(**by, carrier="Bưu điện Việt Nam", tracking_number="EA1VN")
    return result_returns.confirm_delivery(**by, receiver=receivers.Receiver("Nguyễn Văn Thử"))


def _turned_away(ctx: Context, office: Office) -> Dossier:
    dossier = builders.a_submitted_dossier(ctx, office)
    return intake.refuse_to_receive(ctx, by=office.desk, dossier=dossier["id"], reason="Không thuộc thẩm quyền")


def _withdrawn(ctx: Context, office: Office) -> Dossier:
    return builders.withdraw(ctx, office, builders.a_received_dossier(ctx, office))


def _supplemented(ctx: Context, office: Office) -> Dossier:
    asked = builders.ask_supplement(ctx, office, builders.a_received_dossier(ctx, office))
    papers = issued_papers.listed(ctx, by=office.approver, dossier=asked["id"])
    request = next(paper for paper in papers if paper["kind"] == "supplement")
    issued_papers.void(ctx, office.approver, request["id"], "ghi sai giấy tờ")
    return builders.bring_supplement(ctx, office, asked)


def _sealed(ctx: Context, office: Office) -> Dossier:
    """Apologise by a letter that the head signs and the agency seals, and prove that it arrived."""
    letter_settings.change(ctx, by=SYSTEM, agency=office.code, signs="electronic")
    signing_office.add_key(ctx, office, signing.authority().head)
    signing_office.add_key(ctx, office, signing.authority().seal, None)
    dossier = builders.a_received_dossier(ctx, office)
    draft = apologies.Draft(Cause.STAFF, "Thiếu người thụ lý", builders.local("2026-03-20T09:00"))
    letter = apologies.extend(ctx, by=office.officer, dossier=dossier["id"], draft=draft)["letter"]["id"]
    apologies.approve(ctx, by=office.approver, letter_id=letter)
    letter_signatures.sign(ctx, by=office.approver, letter_id=letter, pin=signing.PIN)
    letter_dispatch.dispatch(ctx, by=office.approver, letter_id=letter, pin=signing.PIN)
    letter_proofs.record_proof(ctx, by=office.desk, letter_id=letter, how="posted", note="EMS 12")
    letter_settings.change(ctx, by=SYSTEM, agency=office.code, signs="paper")
    return dossier


def _late(ctx: Context, office: Office) -> Dossier:
    """Apologise by e-mail, then be late."""
    dossier = builders.a_received_dossier(ctx, office, applicant=builders.WITH_EMAIL)
    builders.apologise(ctx, office, dossier, new_due="2026-03-20T09:00")
    with ctx.unit_of_work() as uow:
        (letter,) = uow.letters.of_dossier(DossierId(UUID(dossier["id"])))
        letter_dispatch.mark_delivered(ctx, uow, letter_id=str(letter.id))
    builders.turn_clock_to(ctx, "2026-03-16T08:00")
    return dossier


def _explained(ctx: Context, office: Office) -> Dossier:
    """Be late without a letter, and have somebody say why."""
    dossier = builders.a_received_dossier(ctx, office)
    builders.turn_clock_to(ctx, (ctx.clock.now() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M"))
    return late_causes.record(ctx, by=office.officer, dossier=dossier["id"], cause=Cause.OTHER)


def _taken_over(ctx: Context, office: Office) -> Dossier:
    """Come from another system, with a step."""
    histories.imported(ctx, histories.a_table(*histories.ROWS), agency=office.code)
    with ctx.unit_of_work() as uow:
        return {"id": str(uow.dossiers.by_code("A-1").id)}


def _paid(ctx: Context, _office: Office) -> Dossier:
    """Pay for the second of two appointments."""
    land = appointments.a_land_office(ctx)
    told = appointments.tell_what_to_pay(ctx, land, appointments.receive(ctx, land))
    return appointments.pay(ctx, land, told)


def _unanswered(ctx: Context, office: Office) -> Dossier:
    asked = builders.ask_supplement(ctx, office, builders.a_received_dossier(ctx, office))
    builders.turn_clock_to(ctx, "2026-04-20T08:00")
    return asked


def _corrected(ctx: Context, office: Office) -> Dossier:
    """Correct everything that a receipt says, then the procedure; a letter is taken back and comes again."""
    builders.publish(ctx, code=office.code, procedure="TP98", total_days="10")
    dossier = builders.a_received_dossier(ctx, office, papers=(intake.PaperLine("Tờ khai"), intake.PaperLine("Ảnh")))
    person, at = intake.Person(name="Trần Thị Thử"), ctx.clock.now() - timedelta(hours=1)
    papers = (PaperChange(1, "Tờ khai 2"), PaperChange(2, "Ảnh", struck=True), PaperChange(None, "Bản đồ"))
    wish = corrections.Correction(
        reason="gõ nhầm", applicant=person, owner=person, authorisation="Giấy 12", papers=papers, case="1",
        channel=words.Channel.POSTAL, result_channel=words.ResultChannel.POSTAL, received_at=at,
    )  # fmt: skip
    corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish)
    builders.turn_clock_to(ctx, (ctx.clock.now() + timedelta(days=10)).astimezone(VIETNAM).isoformat()[:16])
    wish = corrections.Correction(reason="nhầm thủ tục", procedure_code="TP98")
    corrections.correct(ctx, by=office.desk, dossier=dossier["id"], correction=wish)
    builders.turn_clock_to(ctx, (ctx.clock.now() + timedelta(days=30)).astimezone(VIETNAM).isoformat()[:16])
    return dossier


def _entered_later(ctx: Context, office: Office) -> Dossier:
    """Enter a slip that was filled in by hand."""
    code = reserved_numbers.reserve(ctx, by=office.desk, counter="Quầy 1", count=1)["pad"]
    at = ctx.clock.now()
    builders.turn_clock_to(ctx, (at + timedelta(hours=1)).astimezone(VIETNAM).isoformat()[:16])
    return builders.a_received_dossier(ctx, office, slip=code, received_at=at)


def _moved(ctx: Context, office: Office) -> Dossier:
    """Be promised for a day that becomes a day off."""
    dossier = builders.a_received_dossier(ctx, office)
    on = datetime.fromisoformat(dossier["due_at"]).date()
    storm = Days((DayRule(on, DayKind.OFF, "12/QĐ", "Bão"),))
    calendar_changes.apply(ctx, by=SYSTEM, change=storm)
    return dossier


def _moved_on(ctx: Context, office: Office) -> Dossier:
    """Be taken to another version of the procedure, and back."""
    dossier = builders.a_received_dossier(ctx, office)
    version_acts.second_version(ctx, office, total_days="6")
    version_acts.undo(ctx, office, version_acts.move(ctx, office))
    return dossier
