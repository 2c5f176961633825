"""Fixtures: a real dashboard on a real folder, served over real sockets."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from kit.live import Live, running
from kit.ports import held_port, number_of
from kit.processes import Service

from llm_service import log

pytest_plugins = ["kit.traced_examples"]

# The machine is shared and has two cores: the speed of generating examples says nothing about the code.
settings.register_profile("searching", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("repeatable", settings.get_profile("searching"), derandomize=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--sequences N`: how many random sequences the model tests run; `--soak-seconds S`: length of soak runs."""
    parser.addoption("--sequences", type=int, default=40, help="random sequences of each model test")
    parser.addoption("--model-seed", type=int, default=1, help="seed of the model tests; 0: another one in every run")
    parser.addoption("--kills", type=int, default=4, help="how often the service is killed while it counts calls")
    parser.addoption("--swaps", type=int, default=20_000, help="reads of a file that is swapped for a link meanwhile")
    parser.addoption("--races", type=int, default=100, help="folders made and filled before a watch can stand")
    parser.addoption("--soak-seconds", type=float, default=6.0, help="seconds that soak tests keep going")


def pytest_configure(config: pytest.Config) -> None:
    """The same examples in each run, so that only changes of the code change the result; others with `--model-seed`.

    The configuration of the user who runs the tests is not read, also not by processes that they start.
    """
    os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="llm-service-tests-")
    repeatable = config.option.model_seed != 0
    settings.load_profile("repeatable" if repeatable else "searching")
    if not repeatable:
        config.option.model_seed = 1 + secrets.randbelow(2**32)


def pytest_report_header(config: pytest.Config) -> str:
    """Print the seed, so that a run can be repeated."""
    return f"model tests: --sequences {config.option.sequences} --model-seed {config.option.model_seed}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print it at the end too: a quiet run prints no header."""
    terminalreporter.write_line(pytest_report_header(config))


@pytest.fixture(autouse=True)
def _logging() -> Iterator[None]:
    """Restores the logging of the test run: a command that runs in this process sets up its own."""
    root = logging.getLogger()
    hook = threading.excepthook
    before = root.level, {name: logging.getLogger(name).level for name in log.SERVER_LOGGERS}
    yield
    for handler in [one for one in root.handlers if one.get_name() == "llm-service"]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(before[0])
    threading.excepthook = hook
    for name, level in before[1].items():
        logging.getLogger(name).setLevel(level)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with empty lanes."""
    for folder in ("inbox", "assigned/ada", "assigned/bob", "done/ada", "done/bob"):
        (tmp_path / "work/collaboration" / folder).mkdir(parents=True)
    return tmp_path


@pytest.fixture
def start(workspace: Path) -> Iterator[Callable[..., Live]]:
    """Start a dashboard on the workspace, with settings by name; all are stopped at the end of the test."""
    started: list[Live] = []

    def begin(**settings: object) -> Live:
        live = running(workspace, **settings)
        started.append(live)
        return live

    yield begin
    for live in started:
        live.stop()


@pytest.fixture
def live(start: Callable[..., Live]) -> Live:
    """A dashboard with the default settings, ready."""
    return start()


@pytest.fixture
def take_port() -> Iterator[Callable[[], int]]:
    """Gives ports that nobody else is given until the end of the test: for servers that come later, or again."""
    with contextlib.ExitStack() as held:
        yield lambda: number_of(held.enter_context(held_port()))


@pytest.fixture
def service(workspace: Path) -> Iterator[Service]:
    """The dashboard in its own process, not started yet; killed at the end of the test."""
    made = Service(workspace)
    yield made
    made.stop()
