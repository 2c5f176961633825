"""The command `llm-service`, as a user runs it: real processes, with and without a terminal."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner
from kit.live import eventually
from kit.paths import SRC

from llm_service import __version__
from llm_service.cli.dashboard import start
from llm_service.cli.main import cli, named_commands, reference
from llm_service.cli.sections import load_settings
from llm_service.server import launcher
from llm_service.server.instance import find_running, process_start_time

COMMAND = [sys.executable, "-m", "llm_service"]
URL = re.compile(r"http://127\.0\.0\.1:(\d+)")


def environment(**more: str) -> dict[str, str]:
    """The environment of the tests without settings of the service, display and browser."""
    drop = ("LLM_SERVICE_", "DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return {key: value for key, value in os.environ.items() if not key.startswith(drop)} | {
        "PYTHONPATH": str(SRC),
        **more,
    }


def run(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end, without a terminal."""
    return subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment(**more),
        timeout=60,
    )


def children(pid: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A workspace with one valid and one broken task."""
    lanes = tmp_path / "work/collaboration"
    (lanes / "inbox").mkdir(parents=True)
    (lanes / "done/ada").mkdir(parents=True)
    (lanes / "inbox/one.yaml").write_text("id: one\ntitle: One\n")
    (lanes / "done/ada/two.yaml").write_text("id: [two\n")
    return tmp_path


@pytest.fixture
def browser(tmp_path: Path) -> tuple[str, Path]:
    """A value for BROWSER whose program stores the URLs that it opens, and the file with them."""
    opened, script = tmp_path / "opened", tmp_path / "browser.sh"
    script.write_text(f'#!/bin/sh\necho "$1" >> {opened}\n')
    script.chmod(0o755)
    return f"{script} %s", opened


class Foreground:
    """`dashboard start` in the foreground, with its output."""

    def __init__(self, workspace: Path, *words: str, **more: str) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "dashboard", "start", "--workspace", str(workspace), "--port", "0", *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=environment(**more),
        )
        assert self.process.stdout is not None
        self.lines: list[str] = []
        for line in self.process.stdout:
            self.lines.append(line)
            if line == "Ctrl-C stops\n":
                break
        found = URL.search("".join(self.lines))
        assert found, self.lines
        self.url, self.port = found[0], int(found[1])

    def stop(self, number: int) -> tuple[int, str]:
        self.process.send_signal(number)
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        return code, self.process.stdout.read()


@pytest.fixture
def foreground(workspace: Path) -> Iterator[Callable[..., Foreground]]:
    started: list[Foreground] = []

    def begin(*words: str, **more: str) -> Foreground:
        started.append(Foreground(workspace, *words, **more))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.wait()
        if one.process.stdout:
            one.process.stdout.close()


@pytest.fixture
def kill_background(workspace: Path) -> Iterator[None]:
    """Kills the background process of the test, if it still runs."""
    yield
    running = find_running(str(workspace / ".llm-service"))
    if running:
        os.kill(running.pid, signal.SIGKILL)


def get_json(port: int, path: str = "/health") -> dict[str, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return dict(json.loads(connection.getresponse().read()))
    finally:
        connection.close()


def test_the_version_is_printed() -> None:
    assert run("--version").stdout == f"llm-service, version {__version__}\n"


def test_the_banner_shows_address_roots_tasks_and_history(
    foreground: Callable[..., Foreground], workspace: Path
) -> None:
    started = foreground()
    text = "".join(started.lines)
    assert text.startswith(f"llm-service dashboard {__version__}\n")
    assert f"watching  {workspace}/work/collaboration (inotify)" in text
    (later,) = [line for line in started.lines if line.startswith("  later ")]
    assert "work/telemetry, " in later and "work/collaboration" not in later and "(missing)" not in text
    assert "tasks     2 (1 inbox, 0 assigned, 1 done), 1 of them broken" in text
    assert f"history   {workspace}/.llm-service/history.db" in text
    assert "\x1b" not in text
    assert get_json(started.port)["workspace"] == str(workspace)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_stops_it_with_code_0_and_removes_the_record(
    foreground: Callable[..., Foreground], workspace: Path, number: int
) -> None:
    started = foreground()
    record = workspace / ".llm-service/dashboard.json"
    assert record.exists()
    assert started.stop(number) == (0, "Stopped.\n")
    assert not record.exists()


def test_it_stops_cleanly_and_silently_with_clients_of_every_kind(foreground: Callable[..., Foreground]) -> None:
    started = foreground()
    upgrade = (
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    )
    requests = [
        ("/streams/tasks", ""),
        ("/ws/tasks", upgrade),
        ("/socket.io/?EIO=4&transport=websocket", upgrade),
    ]
    with contextlib.ExitStack() as clients:
        for path, more in requests * 20:
            client = clients.enter_context(socket.create_connection(("127.0.0.1", started.port), timeout=60))
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{started.port}\r\n{more}\r\n".encode())
            assert client.recv(12).split()[1] in (b"200", b"101")
        assert started.stop(signal.SIGTERM) == (0, "Stopped.\n")


def test_a_second_start_prints_the_address_of_the_first_and_opens_the_browser_if_asked(
    foreground: Callable[..., Foreground], workspace: Path, browser: tuple[str, Path]
) -> None:
    started = foreground()
    second = run("dashboard", "start", "--workspace", str(workspace))
    assert second.returncode == 0
    assert f"is already running: {started.url}" in second.stdout
    command, opened = browser
    assert run("dashboard", "start", "--workspace", str(workspace), "--open", BROWSER=command).returncode == 0
    eventually(lambda: opened.exists() and opened.read_text() == f"{started.url}\n")


def test_exactly_one_of_many_concurrent_starts_serves(workspace: Path, kill_background: None) -> None:
    words = [*COMMAND, "dashboard", "start", "--workspace", str(workspace), "--port", "0", "--background"]
    starts = [
        subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment())
        for _ in range(4)
    ]
    outputs = [start.communicate(timeout=60)[0] for start in starts]
    assert [start.returncode for start in starts] == [0] * 4, outputs
    assert len({found[0] for output in outputs if (found := URL.search(output))}) == 1, outputs
    assert sum("Runs in the background" in output for output in outputs) == 1, outputs


def test_if_the_port_is_in_use_that_is_reported_and_the_next_one_used(foreground: Callable[..., Foreground]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = other.getsockname()[1]
        started = foreground("--port", str(taken))
    assert started.lines[0].startswith(f"Port {taken} is in use; using {started.port}.")
    assert started.port > taken


def test_the_record_of_a_killed_dashboard_does_not_prevent_a_start(
    foreground: Callable[..., Foreground], workspace: Path
) -> None:
    first = foreground()
    first.process.kill()
    first.process.wait()
    assert run("dashboard", "status", "--workspace", str(workspace)).returncode == 4
    assert get_json(foreground().port)["status"] == "healthy"


def test_a_serving_process_that_dies_is_restarted_and_shows_the_same_board(
    foreground: Callable[..., Foreground],
) -> None:
    started = foreground()
    (worker,) = children(started.process.pid)
    epoch = get_json(started.port)["epoch"]
    os.kill(worker, signal.SIGKILL)

    def is_restarted() -> bool:
        try:
            health = get_json(started.port)
        except (OSError, http.client.HTTPException):
            return False
        return health["epoch"] != epoch and health["loading"] is None and health["tasks"] == 2

    eventually(is_restarted, 60)


def test_without_a_task_folder_and_a_terminal_the_error_names_the_command_that_creates_it(tmp_path: Path) -> None:
    started = run("dashboard", "start", "--workspace", str(tmp_path))
    assert started.returncode == 3
    assert started.stdout == ""
    assert (
        started.stderr
        == f"Error: There is no work/collaboration in {tmp_path}; `llm-service init {tmp_path}` creates it.\n"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_workspace_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    started = run("dashboard", "start", "--workspace", str(tmp_path / "none"))
    assert (started.returncode, started.stderr) == (3, f"Error: There is no folder {tmp_path}/none.\n")


NOT_REFUSED = ("dashboard status", "dashboard stop", "dashboard open", "mcp")
"""A dashboard goes on when its folder is removed; `mcp` serves, and refuses each tool."""


def test_no_command_takes_a_folder_that_does_not_exist_for_an_empty_workspace(tmp_path: Path) -> None:
    context = click.Context(cli, info_name="llm-service")
    asked = 0
    for name, command in named_commands(context, cli, "llm-service"):
        words = name.split()[1:]
        if "workspace" not in {one.name for one in command.params} or " ".join(words) in NOT_REFUSED:
            continue
        arguments = ["1" for one in command.params if isinstance(one, click.Argument)]
        for one in command.params:
            if isinstance(one, click.Option) and one.required:
                arguments += [one.opts[0], one.type.choices[0] if isinstance(one.type, click.Choice) else "x"]
        if name.startswith("llm-service mcp "):  # `generic` and no client print, and need no folder
            arguments = ["--client", "claude-code"]
        ended = CliRunner().invoke(cli, [*words, *arguments, "--workspace", str(tmp_path / "none")])
        assert (ended.exit_code, ended.output) == (3, f"Error: There is no folder {tmp_path}/none.\n"), name
        asked += 1
    assert asked >= 25
    assert not (tmp_path / "none").exists()


class Terminal:
    """A start on a real terminal, with keys typed."""

    def __init__(self, workspace: Path, typed: str = "", **more: str) -> None:
        self._primary, secondary = pty.openpty()
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *COMMAND, "dashboard", "start", "--workspace", str(workspace), "--port", "0"],
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            env=environment(**more),
        )
        os.close(secondary)
        os.set_blocking(self._primary, False)
        self.type(typed)
        self._shown = b""

    def type(self, keys: str) -> None:
        os.write(self._primary, keys.encode())

    def shows(self, text: str) -> bool:
        """True if the terminal has shown the text."""
        with contextlib.suppress(OSError):
            self._shown += os.read(self._primary, 65_536)
        return text in self._shown.decode()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._primary)


def test_on_a_terminal_it_offers_to_create_the_task_folder(tmp_path: Path) -> None:
    with contextlib.closing(Terminal(tmp_path, "y\n")) as terminal:
        eventually(lambda: terminal.shows("Ctrl-C stops"))
        assert terminal.shows("Create it, with a sample task?")
        assert terminal.shows("tasks     1 (1 inbox")
        terminal.type("\x03")
        eventually(lambda: terminal.shows("Stopped."))
        assert terminal.process.wait(timeout=60) == 0
        assert not terminal.shows("restarted")


def test_the_offer_can_be_declined(tmp_path: Path) -> None:
    with contextlib.closing(Terminal(tmp_path, "n\n")) as terminal:
        eventually(lambda: terminal.shows("Error: There is nothing to watch"))
        assert terminal.process.wait(timeout=60) == 3
        assert not (tmp_path / "work").exists()


def test_in_the_background_it_outlives_the_command_and_can_be_stopped(workspace: Path, kill_background: None) -> None:
    where = ("--workspace", str(workspace))
    started = run("dashboard", "start", *where, "--port", "0", "--background")
    assert started.returncode == 0, started.stderr
    found = URL.search(started.stdout)
    assert found
    assert "tasks     2 (1 inbox" in started.stdout
    status = json.loads(run("dashboard", "status", *where, "--json").stdout)
    assert (status["running"], status["url"], status["workspace"]) == (True, found[0], str(workspace))
    assert status["health"]["service"] == "llm-service-dashboard"
    assert status["uptime_s"] >= 0
    assert f"as process {status['pid']};" in started.stdout
    assert os.getsid(status["pid"]) == status["pid"], "it leads its own session"
    stopped = run("dashboard", "stop", *where)
    assert stopped.stdout == f"Stopped the dashboard at {found[0]} (process {status['pid']}).\n"
    assert process_start_time(status["pid"]) is None


def test_in_the_background_a_log_that_was_removed_is_begun_again(workspace: Path, kill_background: None) -> None:
    where = ("--workspace", str(workspace))
    started = run("dashboard", "start", *where, "--port", "0", "--background", LLM_SERVICE_LOG_LEVEL="info")
    found = URL.search(started.stdout)
    assert found
    log = workspace / ".llm-service/dashboard.log"

    def is_removed() -> bool:
        with contextlib.suppress(OSError):  # the service writes into it meanwhile
            shutil.rmtree(log.parent)
        return not log.parent.exists() or not log.exists()

    for remove in (lambda: log.unlink() is None, is_removed):
        eventually(remove)
        eventually(log.exists)
        assert requests.get(found[0], headers={"Host": "evil.example"}, timeout=60).status_code == 403
        eventually(lambda: "Refused a request" in log.read_text())
        assert log.stat().st_mode & 0o777 == 0o600


def test_a_failed_background_start_prints_the_end_of_its_log(workspace: Path) -> None:
    started = run("dashboard", "start", "--workspace", str(workspace), "--background", "--host", "no-such-host.invalid",
                  LLM_SERVICE_TOKEN="0123456789abcdef", LLM_SERVICE_ALLOWED_HOSTS="board")  # fmt: skip
    assert started.returncode == 3
    first, last = started.stderr.splitlines()
    assert first.startswith("Error: Cannot listen on no-such-host.invalid")
    assert last.startswith("Error: The dashboard did not start; its log is ")


def test_the_token_is_neither_printed_nor_visible_to_other_users(workspace: Path, kill_background: None) -> None:
    where = ("--workspace", str(workspace))
    started = run("dashboard", "start", *where, "--port", "0", "--background", "--token", "s3cret-token")
    assert started.returncode == 0, started.stderr
    assert "?token=<your token>" in started.stdout
    running = find_running(str(workspace / ".llm-service"))
    assert running
    shown = [started.stdout, started.stderr]
    shown += [Path(f"/proc/{pid}/cmdline").read_text() for pid in (running.pid, *children(running.pid))]
    shown += [path.read_text() for path in (workspace / ".llm-service").glob("dashboard.*")]
    assert not any("s3cret-token" in text for text in shown)
    status = json.loads(run("dashboard", "status", *where, "--json", LLM_SERVICE_TOKEN="s3cret-token").stdout)
    assert status["health"]["status"] == "healthy"


def test_a_dashboard_that_ignores_signals_is_killed(
    foreground: Callable[..., Foreground], workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launcher, "STOP_WITHIN_S", 0.2)
    started = foreground()
    started.process.send_signal(signal.SIGSTOP)
    (worker,) = children(started.process.pid)
    os.kill(worker, signal.SIGSTOP)
    running = find_running(str(workspace / ".llm-service"))
    assert running
    assert launcher.stop(running) is False
    eventually(lambda: process_start_time(worker) is None)


def test_stop_status_and_open_report_that_no_dashboard_runs(workspace: Path) -> None:
    for command in ("stop", "status", "open"):
        ended = run("dashboard", command, "--workspace", str(workspace))
        assert (ended.returncode, ended.stderr) == (4, f"Error: No dashboard is running for {workspace}.\n")
    ended = run("dashboard", "status", "--json", "--workspace", str(workspace))
    assert ended.returncode == 4
    assert json.loads(ended.stdout)["running"] is False


def test_status_without_json_is_one_line(foreground: Callable[..., Foreground], workspace: Path) -> None:
    started = foreground()
    status = run("dashboard", "status", "--workspace", str(workspace))
    assert re.fullmatch(
        rf"{started.url} has been running for \d+ s \(process {started.process.pid}\): healthy\n", status.stdout
    )


def test_a_dashboard_that_does_not_answer_is_still_running(
    foreground: Callable[..., Foreground], workspace: Path
) -> None:
    started = foreground()
    (worker,) = children(started.process.pid)
    os.kill(worker, signal.SIGSTOP)
    try:
        status = run("dashboard", "status", "--json", "--workspace", str(workspace))
    finally:
        os.kill(worker, signal.SIGCONT)
    assert status.returncode == 0
    assert (json.loads(status.stdout)["running"], json.loads(status.stdout)["health"]) == (True, None)


def test_open_opens_the_running_dashboard_in_the_browser(
    foreground: Callable[..., Foreground], workspace: Path, browser: tuple[str, Path]
) -> None:
    started = foreground()
    command, opened = browser
    assert run("dashboard", "open", "--workspace", str(workspace), BROWSER=command).stdout == f"{started.url}\n"
    eventually(lambda: opened.exists() and opened.read_text() == f"{started.url}\n")


def test_a_start_opens_the_browser_only_if_asked_or_on_a_terminal_with_a_display(
    foreground: Callable[..., Foreground], workspace: Path, browser: tuple[str, Path]
) -> None:
    command, opened = browser
    quiet = foreground(BROWSER=command, DISPLAY=":0")
    assert quiet.stop(signal.SIGTERM)[0] == 0
    assert not opened.exists()
    asked = foreground("--open", BROWSER=command)
    eventually(lambda: opened.exists() and opened.read_text() == f"{asked.url}\n")
    assert asked.stop(signal.SIGTERM)[0] == 0
    opened.unlink()
    with contextlib.closing(Terminal(workspace, BROWSER=command, DISPLAY=":0")):
        eventually(opened.exists)


def test_broken_settings_prevent_a_start_but_not_a_stop(foreground: Callable[..., Foreground], workspace: Path) -> None:
    started = foreground()
    (workspace / "llm-service.yaml").write_text("prot: 1\n")
    refused = run("dashboard", "start", "--workspace", str(workspace))
    assert refused.returncode == 2
    assert refused.stderr == f"Error: {workspace}/llm-service.yaml:1: unknown setting prot. Did you mean port?\n"
    assert run("dashboard", "stop", "--workspace", str(workspace)).returncode == 0
    assert started.process.wait(60) == 0


def test_init_creates_the_task_folder_and_overwrites_nothing(tmp_path: Path) -> None:
    first = run("init", str(tmp_path))
    assert first.returncode == 0
    made = {str(path.relative_to(tmp_path / "work/collaboration")) for path in tmp_path.rglob("*") if path.is_file()}
    (sample,) = [name for name in made if name.endswith(".yaml")]
    assert sample.startswith("inbox/")
    assert made == {sample, "README.md", "inbox/.gitkeep", "assigned/.gitkeep", "done/.gitkeep"}
    readme = tmp_path / "work/collaboration/README.md"
    readme.write_text("mine")
    (tmp_path / "work/collaboration" / sample).unlink()
    (tmp_path / "work/collaboration/inbox/own.yaml").write_text("id: own\n")
    second = run("init", str(tmp_path))
    assert second.returncode == 0
    assert "already exists" in second.stdout
    assert readme.read_text() == "mine"
    assert [path.name for path in tmp_path.rglob("*.yaml")] == ["own.yaml"]


def test_init_says_where_it_found_no_session_logs(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    said = run("init", "--sessions", str(tmp_path / "ws"), HOME=str(home), CLAUDE_CONFIG_DIR=str(home / ".claude"))
    assert said.returncode == 0
    assert "There are no session logs that are not counted yet, in ~/.claude/projects, " in said.stdout
    assert "no session logs" not in run("init", "--no-sessions", str(tmp_path / "ws"), HOME=str(home)).stdout


def test_a_command_that_needs_a_dashboard_says_how_to_start_it(workspace: Path) -> None:
    for command in (["members"], ["needs-you"], ["jobs", "list"]):
        ended = run(*command, "--workspace", str(workspace))
        start = f"llm-service dashboard start --workspace {workspace}"
        expected = f"Error: No dashboard is running for {workspace}. Start it: {start}\n"
        assert (ended.returncode, ended.stderr) == (4, expected)


def test_init_fails_where_it_cannot_write(tmp_path: Path) -> None:
    (tmp_path / "work").write_text("a file")
    refused = run("init", str(tmp_path))
    assert refused.returncode == 3
    assert refused.stderr.startswith("Error: Cannot create ")


def test_the_banner_shows_address_rows_and_the_last_line() -> None:
    text = launcher.banner(
        "http://127.0.0.1:8080", [("watching", "/w (missing)"), ("history", "off")], True, "Stop: C-c"
    )
    assert "  open      http://127.0.0.1:8080/?token=<your token>\n" in text
    assert "  watching  /w (missing)\n  history   off\nStop" in text


def test_doctor_says_what_to_do_about_a_state_folder_that_cannot_be_written(
    workspace: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: False)
    monkeypatch.chdir(workspace)
    with pytest.raises(SystemExit) as ended:
        cli(["doctor"])
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("problem  state ")]
    assert ended.value.code == 1
    assert "so no dashboard starts" in line and "LLM_SERVICE_STATE_DIR" in line


def test_a_start_says_what_to_do_about_a_state_folder_that_cannot_be_written(workspace: Path) -> None:
    (workspace / "taken").write_text("a file")
    refused = run("dashboard", "start", "--workspace", str(workspace), LLM_SERVICE_STATE_DIR=str(workspace / "taken/x"))
    assert refused.returncode == 3
    assert refused.stderr.startswith(f"Error: Cannot write to {workspace}/taken/x (Not a directory); ")
    assert "LLM_SERVICE_STATE_DIR" in refused.stderr


def test_the_reference_lists_every_command_and_option() -> None:
    text = reference()
    for name, command in named_commands(click.Context(cli), cli, "llm-service"):
        assert f"`{name}" in text
        for option in command.params:
            if isinstance(option, click.Option):
                assert (option.opts[0] in text) != option.hidden
    assert all(line.count("|") - line.count(r"\|") == 3 for line in text.splitlines())


@pytest.mark.parametrize("module", ["main", "dashboard", "jobs", "approve"])
def test_what_needs_no_server_imports_none(module: str) -> None:
    code = f"import sys, llm_service.cli.main, llm_service.cli.{module}; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split()
    assert f"llm_service.cli.{module}" in loaded
    assert not {"flask", "gunicorn", "re2", "llm_service.app"} & set(loaded)


def test_a_setting_of_the_command_line_names_the_option_that_there_is() -> None:
    given = {
        "host": "::1",
        "port": 1,
        "open_browser": False,
        "log_level": "info",
        "token": "t" * 20,
        "share": True,
        "follow": [],
    }
    options = {one.name: one for one in start.params if isinstance(one, click.Option)}
    origins = load_settings(environ={}, cli=given).origins
    for name in given:
        assert origins[name].where == "/".join([*options[name].opts, *options[name].secondary_opts])
