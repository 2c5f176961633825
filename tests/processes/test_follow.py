"""Which hints about `work/runs` matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_service.processes.board import RunBoard
from llm_service.processes.follow import RunFolder
from llm_service.watch.hints import Hint, HintKind
from llm_service.watch.root import WatchedRoot

RUN = "20261130T052512-0123abcd"


@pytest.mark.parametrize(
    ("path", "matters"),
    [
        (RUN, True),
        (f"{RUN}/run.json", True),
        (f"{RUN}/exit.json", True),
        (f"{RUN}/output.log", False),
        (f"{RUN}/a/run.json", False),
        (".new-" + RUN, False),
        (".gitignore", False),
    ],
)
def test_what_is_written_to_a_log_is_no_reason_to_look_at_all_runs(tmp_path: Path, path: str, matters: bool) -> None:
    board = RunBoard(str(tmp_path), "work/runs", str(tmp_path), lambda: None, lambda before, now: None)
    root = WatchedRoot(str(tmp_path), lambda folder: True, lambda hint: None, force_polling=True)
    folder = RunFolder(board, root, lambda: None, lambda: None)
    folder.load()
    folder.hint(Hint(HintKind.CHANGED, path), 0.0)
    assert (folder.next_due() is not None) == matters
    assert folder.turn(0.0) == matters
    assert folder.next_due() is None
    root.stop()
