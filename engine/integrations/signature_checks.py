"""What the signatures of a PDF are worth: intact, changed after, trusted. Nothing is fetched from anywhere.

A file that anybody may upload is read in a process of its own, with a limit of time and memory: a PDF can be made so
that reading it never ends.
"""

from __future__ import annotations

import asyncio
import base64
import json
import resource
import subprocess
import sys
from dataclasses import asdict
from datetime import datetime
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from asn1crypto import pem
from asn1crypto import x509 as asn1
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import KeyUsageConstraints, async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from engine.domain.signing import CertificateFacts, SignatureCheck
from engine.errors import InvalidInputError
from engine.integrations import certificates

SECONDS = 20  #: for one file
MEMORY = 1 << 30  #: bytes
MOST = 20  #: signatures that are looked at
_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})


class UnreadablePdfError(InvalidInputError):
    """The file is no PDF that can be read, takes too long to read, or has too many signatures."""

    code = "pdf-unreadable"


class InvalidTrustFileError(InvalidInputError):
    """The file of trusted roots holds none, or something that is neither certificate nor revocation list."""

    code = "invalid-trust-file"


def check(pdf: bytes, *, trust: bytes, now: datetime) -> tuple[SignatureCheck, ...]:
    """Return what was found about each signature, in the order in which they were made; empty: it has none.

    A certificate is judged for the instant that the signature says, as no time-stamping service vouches for another
    (docs/decisions/0025); one that says a later instant than ``now`` is judged for ``now``.

    Args:
        trust: PEM of the roots that are believed, and of revocation lists.

    Raises:
        UnreadablePdfError: see there.
        InvalidTrustFileError: the roots cannot be read.
    """
    roots, revoked = _trusted(trust)
    try:
        signatures = PdfFileReader(BytesIO(pdf)).embedded_regular_signatures
        if len(signatures) > MOST:
            raise UnreadablePdfError(f"the file has more than {MOST} signatures")
        return tuple(_found(each, roots, revoked, now) for each in signatures)
    except UnreadablePdfError:
        raise
    except Exception as error:  # whatever a damaged or hostile file makes the library raise
        raise UnreadablePdfError("the file cannot be read as a PDF with its signatures") from error


def check_apart(pdf: bytes, *, trust: bytes, now: datetime) -> tuple[SignatureCheck, ...]:
    """Do as ``check`` in a process of its own, for a file of which nobody knows where it comes from.

    Raises:
        UnreadablePdfError, InvalidTrustFileError: see ``check``.
    """
    order = {"pdf": base64.b64encode(pdf).decode(), "trust": trust.decode("ascii", "replace"), "now": now.isoformat()}
    try:
        done = subprocess.run(
            [sys.executable, "-m", "engine.integrations.signature_checks"],
            input=json.dumps(order).encode(),
            capture_output=True,
            cwd=Path(__file__).parents[2],
            timeout=SECONDS,
            check=True,
        )
        answer = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError) as error:
        raise UnreadablePdfError("the file takes too long or too much to read") from error
    if "refused" in answer:
        kinds = {each.code: each for each in (UnreadablePdfError, InvalidTrustFileError)}
        raise kinds[answer["refused"]](answer["why"])
    return tuple(_thawed(each) for each in answer["found"])


def _thawed(found: dict[str, Any]) -> SignatureCheck:
    facts = found["certificate"]
    term = {name: datetime.fromisoformat(facts[name]) for name in ("valid_from", "valid_to")}
    said = found["signed_at"]
    return SignatureCheck(
        **found
        | {
            "certificate": CertificateFacts(**facts | term),
            "signed_at": None if said is None else datetime.fromisoformat(said),
        }
    )


def _trusted(trust: bytes) -> tuple[list[asn1.Certificate], list[x509.CertificateRevocationList]]:
    roots, revoked = [], []
    try:
        for kind, _headers, der in pem.unarmor(trust, multiple=True) if trust.strip() else ():
            if kind == "CERTIFICATE":
                certificates.read(der)
                roots.append(asn1.Certificate.load(der))
            elif kind == "X509 CRL":
                revoked.append(x509.load_der_x509_crl(der))
            else:
                raise InvalidTrustFileError(f"the trust file holds {kind}, which is neither certificate nor X509 CRL")
    except (ValueError, certificates.CertificateUnfitError) as error:
        raise InvalidTrustFileError("the trust file is no PEM text of certificates") from error
    return roots, revoked


def _found(
    signature: EmbeddedPdfSignature,
    roots: list[asn1.Certificate],
    revoked: list[x509.CertificateRevocationList],
    now: datetime,
) -> SignatureCheck:
    said = signature.self_reported_timestamp
    moment = now if said is None else min(said, now)
    # lists of revoked certificates are looked at below: the library asks for them only where a certificate says where
    believed = ValidationContext(trust_roots=roots, moment=moment, allow_fetching=False, revocation_mode="soft-fail")
    status = _status(signature, believed)
    der = signature.signer_cert.dump()
    intact = bool(status.intact and status.valid)
    problem = None
    if intact and not status.trusted:
        problem = _why_untrusted(der, bool(roots), moment)
    elif intact and _is_revoked(status, revoked, moment):
        problem = "revoked"
    return SignatureCheck(
        field=str(signature.field_name),
        certificate=certificates.facts(der),
        signed_at=said,
        intact=intact,
        changed_after=_changed(status),
        trusted=intact and problem is None,
        problem=problem,
    )


def _status(signature: EmbeddedPdfSignature, believed: ValidationContext) -> PdfSignatureStatus:
    async def validated(*, skip_diff: bool) -> PdfSignatureStatus:
        return await async_validate_pdf_signature(signature, believed, key_usage_settings=_USAGE, skip_diff=skip_diff)

    try:
        return asyncio.run(validated(skip_diff=False))
    except Exception:  # the file is so damaged that what was changed cannot be told; that it was, can
        return asyncio.run(validated(skip_diff=True))


def _changed(status: PdfSignatureStatus) -> str:
    level = status.modification_level
    if not status.docmdp_ok or level is None or level > ModificationLevel.FORM_FILLING:
        return "text"
    return "nothing" if level is ModificationLevel.NONE else "fields"


def _is_revoked(status: PdfSignatureStatus, revoked: list[x509.CertificateRevocationList], moment: datetime) -> bool:
    """Whether a list that the issuer has signed says so of a certificate of the chain, by that instant."""
    chain = [certificates.read(each.dump()) for each in status.validation_path.iter_certs(include_root=True)]
    for issuer, certificate in pairwise(chain):
        for listed in revoked:
            if listed.issuer != issuer.subject or not listed.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]
                continue
            entry = listed.get_revoked_certificate_by_serial_number(certificate.serial_number)
            if entry is not None and entry.revocation_date_utc <= moment:
                return True
    return False


def _why_untrusted(der: bytes, believed: bool, moment: datetime) -> str:
    if not believed:
        return "no-roots"
    try:
        certificates.check_fit(der, moment)
    except certificates.CertificateUnfitError as error:
        return {"term": "expired", "usage": "usage"}.get(str(error.details.get("reason")), "unknown-issuer")
    return "unknown-issuer"


def _main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    order = json.load(sys.stdin)
    now = datetime.fromisoformat(order["now"])
    try:
        found = check(base64.b64decode(order["pdf"]), trust=order["trust"].encode(), now=now)
    except (UnreadablePdfError, InvalidTrustFileError) as error:
        answer: dict[str, Any] = {"refused": error.code, "why": error.message}
    else:
        answer = {"found": [asdict(each) for each in found]}
    json.dump(answer, sys.stdout, default=lambda instant: instant.isoformat())


if __name__ == "__main__":
    _main()
