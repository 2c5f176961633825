"""Shared by the model tests: an unreliable watcher, and running random sequences."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from llm_service.watch.events import Sink, WantsFolder
from llm_service.watch.hints import Hint
from llm_service.watch.observer import RootObserver


class ChaoticObserver(RootObserver):
    """The real observer, whose hints are dropped, delayed, doubled and reordered on their way."""

    def __init__(self, root: str, wants_folder: WantsFolder, sink: Sink, max_watches: int | None = None) -> None:
        super().__init__(root, wants_folder, ChaoticSink(sink), max_watches)


class WatchdogsOwnObserver(RootObserver):
    """The observer as it is where there is no inotify: with watchdog's own emitter for the platform."""

    emitter_class = None


class ChaoticSink:
    """Passes on about two thirds of the hints, some twice, some late and in another order."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._random = random.Random(7)
        self._kept: list[Hint] = []

    def __call__(self, hint: Hint) -> None:
        """Take one hint from the watcher."""
        fate = self._random.random()
        if fate < 0.3:
            return
        if fate < 0.6:
            self._kept.append(hint)
        else:
            for _ in range(2 if fate > 0.8 else 1):
                self._sink(hint)
        if len(self._kept) > 3:
            self._random.shuffle(self._kept)
            for late in self._kept:
                self._sink(late)
            self._kept.clear()


watchers = pytest.fixture(params=[RootObserver, ChaoticObserver], ids=["real observer", "chaotic observer"])
"""A fixture's decorator: `request.param` makes the observer."""


def run_sequences(machine: type[RuleBasedStateMachine], request: pytest.FixtureRequest, steps: int) -> None:
    """Run `--sequences` random sequences of up to so many steps each, from the seed `--model-seed`."""
    run_state_machine_as_test(
        seed(request.config.option.model_seed)(machine),
        settings=settings(
            max_examples=request.config.getoption("--sequences"),
            stateful_step_count=steps,
            deadline=None,
            print_blob=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
