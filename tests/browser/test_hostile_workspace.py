"""A cloned hostile workspace, served as a user serves it, and a page of another origin in a real browser."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from kit.foreign_page import FETCH, NO_CORS, SCRIPT, SOCKET_IO, WEBSOCKET
from kit.hostile_workspace import SECRET, HostileWorkspace, python
from kit.live import eventually
from kit.paths import SRC
from playwright.sync_api import Page

from llm_service.server.instance import process_start_time

pytestmark = pytest.mark.timeout(600)  # a dozen processes, where others take the machine too

FILE = "/api/artifacts/.ssh/file?path=id_rsa"


@pytest.fixture
def hostile(tmp_path: Path, foreign_url: str) -> Iterator[HostileWorkspace]:
    stranger = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    started = process_start_time(stranger.pid)
    assert started is not None
    made = HostileWorkspace(tmp_path, int(foreign_url.rpartition(":")[2]), ids=1_000, forged=(stranger.pid, started))
    yield made
    assert stranger.poll() is None, "a process that the workspace names was ended"
    stranger.kill()
    stranger.wait()
    made.close()


def run(hostile: HostileWorkspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A command of the user, in the folder that was cloned."""
    return subprocess.run(
        [*python(), *arguments],
        cwd=hostile.place,
        env=hostile.environment(PYTHONPATH=str(SRC)),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=120,
    )


@pytest.fixture
def served(hostile: HostileWorkspace) -> Iterator[tuple[str, str]]:
    """The address of the dashboard that was started in the background, and what was printed."""
    started = run(hostile, "dashboard", "start", "--background", "--port", "0")
    assert started.returncode == 0, started.stderr
    found = re.search(r"http://127\.0\.0\.1:\d+", started.stdout)
    assert found, started.stdout
    yield found[0], started.stdout
    assert run(hostile, "dashboard", "stop").returncode == 0


def test_a_foreign_page_reads_nothing_and_nothing_is_started_sent_or_written(
    hostile: HostileWorkspace, served: tuple[str, str], open_page: Callable[..., Page], foreign_url: str
) -> None:
    url, banner = served
    assert not url.endswith(f":{hostile.port}"), "the forged record was believed"
    health: dict[str, Any] = eventually(
        lambda: (body := requests.get(f"{url}/health", timeout=60).json())["loading"] is None and body
    )

    # What a page of another origin gets, with every way in.
    page = open_page(foreign_url, console_must_be_empty=False)
    paths = ("/api/tasks", "/api/artifacts", "/api/snapshot", "/health", FILE, f"{FILE}&raw=1", "/api/openapi.json")
    seen = [page.evaluate(FETCH, url + path) for path in paths]
    seen += [page.evaluate(NO_CORS, url + path) for path in paths]
    seen += [page.evaluate(WEBSOCKET, f"{url}/ws/all"), page.evaluate(SCRIPT, f"{url}/app.js")]
    seen += [page.evaluate(SOCKET_IO, [url, transport]) for transport in ("websocket", "polling")]
    assert {text for text in seen if not text.startswith("arrived opaque")} == {"refused"}

    # What the user's own page could get: nothing of what is outside.
    for path in (
        *paths,
        "/api/telemetry",
        "/api/telemetry/sources",
        "/api/evidence",
        "/api/tasks/claims",
        "/api/overview",
    ):
        assert SECRET not in requests.get(url + path, timeout=60).text, path
    assert requests.get(url + FILE, timeout=60).status_code == 404
    assert hostile.copied() == []

    # Each refusal is said once, in one sentence, in the banner, in /health and by doctor.
    troubles = {trouble["root"]: trouble["reason"] for trouble in health["troubles"]}
    assert len(health["troubles"]) == len(troubles)
    settings = json.loads((hostile.place / "llm-service.yaml").read_text())
    for name in settings.keys() - {"open_browser"}:  # which the user's own option decides, in the background
        (reason,) = [text for text in troubles.values() if text.startswith(f"{name} is not taken")]
        assert reason.endswith(" can set it.")
        assert reason in banner
    for name in ("generated_projects", "work/generated_projects", "work/telemetry", "llm-service.yml"):
        reason = troubles[str(hostile.place / name)]
        assert reason in banner
    found = run(hostile, "doctor")
    assert found.returncode == 1
    assert all(reason in found.stdout for reason in troubles.values() if "is not taken" in reason)
    shown = run(hostile, "approve", "--show").stdout
    assert str(hostile.home) in shown and "https://evil.example" in shown
    for text in (banner, found.stdout, shown, json.dumps(health)):
        assert SECRET not in text

    assert json.loads(run(hostile, "dashboard", "status", "--json").stdout)["url"] == url
    assert run(hostile, "telemetry", "stats").returncode == 0
    refused = run(hostile, "init", "--no-sessions")
    assert refused.returncode == 3
    assert "leads out of the workspace by a link" in refused.stderr
    assert hostile.started() == []
    assert hostile.received == []
    assert hostile.written_outside() == []


def test_a_link_put_in_place_while_it_runs_is_not_followed(hostile: HostileWorkspace, served: tuple[str, str]) -> None:
    url, _ = served
    for name in ("generated_projects", "work/generated_projects"):
        (hostile.place / name).unlink()
    (hostile.place / "generated_projects/shop").mkdir(parents=True)
    (hostile.place / "generated_projects/shop/page.html").write_text("ours")

    def projects() -> list[str]:
        return [row["name"] for row in requests.get(f"{url}/api/projects", timeout=60).json()["projects"]]

    eventually(lambda: projects() == ["shop"])
    (hostile.place / "generated_projects").rename(hostile.place / "old")
    (hostile.place / "generated_projects").symlink_to(hostile.home)

    def is_refused() -> bool:
        watchers = requests.get(f"{url}/health", timeout=60).json()["watchers"]
        return any("leads out of the workspace" in watcher.get("error", "") for watcher in watchers)

    eventually(is_refused)
    assert requests.get(url + FILE, timeout=60).status_code == 404
    eventually(lambda: projects() == [])
    (hostile.place / "generated_projects").unlink()
    (hostile.place / "old").rename(hostile.place / "generated_projects")
    eventually(lambda: projects() == ["shop"])
    assert hostile.written_outside() == []
