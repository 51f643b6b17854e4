"""The forms of a draft, from what was typed to what the services take; each mistake names its field."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request

from web.forms import FieldError, lines, text, whole_number

MOST_ROWS = 80
_PAPER_MARK = "|"
_CUTOFF = re.compile(r"([0-9]{1,2})[:h]([0-9]{2})?")


def settings_of() -> dict[str, Any]:
    """Return procedure and policy of the settings form.

    Raises:
        FieldError: a field cannot be read.
    """
    fee = text("fee", longest=20)
    procedure: dict[str, Any] = {
        "code": text("code", longest=80),
        "name": text("name", longest=600),
        "limit": amount("limit"),
        "fee_vnd": whole_number("fee") if fee else None,
    }
    policy: dict[str, Any] = {
        "field": text("field", longest=120),
        "cutoff": _cutoff(),
        "supplement": {
            "max": whole_number("supplement_max"),
            "clock": text("supplement_clock", longest=10),
            "answer_limit": amount("answer_limit"),
        },
        "papers": [_paper(line) for line in lines("papers")],
    }
    appointments = [amount_of(line, "appointments") for line in lines("appointments")]
    partners = dict(_partner(line) for line in lines("partners"))
    policy |= {"appointments": appointments} if appointments else {}
    policy |= {"partners": partners} if partners else {}
    policy |= {"receivers": whole_number("receivers")} if text("receivers") else {}
    return {"procedure": procedure, "policy": policy}


def amount(name: str) -> str:
    """Return a length of time of two fields, a number and its unit, as ``0.5 working_day``."""
    return f"{_decimal(text(name, longest=20), name)} {text(f'{name}_unit', longest=20) or 'working_day'}"


def amount_of(line: str, name: str) -> str:
    """Return a length of time of one line: a number alone is working days; ``16 working_day`` stays."""
    number, _space, unit = line.partition(" ")
    known = {"": "working_day", "ngày": "working_day", "ngày làm việc": "working_day", "giờ": "working_hour"}
    return f"{_decimal(number, name)} {known.get(unit.strip(), unit.strip())}"


def form_of() -> dict[str, Any]:
    """Return the form of a procedure from the rows of its page; rows without a name are passed over."""
    fields = []
    for no in range(MOST_ROWS):
        name = text(f"name{no}", longest=80)
        if not name:
            continue
        field: dict[str, Any] = {
            "name": name,
            "label": text(f"label{no}", longest=300) or name,
            "type": text(f"type{no}", longest=10) or "text",
            "asked": text(f"asked{no}", longest=10) or "receipt",
            "required": bool(text(f"required{no}", longest=5)),
            "source": text(f"source{no}", longest=300),
        }
        choices = [_choice(part) for part in text(f"choices{no}").split(";") if part.strip()]
        fields.append(field | ({"choices": choices} if choices else {}))
    return {"fields": fields} if fields else {}


def scenario_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a test run from its page; rows without an act are passed over.

    Args:
        fields: type of each field of the procedure's form, by name.
    """
    acts = [act for no in range(MOST_ROWS) if (act := _act(no, fields))]
    expect: dict[str, Any] = {}
    if text("expect_status", longest=2):
        expect["status"] = whole_number("expect_status")
    if text("expect_due_at", longest=30):
        expect["due_at"] = text("expect_due_at", longest=30)
    if text("expect_open_known", longest=1) or lines("expect_open"):
        expect["open"] = lines("expect_open")
    facts = {name: value for name in fields if (value := typed(f"fact_{name}", fields[name])) is not None}
    return {
        "name": text("name", longest=300), "received_at": text("received_at", longest=30), "facts": facts,
        "acts": acts, "expect": expect,
    }  # fmt: skip


def scenario_as_typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Return a test run of its page with every row at its place, unread, to show it again when it is refused."""
    last = max((no + 1 for no in range(MOST_ROWS) if text(f"do{no}", longest=30)), default=0)
    status = text("expect_status", longest=2)
    said = {name: value for name in fields if (value := text(f"fact_{name}", longest=500))}
    return {
        "name": text("name", longest=300),
        "received_at": text("received_at", longest=30),
        "facts": {name: value == "true" if fields[name] == "boolean" else value for name, value in said.items()},
        "acts": [
            {"do": text(f"do{no}", longest=30), "step": text(f"step{no}", longest=300),
             "outcome": text(f"outcome{no}", longest=60), "name": text(f"message{no}", longest=60),
             "until": text(f"until{no}", longest=30)}
            for no in range(last)
        ],
        "expect": {
            "status": int(status) if status.isascii() and status.isdigit() else None,
            "due_at": text("expect_due_at", longest=30),
            "open": lines("expect_open") if text("expect_open_known", longest=1) or lines("expect_open") else None,
        },
    }  # fmt: skip


def typed(name: str, kind: str) -> Any:
    """Return the value of a field of a procedure's form; None when nothing was typed."""
    said = text(name, longest=500)
    if not said:
        return None
    if kind == "boolean":
        return said == "true"
    if kind == "number":
        number = _decimal(said, name)
        return int(number) if number.isdigit() else number
    return said


def _act(no: int, fields: dict[str, Any]) -> dict[str, Any] | None:
    do = text(f"do{no}", longest=30)
    if not do:
        return None
    act: dict[str, Any] = {"do": do}
    if do == "complete":
        act |= {"step": text(f"step{no}", longest=300), "outcome": text(f"outcome{no}", longest=60) or "done"}
    if do == "message":
        act["name"] = text(f"message{no}", longest=60)
    if do == "wait":
        act["until"] = text(f"until{no}", longest=30)
    said = dict(_said(part, fields, f"fields{no}") for part in text(f"fields{no}").split(";") if part.strip())
    return act | ({"fields": said} if said else {})


def _said(part: str, fields: dict[str, Any], where: str) -> tuple[str, Any]:
    name, equals, value = (each.strip() for each in part.partition("="))
    if not equals:
        raise FieldError(f"{where}: write each field as name = value", field=where)
    kind = fields.get(name, "text")
    if kind == "boolean" or value in ("true", "false"):
        return name, value.casefold() in ("true", "có", "co", "x", "1")
    if kind == "number":
        number = _decimal(value, where)
        return name, int(number) if number.isdigit() else number
    return name, value


def _decimal(typed_number: str, name: str) -> str:
    try:
        number = Decimal(typed_number.replace(",", "."))
    except InvalidOperation:
        raise FieldError(f"{name} must be a number such as 2 or 0,5", field=name) from None
    if not number.is_finite() or abs(number) > 10**12:
        raise FieldError(f"{name} is out of range", field=name)
    plain = format(number, "f")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _cutoff() -> str | None:
    said = text("cutoff", longest=20)
    match = _CUTOFF.fullmatch(said)
    if match:
        return f"{int(match[1]):02}:{match[2] or '00'}"
    return said or None


def _paper(line: str) -> dict[str, Any]:
    """Return a paper of a line: ``Tờ khai | 1 | 0 | TO_KHAI``; only the name is needed."""
    name, *rest = (part.strip() for part in line.split(_PAPER_MARK))
    numbers = [_copies(part) for part in rest[:2] if part]
    paper: dict[str, Any] = {"name": name, "originals": numbers[0] if numbers else 1}
    paper["copies"] = numbers[1] if len(numbers) > 1 else 0
    return paper | ({"code": rest[2]} if len(rest) > 2 and rest[2] else {})


def _copies(part: str) -> int:
    if not (part.isascii() and part.isdigit()) or len(part) > 4:
        raise FieldError("papers: write each as name | originals | copies | code", field="papers")
    return int(part)


def _partner(line: str) -> tuple[str, str]:
    role, equals, agency = (part.strip() for part in line.partition("="))
    if not equals or not role or not agency:
        raise FieldError("partners: write each as role = code of the agency", field="partners")
    return role, agency


def _choice(part: str) -> dict[str, str]:
    value, _equals, label = (each.strip() for each in part.partition("="))
    return {"value": value, "label": label or value}


def rows_typed(prefix: str) -> int:
    """Return how many rows a form carried, to show as many again."""
    found = [int(name.removeprefix(prefix)) for name in request.form if re.fullmatch(rf"{prefix}[0-9]{{1,2}}", name)]
    return max(found, default=-1) + 1
