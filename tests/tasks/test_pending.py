"""Files that wait: found by what a move leaves equal, due in time, and gone without a trace."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from kit.task_files import task

from llm_service.tasks.pending import Pending, PendingFiles


def pending(*paths: str, task_id: str = "t", title: str = "x") -> PendingFiles:
    files = PendingFiles()
    for number, path in enumerate(paths):
        files.add(path, Pending(task(path, task_id, title=f"{title}{number}"), number, number + 10))
    return files


def test_the_same_name_matches_first_then_the_same_content_then_any_file_if_there_is_no_other() -> None:
    files = pending("inbox/a.yaml", "inbox/b.yaml", "assigned/ada/b.yaml")
    by_name = task("done/ada/b.yaml", "t", title="x0")
    by_content = task("done/ada/c.yaml", "t", title="x2")
    neither = task("done/ada/c.yaml", "t", title="other")
    assert files.match("done/ada/b.yaml", by_name, False) == "inbox/b.yaml"
    assert files.match("done/ada/c.yaml", by_content, False) == "assigned/ada/b.yaml"
    assert files.match("done/ada/c.yaml", neither, False) is None
    assert files.match("done/ada/c.yaml", neither, True) == "inbox/a.yaml"
    assert files.match("done/ada/b.yaml", task("done/ada/b.yaml", "u", title="x0"), True) is None


def test_what_could_not_be_read_has_no_content_to_match() -> None:
    files = PendingFiles()
    unread = replace(task("inbox/a.yaml", "t"), raw=None, digest=b"NOT_REGULAR")
    files.add("inbox/a.yaml", Pending(unread, 0, 1))
    assert (
        files.match("inbox/b.yaml", replace(task("inbox/b.yaml", "t"), raw=None, digest=b"NOT_REGULAR"), False) is None
    )
    assert files.match("inbox/b.yaml", replace(task("inbox/b.yaml", "t"), raw=None, digest=b"NOT_REGULAR"), True)


def test_a_file_that_may_not_match_waits_and_matches_nothing() -> None:
    files = PendingFiles()
    files.add("inbox/a.yaml", Pending(task("inbox/a.yaml", "t"), 1, 2, may_match=False))
    assert ("inbox/a.yaml" in files, files.count("t"), files.next_due(), files.oldest()) == (True, 0, 2, 1)
    assert files.match("done/ada/a.yaml", task("done/ada/a.yaml", "t"), True) is None
    assert files.discard("inbox/a.yaml") is not None
    assert "inbox/a.yaml" not in files


def test_a_discarded_file_is_found_by_nothing() -> None:
    files = pending("inbox/a.yaml", "inbox/b.yaml")
    entry = files.discard("inbox/a.yaml")
    assert entry is not None
    assert entry.since == 0
    assert files.discard("inbox/a.yaml") is None
    assert (files.count("t"), files.next_due(), files.oldest()) == (1, 11, 1)
    assert files.match("done/ada/a.yaml", entry.file, False) is None
    files.discard("inbox/b.yaml")
    assert (files.count("t"), files.next_due(), files.oldest(), files._paths_of) == (0, None, None, {})


def test_a_file_that_is_added_again_has_the_new_times() -> None:
    files = pending("inbox/a.yaml")
    files.add("inbox/a.yaml", Pending(task("inbox/a.yaml", "t"), 5, 30))
    assert (files.next_due(), files.oldest(), files.count("t")) == (30, 5, 1)
    assert files.pop_due(29) == []
    assert files.pop_due(30) == ["inbox/a.yaml"]
    assert files["inbox/a.yaml"].since == 5


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=30))
def test_times_are_those_of_the_files_that_wait(steps: list[tuple[str, int, int, bool]]) -> None:
    files, expected = PendingFiles(), {}
    for name, since, due, is_added in steps:
        path = f"inbox/{name}.yaml"
        if is_added:
            files.add(path, Pending(task(path), since, due))
            expected[path] = (since, due)
        else:
            files.discard(path)
            expected.pop(path, None)
        assert files.oldest() == min((since for since, _ in expected.values()), default=None)
        assert files.next_due() == min((due for _, due in expected.values()), default=None)
    now = 5
    popped = files.pop_due(now)
    assert set(popped) == {path for path, (_, due) in expected.items() if due <= now}
    assert [expected[path][1] for path in dict.fromkeys(popped)] == sorted(
        due for _, due in expected.values() if due <= now
    )
