"""Names of certificates in words."""

from __future__ import annotations

import pytest

from engine.services.signature_verification import written_out


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("CN=motcua: CA dùng thử\\, không có giá trị pháp lý", "motcua: CA dùng thử, không có giá trị pháp lý"),
        ("CN=Phạm Văn Đạo (mẫu),O=UBND phường,C=VN", "Phạm Văn Đạo (mẫu), UBND phường, VN"),
        ("2.5.4.97=x,nonsense", "2.5.4.97=x,nonsense"),
        ("", ""),
    ],
)
def test_a_name_is_written_as_people_write_it(name: str, words: str) -> None:
    assert written_out(name) == words
