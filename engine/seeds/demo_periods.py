"""When the demo's wards report: two schedules each, added up by the city; the first has closed its last month."""

from __future__ import annotations

from datetime import date

from engine.context import Context
from engine.domain.actors import SYSTEM
from engine.domain.report_periods import FIFTEENTH, Kind, containing, usual
from engine.reports import standard_reports
from engine.seeds.demo_people import CITY, WARDS
from engine.services import closed_periods, closing, periods
from engine.services.periods import Rule


def load(ctx: Context, today: date) -> None:
    """Set the schedules and close the month before the present one; again, what is closed stays so."""
    for ward in WARDS:
        for kind in (Kind.MONTH, Kind.QUARTER):
            usually = usual(kind, FIFTEENTH)
            rule = Rule(
                kind=kind.value,
                first_day=FIFTEENTH,
                send_month=usually.send_month,
                send_before_day=usually.send_before_day,
                remind_days=usually.remind_days,
                document=f"Kế hoạch báo cáo năm {today.year} của {ward.name} (mẫu)",
                consolidated_by=CITY.code,
            )
            periods.set_schedule(ctx, by=SYSTEM, agency=ward.code, rule=rule)
    last, first = containing(today, Kind.MONTH, FIFTEENTH).shifted(-1).name, WARDS[0].code
    if closed_periods.find(ctx, by=SYSTEM, agency=first, name=last) is None:
        closing.close(ctx, by=SYSTEM, agency=first, name=last, reports=standard_reports.summary)
