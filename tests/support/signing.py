"""A small certification authority for tests: keys of a head and of an agency, and ones that must not be believed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from tests.support.contexts import START

PIN = "246810"
Secret = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Made:
    """A certificate with its key and those that vouch for it."""

    secret: Secret
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()

    @property
    def pem(self) -> str:
        """The certificate and its chain."""
        return "".join(
            each.public_bytes(serialization.Encoding.PEM).decode() for each in (self.certificate, *self.chain)
        )

    def p12(self, pin: str = PIN) -> bytes:
        """Return the file that an authority would hand out."""
        protection = serialization.BestAvailableEncryption(pin.encode())
        return pkcs12.serialize_key_and_certificates(b"key", self.secret, self.certificate, self.chain, protection)


@cache
def rsa_key() -> rsa.RSAPrivateKey:
    """Return one RSA key for all tests of a session: to make one is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _name(common: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.COMMON_NAME, common),
        ]
    )


def make(
    common: str,
    *,
    by: Made | None = None,
    ca: bool = False,
    start: datetime = START - timedelta(days=100),
    end: datetime = START + timedelta(days=1000),
    secret: Secret | None = None,
    for_documents: bool = True,
) -> Made:
    """Return a certificate, self-signed unless somebody else makes it."""
    secret = secret or ec.generate_private_key(ec.SECP256R1())
    issuer = by.certificate.subject if by else _name(common)
    usage = {
        "digital_signature": for_documents and not ca,
        "content_commitment": for_documents and not ca,
        "key_encipherment": not for_documents,
        "key_cert_sign": ca,
        "crl_sign": ca,
    }
    rest = ("data_encipherment", "key_agreement", "encipher_only", "decipher_only")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(issuer)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(**usage, **dict.fromkeys(rest, False)), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .sign(by.secret if by else secret, hashes.SHA256())
    )
    return Made(secret, certificate, () if by is None else (by.certificate,))


@dataclass(frozen=True)
class Authority:
    """The authority of the tests and whom it knows."""

    root: Made
    head: Made
    seal: Made
    expired: Made
    revoked: Made
    wrong_use: Made
    stranger: Made

    @property
    def trust(self) -> bytes:
        """The file of roots, with what was revoked."""
        return self.root.pem.encode() + self._revocations()

    def _revocations(self) -> bytes:
        entry = (
            x509.RevokedCertificateBuilder()
            .serial_number(self.revoked.certificate.serial_number)
            .revocation_date(START - timedelta(days=10))
            .build()
        )
        revocations = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.root.certificate.subject)
            .last_update(START - timedelta(days=1))
            .next_update(START + timedelta(days=30))
            .add_revoked_certificate(entry)
            .sign(self.root.secret, hashes.SHA256())
        )
        return revocations.public_bytes(serialization.Encoding.PEM)


@cache
def authority() -> Authority:
    """Return the authority, made once a session."""
    root = make("CA thử nghiệm", ca=True)
    return Authority(
        root=root,
        head=make("Người đứng đầu", by=root, secret=rsa_key()),
        seal=make("Trung tâm Phục vụ hành chính công", by=root),
        expired=make("Đã hết hạn", by=root, end=START - timedelta(days=1)),
        revoked=make("Đã thu hồi", by=root),
        wrong_use=make("Chỉ để mã hóa", by=root, for_documents=False),
        stranger=make("Người lạ"),
    )
