"""The two revisions of a signed letter: both hold here and in another tool; beside the blanks nothing may change."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from engine.documents.letters import apology_pdf, places
from engine.domain.signing import Places, SignatureCheck
from engine.integrations import pades
from engine.integrations.certificates import CertificateUnfitError, check_fit
from engine.integrations.signature_checks import InvalidTrustFileError, UnreadablePdfError, check, check_apart
from engine.integrations.signing_keys import SigningKeyUnreadableError, SigningPinWrongError, open_file
from tests.support.contexts import START
from tests.support.signed_letters import SEALED_AT, SIGNED_AT, VALUES, sealed, signed
from tests.support.signing import PIN, Made, authority, make

NOW = SEALED_AT + timedelta(days=1)
needs_poppler = pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils: no pdfsig on PATH")


@cache
def letter() -> bytes:
    return sealed(signed())


def found(pdf: bytes, trust: bytes | None = None) -> tuple[SignatureCheck, ...]:
    return check(pdf, trust=authority().trust if trust is None else trust, now=NOW)


def verdicts(pdf: bytes) -> list[tuple[str, bool, str]]:
    return [(each.field, each.holds, each.changed_after) for each in found(pdf)]


def test_both_signatures_hold_and_say_who_and_when() -> None:
    head, seal = found(letter())
    assert (head.field, head.holds, head.changed_after) == ("ky", True, "fields")
    assert (seal.field, seal.holds, seal.changed_after) == ("dau", True, "nothing")
    assert (head.certificate.name, head.signed_at) == ("Người đứng đầu", SIGNED_AT)
    assert (seal.certificate.name, seal.signed_at) == ("Trung tâm Phục vụ hành chính công", SEALED_AT)


def test_the_letter_before_the_seal_is_signed_by_the_head_alone() -> None:
    assert verdicts(signed()) == [("ky", True, "nothing")]


@needs_poppler
def test_pdfsig_accepts_both_and_refuses_a_changed_byte(tmp_path: Path) -> None:
    def say(pdf: bytes) -> str:
        (tmp_path / "letter.pdf").write_bytes(pdf)
        done = subprocess.run(["pdfsig", "-nocert", tmp_path / "letter.pdf"], capture_output=True, check=False)
        return done.stdout.decode()

    assert say(letter()).count("Signature is Valid.") == 2
    assert "Total document signed" in say(letter())
    assert "Signature is Valid." not in say(changed_byte(letter()))


@needs_poppler
def test_only_the_vendored_fonts_are_in_the_signed_file(tmp_path: Path) -> None:
    (tmp_path / "letter.pdf").write_bytes(letter())
    done = subprocess.run(["pdffonts", tmp_path / "letter.pdf"], capture_output=True, check=True)
    rows = [line.split() for line in done.stdout.decode().splitlines()[2:]]
    assert len(rows) >= 6
    assert all("+LiberationSerif" in row[0] and row[-5:-2] == ["yes", "yes", "yes"] for row in rows)


def changed_byte(pdf: bytes, at: int = 5000) -> bytes:
    return pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]


def test_a_changed_byte_fails() -> None:
    assert [each.intact for each in found(changed_byte(letter()))] == [False, False]


def test_no_byte_that_a_signature_covers_can_change() -> None:
    *_, last = PdfFileReader(BytesIO(letter())).embedded_regular_signatures
    _start, before, after, length = map(int, last.byte_range)  # between them stands the signature itself
    for at in [*range(20, before, before // 40), *range(after, after + length, length // 4)]:
        try:
            assert not all(each.holds for each in found(changed_byte(letter(), at))), at
        except UnreadablePdfError:
            continue


def with_other_text(pdf: bytes) -> bytes:
    """Draw something over the page by a further revision, as a forger would."""
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    writer.add_stream_to_page(0, writer.add_object(generic.StreamObject(stream_data=b"0 0 200 200 re f")))
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def with_other_number(pdf: bytes) -> bytes:
    writer = IncrementalPdfFileWriter(BytesIO(pdf))
    field = next(each.get_object() for each in writer.root["/AcroForm"]["/Fields"] if each.get_object()["/T"] == "so")
    field["/V"] = generic.TextStringObject("99")
    writer.update_container(field)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def test_a_text_changed_between_the_revisions_is_reported() -> None:
    forged = sealed(with_other_text(signed()))
    assert verdicts(forged) == [("ky", False, "text"), ("dau", True, "nothing")]


def test_a_text_changed_after_the_seal_is_reported_for_both() -> None:
    assert verdicts(with_other_text(letter())) == [("ky", False, "text"), ("dau", False, "text")]


def test_after_the_seal_no_field_may_change_any_more() -> None:
    assert [each.holds for each in found(with_other_number(letter()))][1] is False


@pytest.mark.parametrize(
    ("who", "problem"),
    [("expired", "expired"), ("revoked", "revoked"), ("wrong_use", "usage"), ("stranger", "unknown-issuer")],
)
def test_a_certificate_that_is_not_to_be_believed_is_named_with_the_reason(who: str, problem: str) -> None:
    (one,) = found(signed(getattr(authority(), who)))
    assert (one.intact, one.trusted, one.holds, one.problem) == (True, False, False, problem)


def test_without_roots_a_signature_is_intact_and_not_trusted() -> None:
    assert [(each.intact, each.problem) for each in found(letter(), b"")] == [(True, "no-roots")] * 2


def test_a_list_of_revoked_certificates_counts_only_when_its_issuer_signed_it() -> None:
    forger = make("CA thử nghiệm", ca=True)  # the same name, another key
    trust = authority().trust.replace(
        authority().root.pem.encode(), forger.pem.encode() + authority().root.pem.encode()
    )
    assert {each.problem for each in found(signed(authority().revoked), trust)} == {"revoked"}
    assert all(each.holds for each in found(letter(), trust))


@pytest.mark.parametrize("junk", [b"", b"no pdf", b"%PDF-1.7\n%%EOF", b"%PDF-1.7" + b"[" * 20_000])
def test_what_is_no_pdf_is_refused(junk: bytes) -> None:
    with pytest.raises(UnreadablePdfError):
        found(junk)


def test_a_cut_file_is_refused_or_has_no_signature_that_holds() -> None:
    for share in range(1, 10):
        try:
            assert not all(each.holds for each in found(letter()[: len(letter()) * share // 10])) or share == 9
        except UnreadablePdfError:
            continue


def test_a_file_without_signatures_has_none() -> None:
    assert found(apology_pdf(VALUES, blank_number=True)) == ()


@pytest.mark.parametrize("trust", [b"no pem", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_trust_file_with_other_things_is_refused(trust: bytes) -> None:
    with pytest.raises(InvalidTrustFileError):
        found(letter(), trust)


def test_a_process_of_its_own_finds_the_same() -> None:
    assert check_apart(letter(), trust=authority().trust, now=NOW) == found(letter())
    with pytest.raises(UnreadablePdfError):
        check_apart(b"no pdf", trust=b"", now=NOW)
    with pytest.raises(InvalidTrustFileError):
        check_apart(letter(), trust=b"no pem", now=NOW)


def test_number_and_day_are_the_values_of_the_fields() -> None:
    fields = {
        each.get_object()["/T"]: each.get_object()
        for each in PdfFileReader(BytesIO(letter())).root["/AcroForm"]["/Fields"]
    }
    assert fields["so"]["/V"] == "05/PXL"
    assert fields["ngay"]["/V"] == "ngày 06 tháng 03 năm 2026"


def test_number_day_and_stamps_are_drawn_where_the_letter_has_room() -> None:
    """Against the letter that the head signed, ink is only added inside the places."""
    before, after = (picture(pdf) for pdf in (apology_pdf(VALUES, blank_number=True), letter()))
    where = places(VALUES)
    rows, columns = (before != after).nonzero()
    inked = {name_of(where, x, before.shape[0] - y) for y, x in zip(rows.tolist(), columns.tolist(), strict=True)}
    assert inked == {"number", "dated", "signature", "seal"}


def picture(pdf: bytes) -> Any:
    document = pypdfium2.PdfDocument(pdf)
    document.init_forms()
    try:
        return document[0].render(scale=1, may_draw_forms=True, grayscale=True).to_numpy().copy()
    finally:
        document.close()


def name_of(where: Places, x: float, y: float) -> str:
    for name in ("number", "dated", "signature", "seal"):
        place = getattr(where, name)
        if place.left - 2 <= x <= place.right + 2 and place.bottom - 2 <= y <= place.top + 2:
            return name
    return f"beside, at {x}, {y}"


class Liar:
    """A key that signs with another one than its certificate's."""

    def __init__(self, shown: Made, used: Made) -> None:
        self._used = open_file(used.p12(), PIN)
        self.certificates = open_file(shown.p12(), PIN).certificates

    def sign(self, content: bytes) -> bytes:
        return self._used.sign(content)


class Garbage(Liar):
    def sign(self, content: bytes) -> bytes:
        return b"garbage"


@pytest.mark.parametrize("kind", [Liar, Garbage])
def test_an_answer_that_is_no_signature_of_the_certificate_signs_nothing(kind: type[Liar]) -> None:
    key = kind(authority().seal, authority().stranger)
    with pytest.raises(pades.SignatureUnusableError):
        pades.sign_text(
            apology_pdf(VALUES, blank_number=True),
            key=key,
            at=SIGNED_AT,
            places=places(VALUES),
            stamp=apology_pdf(VALUES, blank_number=True),
        )


def test_what_is_not_signed_or_sealed_already_takes_no_seal() -> None:
    for pdf in (b"no pdf", apology_pdf(VALUES, blank_number=True), letter()):
        with pytest.raises(pades.UnsignableError):
            sealed(pdf)


def test_a_pin_opens_a_file_and_nothing_else_does() -> None:
    file = authority().head.p12()
    assert open_file(file, PIN).certificates[0]
    for wrong in ("", "1", PIN + "0"):
        with pytest.raises(SigningPinWrongError):
            open_file(file, wrong)
    for junk in (b"", b"junk", b"\x30" * 70_000):
        with pytest.raises(SigningKeyUnreadableError):
            open_file(junk, PIN)


def test_the_pin_is_in_no_error() -> None:
    with pytest.raises(SigningPinWrongError) as caught:
        open_file(authority().head.p12(), "a-wrong-pin-77")
    assert "a-wrong-pin-77" not in f"{caught.value!r} {caught.value.details} {caught.value.__cause__!r}"
    assert caught.value.__suppress_context__


def test_certificates_that_are_not_fit_are_refused_with_the_reason() -> None:
    for who, reason in ((authority().expired, "term"), (authority().wrong_use, "usage")):
        with pytest.raises(CertificateUnfitError) as caught:
            check_fit(open_file(who.p12(), PIN).certificates[0], START)
        assert caught.value.details["reason"] == reason
    with pytest.raises(CertificateUnfitError):
        check_fit(b"junk", START)


def test_the_unsigned_letter_is_the_same_bytes_each_time() -> None:
    assert apology_pdf(VALUES, blank_number=True) == apology_pdf(VALUES, blank_number=True)
