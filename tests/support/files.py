"""A file store in memory, until the folder store is there."""

from __future__ import annotations

from hashlib import sha256

from engine.errors import NotFoundError


class MemoryFiles:
    """FileStore in memory."""

    def __init__(self) -> None:
        self._contents: dict[str, bytes] = {}

    def put(self, content: bytes) -> str:
        """Keep the bytes by hash."""
        digest = sha256(content).hexdigest()
        self._contents[digest] = content
        return digest

    def get(self, sha256: str) -> bytes:
        """Return the bytes."""
        if sha256 not in self._contents:
            raise NotFoundError(f"no file {sha256}")
        return self._contents[sha256]
