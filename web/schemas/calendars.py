"""What the API and the calendar page take about calendars (contract §2 ``calendar``)."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
from marshmallow import validate

from engine.domain.office_hours import DayKind, DayRule, InvalidCalendarError, OfficeHours, parse_shifts, parse_week
from engine.services.calendar_changes import Days, Hours
from web.schemas.dossiers import StrictSchema, text

LONGEST = 200  #: characters of a decision, a note, or the hours of a day
MOST_DAYS = 400


class DaySchema(StrictSchema):
    """A declared day."""

    date = ma.fields.Date(required=True)
    kind = ma.fields.Enum(DayKind, by_value=True, required=True, metadata={"description": "off | work"})
    decision = text(LONGEST, required=True)
    note = ma.fields.String(load_default="", validate=validate.Length(max=LONGEST))
    shifts = ma.fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST),
        metadata={"description": "hours of a half day, such as 07:00-11:30; empty: the usual ones"},
    )

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> DayRule:
        """Return the domain's value."""
        shifts = parse_shifts(data["shifts"])
        return DayRule(data["date"], data["kind"], _decision(data), data["note"].strip(), shifts=shifts)


class HoursSchema(StrictSchema):
    """Weekly hours from a date on."""

    valid_from = ma.fields.Date(required=True, data_key="from")
    week = ma.fields.List(
        ma.fields.String(validate=validate.Length(max=LONGEST)),
        required=True,
        validate=validate.Length(equal=7),
        metadata={"description": "hours of Monday to Sunday, such as 07:00-11:30, 13:30-17:00; empty: off"},
    )
    decision = text(LONGEST, required=True)
    note = ma.fields.String(load_default="", validate=validate.Length(max=LONGEST))

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> OfficeHours:
        """Return the domain's value."""
        week = parse_week(data["week"])
        return OfficeHours(data["valid_from"], week, decision=_decision(data), note=data["note"].strip())


def _decision(data: dict[str, Any]) -> str:
    decision: str = data["decision"].strip()
    if not decision:
        raise InvalidCalendarError("name the decision that declares it", problem="decision-missing", field="decision")
    return decision


class ChangeSchema(StrictSchema):
    """Body of ``POST /calendar-changes``: days, or weekly hours of the agency or of one desk."""

    agency = ma.fields.String(load_default=None, allow_none=True)
    days = ma.fields.List(ma.fields.Nested(DaySchema), load_default=None, validate=validate.Length(1, MOST_DAYS))
    hours = ma.fields.Nested(HoursSchema, load_default=None)
    desk = ma.fields.String(load_default=None, allow_none=True, metadata={"description": "unit code: reception hours"})
    expected = ma.fields.String(load_default=None, allow_none=True, metadata={"description": "token of the preview"})

    @ma.validates_schema
    def one_thing(self, data: dict[str, Any], **_: object) -> None:
        """Refuse both, or neither, of days and hours."""
        if (data["days"] is None) is (data["hours"] is None):
            raise ma.ValidationError("name days or hours, one of them", "days")
        if data["desk"] is not None and data["hours"] is None:
            raise ma.ValidationError("a desk has hours, not days of its own", "desk")

    @ma.post_load
    def make(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        """Return the arguments of ``calendar_changes.preview`` and ``apply``."""
        days, hours = data.pop("days"), data.pop("hours")
        desk = data.pop("desk")
        return data | {"change": Days(tuple(days)) if days is not None else Hours(hours, desk)}


class UndoSchema(StrictSchema):
    """Body of ``POST /calendar-changes/{id}/undo``."""

    expected = ma.fields.String(load_default=None, allow_none=True)


class YearQuerySchema(StrictSchema):
    """Query of ``GET /calendars/{agency}``."""

    year = ma.fields.Integer(required=True, validate=validate.Range(1, 9999))


class AgencyQuerySchema(StrictSchema):
    """Query of ``GET /calendar-changes``."""

    agency = ma.fields.String(load_default=None)
