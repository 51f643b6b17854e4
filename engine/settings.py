"""Settings from MOTCUA_* variables (contract §1); an unknown or malformed one stops the start."""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from engine.errors import InvalidInputError

SECRET_MIN = 16  #: characters of the key that signs sessions

KNOWN = {
    "MOTCUA_DATA": "folder of the embedded default: database, Valkey socket, attachments",
    "MOTCUA_DATABASE_URL": "postgresql+psycopg://… in production; SQLite in MOTCUA_DATA by default",
    "MOTCUA_REDIS_URL": "Redis/Valkey for rq and rate limits; an embedded Valkey by default",
    "MOTCUA_FILES_URL": "folder for papers; a folder in MOTCUA_DATA by default",
    "MOTCUA_SECRET_KEY": "signs sessions; made and kept in MOTCUA_DATA with the embedded database",
    "MOTCUA_SMTP_URL": "smtp://user:password@host:port of the mail server; without it mail waits in the outbox",
    "MOTCUA_MAIL_FROM": "sender address of e-mails",
    "MOTCUA_SMS_URL": "https://… of the gateway that sends SMS; without it nobody is told by SMS",
    "MOTCUA_ZALO_URL": "https://… of the gateway that sends Zalo messages; without it nobody is told by Zalo",
    "MOTCUA_IOC_URL": "https://… of the operations centre that gets the figures of each day; without it nobody does",
    "MOTCUA_WEBHOOK_SECRET": "whsec_… that signs what goes to these three",
    "MOTCUA_SIGNER_URL": "https://… of the signing service that keeps keys; http only on this machine",
    "MOTCUA_SIGNER_TOKEN": "bearer token for the signing service",
    "MOTCUA_TRUST_FILE": "PEM file of the authorities whose signatures are believed, and of what they revoked",
    "MOTCUA_PUBLIC_URL": "address under which citizens reach the site; printed in QR codes",
}

SIGNED = ("MOTCUA_SMS_URL", "MOTCUA_ZALO_URL", "MOTCUA_IOC_URL")  #: whatever goes there is signed


class InvalidSettingError(InvalidInputError):
    """A MOTCUA_* variable is unknown or malformed."""

    code = "invalid-setting"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where things are; made once a process."""

    data: Path
    database_url: str
    redis_url: str | None  # None: the embedded Valkey's socket in ``data``
    files: Path
    given_secret: str | None  # None: one is made and kept in ``data`` when first needed
    smtp_url: str | None
    mail_from: str
    public_url: str
    signer_url: str | None = None  # None: there is no signing service, only keys in files
    signer_token: str | None = None
    sms_url: str | None = None  # None: nobody is told by SMS
    zalo_url: str | None = None
    ioc_url: str | None = None  # None: no operations centre is told figures
    webhook_secret: str | None = None  # signs what goes to these three; there when one of them is
    trust_file: Path | None = None  # None: signatures are checked, and nobody is believed

    @property
    def secret_key(self) -> str:
        """The key that signs sessions.

        Raises:
            InvalidSettingError: the kept one is cut off.
        """
        return self.given_secret or _kept_secret(self.data)

    @property
    def embedded_database(self) -> bool:
        """Whether the database is the SQLite file in ``data``."""
        return self.database_url.startswith("sqlite")

    @property
    def valkey_socket(self) -> Path:
        """Socket of the embedded Valkey."""
        return self.data / "valkey.sock"

    @property
    def effective_redis_url(self) -> str:
        """URL that rq and the rate limiter use."""
        return self.redis_url or f"unix://{self.valkey_socket}?db=0"


def from_env(env: Mapping[str, str]) -> Settings:
    """Read the settings.

    Raises:
        InvalidSettingError: a variable is unknown, empty or malformed; the message names it.
    """
    for name in sorted(env):
        if name.startswith("MOTCUA_") and name not in KNOWN:
            raise InvalidSettingError(f"{name} is not a setting of motcua; known are {', '.join(KNOWN)}")
        if name in KNOWN and not env[name].strip():
            raise InvalidSettingError(f"{name} is set but empty; give it a value or unset it")
    if "MOTCUA_WEBHOOK_SECRET" not in env and (signed := next((name for name in SIGNED if name in env), None)):
        raise InvalidSettingError(f"MOTCUA_WEBHOOK_SECRET is required with {signed}")
    data = Path(env.get("MOTCUA_DATA", "./var")).absolute()
    database_url = _database_url(env.get("MOTCUA_DATABASE_URL"), data)
    secret = env.get("MOTCUA_SECRET_KEY")
    if secret is None and not database_url.startswith("sqlite"):
        raise InvalidSettingError("MOTCUA_SECRET_KEY is required when MOTCUA_DATABASE_URL is not the embedded one")
    if secret is not None and len(secret) < SECRET_MIN:
        raise InvalidSettingError(f"MOTCUA_SECRET_KEY is shorter than {SECRET_MIN} characters; use a long random text")
    return Settings(
        data=data,
        database_url=database_url,
        redis_url=_url(env, "MOTCUA_REDIS_URL", ("redis", "rediss", "unix")),
        files=_files(env.get("MOTCUA_FILES_URL"), data),
        given_secret=secret,
        smtp_url=_url(env, "MOTCUA_SMTP_URL", ("smtp", "smtps")),
        mail_from=env.get("MOTCUA_MAIL_FROM", "motcua@localhost"),
        public_url=(_url(env, "MOTCUA_PUBLIC_URL", ("http", "https")) or "http://127.0.0.1:8000").rstrip("/"),
        signer_url=_url(env, "MOTCUA_SIGNER_URL", ("http", "https")),
        signer_token=env.get("MOTCUA_SIGNER_TOKEN"),
        sms_url=_url(env, "MOTCUA_SMS_URL", ("http", "https")),
        zalo_url=_url(env, "MOTCUA_ZALO_URL", ("http", "https")),
        ioc_url=_url(env, "MOTCUA_IOC_URL", ("http", "https")),
        webhook_secret=env.get("MOTCUA_WEBHOOK_SECRET"),
        trust_file=Path(env["MOTCUA_TRUST_FILE"]).absolute() if "MOTCUA_TRUST_FILE" in env else None,
    )


def _database_url(value: str | None, data: Path) -> str:
    if value is None:
        return f"sqlite:///{data / 'motcua.db'}"
    if not value.startswith(("postgresql+psycopg://", "sqlite:///")):
        raise InvalidSettingError("MOTCUA_DATABASE_URL must start with postgresql+psycopg:// or sqlite:///")
    return value


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> str | None:
    value = env.get(name)
    if value is None:
        return None
    if urlsplit(value).scheme not in schemes:
        raise InvalidSettingError(f"{name} must be a URL of scheme {' or '.join(schemes)}, not {value!r}")
    return value


def _files(value: str | None, data: Path) -> Path:
    if value is None:
        return data / "files"
    parts = urlsplit(value)
    if parts.scheme not in ("", "file"):
        raise InvalidSettingError(f"MOTCUA_FILES_URL must be a folder or file:// URL in this version, not {value!r}")
    return Path(parts.path).absolute()


def _kept_secret(data: Path) -> str:
    path = data / "secret.key"
    if not path.exists():
        _keep_new_secret(path)
    secret = path.read_bytes().decode("ascii", "replace")
    if len(secret) < SECRET_MIN:
        raise InvalidSettingError(
            f"{path} holds a key shorter than {SECRET_MIN} characters; remove the file and start again: a new key is "
            "made and everybody signs in anew"
        )
    return secret


def _keep_new_secret(path: Path) -> None:
    """Make the file with a new key at one stroke: whoever reads it sees a whole key, whenever this process dies."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix="secret.", suffix=".tmp", dir=path.parent)  # mode 0600
    draft = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):  # another process made it a moment ago
            os.link(draft, path)
    finally:
        draft.unlink()
