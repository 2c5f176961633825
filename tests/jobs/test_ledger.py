"""What was asked for and charged is stored where no workspace can write, and survives us."""

from __future__ import annotations

from pathlib import Path

import pytest

from llm_service.jobs.ledger import Ledger
from llm_service.jobs.model import Charge, Request


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(str(tmp_path / "own"), str(tmp_path / "workspace"))


def again(tmp_path: Path) -> Ledger:
    return Ledger(str(tmp_path / "own"), str(tmp_path / "workspace"))


def request(job: str, at: str = "2026-11-20T09:00:00.000Z") -> Request:
    return Request(job=job, project="p", specification="s", profile="script", user="ada", requested_at=at)


def charge(run: str, job: str, project: str = "p", user: str | None = "ada") -> Charge:
    return Charge(run=run, job=job, project=project, user=user, baseline=10)


def test_requests_are_in_their_order_and_survive(ledger: Ledger, tmp_path: Path) -> None:
    ledger.ask(request("late", "2026-11-20T09:00:02.000Z"))
    ledger.ask(request("early", "2026-11-20T09:00:01.000Z"))
    assert [one.job for one in again(tmp_path).requests()] == ["early", "late"]
    assert again(tmp_path).withdraw("early") == request("early", "2026-11-20T09:00:01.000Z")
    assert [one.job for one in again(tmp_path).requests()] == ["late"]


def test_nothing_is_written_to_the_workspace(ledger: Ledger, tmp_path: Path) -> None:
    ledger.ask(request("one"))
    assert not (tmp_path / "workspace").exists()
    assert [path.suffix for path in (tmp_path / "own/jobs").iterdir()] == [".json"]


def test_another_workspace_has_its_own(ledger: Ledger, tmp_path: Path) -> None:
    ledger.ask(request("one"))
    assert Ledger(str(tmp_path / "own"), str(tmp_path / "elsewhere")).requests() == []


def test_lines_are_charged_to_their_user(ledger: Ledger, tmp_path: Path) -> None:
    ledger.open(charge("run-1", "one"))
    ledger.settle("run-1", 120)
    ledger.settle("run-1", 120)  # once
    ledger.open(charge("run-2", "two", user=None))
    ledger.settle("run-2", 7)
    assert (again(tmp_path).used("ada"), again(tmp_path).used(None), again(tmp_path).used("bob")) == (120, 7, 0)


def test_shared_lines_are_charged_to_nobody(ledger: Ledger) -> None:
    ledger.open(charge("run-1", "one"))
    ledger.open(charge("run-2", "two"))
    ledger.open(charge("run-3", "three", project="other"))
    ledger.settle("run-1", 100)
    ledger.settle("run-2", 100)
    ledger.settle("run-3", 5)
    assert ledger.used("ada") == 5


def test_the_runs_of_one_job_share_nothing(ledger: Ledger) -> None:
    ledger.open(charge("run-1", "one"))
    ledger.open(charge("run-2", "one"))
    assert not any(one.shared for one in ledger.charges())


def test_files_that_were_deleted_give_no_lines_back(ledger: Ledger) -> None:
    ledger.open(charge("run-1", "one"))
    ledger.settle("run-1", -50)
    assert ledger.used("ada") == 0


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"workspace": 1}', '{"requests": [1], "charges": "x", "used": []}']
)
def test_a_damaged_file_is_as_if_there_were_none(ledger: Ledger, tmp_path: Path, content: str) -> None:
    ledger.ask(request("one"))
    (path,) = (tmp_path / "own/jobs").iterdir()
    path.write_text(content)
    assert again(tmp_path).requests() == []


def test_entries_of_another_release_are_left_out(ledger: Ledger, tmp_path: Path) -> None:
    ledger.ask(request("one"))
    ledger.ask(request("two"))
    (path,) = (tmp_path / "own/jobs").iterdir()
    path.write_text(path.read_text().replace('"job": "one"', '"job": 1'))
    assert [one.job for one in again(tmp_path).requests()] == ["two"]


def test_without_a_folder_it_holds_for_this_process() -> None:
    ledger = Ledger(None, "/nowhere")
    ledger.ask(request("one"))
    assert ledger.request("one") is not None


def test_a_request_is_exchanged_only_while_it_is_there(ledger: Ledger) -> None:
    first, second = request("one"), request("one", "2026-11-20T09:00:05.000Z")
    ledger.ask(first)
    assert ledger.exchange(first, second)
    assert not ledger.exchange(first, None)
    assert ledger.request("one") == second
    assert ledger.exchange(second, None)
    assert ledger.request("one") is None
