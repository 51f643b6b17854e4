"""Certificates read: what they say, whether they are fit to sign papers, and whether a signature is theirs."""

from __future__ import annotations

import logging
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from engine.domain.signing import CertificateFacts
from engine.errors import InvalidInputError

RSA_LEAST = 2048  #: bits
MOST = 10  #: certificates of a chain

_theirs = logging.getLogger("pyhanko")  # writes whom a certificate names, with tracebacks, where answers say enough
_theirs.addHandler(logging.NullHandler())
_theirs.propagate = False


class CertificateUnfitError(InvalidInputError):
    """The certificate cannot be read, or is not fit to sign papers."""

    code = "certificate-unfit"


def read(der: bytes) -> x509.Certificate:
    """Return a certificate.

    Raises:
        CertificateUnfitError: it is none.
    """
    try:
        return x509.load_der_x509_certificate(der)
    except ValueError as error:
        raise CertificateUnfitError("the certificate cannot be read", reason="unreadable") from error


def facts(der: bytes) -> CertificateFacts:
    """Return what a certificate says.

    Raises:
        CertificateUnfitError: it cannot be read.
    """
    certificate = read(der)
    subject = certificate.subject.rfc4514_string()
    return CertificateFacts(
        name=_common_name(certificate) or subject,
        subject=subject,
        issuer=certificate.issuer.rfc4514_string(),
        serial=f"{certificate.serial_number:x}",
        sha256=certificate.fingerprint(hashes.SHA256()).hex(),
        valid_from=certificate.not_valid_before_utc,
        valid_to=certificate.not_valid_after_utc,
    )


def written_out(name: str) -> str:
    """Return a certificate's name (RFC 4514: ``CN=A\\, B,O=C``) as people write it: ``A, B, C``; others as they are."""
    try:
        parts = [str(part.value) for part in x509.Name.from_rfc4514_string(name)]
    except ValueError:
        return name  # an attribute that has no short name here
    return ", ".join(reversed(parts)) or name


def check_fit(der: bytes, at: datetime) -> None:
    """Refuse a certificate with which no paper may be signed at an instant.

    Raises:
        CertificateUnfitError: it is not in its term, has a short or unknown key, or is made for something else.
    """
    certificate = read(der)
    if not facts(der).is_valid(at):
        raise CertificateUnfitError(
            "the certificate is not in its term; have a new one made by the authority",
            reason="term",
            valid_from=certificate.not_valid_before_utc.isoformat(),
            valid_to=certificate.not_valid_after_utc.isoformat(),
        )
    if not _is_long(certificate.public_key()):
        raise CertificateUnfitError("the key is neither RSA of 2048 bits or more nor on a NIST curve", reason="key")
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return  # says nothing against it
    if not (usage.digital_signature or usage.content_commitment):
        raise CertificateUnfitError("the certificate is not made for signing", reason="usage")


def verify(der: bytes, signature: bytes, content: bytes) -> None:
    """Check a raw signature over the SHA-256 of a content.

    Raises:
        InvalidSignature: it is not of the certificate's key.
    """
    public = read(der).public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, content, padding.PKCS1v15(), hashes.SHA256())
    elif isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, content, ec.ECDSA(hashes.SHA256()))
    else:
        raise InvalidSignature


def algorithm_of(der: bytes) -> str:
    """Return the object identifier of the algorithm with which a certificate's key signs."""
    return "1.2.840.113549.1.1.1" if isinstance(read(der).public_key(), rsa.RSAPublicKey) else "1.2.840.10045.4.3.2"


def to_pem(certificates: tuple[bytes, ...]) -> str:
    """Return certificates as text."""
    return "".join(read(each).public_bytes(serialization.Encoding.PEM).decode() for each in certificates)


def from_pem(text: str) -> tuple[bytes, ...]:
    """Return the certificates of a text, DER, in its order.

    Raises:
        CertificateUnfitError: there is none, or one cannot be read.
    """
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError as error:
        raise CertificateUnfitError("the text holds no certificate that can be read", reason="unreadable") from error
    return tuple(each.public_bytes(serialization.Encoding.DER) for each in found)


def _common_name(certificate: x509.Certificate) -> str:
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _is_long(public: object) -> bool:
    if isinstance(public, rsa.RSAPublicKey):
        return public.key_size >= RSA_LEAST
    curves = (ec.SECP256R1, ec.SECP384R1, ec.SECP521R1)
    return isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, curves)
