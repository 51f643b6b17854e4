"""Made-up people who file dossiers; nobody can take them for real ones."""

from __future__ import annotations

from random import Random
from typing import Protocol

from engine.services.intake import Person

EMAIL_SHARE = 0.6


class Citizens(Protocol):
    """Makes up the applicant of a dossier."""

    def __call__(self, no: int, rng: Random) -> Person:
        """Return the applicant of dossier number ``no``."""
        ...


def numbered(no: int, rng: Random) -> Person:
    """Return an applicant with a number instead of a name; the address of mail can never be delivered."""
    return person(f"Người nộp mô phỏng {no + 1:05d}", no, rng)


def person(name: str, no: int, rng: Random) -> Person:
    """Return an applicant of that name with made-up facts; ``no`` keeps identity numbers apart."""
    year, gender = rng.randrange(50, 100), rng.randrange(2)  # born 1950 to 1999: century digit 0 or 1
    return Person(
        name=name,
        identity_number=f"000{gender}{year:02d}{no % 1_000_000:06d}",  # 000 is no province: never issued
        phone=f"09{no % 100_000_000:08d}",
        email=f"nguoi-nop-{no + 1}@example.invalid" if rng.random() < EMAIL_SHARE else None,
        address=f"Số {rng.randrange(1, 200)}, tổ dân phố {rng.randrange(1, 20)}",
    )
