"""Where a task file is, by its name: the only one with that name, however the board changed since it was asked last."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from kit.task_files import task

from llm_service.evidence.task_files import NamesOfFiles
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.model import TaskSummary
from llm_service.tasks.reader import document_of

_PATHS = [f"{folder}/{name}.yaml" for folder in ("inbox", "assigned/ada", "done/ada", "done/bob") for name in "ab"]
_IDS = st.sampled_from(["a", "b", "other", None])


@given(st.lists(st.tuples(st.sampled_from(_PATHS), _IDS, st.booleans()), max_size=40))
def test_the_only_file_with_a_name_is_found(steps: list[tuple[str, str | None, bool]]) -> None:
    board = TaskBoard(document_of, 0.0, 0.0)
    names = NamesOfFiles(board)
    for now, (path, task_id, is_asked) in enumerate(steps):
        board.apply([TaskChange(path, None if task_id is None else task(path, task_id))], now)
        board.expire(now + 0.5)
        if is_asked:
            check(board, names)
    check(board, names)


def check(board: TaskBoard, names: NamesOfFiles) -> None:
    for name in ("a.yaml", "b.yaml", "none.yaml"):
        paths = [card.path for card in board.tasks() if card.path.endswith(f"/{name}")]
        assert names.place(name) == (paths[0] if len(paths) == 1 else None)


class CountingBoard(TaskBoard):
    """Counts how often all its cards are listed."""

    lists = 0

    def tasks(self) -> list[TaskSummary]:
        self.lists += 1
        return super().tasks()


def test_a_question_after_a_change_does_not_list_all_tasks() -> None:
    board = CountingBoard(document_of, 0.0, 0.0)
    board.load({path: task(path) for path in (f"inbox/{number}.yaml" for number in range(300))})
    names = NamesOfFiles(board)
    assert names.place("7.yaml") == "inbox/7.yaml"
    for now in range(300, 400):
        board.apply([TaskChange(f"inbox/{now}.yaml", task(f"inbox/{now}.yaml"))], now)
        assert names.place(f"{now}.yaml") == f"inbox/{now}.yaml"
    assert board.lists == 1
