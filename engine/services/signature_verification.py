"""What the signatures of any PDF are worth, for anybody who asks; nothing of the file is kept."""

from __future__ import annotations

from typing import Any

from engine.context import Context
from engine.domain.signing import REVISIONS, SignatureCheck
from engine.errors import InvalidInputError
from engine.integrations.certificates import written_out as written_out  # part of this module's interface
from engine.integrations.signature_checks import InvalidTrustFileError, check_apart
from engine.services.case import iso

LARGEST = 20 * 1024 * 1024  #: bytes


class PdfTooLargeError(InvalidInputError):
    """The file is larger than what is looked at."""

    code = "pdf-too-large"


def verify(ctx: Context, *, content: bytes) -> list[dict[str, Any]]:
    """Return what was found about each signature, oldest first; empty: the file has none.

    Believed are the roots of MOTCUA_TRUST_FILE. Nothing is fetched from anywhere. Keys: ``field``, ``revision`` (1 the
    head's, 2 the agency's seal, None another file's), ``name``, ``subject``, ``issuer``, ``serial``, ``sha256``,
    ``valid_from``, ``valid_to``, ``signed_at``, ``intact``, ``changed_after``, ``trusted``, ``problem``, ``holds``.

    Raises:
        PdfTooLargeError, UnreadablePdfError: the file is none that can be looked at.
        InvalidTrustFileError: the file of roots cannot be read.
    """
    if len(content) > LARGEST:
        raise PdfTooLargeError(f"the file is larger than {LARGEST // 1024 // 1024} MB", largest=LARGEST)
    return [_view(each) for each in check_apart(content, trust=_trust(ctx), now=ctx.clock.now())]


def _trust(ctx: Context) -> bytes:
    if ctx.settings.trust_file is None:
        return b""
    try:
        return ctx.settings.trust_file.read_bytes()
    except OSError as error:
        raise InvalidTrustFileError(f"MOTCUA_TRUST_FILE cannot be read: {error.strerror}") from error


def _view(found: SignatureCheck) -> dict[str, Any]:
    certificate = found.certificate
    return {
        "field": found.field,
        "revision": REVISIONS.get(found.field),
        "name": certificate.name,
        "subject": certificate.subject,
        "issuer": certificate.issuer,
        "serial": certificate.serial,
        "sha256": certificate.sha256,
        "valid_from": iso(certificate.valid_from),
        "valid_to": iso(certificate.valid_to),
        "signed_at": iso(found.signed_at),
        "intact": found.intact,
        "changed_after": found.changed_after,
        "trusted": found.trusted,
        "problem": found.problem,
        "holds": found.holds,
    }
