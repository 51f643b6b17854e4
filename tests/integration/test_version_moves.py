"""Open dossiers taken to another version: verdicts, dates, steps and units, and everything back again."""

from __future__ import annotations

from typing import Any

import pytest

from engine.context import Context
from engine.domain.actors import SYSTEM, Actor
from engine.domain.dossier import Status
from engine.domain.version_moves import Dates
from engine.errors import EngineError
from engine.reports import worklists
from engine.reports.filters import Queue
from engine.services import explaining, processing, reading, time_used, transfers, version_moves, version_verdicts
from engine.store.version_moves import Verdict
from engine.verification.verify import verify
from tests.support import appointments as land
from tests.support import builders as b
from tests.support import version_acts as v
from tests.support.calendar_acts import dump
from tests.support.step_tables import HEAD, OFFICE, an_entry, linear, usual_steps

PRINTED = "2026-03-06T08:00:00+07:00"  # received on Monday 2 March at 08:00, four working days
TABLES = ("dossier", "deadline", "task", "process_instance", "dossier_agency", "process_wait")


@pytest.fixture
def office(ctx: Context) -> b.Office:
    """An office whose procedure has one version: 4 stages of a day, 4 days in all."""
    return b.an_office(ctx)


def now_of(ctx: Context, dossier: b.Dossier) -> b.Dossier:
    return reading.detail(ctx, by=SYSTEM, dossier=dossier["id"])


def last_events(ctx: Context, dossier: b.Dossier, number: int) -> list[dict[str, Any]]:
    return reading.timeline(ctx, by=SYSTEM, dossier=dossier["id"])[-number:]


# --- dates -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "due"),
    [("6", "2026-03-10T08:00:00+07:00"), ("2", "2026-03-04T08:00:00+07:00"), ("4", PRINTED)],
    ids=["longer", "shorter", "same"],
)
def test_follow_counts_the_promise_from_its_receipt(ctx: Context, office: b.Office, days: str, due: str) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T15:00")
    v.second_version(ctx, office, total_days=days, fee="9000")

    seen = v.seen(ctx, office)
    made = v.move(ctx, office)

    verdict = "moves" if due == PRINTED else "moves_date"
    assert (seen["counts"][verdict], made["counts"][verdict], made["state"]) == (1, 1, "done")
    assert [(each["due_before"], each["due_after"]) for each in seen["dossiers"]] == [(PRINTED, due)]
    assert now_of(ctx, dossier)["due_at"] == due
    assert now_of(ctx, dossier)["procedure_version"] == 2
    assert verify(ctx) == []


def test_keep_leaves_the_date_and_takes_the_steps(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="2", steps=v.with_units(THU_LY=HEAD))

    made = v.move(ctx, office, dates=Dates.KEEP)

    after = now_of(ctx, dossier)
    assert (made["counts"]["moves"], after["due_at"], after["open_tasks"][0]["unit"]) == (1, PRINTED, HEAD)
    assert verify(ctx) == []


def test_date_that_would_have_passed_is_not_set(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T09:00")
    v.second_version(ctx, office, total_days="1")

    seen = v.seen(ctx, office)
    v.move(ctx, office)

    assert seen["dossiers"][0]["why"] == [{"reason": "would-have-passed"}]
    assert now_of(ctx, dossier)["due_at"] == PRINTED
    assert now_of(ctx, dossier)["late"] is False
    assert verify(ctx) == []


def test_broken_promise_stays_broken(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-10T09:00")
    v.second_version(ctx, office, total_days="20")

    seen = v.seen(ctx, office)
    v.move(ctx, office)

    assert seen["dossiers"][0]["why"] == [{"reason": "broken"}]
    assert (now_of(ctx, dossier)["due_at"], now_of(ctx, dossier)["late"]) == (PRINTED, True)
    assert verify(ctx) == []


def test_pause_in_between_stays_what_it_was(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")  # one day is used
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-09T08:00")  # Monday
    b.bring_supplement(ctx, office, dossier)
    assert now_of(ctx, dossier)["due_at"] == "2026-03-12T08:00:00+07:00"
    v.second_version(ctx, office, total_days="6", policy={"supplement": {"clock": "pause"}})

    v.move(ctx, office)

    assert now_of(ctx, dossier)["due_at"] == "2026-03-16T08:00:00+07:00", "five of six days from Monday on"
    assert verify(ctx) == []


def test_clock_that_stands_is_counted_when_it_runs_again(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    b.ask_supplement(ctx, office, dossier)
    v.second_version(ctx, office, total_days="6", policy={"supplement": {"clock": "pause"}})

    made = v.move(ctx, office)
    assert made["counts"]["moves_date"] == 1
    assert verify(ctx) == []
    b.turn_clock_to(ctx, "2026-03-09T08:00")
    b.bring_supplement(ctx, office, dossier)

    assert now_of(ctx, dossier)["due_at"] == "2026-03-16T08:00:00+07:00"
    assert verify(ctx) == []


def test_restart_counts_from_itself_and_not_from_the_receipt(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.ask_supplement(ctx, office, dossier)
    b.turn_clock_to(ctx, "2026-03-09T08:00")
    b.bring_supplement(ctx, office, dossier)
    v.second_version(ctx, office, total_days="6")

    v.move(ctx, office)

    assert now_of(ctx, dossier)["due_at"] == "2026-03-17T08:00:00+07:00"
    assert verify(ctx) == []


def test_second_of_two_appointments_moves_and_the_first_stays(ctx: Context) -> None:
    office = land.a_land_office(ctx)
    dossier = land.receive(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T08:00")
    land.pay(ctx, office, land.tell_what_to_pay(ctx, office, dossier))
    policy = {"appointments": ["4 working_day", "4 working_day"]}
    v.second_version(ctx, office, steps=land.land_steps(), total_days="8", policy=policy)

    v.move(ctx, office)

    (first, second) = land.promises(ctx, dossier)
    assert first[1:] == (PRINTED, "ended", True)
    assert second[1] == "2026-03-09T08:00:00+07:00"
    assert verify(ctx) == []
    v.undo(ctx, office, version_verdicts.history(ctx, by=SYSTEM, code=office.procedure)[0])
    assert land.promises(ctx, dossier)[1][1] == "2026-03-05T08:00:00+07:00"
    assert verify(ctx) == []


def test_other_number_of_appointments_blocks_who_was_promised_one(ctx: Context) -> None:
    office = land.a_land_office(ctx)
    land.receive(ctx, office)
    b.a_submitted_dossier(ctx, office)
    v.second_version(ctx, office, steps=land.land_steps(), total_days="6", policy={"field": "Đất đai"})

    made = v.move(ctx, office)

    assert (made["counts"]["blocked"], made["counts"]["moves"]) == (1, 1)
    assert verify(ctx) == []


# --- steps -----------------------------------------------------------------------------------------------------------


def test_step_that_is_gone_blocks_and_the_likeliest_are_named(ctx: Context, office: b.Office) -> None:
    b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"))

    seen = v.seen(ctx, office)
    made = v.move(ctx, office)

    assert (made["counts"]["blocked"], made["counts"]["moves"]) == (1, 0)
    (row,) = seen["dossiers"]
    assert (row["verdict"], row["why"][0]["reason"], row["why"][0]["node"]) == ("blocked", "step-gone", "s02_THU_LY")
    (gone,) = seen["gone"]
    assert (gone["dossiers"], gone["name"], gone["decided"]) == (1, "Bước THU_LY", False)
    assert gone["suggested"][0]["node"] == "s02_THAM_TRA"
    assert verify(ctx) == []


def test_gone_step_is_mapped_and_the_dossier_goes_to_its_end(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"), total_days="6")

    v.move(ctx, office, mapping={"s02_THU_LY": "s02_THAM_TRA"})

    after = now_of(ctx, dossier)
    assert [task["name"] for task in after["open_tasks"]] == ["Bước THAM_TRA"]
    assert verify(ctx) == []
    b.advance_to(ctx, office, after, Status.RETURNED)
    assert verify(ctx) == []


def test_who_stands_at_a_left_step_stays_on_the_old_version(ctx: Context, office: b.Office) -> None:
    staying, going = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    b.do_next_step(ctx, office, going)
    v.second_version(ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"))

    made = v.move(ctx, office, mapping={"s02_THU_LY": None})

    assert (made["counts"]["left"], made["counts"]["moves"]) == (1, 1)
    assert [now_of(ctx, each)["procedure_version"] for each in (staying, going)] == [1, 2]
    b.advance_to(ctx, office, now_of(ctx, staying), Status.RETURNED)
    assert verify(ctx) == []


def test_step_that_is_done_may_be_gone(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    dossier = b.do_next_step(ctx, office, dossier)
    v.second_version(ctx, office, steps=v.without("THU_LY"), total_days="3")

    made = v.move(ctx, office)

    assert made["counts"]["blocked"] == 0
    assert [task["node"] for task in now_of(ctx, dossier)["open_tasks"]] == ["s02_KY"], "the same key, another row"
    b.advance_to(ctx, office, now_of(ctx, dossier), Status.RETURNED)
    assert verify(ctx) == []


def test_row_put_in_before_moves_everybody_without_mapping(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    steps = linear(*[(row["id"], row["unit"]) for row in usual_steps()][:1], ("SO_LOAI", OFFICE),
                   *[(row["id"], row["unit"]) for row in usual_steps()][1:], ends="KY")  # fmt: skip
    v.second_version(ctx, office, steps=steps, total_days="5")

    assert v.move(ctx, office)["counts"]["blocked"] == 0

    assert [task["node"] for task in now_of(ctx, dossier)["open_tasks"]] == ["s03_THU_LY"]
    assert verify(ctx) == []


def test_another_unit_gets_the_papers_by_a_line_of_the_slip(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    (task,) = dossier["open_tasks"]
    processing.claim(ctx, by=office.officer, task_id=task["id"])
    v.second_version(ctx, office, steps=v.with_units(THU_LY=HEAD))

    v.move(ctx, office, by=office.admin)

    after = now_of(ctx, dossier)
    assert (after["open_tasks"][0]["unit"], after["open_tasks"][0]["assignee"]) == (HEAD, None)
    line = after["handovers"][-1]
    assert (line["given_by"], line["note"]) == ("Cán bộ admin", v.GROUND)
    assert verify(ctx) == []


def test_step_that_was_re_routed_stays_where_it_was_put(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    transfers.transfer(ctx, by=office.officer, dossier=dossier["id"], unit=HEAD, note="Quá tải")
    v.second_version(ctx, office, total_days="6")

    v.move(ctx, office)

    assert now_of(ctx, dossier)["open_tasks"][0]["unit"] == HEAD
    assert verify(ctx) == []


def test_stage_has_its_new_share_from_where_it_began(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    assert dossier["open_tasks"][0]["due_at"] == "2026-03-03T08:00:00+07:00"
    b.turn_clock_to(ctx, "2026-03-02T16:00")
    steps = [row | ({"stage_limit_days": "2"} if row["id"] == "THU_LY" else {}) for row in usual_steps()]
    v.second_version(ctx, office, steps=steps, total_days="5")

    v.move(ctx, office)

    assert now_of(ctx, dossier)["open_tasks"][0]["due_at"] == "2026-03-04T08:00:00+07:00"
    assert verify(ctx) == []


def test_decided_dossiers_stay_where_they_are(ctx: Context, office: b.Office) -> None:
    dossier = b.advance_to(ctx, office, b.a_received_dossier(ctx, office), Status.FINISHED)
    v.second_version(ctx, office, total_days="6")

    assert v.move(ctx, office)["counts"] == dict.fromkeys((each.value for each in Verdict), 0)
    assert now_of(ctx, dossier)["procedure_version"] == 1


def test_moved_dossier_is_measured_and_explained(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-03T10:00")
    v.second_version(ctx, office, total_days="6", steps=v.with_units(THU_LY=HEAD))
    v.move(ctx, office, by=office.admin)
    b.turn_clock_to(ctx, "2026-03-04T10:00")

    told = explaining.why_this_date(ctx, by=SYSTEM, dossier=dossier["id"])
    (line,) = [line for line in told["account"] if line["kind"] == "version"]
    used = time_used.time_used(ctx, by=SYSTEM, dossier=dossier["id"])

    assert (line["from"], line["to"]) == (PRINTED, "2026-03-10T08:00:00+07:00")
    assert (line["decision"], line["person"]) == (v.GROUND, "Cán bộ admin")
    assert told["account"][-1]["kind"] == "due"
    assert told["due_at"] == told["account"][-1]["to"]
    (stage,) = [each for each in used["stages"] if each["no"] == 2]
    holders = [holder["unit"]["code"] for step in stage["steps"] for holder in step["holders"]]
    assert holders == [OFFICE, HEAD]
    assert sum(each["minutes"] for each in used["agencies"]) == used["elapsed_minutes"]


# --- the act ---------------------------------------------------------------------------------------------------------


def test_undo_brings_back_every_row(ctx: Context) -> None:
    office = b.an_office(ctx, policy={"supplement": {"clock": "pause"}})
    first, second, third = (b.a_received_dossier(ctx, office) for _ in range(3))
    b.do_next_step(ctx, office, second)
    b.turn_clock_to(ctx, "2026-03-02T15:00")
    b.ask_supplement(ctx, office, third)
    before = dump(ctx, *TABLES)
    v.second_version(ctx, office, total_days="6", steps=v.with_units(THU_LY=HEAD, KY=OFFICE))
    made = v.move(ctx, office, by=office.admin)
    assert dump(ctx, *TABLES) != before
    b.turn_clock_to(ctx, "2026-03-02T16:00", ticker=False)

    undone = v.undo(ctx, office, made, by=office.admin)

    assert (undone["state"], undone["counts"]["undone"]) == ("undone", 3)
    after = dump(ctx, *TABLES)
    for row, was in zip(after["dossier"], before["dossier"], strict=True):
        row |= {name: was[name] for name in ("event_seq", "event_hash", "version")}
    assert after == before
    assert last_events(ctx, first, 2)[0]["kind"] == "version.undone"
    assert verify(ctx) == []


def test_undo_leaves_who_went_on_since(ctx: Context, office: b.Office) -> None:
    stayed, went_on = b.a_received_dossier(ctx, office), b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    made = v.move(ctx, office)
    b.do_next_step(ctx, office, now_of(ctx, went_on))

    undone = v.undo(ctx, office, made)

    assert (undone["counts"]["undone"], undone["counts"]["moves_date"]) == (1, 1)
    assert [now_of(ctx, each)["procedure_version"] for each in (stayed, went_on)] == [1, 2]
    shown = version_verdicts.show(ctx, by=SYSTEM, code=office.procedure, move_id=made["id"], verdict=Verdict.MOVES_DATE)
    assert [row["why"] for row in shown["dossiers"]] == [[{"reason": "advanced"}]]
    assert verify(ctx) == []
    with pytest.raises(EngineError) as refused:
        v.undo(ctx, office, made)
    assert refused.value.code == "version-move-not-undoable"


def test_same_order_again_changes_nothing(ctx: Context, office: b.Office) -> None:
    b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    made = v.move(ctx, office)
    before = dump(ctx, "event", "version_move", "version_move_verdict")

    assert v.move(ctx, office) == made

    assert dump(ctx, "event", "version_move", "version_move_verdict") == before


def test_another_order_waits_until_the_first_has_ended(ctx: Context, office: b.Office) -> None:
    b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    order = {"by": SYSTEM, "code": office.procedure, "to_version": 2}
    begun = version_moves.begin(ctx, **order, ground=v.GROUND)

    with pytest.raises(EngineError) as refused:
        version_moves.begin(ctx, **order, ground="Căn cứ khác")
    assert (refused.value.code, refused.value.details["move"]) == ("version-move-running", begun["id"])
    assert version_moves.begin(ctx, **order, ground=v.GROUND)["id"] == begun["id"]


def test_clock_process_carries_a_move_on_piece_by_piece(ctx: Context, office: b.Office) -> None:
    for _ in range(5):
        b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    begun = version_moves.begin(ctx, by=office.admin, code=office.procedure, to_version=2, ground=v.GROUND)
    assert begun["to_come"] == 5

    assert version_moves.carry_on_all(ctx, most=2) == 2
    assert version_verdicts.told(ctx, begun["id"])["to_come"] == 3
    while version_moves.carry_on_all(ctx, most=2):
        pass

    ended = version_verdicts.told(ctx, begun["id"])
    assert (ended["state"], ended["counts"]["moves_date"], ended["to_come"]) == ("done", 5, 0)
    assert verify(ctx) == []


def test_dossier_that_went_on_is_judged_as_it_is_at_its_turn(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, steps=v.without("THU_LY", instead="THAM_TRA"))
    assert v.seen(ctx, office)["counts"]["blocked"] == 1
    begun = version_moves.begin(ctx, by=SYSTEM, code=office.procedure, to_version=2, ground=v.GROUND)
    b.do_next_step(ctx, office, dossier)

    version_moves.carry_on(ctx, move_id=begun["id"])

    assert version_verdicts.told(ctx, begun["id"])["counts"]["moves"] == 1
    assert verify(ctx) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"ground": "  "}, "ground-missing"),
        ({"mapping": {"s09_X": "s03_KY"}}, "version-mapping-invalid"),
        ({"mapping": {"s02_THU_LY": "s09_X"}}, "version-mapping-invalid"),
        ({"to_version": 9}, "procedure-version-not-found"),
        ({"code": "KHONG_CO"}, "procedure-not-found"),
    ],
)
def test_order_that_cannot_be_is_refused(ctx: Context, office: b.Office, changes: dict[str, Any], code: str) -> None:
    b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")

    with pytest.raises(EngineError) as refused:
        v.move(ctx, office, **changes)

    assert refused.value.code == code
    assert version_verdicts.history(ctx, by=SYSTEM, code=office.procedure) == []


def test_only_an_administrator_of_the_agency_may(ctx: Context, office: b.Office) -> None:
    other = b.an_office(ctx, code="H01")
    v.second_version(ctx, office, total_days="6")
    for who in (office.supervisor, office.officer, other.admin):
        for act in (lambda: v.seen(ctx, office, by=who, agency=office.code),  # noqa: B023 - called at once
                    lambda: v.move(ctx, office, by=who, agency=office.code)):  # noqa: B023  # fmt: skip
            with pytest.raises(EngineError) as refused:
                act()
            assert refused.value.code == "not-allowed"


def test_entry_of_the_small_procedure_is_what_these_tests_say() -> None:
    assert [row["id"] for row in an_entry()["steps"]] == ["NHAN", "THU_LY", "KY", "THU_PHI", "TRA"]


def test_undone_move_leaves_ledger_and_accounts_as_if_it_had_not_been(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    other = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T10:00")
    v.second_version(ctx, office, total_days="6", steps=v.with_units(THU_LY=HEAD))
    made = v.move(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T15:00")
    v.undo(ctx, office, made)
    b.turn_clock_to(ctx, "2026-03-03T10:00")

    used = time_used.time_used(ctx, by=SYSTEM, dossier=dossier["id"])
    told = explaining.why_this_date(ctx, by=SYSTEM, dossier=dossier["id"])

    assert [each["used_minutes"] for each in used["stages"]] == [0, 600, 0]
    holders = [
        holder["unit"]["code"] for stage in used["stages"] for step in stage["steps"] for holder in step["holders"]
    ]
    assert holders == [OFFICE]
    assert (told["due_at"], told["account"][-1]["to"]) == (PRINTED, PRINTED)
    assert [line["to"] for line in told["account"] if line["kind"] == "version"][-1] == PRINTED
    assert now_of(ctx, other)["due_at"] == PRINTED


@pytest.mark.parametrize("stands", [False, True], ids=["runs", "stands"])
def test_every_date_of_a_moved_dossier_is_accounted_for(ctx: Context, stands: bool) -> None:
    policy = {"supplement": {"clock": "pause"}}
    office = b.an_office(ctx, policy=policy)
    dossier = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-02T16:00")
    b.ask_supplement(ctx, office, dossier)
    if not stands:
        b.turn_clock_to(ctx, "2026-03-04T16:00")
        b.bring_supplement(ctx, office, dossier)
    steps = [row | ({"stage_limit_days": "2"} if row["id"] == "THU_LY" else {}) for row in usual_steps()]
    v.second_version(ctx, office, steps=steps, total_days="5", policy=policy)
    v.move(ctx, office)

    dates = explaining.why_these_dates(ctx, by=SYSTEM, dossier=dossier["id"])
    (task,) = now_of(ctx, dossier)["open_tasks"]

    assert dates["promise"]["account"][-1]["to"] == now_of(ctx, dossier)["due_at"]
    assert dates["promise"]["account"][-1]["kind"] == ("waiting" if stands else "due")
    step = dates["steps"][task["id"]]
    assert step["account"][-1]["to"] == step["due_at"] == task["due_at"]
    assert "version" in [line["kind"] for line in step["account"]]
    assert explaining.pdf(ctx, by=SYSTEM, dossier=dossier["id"]).startswith(b"%PDF")


def test_moved_dossier_is_in_the_lists_of_its_new_unit_and_counted_once(ctx: Context, office: b.Office) -> None:
    dossier = b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="2", steps=v.with_units(THU_LY=HEAD))
    v.move(ctx, office)
    b.turn_clock_to(ctx, "2026-03-05T09:00")

    def codes(who: Actor, queue: Queue) -> list[str]:
        return [item["code"] for item in worklists.page(ctx, by=who, queue=queue, limit=50).items]

    assert (codes(office.approver, Queue.UNCLAIMED), codes(office.officer, Queue.UNCLAIMED)) == ([dossier["code"]], [])
    assert codes(office.supervisor, Queue.OVERDUE) == [dossier["code"]]
    assert verify(ctx) == [], "with a recount of the report"


def test_version_of_a_later_day_can_be_seen_and_not_be_moved_to(ctx: Context, office: b.Office) -> None:
    b.a_received_dossier(ctx, office)
    v.second_version(ctx, office, total_days="6")
    with ctx.unit_of_work() as uow:
        procedure = uow.procedures.by_code(office.id, office.procedure)
        uow.procedures.version_number(procedure.id, 2).effective_from = b.local("2026-03-09T07:00")

    assert v.seen(ctx, office)["counts"]["moves_date"] == 1
    with pytest.raises(EngineError) as refused:
        v.move(ctx, office)
    assert refused.value.code == "procedure-version-not-in-force"
    b.turn_clock_to(ctx, "2026-03-09T07:00", ticker=False)
    assert v.move(ctx, office)["state"] == "done"
