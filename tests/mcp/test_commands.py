"""`llm-service mcp install` and `mcp skill`: the change is shown, then written, and the rest of the file survives."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from llm_service.cli.main import cli
from llm_service.mcp.json_edit import parse
from llm_service.mcp.skill import TEXT
from llm_service.mcp.tools import TOOLS

Run = Callable[..., Result]


@pytest.fixture
def run(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("CODEX_HOME", str(tmp_path / "codex"))
    monkeypatch.chdir(place)

    def invoke(*arguments: str, code: int = 0, **options: Any) -> Result:
        result = CliRunner().invoke(cli, ["mcp", *arguments], **options)
        assert result.exit_code == code, result.output
        return result

    return invoke


def entry_in(path: Path) -> dict[str, Any]:
    text = path.read_text()
    if path.suffix == ".toml":
        return dict(tomllib.loads(text)["mcp_servers"]["llm-service"])
    return dict(parse(text)["mcpServers"]["llm-service"])


@pytest.mark.parametrize(
    ("client", "where"),
    [("claude-code", "ws/.mcp.json"), ("cursor", "ws/.cursor/mcp.json"), ("codex", "codex/config.toml")],
)
def test_the_settings_of_a_client_are_shown_and_written(run: Run, tmp_path: Path, client: str, where: str) -> None:
    path = tmp_path / where
    shown = run("install", "--client", client, code=1).output
    assert "+" in shown and "llm-service" in shown and "no terminal" in shown
    assert not path.exists()
    run("install", "--client", client, "--yes")
    assert entry_in(path)["args"][-1] == "mcp"
    assert "has it already" in run("install", "--client", client, "--yes").output


def test_without_the_sdk_it_is_written_and_said_to_be_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    said = run("install", "--client", "cursor", "--yes").output
    assert "Written: " in said and "It will not start yet. MCP needs the package `mcp`" in said
    assert "MCP needs" not in run("install", "--client", "codex", "--url", "http://127.0.0.1:8080/mcp", "--yes").output


def test_an_answer_of_no_writes_nothing(run: Run, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_service.mcp.commands._may_ask", lambda: True)
    assert "Nothing was written" in run("install", "--client", "claude-code", code=1, input="n\n").output
    assert not (place / ".mcp.json").exists()
    run("install", "--client", "claude-code", input="y\n")
    assert entry_in(place / ".mcp.json")["type"] == "stdio"


def test_comments_and_other_entries_survive(run: Run, place: Path, tmp_path: Path) -> None:
    (place / ".mcp.json").write_text('{\n  // mine\n  "mcpServers": {\n    "a": {"command": "b"}, // why\n  },\n}\n')
    run("install", "--client", "claude-code", "--yes")
    text = (place / ".mcp.json").read_text()
    assert "// mine" in text and "// why" in text and set(parse(text)["mcpServers"]) == {"a", "llm-service"}
    config = tmp_path / "codex/config.toml"
    config.parent.mkdir()
    config.write_text('model = "o3" # best\n\n[mcp_servers.a] # mine\ncommand = "b"\n')
    run("install", "--client", "codex", "--yes")
    assert config.read_text().startswith('model = "o3" # best\n\n[mcp_servers.a] # mine\ncommand = "b"\n')


def test_a_running_dashboard_is_used_by_its_address_and_no_token_is_written(
    run: Run, tmp_path: Path, place: Path
) -> None:
    url = "http://127.0.0.1:8765/mcp"
    options = ("--url", url, "--token-env", "LLM_SERVICE_TOKEN", "--yes")
    for client in ("claude-code", "cursor", "codex"):
        run("install", "--client", client, *options)
    bearer = {"Authorization": "Bearer ${LLM_SERVICE_TOKEN}"}
    assert entry_in(place / ".mcp.json") == {"type": "http", "url": url, "headers": bearer}
    assert entry_in(place / ".cursor/mcp.json") == {
        "url": url,
        "headers": {"Authorization": "Bearer ${env:LLM_SERVICE_TOKEN}"},
    }
    assert entry_in(tmp_path / "codex/config.toml") == {"url": url, "bearer_token_env_var": "LLM_SERVICE_TOKEN"}


def test_generic_prints_the_entry_or_writes_it_to_a_file(run: Run, tmp_path: Path) -> None:
    printed = json.loads(run("install", "--client", "generic").output)
    assert printed["mcpServers"]["llm-service"]["args"][-1] == "mcp"
    run("install", "--client", "generic", "--file", str(tmp_path / "x.json"), "--yes")
    assert entry_in(tmp_path / "x.json") == printed["mcpServers"]["llm-service"]


def test_the_workspace_is_written_absolutely(run: Run, place: Path) -> None:
    printed = json.loads(run("install", "--client", "generic", "--workspace", ".").output)
    assert printed["mcpServers"]["llm-service"]["args"][-3:] == ["mcp", "--workspace", str(place)]


@pytest.mark.parametrize("text", ["{", '{"mcpServers": []}', "\0\0"])
def test_a_file_that_is_not_understood_is_left_as_it_is(run: Run, place: Path, text: str) -> None:
    (place / ".mcp.json").write_text(text)
    assert "is left as it is" in run("install", "--client", "claude-code", "--yes", code=2).output
    assert (place / ".mcp.json").read_text() == text


def test_a_link_in_the_workspace_is_not_followed(run: Run, place: Path, tmp_path: Path) -> None:
    (tmp_path / "victim.json").write_text("{}")
    (place / ".mcp.json").symlink_to(tmp_path / "victim.json")
    run("install", "--client", "claude-code", "--yes", code=2)
    (place / ".cursor").symlink_to(tmp_path / "user", target_is_directory=True)
    assert run("install", "--client", "cursor", "--yes", code=2).exit_code
    assert (tmp_path / "victim.json").read_text() == "{}"
    assert not (tmp_path / "user/mcp.json").exists()


def test_the_skill_names_every_tool_that_reports_and_is_printed(run: Run) -> None:
    printed = run("skill").output
    assert printed == TEXT
    missing = {entry.name for entry in TOOLS if entry.name not in printed}
    assert missing <= {"get_pipeline_job_log", "record_call", "broadcast"}


@pytest.mark.parametrize(
    ("client", "where"),
    [
        ("claude-code", ".claude/skills/report-to-dashboard/SKILL.md"),
        ("cursor", ".cursor/rules/report-to-dashboard.mdc"),
        ("codex", "AGENTS.md"),
    ],
)
def test_the_skill_is_written_where_a_client_looks_for_it(run: Run, place: Path, client: str, where: str) -> None:
    run("skill", "--client", client, "--yes")
    assert TEXT in (place / where).read_text()
    assert "has it already" in run("skill", "--client", client, "--yes").output


def test_the_rest_of_agents_md_stays(run: Run, place: Path) -> None:
    (place / "AGENTS.md").write_text("# Rules\n\nBe kind.")
    run("skill", "--client", "codex", "--yes")
    text = (place / "AGENTS.md").read_text()
    assert text.startswith("# Rules\n\nBe kind.\n\n<!-- llm-service: begin -->\n")
    (place / "AGENTS.md").write_text(text.replace("## Rules", "## Old rules") + "\nMore.\n")
    run("skill", "--client", "codex", "--yes")
    assert (place / "AGENTS.md").read_text() == text + "\nMore.\n"


def test_what_is_the_users_own_names_our_program_by_its_path_and_what_is_shared_by_its_name(
    run: Run, place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = tmp_path / "installed/bin"
    ours.mkdir(parents=True)
    program = ours / "llm-service"
    program.touch(0o755)
    monkeypatch.setattr("sys.executable", str(ours / "python"))
    monkeypatch.setenv("PATH", str(ours))
    for client in ("claude-code", "cursor", "codex"):
        run("install", "--client", client, "--yes")
    assert entry_in(tmp_path / "codex/config.toml")["command"] == str(program)
    assert json.loads(run("install", "--client", "generic").output)["mcpServers"]["llm-service"]["command"] == str(
        program
    )
    for shared in (".mcp.json", ".cursor/mcp.json"):
        assert entry_in(place / shared)["command"] == "llm-service"
    monkeypatch.setenv("PATH", "/nowhere")
    run("install", "--client", "claude-code", "--yes")
    assert entry_in(place / ".mcp.json")["command"] == str(program)
    program.unlink()
    run("install", "--client", "claude-code", "--yes")
    assert entry_in(place / ".mcp.json")["args"][:2] == ["-m", "llm_service"]


def test_yes_without_a_client_is_refused(run: Run) -> None:
    assert "--yes is for --client" in run("skill", "--yes", code=2).output
