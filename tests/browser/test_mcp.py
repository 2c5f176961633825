"""The page “MCP”: where agents report, and the declared servers with their approval, state and actions."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kit import axe, mcp
from kit.live import Live, eventually, running
from playwright.sync_api import Page, expect

from llm_service.cli.main import cli

Open = Callable[..., Page]
SERVER = """
from mcp.server.mcpserver import MCPServer
server = MCPServer("echo", version="1.2")
def echo(text: str) -> str:
    return text
server.add_tool(echo)
server.run("stdio")
"""
HOSTILE = "<img src=x onerror=alert(1)>"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "user"))
    (tmp_path / "ws/work/collaboration/inbox").mkdir(parents=True)
    return tmp_path / "ws"


@pytest.fixture
def live(place: Path, tmp_path: Path) -> Iterator[Live]:
    """A workspace that declares a server that works, one that does not, and an entry that is none."""
    (tmp_path / "server.py").write_text(SERVER)
    servers = {
        "echo": {"command": sys.executable, "args": [str(tmp_path / "server.py"), HOSTILE], "env": {"KEY": "s3cr3t"}},
        "quits": {"command": "sh", "args": ["-c", "echo boom >&2; exit 3"]},
        "none": {},
    }
    (place / ".mcp.json").write_text(json.dumps({"mcpServers": servers}))
    one = running(place, control=True)
    yield one
    one.stop()


def approve(place: Path) -> None:
    assert CliRunner().invoke(cli, ["approve", "--workspace", str(place), "--yes"]).exit_code == 0


def opened(live: Live, open_page: Open, **options: Any) -> Page:
    page = open_page(f"{live.url}/#/mcp", **options)
    expect(page.get_by_test_id("mcp-endpoint")).to_be_visible()
    return page


def row(page: Page, name: str) -> Any:
    return page.locator(f'[data-testid="mcp-server"][data-server="{name}"]')


def test_what_is_not_approved_shows_its_command_line_and_cannot_be_started(live: Live, open_page: Open) -> None:
    page = opened(live, open_page)
    echo = row(page, "echo")
    expect(echo.get_by_test_id("server-state")).to_have_text("Not approved")
    expect(echo.get_by_test_id("server-argv").locator("li")).to_have_count(3)
    expect(echo.get_by_test_id("server-argv")).to_contain_text(HOSTILE)
    expect(echo).not_to_contain_text("s3cr3t")
    expect(echo.get_by_test_id("server-start")).to_be_disabled()
    expect(echo.get_by_test_id("server-start")).to_have_css("cursor", "not-allowed")  # and it looks so
    expect(page.get_by_test_id("mcp-problems")).to_contain_text(".mcp.json: none: It has neither `command` nor `url`.")
    expect(page.get_by_test_id("mcp-servers")).to_contain_text("2 servers, 0 running here, 2 not approved.")


def test_an_approved_server_is_started_restarted_and_stopped(live: Live, open_page: Open, place: Path) -> None:
    approve(place)
    page = opened(live, open_page)
    echo = row(page, "echo")
    echo.get_by_test_id("server-start").click()
    expect(echo.get_by_test_id("server-state")).to_have_text("Running")
    echo.get_by_test_id("server-tools").click()
    expect(echo).to_contain_text("echo 1.2")
    expect(echo.locator(".tools li")).to_have_text(["echo"])
    expect(echo.locator(".c-memory")).to_contain_text("MB")
    echo.get_by_test_id("server-restart").click()
    expect(echo.locator(".c-restarts")).to_have_text("1")
    expect(echo.get_by_test_id("server-state")).to_have_text("Running")
    expect(echo.locator(".tools li")).to_be_visible()  # what was unfolded stays so
    echo.get_by_test_id("server-stop").click()
    expect(echo.get_by_test_id("server-state")).to_have_text("Not running here")
    expect(echo.locator(".c-memory")).to_have_text("—")


def test_why_a_server_failed_is_shown(live: Live, open_page: Open, place: Path) -> None:
    approve(place)
    page = opened(live, open_page)
    row(page, "quits").get_by_test_id("server-start").click()
    expect(row(page, "quits").get_by_test_id("server-state")).to_have_text("Failed")
    expect(row(page, "quits").get_by_test_id("server-error")).to_contain_text("boom")


def test_a_refusal_is_said(live: Live, open_page: Open, place: Path) -> None:
    approve(place)
    page = opened(live, open_page, console_must_be_empty=False)
    expect(row(page, "echo").get_by_test_id("server-start")).to_be_enabled()
    assert CliRunner().invoke(cli, ["approve", "--workspace", str(place), "--revoke"]).exit_code == 0
    row(page, "echo").get_by_test_id("server-start").click()
    expect(page.locator(".toast")).to_contain_text("is not approved")


def test_where_agents_report_is_shown(live: Live, open_page: Open) -> None:
    with mcp.http(live.url) as client:
        client.call("list_tasks")
    page = opened(live, open_page)
    expect(page.get_by_test_id("mcp-endpoint")).to_contain_text(f"{live.url}/mcp")
    expect(page.get_by_test_id("mcp-endpoint")).to_contain_text("requests since the start")
    expect(page.get_by_test_id("mcp-endpoint")).to_contain_text("llm-service mcp install")


def test_without_servers_and_control_it_says_what_to_do(place: Path, open_page: Open) -> None:
    live = running(place)
    try:
        page = opened(live, open_page)
        expect(page.get_by_test_id("no-servers")).to_contain_text(".mcp.json")
        (place / ".mcp.json").write_text('{"mcpServers": {"a": {"command": "x"}}}')
        approve(place)
        page.reload()
        expect(row(page, "a").get_by_test_id("server-start")).to_be_disabled()
        expect(row(page, "a").get_by_test_id("server-start")).to_have_attribute(
            "title", "Control is off, or you are no admin: nothing can be started or stopped from here."
        )
    finally:
        live.stop()


def test_it_can_be_used_by_keyboard(live: Live, open_page: Open, place: Path) -> None:
    approve(place)
    page = opened(live, open_page)
    row(page, "quits").get_by_test_id("server-start").focus()
    page.keyboard.press("Enter")
    expect(row(page, "quits").get_by_test_id("server-state")).to_have_text("Failed")
    expect(row(page, "quits").get_by_role("button", name="Start quits")).to_be_focused()
    page.keyboard.press("b")
    expect(page.get_by_test_id("nav-board")).to_have_attribute("aria-current", "page")
    page.keyboard.press("m")
    expect(row(page, "echo")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_it_fits_and_axe_finds_nothing(live: Live, open_page: Open, place: Path, width: int) -> None:
    page = opened(live, open_page, viewport={"width": width, "height": 900}, bypass_csp=True)
    expect(row(page, "echo")).to_be_visible()
    assert eventually(lambda: page.evaluate("document.documentElement.scrollWidth") <= width)
    assert eventually(lambda: page.evaluate("document.querySelector('mcp-page').scrollWidth") <= width)
    assert axe.serious(page) == []
    approve(place)
    page.emulate_media(color_scheme="light")
    page.reload()
    row(page, "echo").get_by_test_id("server-start").click()
    expect(row(page, "echo").get_by_test_id("server-state")).to_have_text("Running")
    assert axe.serious(page) == []
