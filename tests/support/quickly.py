"""What tests do over and over, done cheaply: passwords that guard nothing, templates that are compiled once."""

from __future__ import annotations

from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Dialect, Engine

from engine.services import people

HASHER_OF_PRODUCTION = people._hasher


def hash_passwords_quickly() -> None:
    """Let passwords of this process cost next to nothing; ``HASHER_OF_PRODUCTION`` is that of the program."""
    people._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    people._NOBODYS_HASH = people._hasher.hash("nobody's")


_dialects: dict[str, tuple[Dialect, Any]] = {}


def share_statements(engine: Engine) -> None:
    """Let an engine use what was compiled for any other of this process that speaks the same SQL."""
    dialect, compiled = _dialects.setdefault(engine.dialect.name, (engine.dialect, engine._compiled_cache))
    engine.dialect, engine._compiled_cache = dialect, compiled


class CompiledTemplates(BytecodeCache):
    """Templates as they were compiled for any application of this process."""

    _compiled: dict[tuple[str, str], CodeType] = {}  # noqa: RUF012 - shared by all

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take what was compiled from the same text."""
        bucket.code = self._compiled.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        assert bucket.code is not None
        self._compiled[bucket.key, bucket.checksum] = bucket.code
