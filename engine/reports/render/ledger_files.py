"""The ledger as a workbook or CSV, streamed: a row a line, dates as dates (form 07; domain.md §2.8)."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date, datetime
from pathlib import Path
from typing import IO
from zoneinfo import ZoneInfo

from engine.context import Context
from engine.documents.ledgers import RESULT_CHANNELS, LedgerLine, remark_text
from engine.domain.actors import Actor
from engine.errors import InvalidInputError
from engine.reports import ledger
from engine.reports.render.list_files import ListCell, write_csv, write_xlsx

HEADER = (
    "STT", "Quyển số", "Ngày vào sổ", "Mã hồ sơ", "Mã TTHC", "Tên TTHC", "Tên tổ chức, cá nhân", "Địa chỉ",
    "Số điện thoại", "Cơ quan chủ trì giải quyết", "Nhận hồ sơ", "Hẹn trả kết quả", "Trả kết quả",
    "Phương thức nhận kết quả", "Người nhận", "Ghi chú",
)  # fmt: skip
SHEET = "Sổ theo dõi hồ sơ"


class UnknownBookFormatError(InvalidInputError):
    """A ledger is written as pdf, xlsx or csv."""

    code = "unknown-book-format"


def write(ctx: Context, *, by: Actor, question: ledger.Question, to: IO[bytes], wanted: str) -> None:
    """Write every line of the period as ``xlsx`` or ``csv``; instants are local to the agency of the book.

    Raises:
        UnknownBookFormatError: neither of these.
        NotAllowedError, AgencyNotFoundError, InvalidDateError: see ``ledger.page``.
    """
    writers: dict[str, Callable[[Iterable[list[ListCell]]], None]] = {
        "xlsx": lambda rows: write_xlsx(to, HEADER, rows, sheet=SHEET, created=ctx.clock.now()),
        "csv": lambda rows: write_csv(to, HEADER, rows),
    }
    if wanted not in writers:
        raise UnknownBookFormatError(
            f"a ledger cannot be written as {wanted!r}; choose pdf, xlsx or csv", format=wanted
        )
    zone = ledger.page(ctx, by=by, question=question, limit=1).agency["zone"]
    with ctx.unit_of_work(read_only=True) as uow:
        writers[wanted](_row(line, zone) for line in ledger.stream(uow, by=by, question=question))


def save(ctx: Context, *, by: Actor, question: ledger.Question, to: Path, wanted: str) -> list[Path]:
    """Write the ledger to a file, or a long one as PDF to several; return which.

    Raises:
        UnknownBookFormatError, NotAllowedError, AgencyNotFoundError, InvalidDateError: see ``write``.
    """
    if wanted != "pdf":
        part = to.with_name(f".{to.name}.part")
        try:
            with part.open("wb") as file:
                write(ctx, by=by, question=question, to=file, wanted=wanted)
            os.replace(part, to)
        finally:
            part.unlink(missing_ok=True)
        return [to]
    made: list[Path] = []
    parts = 1
    while len(made) < parts:
        content_of_part, parts = ledger.pdf(ctx, by=by, question=question, part=len(made) + 1)
        made.append(to if parts == 1 else to.with_name(f"{to.stem}-{len(made) + 1}{to.suffix}"))
        made[-1].write_bytes(content_of_part)
    return made


def file_name(question: ledger.Question, kind: str, part: int | None = None) -> str:
    """Return a name for the file: ``so-theo-doi-2026-03-01-2026-03-31.pdf``."""
    days: tuple[date, date] = (question.first_on, question.last_on)
    which = "" if part is None else f"-phan-{part}"
    return f"so-theo-doi-{days[0].isoformat()}-{days[1].isoformat()}{which}.{kind}"


def _row(line: LedgerLine, zone: str) -> list[ListCell]:
    def local(at: datetime | None) -> datetime | None:
        return None if at is None else at.astimezone(ZoneInfo(zone)).replace(microsecond=0)

    return [
        line.entry,
        line.year,
        local(line.entered_at),
        line.code,
        line.procedure_code,
        line.procedure_name,
        line.applicant_name,
        line.address,
        line.phone,
        line.resolving_name,
        local(line.received_at),
        local(line.due_at),
        local(line.returned_at),
        None if line.result_channel is None else RESULT_CHANNELS[line.result_channel],
        line.receiver_name,
        "; ".join(remark_text(remark, zone) for remark in line.remarks) or None,
    ]
