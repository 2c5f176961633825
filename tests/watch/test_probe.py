"""Whether the system reports changes at all: with real observers, with deaf ones, and where nothing can be written."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import Any

import pytest

from llm_service.watch import probe as probe_module
from llm_service.watch.file_systems import Mount
from llm_service.watch.limits import WatchesExhausted
from llm_service.watch.observer import RootObserver
from llm_service.watch.probe import Probe


class Observers:
    """Makes real observers whose hints do not arrive, if `deaf`."""

    def __init__(self, deaf: bool = False) -> None:
        self.deaf = deaf
        self.made: list[RootObserver] = []

    def __call__(self, root: str, wants: Any, sink: Any, max_watches: int | None) -> RootObserver:
        self.made.append(RootObserver(root, wants, (lambda hint: None) if self.deaf else sink, max_watches))
        return self.made[-1]


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def test_a_write_is_reported_and_that_is_asked_once(tmp_path: Path, state: Path) -> None:
    observers = Observers()
    probe = Probe(str(state), observers)
    assert probe.reports(str(tmp_path)) is True
    assert probe.reports(str(state)) is True
    assert [observer.is_alive() for observer in observers.made] == [False]
    assert os.listdir(state) == []


def test_a_write_that_is_not_reported_is_noticed_and_asked_again_later(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    observers = Observers(deaf=True)
    probe = Probe(str(state), observers, timeout_s=0.15)
    assert probe.reports(str(tmp_path)) is False
    observers.deaf = False
    assert probe.reports(str(tmp_path)) is False
    assert caplog.messages == [f"a change in {state} was not reported within 0.15 s"]
    assert os.listdir(state) == []
    monkeypatch.setattr(probe_module, "_BELIEVED_S", -1.0)
    monkeypatch.setattr(probe, "_timeout_s", 60.0)
    assert probe.reports(str(tmp_path)) is True
    assert len(observers.made) == 2


def test_a_machine_that_holds_it_up_is_not_taken_for_one_that_reports_nothing(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = itertools.count(1_000_000.0, 10.0)
    monkeypatch.setattr(probe_module.time, "monotonic", lambda: next(times))
    assert Probe(str(state), Observers()).reports(str(tmp_path)) is True


def test_of_another_file_system_nothing_is_known(state: Path) -> None:
    observers = Observers()
    assert Probe(str(state), observers).reports("/proc") is None
    assert observers.made == []


def test_of_another_mount_of_the_same_file_system_nothing_is_known(
    tmp_path: Path, state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = [probe_module.mount_of("/", probe_module.mounts()), Mount(str(state), "ext4")]
    monkeypatch.setattr(probe_module, "mounts", lambda: table)
    assert Probe(str(state), Observers()).reports(str(tmp_path)) is None


@pytest.mark.parametrize("missing", ["state", "root"])
def test_without_a_state_folder_or_root_nothing_is_known(tmp_path: Path, state: Path, missing: str) -> None:
    if missing == "state":
        state.rmdir()
        assert Probe(str(state), Observers()).reports(str(tmp_path)) is None
    else:
        assert Probe(str(state), Observers()).reports(str(tmp_path / "none")) is None


def test_where_no_observer_can_be_made_nothing_is_known(tmp_path: Path, state: Path) -> None:
    def exhausted(*arguments: Any) -> Any:
        raise WatchesExhausted(28, "none left")

    assert Probe(str(state), exhausted).reports(str(tmp_path)) is None


def test_where_it_cannot_be_written_nothing_is_known(tmp_path: Path, state: Path) -> None:
    (state / f".watch-probe-{os.getpid()}").mkdir()
    observers = Observers()
    assert Probe(str(state), observers).reports(str(tmp_path)) is None
    assert [observer.is_alive() for observer in observers.made] == [False]
