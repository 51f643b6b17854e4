"""The plans of the demo's wards: targets of two real plans that contradict each other, tasks, figures, the register.

Figures and papers are made up and say so; targets are those of ``plan_targets_vn.csv`` (domain.md §9.1, §9.5).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.seeds.demo_people import WARDS, Place
from engine.services import figures, plan_targets, plan_tasks, procedure_register

TARGETS = Path(__file__).with_name("plan_targets_vn.csv")
PLANS = ("bac-hong-linh-2026", "le-thanh-nghi-2026")  #: one a ward; they ask different things of the same indicator
ONLINE = ("full", "full", "partial", "none")  #: in turn
# name, lead, who co-operates, product, days until it is due, days until it was done; None: not done
TASKS = (
    ("Ban hành kế hoạch cải cách hành chính", "Văn phòng HĐND và UBND", "", "Kế hoạch", -40, -45),
    ("Niêm yết, công khai thủ tục hành chính", "Trung tâm Phục vụ hành chính công", "Các phòng", "Danh mục", -30, -30),
    ("Rà soát quy trình nội bộ", "Văn phòng HĐND và UBND", "Các phòng", "Báo cáo rà soát", -20, -16),
    ("Tuyên truyền nộp hồ sơ trực tuyến", "Phòng Văn hóa – Xã hội", "Tổ dân phố", "Tin, bài", -5, None),
    ("Đối thoại với doanh nghiệp", "Phòng Kinh tế, Hạ tầng và Đô thị", "", "Biên bản", 12, None),
    ("Khảo sát mức độ hài lòng", "Phòng Văn hóa – Xã hội", "Trung tâm Phục vụ hành chính công", "Báo cáo", 35, None),
)
FIGURES = (
    ("satisfied_reception", 96, 100), ("petitions_on_time", 4, 4), ("satisfied_petitions", 3, 4),
    ("publish_on_time", 2, 2), ("dossier_sync", 58, 60), ("dialogues", 1, 1),
)  #: of the last whole month  # fmt: skip


def register(ctx: Context) -> None:
    """Say of the wards' procedures whether they are online and published; before dossiers, so that none is redone."""
    published = ctx.clock.now().date() - timedelta(days=90)
    for ward in WARDS:
        rows = [
            {"code": row["code"], "online_level": ONLINE[at % len(ONLINE)], "published_at": published if at % 5 else ""}
            for at, row in enumerate(procedure_register.listed(ctx, by=SYSTEM, agency=ward.code))
        ]
        content = _file(("code", "online_level", "published_at"), rows)
        procedure_register.import_file(ctx, by=SYSTEM, agency=ward.code, content=content, name="register.csv")


def load(ctx: Context, today: date) -> None:
    """Set targets and tasks of the year, and enter the figures of the last whole month; again, nothing changes."""
    for ward, plan in zip(WARDS, PLANS, strict=True):
        paper = f"Kế hoạch cải cách hành chính năm {today.year} của {ward.name} (mẫu)"
        code, asked = ward.code, _targets(plan, paper, today.year)
        plan_targets.import_file(ctx, by=SYSTEM, agency=code, content=asked, name="targets.csv")
        plan_tasks.import_file(ctx, by=SYSTEM, agency=code, content=_tasks(paper, today), name="tasks.csv")
        figures.import_file(ctx, by=SYSTEM, agency=code, content=_figures(ward, today), name="figures.csv")


def _targets(plan: str, paper: str, year: int) -> bytes:
    with TARGETS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["plan"] == plan]
    own = {"from": f"{year}-01-01", "to": f"{year}-12-31", "document": paper}
    return _file(plan_targets.COLUMNS, [row | own for row in rows])


def _tasks(paper: str, today: date) -> bytes:
    rows = []
    for number, (name, lead, cooperating, product, due, done) in enumerate(TASKS, start=1):
        row = {"year": today.year, "number": number, "name": name, "lead": lead, "cooperating": cooperating}
        row |= {"product": product, "due": today + timedelta(days=due), "document": paper}
        row |= {"state": "under_way"} if done is None else {"state": "done", "done_on": today + timedelta(days=done)}
        rows.append(row)
    return _file(plan_tasks.COLUMNS, rows)


def _figures(ward: Place, today: date) -> bytes:
    last = today.replace(day=1) - timedelta(days=1)
    days = {"from": last.replace(day=1), "to": last, "source": f"Số liệu mẫu của {ward.name}"}
    rows = [
        {"indicator": key, "numerator": numerator, "denominator": denominator, **days}
        for key, numerator, denominator in FIGURES
    ]
    return _file(figures.COLUMNS, rows)


def _file(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> bytes:
    buffer = io.StringIO(newline="")
    writer = csv.DictWriter(buffer, columns)
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()
