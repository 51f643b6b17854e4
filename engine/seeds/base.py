"""What every database needs before anything else: the default agency and the calendar of the country."""

from __future__ import annotations

from engine.context import Context
from engine.seeds.calendar_vn import default_calendar
from engine.services import calendars
from engine.store.agencies import Agency, Unit

DEFAULT_CODE = "H00"
DEFAULT_NAME = "Ủy ban nhân dân (cơ quan mặc định)"


def ensure(ctx: Context) -> None:
    """Make the default agency and its calendar unless they are there; running it again changes nothing."""
    with ctx.unit_of_work() as uow:
        agencies = uow.agencies.all()
        if not agencies:
            agency = uow.agencies.add(Agency(code=DEFAULT_CODE, name=DEFAULT_NAME))
            uow.agencies.add_unit(
                Unit(owner_agency_id=agency.id, code="BP_MOT_CUA", name="Bộ phận Một cửa", is_one_stop=True)
            )
            agencies = [agency]
        if uow.calendars.current_version(agencies[0].id) is None:
            calendar = default_calendar()
            calendars.publish(ctx, uow, agency_id=agencies[0].id, calendar=calendar)
            rows = [calendars.day_row(agencies[0].id, rule) for rule in calendar.days]
            uow.calendars.put_days(agencies[0].id, rows)
