"""`llm-service logs tail` and `logs search`, without a dashboard."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from kit.live import eventually
from kit.settings import settings_with

from llm_service.errors import NotFound
from llm_service.logs.followed import FollowedLog
from llm_service.logs.marks import Mark
from llm_service.logs.offline import OfflineLogs
from llm_service.logs.parser import LineParser
from llm_service.logs.tail_commands import tail_commands
from llm_service.logs.tally import classes_of
from llm_service.processes.records import RunRecord, make_key, write_record
from llm_service.settings.user_folder import user_folder

SECRET = "ghp_0123456789abcdefghijklmnopqrstuvwxyZ"
TEXT = (
    "12:00:00 [INFO] Starting\n12:00:01 [DEBUG] cache\n12:00:02 [ERROR] no harbour\n"
    f"export TOKEN={SECRET}\n\x1b[31mred\x1b[0m tide\n12:00:03 [ERROR] low tide\n"
)


def add_run(
    workspace: Path, run_id: str, job: str, text: str, started_at: str, ended: bool = True, key: bytes = b""
) -> Path:
    """The files of a run; its log."""
    folder = workspace / "work/runs" / run_id
    folder.mkdir(parents=True)
    record = RunRecord(
        id=run_id, owner=f"job:{job}", profile="demo", digest="", argv=("demo",), cwd=str(workspace), attempt=1,
        grace_s=5.0, workspace=str(workspace), started_at=started_at, pid=1, process_start_time="1", boot_id="1",
    )  # fmt: skip
    write_record(str(folder), record, key or make_key(user_folder()))
    (folder / "output.log").write_text(text)
    if ended:
        end(folder)
    return folder / "output.log"


def end(folder: Path) -> None:
    exit_ = {"code": 0, "signal": None, "finished_at": "2030-01-01T01:00:00Z", "reason": "exited"}
    (folder / "exit.json").write_text(json.dumps(exit_))


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    """A workspace with two runs of the job `one` and one of `two`."""
    add_run(tmp_path, "run-1", "one", "old harbour\n", "2030-01-01T00:00:00Z")
    add_run(tmp_path, "run-2", "one", TEXT, "2030-01-02T00:00:00Z")
    add_run(tmp_path, "run-3", "two", "another harbour\nlast line", "2030-01-03T00:00:00Z")
    return tmp_path


def call(workspace: Path, *arguments: str) -> Result:
    group = click.Group(commands=tail_commands(lambda _, __: settings_with(workspace=str(workspace))))
    return CliRunner().invoke(group, arguments)


def output(workspace: Path, *arguments: str) -> list[str]:
    result = call(workspace, *arguments)
    assert result.exception is None, result.output
    return result.output.splitlines()


def test_the_last_lines_of_the_latest_run_are_printed(filled: Path) -> None:
    shown = output(filled, "tail", "one", "-n", "3")
    assert len(shown) == 3
    assert SECRET not in shown[0]
    assert shown[1:] == ["red tide", "ERROR low tide"]
    assert output(filled, "tail", "two") == ["another harbour", "last line"]
    assert output(filled, "tail", "one", "--run", "run-1") == ["old harbour"]
    assert output(filled, "tail", "one", "-n", "0") == []


def test_lines_are_filtered_by_level_and_view(filled: Path) -> None:
    assert output(filled, "tail", "one", "--level", "error") == ["ERROR no harbour", "ERROR low tide"]
    assert output(filled, "tail", "one", "--level", "debug") == ["DEBUG cache"]
    assert output(filled, "tail", "one", "--level", "debug", "--all") == ["DEBUG cache"]


def test_lines_are_printed_as_json(filled: Path) -> None:
    (line,) = (json.loads(line) for line in output(filled, "tail", "one", "-n", "1", "--json"))
    assert (line["seq"], line["level"], line["message"]) == (6, "error", "low tide")


@pytest.mark.parametrize("arguments", [("tail", "none"), ("tail", "one", "--run", "run-3"), ("search", "nowhere")])
def test_what_is_not_there_is_an_error(filled: Path, arguments: tuple[str, ...]) -> None:
    assert isinstance(call(filled, *arguments).exception, NotFound)


def test_a_workspace_without_runs_has_no_lines(tmp_path: Path) -> None:
    assert isinstance(call(tmp_path, "search", "x").exception, NotFound)


def test_all_logs_are_searched_the_latest_run_first(filled: Path) -> None:
    assert output(filled, "search", "harbour$") == [
        "two run-3:1: another harbour",
        "one run-2:3: 12:00:02 [ERROR] no harbour",
        "one run-1:1: old harbour",
    ]
    assert output(filled, "search", "--job", "one", "(red|low) tide") == [
        "one run-2:5: red tide",
        "one run-2:6: 12:00:03 [ERROR] low tide",
    ]
    assert output(filled, "search", "--text", "[error]", "--limit", "1")[0].startswith("one run-2:3")
    assert isinstance(call(filled, "search", "--case", "HARBOUR").exception, NotFound)


def test_a_run_that_is_not_ours_is_not_shown(filled: Path) -> None:
    add_run(filled, "run-9", "one", "forged harbour\n", "2030-01-09T00:00:00Z", key=b"x" * 32)
    assert output(filled, "tail", "one", "-n", "1") == ["ERROR low tide"]
    assert "forged" not in "".join(output(filled, "search", "harbour"))


def test_a_secret_is_not_found(filled: Path) -> None:
    for query in (SECRET, "ghp_", "0123456789"):
        assert isinstance(call(filled, "search", query).exception, NotFound)


def test_new_lines_are_followed_until_the_run_ends(tmp_path: Path) -> None:
    log = add_run(tmp_path, "run-1", "one", "first\n", "2030-01-01T00:00:00Z", ended=False)
    logs = OfflineLogs(settings_with(workspace=str(tmp_path)))
    shown: list[str] = []

    def follow() -> None:
        for line in logs.lines(logs.run_of("one", None), Mark(), follow=True):
            if line is not None:
                shown.append(line.message)

    thread = threading.Thread(target=follow)
    thread.start()
    eventually(lambda: shown == ["first"])
    with open(log, "a") as file:
        file.write("second\nlast")
    eventually(lambda: shown == ["first", "second"])
    end(log.parent)
    thread.join(timeout=60)
    assert shown == ["first", "second", "last"]


def test_a_log_that_is_indexed_is_read_from_a_mark_on(tmp_path: Path) -> None:
    text = "".join(f"line {number} {'x' * 90}\n" for number in range(5_000))
    add_run(tmp_path, "run-1", "one", text, "2030-01-01T00:00:00Z")
    logs = OfflineLogs(settings_with(workspace=str(tmp_path)))
    run = logs.run_of("one", None)
    assert logs.begin(run, 10, classes_of("user")) == Mark()
    followed = FollowedLog(run, logs.store, lambda run, state: LineParser(state=state), [])
    while not followed.is_complete:
        followed.read()
    assert logs.begin(run, 10, classes_of("user")).lines > 3_000
    assert logs.begin(run, 9_999, classes_of("user")) == Mark()
    assert output(tmp_path, "tail", "one", "-n", "1500")[0].startswith("line 3500 ")
    assert output(tmp_path, "tail", "one", "-n", "2")[1].startswith("line 4999 ")
