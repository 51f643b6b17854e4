"""Keys of PKCS#12 files, opened by their PIN for as long as a signature takes."""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs12

from engine.errors import InvalidInputError
from engine.integrations.certificates import MOST

LARGEST = 64 * 1024  #: bytes of a PKCS#12 file


class SigningPinWrongError(InvalidInputError):
    """The PIN does not open the key."""

    code = "signing-pin-wrong"


class SigningKeyUnreadableError(InvalidInputError):
    """The file is no PKCS#12 file with one private key and its certificate."""

    code = "signing-key-unreadable"


@dataclass(frozen=True, slots=True, repr=False)
class FileKey:
    """A ``SigningKey`` of a PKCS#12 file."""

    certificates: tuple[bytes, ...]
    secret: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

    def sign(self, content: bytes) -> bytes:
        """Return the raw signature over the SHA-256 of the content."""
        if isinstance(self.secret, rsa.RSAPrivateKey):
            return self.secret.sign(content, padding.PKCS1v15(), hashes.SHA256())
        return self.secret.sign(content, ec.ECDSA(hashes.SHA256()))


def open_file(content: bytes, pin: str) -> FileKey:
    """Open a PKCS#12 file.

    Raises:
        SigningPinWrongError: the PIN does not open it, or what it holds is damaged: the two cannot be told apart.
        SigningKeyUnreadableError: it is too large, or holds no RSA or EC key with its certificate.
    """
    if len(content) > LARGEST or not content.startswith(b"\x30"):
        raise SigningKeyUnreadableError("this is no PKCS#12 file (.p12, .pfx)", reason="file")
    try:
        secret, certificate, others = pkcs12.load_key_and_certificates(content, pin.encode())
    except ValueError:
        # "from None": what the library raises is of no use to anybody, and nothing of the PIN is to stand in a log
        raise SigningPinWrongError("the PIN does not open the key, or the file is damaged") from None
    except Exception as error:
        raise SigningKeyUnreadableError("the file uses what cannot be read here", reason="file") from error
    if certificate is None or not isinstance(secret, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        raise SigningKeyUnreadableError("the file holds no RSA or EC key with its certificate", reason="content")
    chain = (certificate, *others[: MOST - 1])
    return FileKey(tuple(each.public_bytes(serialization.Encoding.DER) for each in chain), secret)
