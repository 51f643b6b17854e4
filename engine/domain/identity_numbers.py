"""Personal identity numbers: what can be kept at all, and what is odd about one (domain.md §3.4)."""

from __future__ import annotations

from enum import StrEnum

from engine.errors import InvalidInputError

LONGEST = 20  #: characters; that of a citizen card has 12, of a company or a foreigner other lengths
OLDEST = 120  #: years; an applicant who is older is more likely a slip
CARD, OLD_CARD = 12, 9  #: digits
_BESIDE = frozenset("-/.")  # of numbers of organisations and of passports
# Provinces of birth registration as cards carry them; those that were merged in 2025 live on in the numbers.
_PROVINCES = frozenset(
    (
        1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44,
        45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89,
        91, 92, 93, 94, 95, 96,
    )
)  # fmt: skip
_FIRST_COUNTRY = 100  # from here on the code is that of a country of birth


class InvalidIdentityError(InvalidInputError):
    """What was given as an identity number cannot be kept as one."""

    code = "invalid-identity-number"


class Doubt(StrEnum):
    """What is odd about an identity number. It is shown and never blocks: errors and late registrations exist."""

    LETTERS = "letters"  #: other characters than digits: a passport or an organisation, perhaps
    LENGTH = "length"  #: neither 12 digits nor 9
    OLD_CARD = "old-card"  #: 9 digits; such cards ended with 2024
    REPEATED = "repeated"  #: one digit throughout
    PROVINCE = "province"  #: digits 1 to 3 are the code of no province and no country
    FUTURE = "future"  #: digits 4 to 6 tell of a birth in a year to come
    AGE = "age"  #: or of one more than 120 years ago


def check_identity_number(value: str) -> None:
    """Refuse what cannot be kept as an identity number; whether it is plausible is told by ``doubts``.

    Raises:
        InvalidIdentityError: longer than 20 characters, or other characters than letters and digits without accents,
            hyphen, slash and dot. The message does not repeat the number, which is personal data.
    """
    allowed = value.isascii() and all(char.isalnum() or char in _BESIDE for char in value)
    if not value or len(value) > LONGEST or not allowed:
        raise InvalidIdentityError(
            f"an identity number has 1 to {LONGEST} letters and digits (the citizen card: 12 digits)",
            field="identity_number",
        )


def doubts(value: str, *, year: int) -> list[Doubt]:
    """Return what is odd about a number; nothing when it looks like one of a citizen card (domain.md §3.4).

    Of its 12 digits the first three tell province or country of birth registration, the fourth century and sex, the
    next two the year of birth; the rest is random.

    Args:
        year: the present year.
    """
    if not (value.isascii() and value.isdigit()):
        return [Doubt.LETTERS]
    if len(value) == OLD_CARD:
        return [Doubt.OLD_CARD]
    if len(value) != CARD:
        return [Doubt.LENGTH]
    if len(set(value)) == 1:
        return [Doubt.REPEATED]
    born = 1900 + int(value[3]) // 2 * 100 + int(value[4:6])
    found = []
    if int(value[:3]) not in _PROVINCES and int(value[:3]) < _FIRST_COUNTRY:
        found.append(Doubt.PROVINCE)
    if born > year:
        found.append(Doubt.FUTURE)
    elif born < year - OLDEST:
        found.append(Doubt.AGE)
    return found
