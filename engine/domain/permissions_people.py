"""Who may look after officers, and what a sign-in name and a password must be (contract §4; ASVS 5.0 §6.2)."""

from __future__ import annotations

import re
import unicodedata

from engine.domain.actors import Actor, Role
from engine.domain.ids import AgencyId
from engine.errors import ForbiddenError, InvalidInputError

PASSWORD_MIN = 8  #: characters
PASSWORD_MAX = 128  #: characters
READERS = (Role.ADMIN, Role.SUPERVISOR, Role.AUDITOR)  #: they see who works in their agency

# The ones that a guesser tries first, of those that are long enough to pass the length rule.
COMMON_PASSWORDS = frozenset(
    [
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "00000000",
        "88888888",
        "87654321",
        "123123123",
        "12341234",
        "password",
        "password1",
        "passw0rd",
        "password123",
        "qwertyuiop",
        "qwerty123",
        "1q2w3e4r",
        "1qaz2wsx",
        "abcd1234",
        "abc12345",
        "iloveyou",
        "admin123",
        "admin1234",
        "adminadmin",
        "matkhau1",
        "matkhau123",
        "matkhau@123",
        "motcua123",
        "vietnam1",
        "vietnam123",
        "anhyeuem",
        "emyeuanh",
    ]
)

_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._@-]{1,58})[a-z0-9]")


class NotPeopleAdminError(ForbiddenError):
    """Only an administrator of the agency looks after its people."""

    code = "not-people-admin"


class InvalidUsernameError(InvalidInputError):
    """The sign-in name has a form that is not allowed."""

    code = "invalid-username"


class WeakPasswordError(InvalidInputError):
    """The password is too short, too long or among those guessed first."""

    code = "weak-password"


def check_can_manage_people(actor: Actor, *, agency: AgencyId) -> None:
    """Check that the actor may add officers, change passwords and make tokens in the agency (contract §4).

    Raises:
        NotPeopleAdminError: the actor is neither its administrator nor the system.
    """
    if not actor.is_system and not actor.holds(agency, (Role.ADMIN,)):
        raise NotPeopleAdminError("only an administrator of this agency may do this; ask one of them")


def check_can_list_people(actor: Actor, *, agency: AgencyId) -> None:
    """Check that the actor may see who works in the agency.

    Raises:
        NotPeopleAdminError: the actor is no administrator, supervisor or auditor of it.
    """
    if not actor.is_system and not actor.holds(agency, READERS):
        raise NotPeopleAdminError("only an administrator, supervisor or auditor of this agency may see its officers")


def normal_username(text: str) -> str:
    """Return the sign-in name as it is stored: trimmed, in small letters."""
    return text.strip().lower()


def checked_username(text: str) -> str:
    """Return the sign-in name as it is stored.

    Raises:
        InvalidUsernameError: it is not 3 to 60 of ``a-z 0-9 . _ @ -``, letter or digit at both ends.
    """
    username = normal_username(text)
    if _USERNAME.fullmatch(username) is None:
        raise InvalidUsernameError(
            "a sign-in name has 3 to 60 characters of a-z, 0-9, dot, _, @ and -, with a letter or digit at both ends",
            field="username",
        )
    return username


def normal_password(text: str) -> str:
    """Return the password in NFC, so that every keyboard's way of writing ``ệ`` is the same password."""
    return unicodedata.normalize("NFC", text)


def checked_password(text: str, *, username: str) -> str:
    """Return the password in NFC (ASVS 5.0 §6.2: length and a list of common ones; no composition rules).

    Raises:
        WeakPasswordError: under 8 or over 128 characters, a common one, or little more than the sign-in name.
    """
    password = normal_password(text)
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise WeakPasswordError(
            f"a password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; this one has {len(password)}",
            field="password",
        )
    guess = password.lower()
    if guess in COMMON_PASSWORDS or (username in guess and len(guess) - len(username) < 4):
        raise WeakPasswordError(
            "this password is among the first that are guessed; take a sentence that only you know", field="password"
        )
    return password
