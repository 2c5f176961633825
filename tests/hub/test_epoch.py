"""The epoch only rises from start to start of one state folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_service.hub.epoch import next_epoch


def test_it_is_the_time_in_decimal_digits() -> None:
    assert next_epoch(None, 1_795_000_000_123) == "1795000000123"


def test_it_rises_also_when_the_clock_goes_back_or_stands_still(tmp_path: Path) -> None:
    starts = [next_epoch(str(tmp_path), now) for now in (1_000, 1_000, 5, 3_000, 2_999)]
    assert starts == ["1000", "1001", "1002", "3000", "3001"]


@pytest.mark.parametrize("data", [b"", b"soon", b"-5", b"1" * 16, b"\xff", b"12 ", "\u00b2".encode()])
def test_what_is_no_epoch_is_ignored_and_replaced(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "epoch").write_bytes(data)
    assert next_epoch(str(tmp_path), 1_000) == "1000"
    assert (tmp_path / "epoch").read_bytes() == b"1000"


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("5000")
    (tmp_path / "state").mkdir()
    (tmp_path / "state/epoch").symlink_to(other)
    assert next_epoch(str(tmp_path / "state"), 1_000) == "1000"
    assert (other.read_text(), (tmp_path / "state/epoch").is_symlink()) == ("5000", False)


def test_without_a_folder_to_write_to_it_is_the_time(tmp_path: Path) -> None:
    assert next_epoch(str(tmp_path / "missing"), 1_000) == "1000"
