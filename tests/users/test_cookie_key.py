"""The key of the cookies: kept in the user's own folder, for the owner alone, never where agents can write."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from llm_service.users.cookie_key import NAME, CookieKey


def test_it_is_the_same_after_a_restart_once_it_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "conf/llm-service"
    first = CookieKey(str(folder), str(tmp_path / "ws"))
    assert not folder.exists()  # doctor changes nothing
    first.keep()
    first.keep()
    second = CookieKey(str(folder), str(tmp_path / "ws"))
    assert (second.key, len(second.key)) == (first.key, 64)
    assert stat.S_IMODE((folder / NAME).stat().st_mode) == 0o600
    assert CookieKey(str(tmp_path / "other"), str(tmp_path / "ws")).key != first.key


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 64, b"0" * 65])
def test_a_damaged_one_is_replaced(tmp_path: Path, content: bytes) -> None:
    (tmp_path / NAME).write_bytes(content)
    key = CookieKey(str(tmp_path), "/ws")
    assert key.key != content
    key.keep()
    assert (tmp_path / NAME).read_bytes() == key.key


def test_without_a_folder_of_ones_own_it_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (None, str(tmp_path / "ws/conf"), str(tmp_path / "file")):
        key = CookieKey(folder, str(tmp_path / "ws"))
        key.keep()
        assert key.key != CookieKey(folder, str(tmp_path / "ws")).key
    assert not (tmp_path / "ws").exists()
