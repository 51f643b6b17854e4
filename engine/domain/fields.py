"""What an officer fills in with a task: flat values, which every database keeps exactly as the history hashed them."""

from __future__ import annotations

from collections.abc import Mapping

from engine.errors import InvalidInputError

MOST_FIELDS = 50
LONGEST_NAME = 100  # characters
LONGEST_TEXT = 2000  # characters
LARGEST_NUMBER = 2**53  # beyond it programs that read JSON lose digits


class InvalidFieldsError(InvalidInputError):
    """The fields of a task are too many, too long, or hold what the history cannot keep."""

    code = "invalid-fields"


def check_fields(fields: Mapping[str, object]) -> None:
    """Refuse fields that a database may keep otherwise than they were hashed, such as fractions (JSONB: no ``-0.0``).

    Raises:
        InvalidFieldsError: more than MOST_FIELDS, a name over LONGEST_NAME, or a value that is neither text up to
            LONGEST_TEXT nor true, false, null or a whole number within ±LARGEST_NUMBER.
    """
    if len(fields) > MOST_FIELDS:
        raise InvalidFieldsError(f"a task has at most {MOST_FIELDS} fields", field="fields")
    for name, value in fields.items():
        if len(name) > LONGEST_NAME:
            raise InvalidFieldsError(f"the name of a field has at most {LONGEST_NAME} characters", field="fields")
        if not _can_be_kept(value):
            raise InvalidFieldsError(
                f"field {name!r} must be text of at most {LONGEST_TEXT} characters, true, false, null "
                f"or a whole number within ±{LARGEST_NUMBER}; send a fraction as text",
                field="fields",
            )


def _can_be_kept(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT
    if isinstance(value, int):  # true and false among them
        return abs(value) <= LARGEST_NUMBER
    return value is None
