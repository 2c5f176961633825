"""Tasks are found by all that is in their files; the search ends when its time is over."""

from __future__ import annotations

from kit.live import Live

from llm_service.tasks.feature import Tasks
from llm_service.tasks.full_text import find_tasks


def found(live: Live, word: str, count: int = 10, looks: int | None = None) -> tuple[list[str], bool]:
    """(ids, were all looked at); the time is over after so many looks at the clock."""
    tasks, left = live.feature(Tasks), [looks]

    def is_over() -> bool:
        if left[0] is None:
            return False
        left[0] -= 1
        return left[0] < 0

    hits, is_complete = find_tasks(tasks.board, tasks.list, None, lambda text: word in text, count, is_over)
    return [hit.task.id for hit in hits], is_complete


def test_short_fields_come_before_texts_and_a_change_is_found_at_once(live: Live) -> None:
    live.write("inbox/word.yaml", title="first")
    live.sync()
    live.write("inbox/later.yaml", description="a word in a text")
    live.sync()
    assert found(live, "word") == (["word", "later"], True)
    live.write("inbox/later.yaml", description="nothing now")
    live.sync()
    assert found(live, "word") == (["word"], True)


def test_it_ends_with_enough_hits_or_when_the_time_is_over(live: Live) -> None:
    for number in range(200):
        live.write(f"inbox/t{number}.yaml", description="needle")
    live.sync()
    assert found(live, "needle", count=3)[1] is False
    assert len(found(live, "needle", count=3)[0]) == 3
    ids, is_complete = found(live, "needle", count=500, looks=2)
    assert 0 < len(ids) < 200
    assert is_complete is False
    assert found(live, "nowhere", count=500) == ([], True)
