"""PAdES signatures in two revisions: the head signs the text, then number and day come in and the agency seals.

Both are PAdES baseline B-B (docs/decisions/0025). The first is a certification that allows fields to be filled in and
nothing else; the second locks every field. What is drawn comes in as small pages of typst, so that the file holds no
font but those that typst embeds.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from io import BytesIO
from typing import Any

from asn1crypto import x509 as asn1
from cryptography.exceptions import InvalidSignature
from pyhanko.pdf_utils import content, generic, layout
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.general import SigningError
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from engine.domain.signing import DATE_FIELD, NUMBER_FIELD, SEAL_FIELD, SIGNATURE_FIELD, Place, Places
from engine.errors import InvalidInputError
from engine.integrations.certificates import verify
from engine.ports import Filling, SigningKey

_DIGEST = "sha256"
_ROOM = 512  # bytes that a raw signature may take: RSA 4096
_READ_ONLY = 1
_SHOWN_IN_PRINT = 4
_NO_MARGINS = layout.SimpleBoxLayoutRule(
    x_align=layout.AxisAlignment.ALIGN_MID, y_align=layout.AxisAlignment.ALIGN_MID, margins=layout.Margins.uniform(0)
)


class SignatureUnusableError(InvalidInputError):
    """What the key gave is no signature of its certificate: nothing was signed."""

    code = "signature-unusable"


class UnsignableError(InvalidInputError):
    """The file is none that this revision can be added to."""

    code = "file-unsignable"


def sign_text(pdf: bytes, *, key: SigningKey, at: datetime, places: Places, stamp: bytes) -> bytes:
    """Return the letter with the head's signature, and with blank fields for number, day and seal.

    Args:
        pdf: with number and day left blank.
        at: the instant that the signature says; aware.
        stamp: a page of the size of its place.

    Raises:
        SignatureUnusableError: the key's answer is no signature of its certificate.
        UnsignableError: the file cannot be read.
    """
    writer = _opened(pdf)
    _add_text_field(writer, NUMBER_FIELD, "Số", places.number)
    _add_text_field(writer, DATE_FIELD, "Ngày, tháng, năm", places.dated)
    _add_signature_field(writer, SIGNATURE_FIELD, "Chữ ký của người có thẩm quyền", places.signature)
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    _add_signature_field(writer, SEAL_FIELD, "Chữ ký của cơ quan", places.seal, lock=lock)
    return _signed(writer, SIGNATURE_FIELD, key=key, at=at, stamp=stamp, certify=True)


def number_and_seal(
    pdf: bytes, *, key: SigningKey, at: datetime, number: Filling, dated: Filling, stamp: bytes
) -> bytes:
    """Return the signed letter with number and day filled in and the agency's signature over all of it.

    Raises:
        SignatureUnusableError: the key's answer is no signature of its certificate.
        UnsignableError: the file is no letter that ``sign_text`` made, or is sealed already.
    """
    writer = _opened(pdf)
    held = _fields_of(writer)
    if {NUMBER_FIELD, DATE_FIELD, SIGNATURE_FIELD, SEAL_FIELD} - held.keys():
        raise UnsignableError("the file has no fields for number, day and seal; sign the letter first")
    if "/V" not in held[SIGNATURE_FIELD] or "/V" in held[SEAL_FIELD]:
        raise UnsignableError("the file is not signed by the head, or is sealed already")
    for name, filling in ((NUMBER_FIELD, number), (DATE_FIELD, dated)):
        _fill(writer, held[name], filling)
    return _signed(writer, SEAL_FIELD, key=key, at=at, stamp=stamp, certify=False)


def places_of(pdf: bytes) -> Places:
    """Return where the fields of a letter stand that ``sign_text`` made.

    Raises:
        UnsignableError: it has none.
    """
    held = _fields_of(_opened(pdf))
    try:
        number, dated, signature, seal = (
            Place(0, *(float(each) for each in held[name]["/Rect"]))
            for name in (NUMBER_FIELD, DATE_FIELD, SIGNATURE_FIELD, SEAL_FIELD)
        )
    except KeyError as error:
        raise UnsignableError("the file has no fields for number, day and seal; sign the letter first") from error
    return Places(number=number, dated=dated, signature=signature, seal=seal)


def _opened(pdf: bytes) -> IncrementalPdfFileWriter:
    try:
        return IncrementalPdfFileWriter(BytesIO(pdf))
    except (PdfError, ValueError) as error:
        raise UnsignableError("the file cannot be read as a PDF") from error


def _fields_of(writer: IncrementalPdfFileWriter) -> dict[str, Any]:
    try:
        listed = [reference.get_object() for reference in writer.root["/AcroForm"]["/Fields"]]
        return {str(field["/T"]): field for field in listed}
    except (KeyError, TypeError, PdfError):
        return {}


class _SignerAt(signers.PdfSigner):  # type: ignore[misc]
    """A signer that states a given instant instead of the machine's."""

    def __init__(self, *arguments: Any, at: datetime, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._at = at

    def init_signing_session(self, *arguments: Any, **more: Any) -> Any:
        session = super().init_signing_session(*arguments, **more)
        session.system_time = self._at
        return session


class _Signer(signers.Signer):  # type: ignore[misc]
    """Hands the raw signing to a key, and believes its answer only when the certificate confirms it."""

    def __init__(self, key: SigningKey) -> None:
        own, *chain = (asn1.Certificate.load(each) for each in key.certificates)
        super().__init__(signing_cert=own, cert_registry=SimpleCertificateStore.from_certs(chain))
        self._key = key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if dry_run:
            return bytes(_ROOM)
        if digest_algorithm.lower() != _DIGEST:
            raise ValueError(f"keys sign {_DIGEST}, not {digest_algorithm}")
        raw = self._key.sign(data)
        try:
            verify(self._key.certificates[0], raw, data)
        except InvalidSignature as error:
            raise SignatureUnusableError(
                "the signature was not made with the key of the certificate; nothing was signed"
            ) from error
        return raw


def _signed(
    writer: IncrementalPdfFileWriter, field: str, *, key: SigningKey, at: datetime, stamp: bytes, certify: bool
) -> bytes:
    meta = signers.PdfSignatureMetadata(
        field_name=field,
        md_algorithm=_DIGEST,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=certify,
        docmdp_permissions=fields.MDPPerm.FILL_FORMS if certify else fields.MDPPerm.NO_CHANGES,
    )
    style = StaticStampStyle(background=_Page(stamp), border_width=0, background_layout=_NO_MARGINS)
    signer = _SignerAt(meta, signer=_Signer(key), stamp_style=style, at=at)
    out = BytesIO()
    try:
        asyncio.run(signer.async_sign_pdf(writer, existing_fields_only=True, output=out))
    except (SigningError, PdfError) as error:
        raise UnsignableError(f"the file cannot take the signature: {error}") from error
    return out.getvalue()


class _Page(content.PdfContent):  # type: ignore[misc]
    """The first page of a PDF of our own making."""

    def __init__(self, pdf: bytes) -> None:
        self._pdf = pdf
        super().__init__()

    def render(self) -> bytes:
        drawn = _imported(self._ensure_writer, self._pdf)
        self.resources.xobject["/Page"] = drawn
        left, bottom, right, top = (float(each) for each in drawn.get_object()["/BBox"])
        self.box = layout.BoxConstraints(width=right - left, height=top - bottom)
        return b"/Page Do"


def _imported(writer: IncrementalPdfFileWriter, pdf: bytes) -> Any:
    return writer.import_page_as_xobject(PdfFileReader(BytesIO(pdf)))


def _rectangle(place: Place) -> Any:
    return generic.ArrayObject(
        generic.FloatObject(round(each, 2)) for each in (place.left, place.bottom, place.right, place.top)
    )


def _add_text_field(writer: IncrementalPdfFileWriter, name: str, spoken: str, place: Place) -> None:
    page, _resources = writer.find_page_for_modification(place.page)
    empty = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): generic.ArrayObject(
                map(generic.FloatObject, (0, 0, place.right - place.left, place.top - place.bottom))
            ),
        },
        stream_data=b"",
    )
    field = generic.DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/Annot"),
            pdf_name("/Subtype"): pdf_name("/Widget"),
            pdf_name("/FT"): pdf_name("/Tx"),
            pdf_name("/T"): generic.TextStringObject(name),
            pdf_name("/TU"): generic.TextStringObject(spoken),
            pdf_name("/Ff"): generic.NumberObject(_READ_ONLY),  # nobody types into it in a viewer
            pdf_name("/F"): generic.NumberObject(_SHOWN_IN_PRINT),
            pdf_name("/DA"): generic.TextStringObject("/F0 13 Tf 0 g"),  # never used: each drawing comes with it
            pdf_name("/Rect"): _rectangle(place),
            pdf_name("/P"): page,
            pdf_name("/AP"): generic.DictionaryObject({pdf_name("/N"): writer.add_object(empty)}),
        }
    )
    reference = writer.add_object(field)
    _form(writer)["/Fields"].append(reference)
    writer.register_annotation(page, reference)


def _form(writer: IncrementalPdfFileWriter) -> Any:
    if "/AcroForm" not in writer.root:
        made = generic.DictionaryObject({pdf_name("/Fields"): generic.ArrayObject()})
        writer.root["/AcroForm"] = writer.add_object(made)
        writer.update_root()
    return writer.root["/AcroForm"]


def _add_signature_field(
    writer: IncrementalPdfFileWriter, name: str, spoken: str, place: Place, *, lock: fields.FieldMDPSpec | None = None
) -> None:
    _form(writer)
    box: Any = (place.left, place.bottom, place.right, place.top)
    fields.append_signature_field(
        writer,
        fields.SigFieldSpec(
            sig_field_name=name,
            on_page=place.page,
            box=box,
            readable_field_name=spoken,
            field_mdp_spec=lock,
            doc_mdp_update_value=None if lock is None else fields.MDPPerm.NO_CHANGES,
        ),
    )


def _fill(writer: IncrementalPdfFileWriter, field: Any, filling: Filling) -> None:
    field[pdf_name("/V")] = generic.TextStringObject(filling.text)
    field[pdf_name("/AP")] = generic.DictionaryObject({pdf_name("/N"): _imported(writer, filling.drawing)})
    writer.update_container(field)
