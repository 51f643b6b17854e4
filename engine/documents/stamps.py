"""What a signature shows: the stamps of head and agency, and what is filled into the blanks of a signed letter."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.documents import words
from engine.documents.printable import CODE, HEAD, one_line
from engine.documents.render import pdf
from engine.domain.signing import Place

_DATE, _NUMBER = "italic", "normal"


def stamp(place: Place, *, name: str, office: str, at: datetime, zone: str, seal: bool = False) -> bytes:
    """Return the visible part of a signature, a page as large as its place.

    Args:
        name: of the certificate's holder.
        office: in whose name they sign; empty, or the same as the name: not said.
        at: aware; stated to the second with the offset of the zone (NĐ 30/2020, Phụ lục I).
        seal: whether it is the agency's.

    Raises:
        ValueError: the instant is naive.
    """
    if at.tzinfo is None:
        raise ValueError("an instant needs an offset")
    local = at.astimezone(ZoneInfo(zone))
    offset = f"{local:%z}"
    when = f"{local:%d/%m/%Y %H:%M:%S} {offset[:3]}:{offset[3:]}"
    holder, house = one_line(name, limit=HEAD), one_line(office, limit=HEAD)
    lines = [holder, when] if seal or not house or house == holder else [holder, f"Cơ quan: {house}", when]
    kind = "CƠ QUAN KÝ SỐ" if seal else "NGƯỜI KÝ SỐ"
    values = {"kind": kind, "lines": lines, "seal": seal, **_size(place)}
    return pdf("stamp", values, made_at=at)


def number_drawn(place: Place, number: str, *, at: datetime) -> tuple[str, bytes]:
    """Return the number, ``05/PXL``, as text and as a page of the size of its blank."""
    text = one_line(number, limit=CODE)
    return text, _filling(place, text, _NUMBER, at)


def date_drawn(place: Place, dated: datetime, *, zone: str, at: datetime) -> tuple[str, bytes]:
    """Return the day as text and as a page of the size of its blank."""
    text = words.date(dated, zone)
    return text, _filling(place, text, _DATE, at)


def _filling(place: Place, text: str, style: str, at: datetime) -> bytes:
    return pdf("filling", {"text": text, "style": style, **_size(place)}, made_at=at)


def _size(place: Place) -> dict[str, float]:
    return {"width": round(place.right - place.left, 2), "height": round(place.top - place.bottom, 2)}
