"""*Giải trình thời hạn giải quyết hồ sơ*: what was counted from receipt to promise, for whoever asks."""

from __future__ import annotations

from typing import Any

from engine.documents import words
from engine.documents.printable import CODE, HEAD, LINE, one_line
from engine.documents.render import pdf
from engine.documents.values import AccountLine, AccountValues


def account_pdf(values: AccountValues) -> bytes:
    """Print the account as PDF/A-2b; the same values give the same bytes.

    Raises:
        ValueError: an instant is naive.
    """
    return pdf("account", _fields(values), made_at=values.as_of)


def _fields(values: AccountValues) -> dict[str, Any]:
    zone = values.zone
    return {
        "issuer": one_line(values.agency_name, limit=HEAD).upper(),
        "place": one_line(values.place, limit=CODE),
        "code": one_line(values.code, limit=CODE),
        "applicant": one_line(values.applicant_name, limit=LINE),
        "procedure_code": one_line(values.procedure_code, limit=CODE),
        "procedure_name": one_line(values.procedure_name, limit=LINE),
        "limit": one_line(values.limit_text, limit=CODE),
        "received": words.moment(values.received_at, zone),
        "due": words.moment(values.due_at, zone),
        "paused": values.paused,
        "provisional": values.provisional,
        "lines": [_line(line) for line in values.lines],
        "beside": [_line(line) for line in values.beside],
        "as_of": words.moment(values.as_of, zone),
    }


def _line(line: AccountLine) -> dict[str, str | None]:
    return {"text": line.text, "amount": line.amount}
