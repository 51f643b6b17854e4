"""The gate between values and typst: same bytes for same values, and values are never markup."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from engine.documents.letters import apology_pdf
from engine.documents.receipts import receipt_pdf
from engine.documents.render import pdf
from engine.documents.values import PaperLine
from tests.unit.documents.sample_papers import APOLOGY, RECEIPT, outside_margins, pages, text

ROOT = Path(__file__).parents[3]

IN_A_FORK = """
import hashlib, os, sys
from engine.documents.receipts import receipt_pdf
from tests.unit.documents.sample_papers import RECEIPT
receipt_pdf(RECEIPT)
child = os.fork()
if child == 0:
    print(hashlib.sha256(receipt_pdf(RECEIPT)).hexdigest(), flush=True)
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""


def test_same_values_give_the_same_bytes() -> None:
    assert receipt_pdf(RECEIPT) == receipt_pdf(replace(RECEIPT))
    assert apology_pdf(APOLOGY) == apology_pdf(replace(APOLOGY))


def test_other_values_give_other_bytes() -> None:
    assert receipt_pdf(RECEIPT) != receipt_pdf(replace(RECEIPT, phone="0900000003"))


def test_threads_print_the_same_as_one_thread() -> None:
    wanted = [replace(RECEIPT, number=str(number)) for number in range(1, 9)]
    with ThreadPoolExecutor(4) as pool:
        printed = list(pool.map(receipt_pdf, wanted * 3))

    assert printed == [receipt_pdf(values) for values in wanted] * 3


def test_forked_process_prints_the_same() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", IN_A_FORK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )

    assert done.stdout.strip() == hashlib.sha256(receipt_pdf(RECEIPT)).hexdigest()


@pytest.mark.parametrize(
    "name",
    [
        "{{7*7}}",
        "{% for x in y %}",
        "#panic()",
        '#read("/etc/passwd")',
        "$ x^2 $",
        "] [ } {",
        "*b* _i_ `c` = h",
        "\\ \\n \\u{41} //",
        "<b>A & B</b> &amp; ]]>",
        "@label <label>",
        "'một' \"hai\" -- --- ...",
        "https://example.vn",
    ],
)
def test_markup_in_a_name_is_printed_literally(name: str) -> None:
    assert f"Ông (Bà)/Tổ chức: {name} Số định danh" in text(receipt_pdf(replace(RECEIPT, applicant_name=name)))
    assert f"Lý do: {name} Ủy ban" in text(apology_pdf(replace(APOLOGY, reason=name)))


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("An\x00\x07\x1b\x7f Bình", "An Bình"),
        ("gnp\u202eexe.pdf", "gnpexe.pdf"),
        ("A\u2066\u200f\u200b\u200d\ufeffB", "AB"),
        ("A\ud800B", "AB"),
        ("A\r\nB\tC\u2028D\u00a0E", "A B C D E"),
        ("Nguyê\u0303n", "Nguyễn"),
        ("An 😀 漢", "An □ □"),
        ("Số １２ ﬁ", "Số 12 fi"),
        ("\ue000An", "An"),
    ],
)
def test_unprintable_characters_do_not_get_through(name: str, printed: str) -> None:
    assert f"Tổ chức: {printed} Số định danh" in text(receipt_pdf(replace(RECEIPT, applicant_name=name)))


def test_endless_values_are_cut_and_stay_within_the_margins() -> None:
    endless = "W" * 100_000
    paper = receipt_pdf(
        replace(
            RECEIPT,
            superior_body=endless,
            unit_name=endless,
            place=endless,
            number=endless,
            symbol=endless,
            code=endless,
            applicant_name=endless,
            address=endless,
            email=endless,
            procedure_code=endless,
            procedure_name=endless,
            papers=(PaperLine(endless, 1, 1),),
            limit_text=endless,
            result_place=endless,
            receiver_name=endless,
        )
    )

    assert pages(paper) < 8
    assert outside_margins(paper) == []


def test_endless_name_is_cut_with_an_ellipsis() -> None:
    printed = text(receipt_pdf(replace(RECEIPT, applicant_name="W" * 100_000)))

    assert f"Tổchức:{'W' * 499}…Sốđịnhdanh" in printed.replace(" ", "")


def test_endless_reason_is_cut() -> None:
    assert pages(apology_pdf(replace(APOLOGY, reason="dài " * 25_000))) < 4


def test_file_is_dated_by_an_aware_instant_only() -> None:
    with pytest.raises(ValueError, match="offset"):
        pdf("receipt", {}, made_at=datetime(2026, 3, 5, 9, 0))  # noqa: DTZ001 - what must be refused
