"""The token of a run, by which the next one takes the place of one that was killed."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_service.hub import run_token
from llm_service.hub.run_token import NAME, Run, begin_run


def test_a_run_knows_the_tokens_of_the_last_runs_of_its_folder(tmp_path: Path) -> None:
    runs = [begin_run(str(tmp_path)) for _ in range(12)]
    assert runs[0].ended == frozenset() and runs[1].ended == {runs[0].token}
    assert runs[11].ended == {run.token for run in runs[3:11]}
    assert len({run.token for run in runs}) == 12
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_a_copy_of_the_folder_knows_no_later_run(tmp_path: Path) -> None:
    (tmp_path / "copy").mkdir()
    begin_run(str(tmp_path))
    (tmp_path / "copy" / NAME).write_bytes((tmp_path / NAME).read_bytes())
    assert begin_run(str(tmp_path)).token not in begin_run(str(tmp_path / "copy")).ended


@pytest.mark.parametrize("data", [b"", b"\xff\n\0", b"x" * 2_000])
def test_what_is_in_the_file_stops_no_run(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NAME).write_bytes(data)
    first = begin_run(str(tmp_path))
    assert first.token in begin_run(str(tmp_path)).ended


def test_a_token_that_cannot_be_written_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run_token, "write_atomic", refuse)
    assert begin_run(str(tmp_path)) != Run() and not (tmp_path / NAME).exists()
