"""Keys in a folder, one PKCS#12 file each, as the reference signing service keeps them; and keys to try things with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from engine.errors import NotFoundError
from engine.integrations.signing_keys import open_file

ENDING = ".p12"
CERTIFICATES = ".pem"
TERM = timedelta(days=3650)  #: of certificates that are made to try things with


class CredentialNotFoundError(NotFoundError):
    """The folder holds no key of that name."""

    code = "credential-not-found"


def certificates_of(folder: Path, credential: str) -> tuple[bytes, ...]:
    """Return the certificate of a key and its chain, DER; its own first. No PIN is needed.

    Raises:
        CredentialNotFoundError: there is no such key.
    """
    text = _path(folder, credential, CERTIFICATES).read_bytes()
    found = x509.load_pem_x509_certificates(text)
    return tuple(each.public_bytes(serialization.Encoding.DER) for each in found)


def sign_digest(folder: Path, credential: str, pin: str, digest: bytes) -> bytes:
    """Return the raw signature over a SHA-256 digest.

    Raises:
        CredentialNotFoundError: there is no such key.
        SigningPinWrongError: the PIN does not open it.
    """
    secret = open_file(_path(folder, credential, ENDING).read_bytes(), pin).secret
    if isinstance(secret, ec.EllipticCurvePrivateKey):
        return secret.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))
    return secret.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))


def check_pin(folder: Path, credential: str, pin: str) -> None:
    """Check that a PIN opens a key.

    Raises:
        CredentialNotFoundError, SigningPinWrongError.
    """
    open_file(_path(folder, credential, ENDING).read_bytes(), pin)


def make(folder: Path, holders: Mapping[str, str], *, pin: str, now: datetime) -> Path:
    """Make an authority of nobody and a key for each holder in a folder; return the file of the authority's root.

    Nobody but who sets this folder as trusted believes these keys: they are there to try things with.

    Args:
        holders: the name on the certificate by name of the key.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = ec.generate_private_key(ec.SECP256R1())
    root = _certificate("motcua: CA dùng thử, không có giá trị pháp lý", secret, None, now)
    for credential, holder in holders.items():
        own = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(holder, own, (root, secret), now)
        protection = serialization.BestAvailableEncryption(pin.encode())
        content = pkcs12.serialize_key_and_certificates(credential.encode(), own, certificate, [root], protection)
        path = folder / f"{credential}{ENDING}"
        path.touch(mode=0o600)
        path.write_bytes(content)
        (folder / f"{credential}{CERTIFICATES}").write_bytes(_pem(certificate) + _pem(root))
    trust = folder / "trust.pem"
    trust.write_bytes(_pem(root))
    return trust


def _path(folder: Path, credential: str, ending: str) -> Path:
    known = {each.stem: each for each in folder.glob(f"*{ending}")}  # a name is looked up, never put into a path
    if credential not in known or not known[credential].with_suffix(ENDING).exists():
        raise CredentialNotFoundError("there is no key of that name")
    return known[credential]


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _certificate(
    holder: str,
    secret: ec.EllipticCurvePrivateKey,
    by: tuple[x509.Certificate, ec.EllipticCurvePrivateKey] | None,
    now: datetime,
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, holder[:64])])
    is_root = by is None
    usage = x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_root,
        crl_sign=is_root,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by[0].subject)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + TERM)
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(secret.public_key()), critical=False)
        .sign(secret if by is None else by[1], hashes.SHA256())
    )
