"""The routes of logs, over a real dashboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import Live, eventually, running
from kit.run_logs import FakeRuns

from llm_service.errors import NotFound
from llm_service.feature import Feature, Kernel
from llm_service.logs.feature import Logs

TEXT = (
    "2030-01-01T10:00:00Z INFO Starting\n"
    "/speckit.plan\n"
    "2030-01-01T10:00:01Z DEBUG cache warm\n"
    "2030-01-01T10:00:02Z ERROR \x1b[31mno harbour\x1b[0m found\n"
    "token ghp_0123456789abcdefghijklmnopqrstuvwxyZ\n"
    "2030-01-01T10:00:03Z WARNING low tide\n"
)


class Harbour:
    """A dashboard with logs only, and the runs."""

    def __init__(self, workspace: Path) -> None:
        self.runs = FakeRuns(workspace)
        self.hidden: set[str] = set()
        self.live: Live = running(workspace, features=self._features)

    def _features(self, kernel: Kernel) -> list[Feature]:
        kernel.hub.progress.complete()
        self.logs = Logs(kernel, self.runs, self._check)
        return [self.logs]

    def _check(self, owner: str) -> None:
        if owner in self.hidden:
            raise NotFound("There is no such job.")

    def json(self, path: str) -> Any:
        """The JSON of a GET that must succeed."""
        return self.live.json(path)


@pytest.fixture
def harbour(workspace: Path) -> Iterator[Harbour]:
    made = Harbour(workspace)
    yield made
    made.live.stop()


@pytest.fixture
def filled(harbour: Harbour) -> Harbour:
    """The job `one` has printed TEXT, and its run has ended."""
    harbour.runs.add()
    harbour.runs.write(TEXT.encode())
    harbour.runs.end()
    harbour.live.sync()
    eventually(lambda: harbour.json("/api/jobs/one/logs")["is_complete"])
    return harbour


def test_rows_are_given_by_number_with_counts_and_phases(filled: Harbour) -> None:
    page = filled.json("/api/jobs/one/logs?view=all&row=1&limit=3")
    assert [line["seq"] for line in page["lines"]] == [2, 3, 4]
    assert page["lines"][2] | {"raw": ""} == {
        "run": "run-1", "job": "one", "seq": 4, "time": "2030-01-01T10:00:02.000Z", "level": "error", "source": "agent",
        "phase": "plan", "message": "no harbour found", "raw": "", "spans": [[0, 10, "red"]], "is_shown": True,
        "is_folded": False,
    }  # fmt: skip
    assert {name: page[name] for name in page if name != "lines"} == {
        "run": "run-1", "view": "all", "generation": 1, "rows": 6, "lines_total": 6, "first_row": 1,
        "is_complete": True,
        "counts": {"debug": 1, "info": 3, "warning": 1, "error": 1},
        "phases": [{"phase": "plan", "row": 1, "seq": 2, "time": None}],
    }  # fmt: skip


def seqs(page: Any) -> list[int]:
    return [line["seq"] for line in page["lines"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", [1, 2, 4, 5, 6]),
        ("limit=2", [5, 6]),
        ("view=all", [1, 2, 3, 4, 5, 6]),
        ("level=error,warning", [4, 6]),
        ("phase=idle", [1]),
        ("phase=plan&level=info", [2, 5]),
        ("after=4", [5, 6]),
        ("after=0&limit=2", [1, 2]),
        ("after=99", []),
        ("row=99", []),
    ],
)
def test_rows_are_filtered(filled: Harbour, query: str, expected: list[int]) -> None:
    assert seqs(filled.json(f"/api/jobs/one/logs?{query}")) == expected


def test_lines_are_searched_with_context_and_counted(filled: Harbour) -> None:
    page = filled.json("/api/jobs/one/logs?view=all&q=no%20harbour|tide&regex=1&context=1")
    assert [(match["row"], match["seq"]) for match in page["matches"]] == [(5, 6), (3, 4)]
    assert (page["count"], page["is_exact"], page["next_before"]) == (2, True, None)
    match = page["matches"][1]
    assert [line["seq"] for line in match["before"] + match["after"]] == [3, 5]
    assert match["ranges"] == [[0, 10]]
    page = filled.json("/api/jobs/one/logs?q=harbour|tide&regex=1&limit=1")
    assert (len(page["matches"]), page["next_before"]) == (1, 6)
    page = filled.json("/api/jobs/one/logs?q=harbour|tide&regex=1&limit=1&before=6")
    assert [match["seq"] for match in page["matches"]] == [4]
    assert filled.json("/api/jobs/one/logs/count?q=t&view=all")["count"] == 6
    assert filled.json("/api/jobs/one/logs/count?q=T&view=all&case=1")["count"] == 4


@pytest.mark.parametrize("query", ["ghp_", "0123456789abc", "ghp_[0-9a-zA-Z]{36}&regex=1"])
def test_a_secret_is_in_no_answer(filled: Harbour, query: str) -> None:
    assert filled.json(f"/api/jobs/one/logs?view=all&q={query}")["matches"] == []
    assert filled.json(f"/api/jobs/one/logs/count?view=all&q={query}")["count"] == 0
    assert filled.json(f"/api/logs/search?view=all&q={query}")["matches"] == []
    for path in ("/api/jobs/one/logs?view=all", "/api/jobs/one/logs/download", "/api/events?topics=logs"):
        text = filled.live.get(path).text
        assert "0123456789abc" not in text
        assert "redacted" in text


@pytest.mark.parametrize(
    ("query", "row"),
    [
        ("at=end", 4), ("at=end&view=all", 5), ("at=error", 2), ("at=error&row=2", None),
        ("at=error&view=all&row=0", 3), ("at=2030-01-01T10:00:02Z", 2), ("at=2040-01-01T00:00:00Z", 4),
    ],
)  # fmt: skip
def test_a_place_has_a_row(filled: Harbour, query: str, row: int | None) -> None:
    assert filled.json(f"/api/jobs/one/logs?{query}") == {"run": "run-1", "row": row}


def test_the_log_is_saved_without_colours_of_a_page(filled: Harbour) -> None:
    answer = filled.live.get("/api/jobs/one/logs/download")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="one-run-1.log"'
    assert answer.headers["Content-Type"].startswith("text/plain")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert len(answer.text.splitlines()) == 6
    assert "\x1b" not in answer.text and "ERROR no harbour found" in answer.text
    assert "cache warm" not in filled.live.get("/api/jobs/one/logs/download?filtered=1").text
    errors = filled.live.get("/api/jobs/one/logs/download?level=error,warning&phase=plan").text.splitlines()
    assert [line.split()[1] for line in errors] == ["ERROR", "WARNING"]
    assert filled.live.get("/api/jobs/one/logs/download?phase=test").text == ""


def test_a_job_without_a_run_has_no_lines(harbour: Harbour) -> None:
    page = harbour.json("/api/jobs/none/logs")
    assert (page["run"], page["rows"], page["lines"]) == (None, 0, [])
    assert harbour.json("/api/jobs/none/logs/count?q=x")["count"] == 0
    assert harbour.live.get("/api/jobs/none/logs/download").status_code == 404


def test_the_latest_run_is_shown_and_others_by_name(filled: Harbour) -> None:
    filled.runs.add("run-2")
    filled.runs.write(b"second\n", "run-2")
    eventually(lambda: filled.json("/api/jobs/one/logs")["rows"] == 1)
    assert filled.json("/api/jobs/one/logs?run=run-1")["rows"] == 5
    filled.runs.add("other", "job:two")
    assert filled.live.get("/api/jobs/one/logs?run=other").status_code == 404


@pytest.mark.parametrize(
    "query",
    ["view=mine", "level=loud", "phase=dance", "row=-1", "limit=501", "q=(&regex=1", "at=noon", "context=99", "x=1",
     "before=0", "after=x"],
)  # fmt: skip
def test_a_bad_parameter_is_refused(filled: Harbour, query: str) -> None:
    assert filled.live.get(f"/api/jobs/one/logs?{query}").status_code == 400


def test_what_to_search_for_has_to_be_said(filled: Harbour) -> None:
    for path in ("/api/jobs/one/logs/count", "/api/logs/search", "/api/logs/search?q=x&cursor=y"):
        assert filled.live.get(path).status_code == 400


def test_all_logs_are_searched(filled: Harbour) -> None:
    filled.runs.add("run-2", "job:two")
    filled.runs.write(b"a harbour\n", "run-2")
    filled.live.sync()
    page = filled.json("/api/logs/search?q=harbour&limit=1")
    assert [(match["line"]["job"], match["seq"]) for match in page["matches"]] == [("two", 1)]
    page = filled.json(f"/api/logs/search?q=harbour&limit=5&cursor={page['next_cursor']}")
    assert [(match["line"]["job"], match["seq"]) for match in page["matches"]] == [("one", 4)]
    assert (page["next_cursor"], page["unread"]) == (None, [])


def test_nobody_gets_the_logs_of_a_job_that_they_may_not_see(filled: Harbour) -> None:
    filled.hidden.add("job:one")
    for path in ("logs", "logs/count?q=x", "logs/download", "logs?q=x"):
        assert filled.live.get(f"/api/jobs/one/{path}").status_code == 404
    assert filled.json("/api/logs/search?q=harbour")["matches"] == []


def test_sums_are_in_the_statistics(filled: Harbour) -> None:
    assert filled.json("/api/stats")["logs"]["runs"] == 1


def test_facts_of_a_log_are_read_again(harbour: Harbour) -> None:
    harbour.runs.add()
    harbour.runs.write(b"filler\n" * 20_000 + b"FACT: tides turn\n" + b"filler\n" * 20_000)
    harbour.live.sync()
    assert [(seq, fact.kind) for seq, _, fact in harbour.logs.facts("run-1")] == [(20_001, "fact")]
    flags = [segment.flags for segment in harbour.logs.store.table("run-1").view().segments()]
    assert sum(map(bool, flags)) == 1
