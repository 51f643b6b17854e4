"""Files in a folder, named by what is in them."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

from engine.errors import NotFoundError, UnavailableError

_SHA256 = re.compile(r"[0-9a-f]{64}")


class FileMissingError(NotFoundError):
    """Nothing is stored under that hash."""

    code = "file-missing"


class FileDamagedError(FileMissingError):
    """What is stored under that hash is something else by now; only a backup can help."""

    code = "file-damaged"


class FileStoreUnavailableError(UnavailableError):
    """The folder cannot be read or written now: full disk, lost mount, wrong owner."""

    code = "file-store-unavailable"


class FolderFiles:
    """A ``FileStore`` in a folder: ``<first two digits>/<sha256>``."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def put(self, content: bytes) -> str:
        """Store the bytes durably and return their sha256 in hex.

        Putting them again changes nothing, or mends what has been damaged. A crash leaves the whole file or none, and
        at worst a ``*.tmp`` file.

        Raises:
            FileStoreUnavailableError: the folder cannot be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        try:
            if not _holds(path, sha256):
                _write(path, content)
            _sync_folder(path.parent)  # also when another process has just made the file and not come this far
        except OSError as error:
            raise FileStoreUnavailableError(
                f"cannot write to {path.parent}: {error.strerror}; check space and owner of the folder", sha256=sha256
            ) from error
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the bytes, checked against their hash.

        Raises:
            FileMissingError: nothing is stored under that hash.
            FileDamagedError: what is stored does not match it.
            FileStoreUnavailableError: the folder cannot be read.
        """
        if _SHA256.fullmatch(sha256) is None:
            raise FileMissingError("the name of a file is a sha256 in lower-case hex", sha256=sha256[:64])
        path = self._path(sha256)
        try:
            content = path.read_bytes()
        except FileNotFoundError:
            raise FileMissingError(f"there is no file {sha256}", sha256=sha256) from None
        except OSError as error:
            raise FileStoreUnavailableError(
                f"cannot read {path}: {error.strerror}; check the disk and owner of the folder", sha256=sha256
            ) from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise FileDamagedError(f"file {sha256} is damaged; bring it back from a backup", sha256=sha256)
        return content

    def _path(self, sha256: str) -> Path:
        return self._root / sha256[:2] / sha256


def _holds(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _write(path: Path, content: bytes) -> None:
    _make_folder(path.parent)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    """Make the folder and those above it, each entered durably into the one above."""
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
