"""The key that signs sessions: made once, whole or not at all, refused when it was cut off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.settings import InvalidSettingError, from_env


def secret_of(folder: Path) -> str:
    """Return the key of the embedded database in this folder."""
    return from_env({"MOTCUA_DATA": str(folder)}).secret_key


def test_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    secret = secret_of(tmp_path / "var")

    [file] = (tmp_path / "var").iterdir()
    assert (file.name, file.read_text(encoding="ascii"), file.stat().st_mode & 0o777) == ("secret.key", secret, 0o600)
    assert len(secret) == 64
    assert secret_of(tmp_path / "var") == secret


def test_all_who_start_at_once_have_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        secrets = list(pool.map(secret_of, [tmp_path] * 40))

    assert len(set(secrets)) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]


@pytest.mark.parametrize("kept", [b"", b"half-a-key", b"\xff" * 15])
def test_key_that_was_cut_off_is_refused_by_name(tmp_path: Path, kept: bytes) -> None:
    file = tmp_path / "secret.key"
    file.write_bytes(kept)

    with pytest.raises(InvalidSettingError, match="remove the file and start again") as caught:
        secret_of(tmp_path)

    assert str(file) in caught.value.message
    assert file.read_bytes() == kept
