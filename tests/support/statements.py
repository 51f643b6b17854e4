"""How many statements something sends to the database, and which: ``with count_statements(ctx) as sent: ...``.

Beginning and ending a transaction, PRAGMAs, savepoints and advisory locks are not counted: they read no rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from engine.context import Context

MOST = 8  #: statements of one page, the sign-in and the frame of the page included
_NOT_COUNTED = ("BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SAVEPOINT", "RELEASE", "SET ", "SELECT PG_ADVISORY")


class Sent(list[str]):
    """The statements that were sent, in order."""

    def __str__(self) -> str:
        """Return them numbered, one a line, those sent most often first: what a failing test prints."""
        often = Counter(" ".join(text.split()) for text in self)
        lines = (f"{times:3} x {text[:260]}" for text, times in often.most_common())
        return f"{len(self)} statements\n" + "\n".join(lines)

    def hold(self, most: int = MOST) -> None:
        """Fail with the list when there are more than ``most``."""
        assert len(self) <= most, str(self)


@contextmanager
def count_statements(ctx: Context) -> Iterator[Sent]:
    """Collect what is sent to the database of the context inside the block, by any thread."""
    sent = Sent()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.lstrip().upper().startswith(_NOT_COUNTED):
            sent.append(statement)

    event.listen(ctx.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(ctx.database.engine, "before_cursor_execute", note)
