"""Dossiers of every kind, lived through the services: what verify has to find right, and tampering has to break."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engine.context import Context
from engine.domain.dossier import Channel, Status
from engine.services import (
    apologies,
    attachments,
    intake,
    notes,
    opinions,
    processing,
    refusal_suggestions,
    transfers,
    waiting,
)
from tests.support import builders as b
from tests.support import processes
from tests.support.outbox import carry_out
from tests.support.snapshots import once
from tests.support.step_tables import DESK

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n%%EOF\n"
END = "2026-03-26T09:00"


@dataclass(frozen=True)
class Lives:
    """The ids of the dossiers by what became of them."""

    office: b.Office
    ids: dict[str, UUID]


def live(ctx: Context) -> Lives:
    """Let an agency live from Monday 2026-03-02 08:00 to ``END``; the clock process runs all the time."""
    return once(ctx, "lives", lambda: _live(ctx))


def _live(ctx: Context) -> Lives:
    office = b.an_office(ctx, policy={"cutoff": "15:00", "supplement": {"clock": "pause", "max": 2}})
    ward = b.an_office(ctx, code="H01")
    other = b.an_office(ctx, procedure="TP98")  # its supplements restart the clock
    first = {
        "done": b.a_received_dossier(ctx, office, owner=intake.Person(name="Trần Thị Chủ")),
        "late": b.a_received_dossier(ctx, office, applicant=b.WITH_EMAIL),
        "printed": b.a_received_dossier(ctx, office),
        "supplement": b.a_received_dossier(ctx, office),
        "obligation": b.a_received_dossier(ctx, office),
        "restarted": b.a_received_dossier(ctx, other),
        "withdrawn": b.a_received_dossier(ctx, office),
        "stopped": b.a_received_dossier(ctx, office),
        "refused": b.a_received_dossier(ctx, office),
        "kept": b.a_received_dossier(ctx, office),
        "foreign": intake.receive(ctx, by=ward.desk, filing=b.a_filing(office, agency="H01", resolving_agency="H00")),
        "filed": b.a_submitted_dossier(ctx, office, channel=Channel.ONLINE),
        "declined": b.a_submitted_dossier(ctx, office),
        "desk": b.a_submitted_dossier(ctx, office),
    }
    _early(ctx, office, other, first)
    _talk(ctx, office, first["kept"]["id"])
    _late(ctx, office, first)
    first["waiting"] = b.ask_supplement(ctx, office, b.a_received_dossier(ctx, office))
    first["overdue"] = b.a_received_dossier(ctx, office)
    b.turn_clock_to(ctx, "2026-03-25T09:20")
    first["running"] = b.a_received_dossier(ctx, office)
    _claim(ctx, office, first["running"])
    b.turn_clock_to(ctx, END)
    return Lives(office, {label: UUID(answer["id"]) for label, answer in first.items()})


def wait(ctx: Context) -> b.Dossier:
    """Receive a dossier whose process has asked two others: one has answered, the other may be silent until its limit.

    Together with ``live`` there are rows of every kind.
    """
    partners = {"co_quan_duoc_lay_y_kien": "Y1", "dien_luc": "DL", "canh_sat_pccc": "PC"}
    reference = processes.a_reference(ctx, "1.013225", partners=partners)
    dossier = processes.receive(ctx, reference, facts={"private_house": True})
    dossier = processes.do(ctx, reference, dossier, "appraise", "complete")
    asked = {"opinion_count": 2, "opinion_1": "dien_luc", "opinion_2": "CO_QUAN_Y_KIEN"}
    dossier = processes.do(ctx, reference, dossier, "plan", **asked)
    return processes.do(ctx, reference, dossier, "opinions__answer", "agree")


def _claim(ctx: Context, office: b.Office, dossier: b.Dossier) -> None:
    (task,) = dossier["open_tasks"]
    processing.claim(ctx, by=office.officer, task_id=task["id"])


def _early(ctx: Context, office: b.Office, other: b.Office, first: dict[str, Any]) -> None:
    _claim(ctx, office, first["done"])
    attachments.add_paper(
        ctx, by=office.officer, dossier=first["done"]["id"], name="Bản quét", file_name="quet.pdf", content=PDF
    )
    b.advance_to(ctx, office, first["done"], Status.RETURNED)
    intake.refuse_to_receive(ctx, by=office.desk, dossier=first["declined"]["id"], reason="Không đúng thẩm quyền")
    _desk_asks(ctx, office, first["desk"])
    b.turn_clock_to(ctx, "2026-03-03T10:17")
    b.ask_supplement(ctx, office, first["supplement"])
    b.ask_supplement(ctx, other, first["restarted"])
    waiting.raise_obligation(
        ctx, by=office.officer, dossier=first["obligation"]["id"], amount_vnd=50_000, notice="TB-01"
    )
    transfers.transfer(ctx, by=office.officer, dossier=first["stopped"]["id"], unit="LANH_DAO", note="Vượt thẩm quyền")
    b.withdraw(ctx, office, first["withdrawn"])
    b.stop(ctx, office, first["stopped"])
    b.turn_clock_to(ctx, "2026-03-05T14:45")
    b.bring_supplement(ctx, office, first["supplement"])
    b.bring_supplement(ctx, other, first["restarted"])
    intake.receive_submitted(ctx, by=office.desk, dossier=first["desk"]["id"])
    waiting.settle_obligation(ctx, by=office.officer, dossier=first["obligation"]["id"], reference="BL-7")
    b.refuse(ctx, office, first["refused"])


def _desk_asks(ctx: Context, office: b.Office, dossier: b.Dossier) -> None:
    waiting.request_supplement(ctx, by=office.desk, dossier=dossier["id"], items=["Ảnh"], reason="Thiếu ảnh")
    waiting.complete_supplement(
        ctx, by=office.desk, dossier=dossier["id"], papers=(intake.PaperLine(name="Ảnh 3x4", copies=2),)
    )


def _talk(ctx: Context, office: b.Office, dossier: str) -> None:
    """Ask and answer beside the process: two opinions, a suggested refusal that is declined, a note."""
    units = ["LANH_DAO", DESK]
    opinions.ask(ctx, by=office.officer, dossier=dossier, units=units, question="Có đồng ý không?", days=3)
    opinions.give(ctx, by=office.approver, dossier=dossier, no=1, stance=opinions.Stance.AGREE, text="Đồng ý")
    opinions.withdraw(ctx, by=office.officer, dossier=dossier, no=2)
    refusal_suggestions.suggest(ctx, by=office.officer, dossier=dossier, reason="Thiếu nguồn gốc", ground="Điều 9")
    refusal_suggestions.decline(ctx, by=office.approver, dossier=dossier, answer="Đã có nguồn gốc")
    notes.add(ctx, by=office.officer, dossier=dossier, text="Đã gọi điện")


def _late(ctx: Context, office: b.Office, first: dict[str, Any]) -> None:
    b.turn_clock_to(ctx, "2026-03-06T07:30")  # due at 08:00: the letters of what is open are ordered
    b.advance_to(ctx, office, first["kept"], Status.FINISHED)
    b.apologise(ctx, office, first["late"], new_due="2026-03-12T09:00")
    carry_out(ctx)
    b.turn_clock_to(ctx, "2026-03-10T09:00")
    b.advance_to(ctx, office, first["late"], Status.RETURNED)
    (letter,) = [
        each for each in apologies.listed(ctx, by=office.supervisor) if each["dossier"] == first["printed"]["id"]
    ]
    assert letter["state"] == "draft"
    b.apologise(ctx, office, first["printed"], new_due="2026-03-30T09:00")
