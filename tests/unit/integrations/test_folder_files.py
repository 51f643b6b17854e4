"""The folder of papers: what went in comes out, or an error does."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.integrations.files import FileDamagedError, FileMissingError, FileStoreUnavailableError, FolderFiles

CONTENT = "Giấy tiếp nhận".encode()
SHA256 = hashlib.sha256(CONTENT).hexdigest()


def stored(root: Path) -> list[Path]:
    """Return every file below the folder."""
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_put_returns_the_hash_under_which_get_finds_the_bytes(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path / "not" / "yet" / "there")

    assert files.put(CONTENT) == SHA256
    assert files.get(SHA256) == CONTENT


def test_put_names_the_file_by_its_hash_and_leaves_nothing_else(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    files.put(CONTENT)
    files.put(b"")
    files.put(CONTENT)

    empty = hashlib.sha256(b"").hexdigest()
    assert stored(tmp_path) == sorted([tmp_path / SHA256[:2] / SHA256, tmp_path / empty[:2] / empty])


def test_put_again_does_not_touch_the_file(tmp_path: Path) -> None:
    files = FolderFiles(tmp_path)
    files.put(CONTENT)
    before = (tmp_path / SHA256[:2] / SHA256).stat()
    files.put(CONTENT)
    after = (tmp_path / SHA256[:2] / SHA256).stat()

    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_put_by_many_at_once_makes_one_file(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: FolderFiles(tmp_path).put(CONTENT), range(40)))

    assert set(made) == {SHA256}
    assert stored(tmp_path) == [tmp_path / SHA256[:2] / SHA256]


def test_get_of_what_was_never_put_says_missing(tmp_path: Path) -> None:
    with pytest.raises(FileMissingError) as caught:
        FolderFiles(tmp_path).get(SHA256)

    assert caught.value.code == "file-missing"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", SHA256.upper(), SHA256 + "\n", SHA256[:-1], "/" + SHA256[1:]])
def test_get_takes_hashes_only(tmp_path: Path, name: str) -> None:
    FolderFiles(tmp_path).put(CONTENT)

    with pytest.raises(FileMissingError):
        FolderFiles(tmp_path).get(name)


@pytest.mark.parametrize("damage", [b"", CONTENT[:-1], CONTENT + b"\0", b"something else"])
def test_get_of_a_damaged_file_says_damaged_and_put_mends_it(tmp_path: Path, damage: bytes) -> None:
    files = FolderFiles(tmp_path)
    files.put(CONTENT)
    (tmp_path / SHA256[:2] / SHA256).write_bytes(damage)

    with pytest.raises(FileDamagedError) as caught:
        files.get(SHA256)
    assert caught.value.code == "file-damaged"

    files.put(CONTENT)
    assert files.get(SHA256) == CONTENT


def test_folder_that_cannot_be_used_says_unavailable(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"a file where the folder should be")
    files = FolderFiles(tmp_path / "files")

    with pytest.raises(FileStoreUnavailableError):
        files.put(CONTENT)
    with pytest.raises(FileStoreUnavailableError):
        files.get(SHA256)


def test_write_that_fails_leaves_no_file(tmp_path: Path) -> None:
    path = tmp_path / SHA256[:2] / SHA256
    path.mkdir(parents=True)  # nothing can be renamed onto a folder, whoever tries

    with pytest.raises(FileStoreUnavailableError):
        FolderFiles(tmp_path).put(CONTENT)
    assert stored(tmp_path) == []
