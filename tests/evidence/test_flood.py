"""Many tasks at once: the claims of each are compared with the disk once, whatever else changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually
from kit.task_files import task

from llm_service.evidence import follow as module
from llm_service.evidence.follow import EvidenceChecker
from llm_service.evidence.namesakes import Namesakes
from llm_service.evidence.places import Places
from llm_service.evidence.resolver import ClaimResolver
from llm_service.hub.progress import LoadProgress
from llm_service.settings.load import Settings
from llm_service.tasks.board import TaskBoard, TaskChange
from llm_service.tasks.events import TaskEvent
from llm_service.tasks.reader import document_of

MANY = 3_000


class Flood:
    """A board, and what was checked of its claims."""

    def __init__(self, workspace: Path) -> None:
        self.board = TaskBoard(document_of, 0.0, 0.0)
        self.checks = Counter[str]()
        self.published: list[Any] = []
        root = str(workspace / "work/generated_projects")
        places = Places(Settings(workspace=str(workspace)), lambda: root, None)
        resolver = ClaimResolver(places, None, Namesakes(str(workspace), lambda: root, None))
        check = resolver.check

        def counted(finder: Any, claims: Any, with_artifact: bool = False) -> Any:
            self.checks.update(claims.texts)
            return check(finder, claims, with_artifact)

        resolver.check = counted  # type: ignore[method-assign]
        progress = LoadProgress()
        progress.complete()
        self.checker = EvidenceChecker(self.board, progress, resolver, self.published.append)

    def write(self, numbers: range, name: str = "docs/{}.md") -> None:
        """Files that come at once."""
        files = ((f"inbox/{number}.yaml", f"[{name.format(number)}]") for number in numbers)
        changes = [TaskChange(path, task(path, artefacts=claims)) for path, claims in files]
        events: list[TaskEvent] = self.board.apply(changes, 0.0)
        self.checker.on_board_change(events[-1])


@pytest.fixture
def flood(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flood]:
    """Without the sweep, which checks again what did not change."""
    monkeypatch.setattr(module, "SWEEP_INTERVAL_S", 3600)
    flood = Flood(tmp_path)
    flood.write(range(-1, 0))
    flood.checker.start()
    eventually(lambda: len(flood.checker.counts()) == 1)  # the first look is at all
    yield flood
    flood.checker.stop()


def test_what_did_not_change_is_not_checked_again(flood: Flood) -> None:
    flood.write(range(MANY))
    eventually(lambda: len(flood.checker.counts()) == MANY + 1)
    flood.write(range(MANY, MANY * 2))
    eventually(lambda: len(flood.checker.counts()) == MANY * 2 + 1)
    everything = {str(number) for number in range(-1, MANY * 2)}
    # The counts are stored a moment before the event about them is published.
    eventually(lambda: {key for event in list(flood.published) for key in event.evidence} == everything)
    assert set(flood.checks.values()) == {1}


def test_a_file_that_changes_again_and_again_meanwhile_is_checked_as_it_is_last(flood: Flood) -> None:
    for name in ("docs/a-{}.md", "docs/b-{}.md", "docs/last-{}.md"):
        flood.write(range(MANY), name)
    eventually(lambda: all(flood.checks[f"docs/last-{number}.md"] for number in range(MANY)))
    eventually(lambda: len(flood.checker.counts()) == MANY + 1)
