"""A file that could not be written is closed, and one that was is sent whole."""

from __future__ import annotations

from typing import BinaryIO

import pytest

from engine.errors import ForbiddenError
from web.streamed_files import PART, streamed


def test_a_refused_file_is_closed() -> None:
    opened: list[BinaryIO] = []

    def refuse(file: BinaryIO) -> None:
        opened.append(file)
        raise ForbiddenError("no")

    with pytest.raises(ForbiddenError):
        streamed(refuse, media_type="text/csv", name="x.csv")

    assert opened[0].closed


def test_a_file_is_sent_whole_and_closed_even_if_nobody_reads_it() -> None:
    opened: list[BinaryIO] = []

    def write(file: BinaryIO) -> None:
        opened.append(file)
        file.write(b"a" * (PART + 1))

    read, unread = (streamed(write, media_type="text/csv", name="x.csv") for _ in range(2))
    unread.close()

    assert read.get_data() == b"a" * (PART + 1)
    assert all(file.closed for file in opened)
    assert read.headers["Content-Disposition"] == "attachment; filename=x.csv"
