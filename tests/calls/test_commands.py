"""`llm-service telemetry ...`, `doctor` and `init` with session logs, without a dashboard."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from kit.live import Live
from kit.session_logs import SAMPLES
from kit.settings import user_file

from llm_service.calls.sessions.folders import discover_session_folders, session_folders
from llm_service.cli.main import cli
from llm_service.cli.sections import load_settings
from llm_service.settings.load import Settings

Run = Callable[..., Result]


@pytest.fixture
def run(workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command in the workspace, with a temporary home folder."""
    monkeypatch.chdir(workspace)
    monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
    for name in (
        "CLAUDE_CONFIG_DIR", "CODEX_HOME", "COPILOT_HOME", "PI_CODING_AGENT_DIR", "OPENCLAW_STATE_DIR",
        "GEMINI_CLI_HOME", "QWEN_RUNTIME_DIR", "QWEN_HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME",
    ):  # fmt: skip
        monkeypatch.delenv(name, raising=False)

    def invoke(*arguments: str, code: int = 0) -> Result:
        result = CliRunner().invoke(cli, arguments)
        assert result.exit_code == code, result.output
        return result

    return invoke


def line(number: int, **fields: object) -> str:
    values = {"invocation_id": f"id-{number}", "timestamp": "2026-03-01T10:00:00Z", "model": "gpt-5"} | fields
    return json.dumps(values | {"prompt_tokens": 1_000_000}) + "\n"


CLAUDE = {
    "type": "assistant",
    "sessionId": "s",
    "requestId": "r",
    "timestamp": "2026-03-01T10:00:00Z",
    "message": {"id": "m", "model": "claude-sonnet-4-5-20250929", "usage": {"input_tokens": 10, "output_tokens": 2}},
}


def test_files_are_imported_once_and_refused_lines_are_reported_with_their_number(run: Run, workspace: Path) -> None:
    log = workspace / "calls.jsonl"
    log.write_text(line(1) + "nonsense\n" + line(2) + line(3).rstrip("\n"))
    result = run("telemetry", "import", "calls.jsonl")
    assert "1 files, 3 calls counted, 0 already known, 1 lines refused." in result.output
    assert "calls.jsonl:2: This line is not JSON" in result.output
    assert "0 calls counted, 3 already known" in run("telemetry", "import", "calls.jsonl").output


def test_the_kind_of_a_file_is_detected_from_its_lines(run: Run, workspace: Path) -> None:
    folder = workspace / "logs/project"
    folder.mkdir(parents=True)
    (folder / "session.jsonl").write_text(json.dumps(CLAUDE) + "\n")
    (folder / "ours.jsonl").write_text(line(1))
    assert "2 files, 2 calls counted" in run("telemetry", "import", "logs").output
    exported = [json.loads(text) for text in run("telemetry", "export").output.splitlines()]
    assert sorted(call["invocation_id"] for call in exported) == ["claude:m:r", "id-1"]
    assert (
        "0 calls counted, 1 already known"
        in run("telemetry", "import", "--kind", "claude", "logs/project/session.jsonl").output
    )


def test_the_spans_of_copilot_cli_are_recognised(run: Run) -> None:
    assert "1 files, 8 calls counted" in run("telemetry", "import", str(SAMPLES / "copilot")).output


def test_nothing_to_import_is_an_error(run: Run, workspace: Path) -> None:
    assert "nowhere does not exist" in run("telemetry", "import", "nowhere", code=3).output
    (workspace / "empty.jsonl").write_text("no call\n")
    assert "No call was found" in run("telemetry", "import", "empty.jsonl", code=1).output


def test_the_prompts_and_logs_in_claude_codes_own_folder_are_no_calls(run: Run, workspace: Path) -> None:
    folder = workspace / "dot-claude"
    (folder / "projects/-home-ada").mkdir(parents=True)
    (folder / "projects/-home-ada/s.jsonl").write_text(json.dumps(CLAUDE) + "\n")
    prompts = [{"display": f"prompt {n}", "timestamp": 1763458265000 + n, "sessionId": "s"} for n in range(5)]
    (folder / "history.jsonl").write_text("".join(json.dumps(prompt) + "\n" for prompt in prompts))
    (folder / "app.jsonl").write_text('{"timestamp": "2026-11-20T10:00:00Z", "level": "info", "message": "hello"}\n')
    output = run("telemetry", "import", "dot-claude").output
    assert "3 files, 1 calls counted, 0 already known, 6 lines refused." in output
    assert "history.jsonl:5: There is no token count" in output


def test_a_file_or_folder_that_cannot_be_read_is_named_and_the_rest_is_imported(run: Run, workspace: Path) -> None:
    folder, other = workspace / "logs", workspace / "other"
    (folder / "sub").mkdir(parents=True)
    other.mkdir()
    (folder / "a.jsonl").write_text(line(1))
    (folder / "sub/z.jsonl").write_text(json.dumps(CLAUDE) + "\n")
    (other / "o.jsonl").write_text(line(2))
    (folder / "linked.jsonl").symlink_to(other / "o.jsonl")
    (folder / "gone.jsonl").symlink_to("nowhere")
    (folder / "linked-folder").symlink_to(other)
    (folder / "sub/named.jsonl").mkdir()
    os.mkfifo(folder / "sub/pipe.jsonl")
    for kind, counts in (("auto", "2 calls counted, 0 already known"), ("claude", "0 calls counted, 1 already known")):
        output = run("telemetry", "import", "--kind", kind, "logs", code=1).output
        assert "Files or folders that could not be read, and are left out: 5." in output
        assert f"2 files, {counts}" in output
        for name in ("linked.jsonl", "gone.jsonl", "linked-folder", "named.jsonl", "pipe.jsonl"):
            assert sum(name in text for text in output.splitlines()) == 1, name
    assert "1 files, 1 calls counted" in run("telemetry", "import", "other").output


def test_a_path_that_does_not_exist_is_an_error_before_anything_is_imported(run: Run, workspace: Path) -> None:
    (workspace / "calls.jsonl").write_text(line(1))
    assert "nowhere does not exist" in run("telemetry", "import", "calls.jsonl", "nowhere", code=3).output
    assert run("telemetry", "export").output == ""


def test_an_import_is_listed_and_taken_back(run: Run, workspace: Path) -> None:
    assert "Nothing was imported." in run("telemetry", "imports").output
    (workspace / "a.jsonl").write_text(line(1) + line(2))
    (workspace / "b.jsonl").write_text(line(2) + line(3))
    output = run("telemetry", "import", "a.jsonl").output
    assert "This is import 1; `llm-service telemetry forget 1` takes it back." in output
    assert "This is import" not in run("telemetry", "import", "a.jsonl").output
    assert "This is import 3" in run("telemetry", "import", "b.jsonl").output
    newer, older = json.loads(run("telemetry", "imports", "--json").output)
    assert (newer["import"], newer["calls"], newer["cost_usd"]) == (3, 1, 1.25)
    assert (older["import"], older["calls"], older["paths"]) == (1, 2, [str(workspace / "a.jsonl")])
    assert f"2 calls, $2.5000, {workspace / 'a.jsonl'}" in run("telemetry", "imports").output
    assert "2 calls of import 1 are not counted any more." in run("telemetry", "forget", "1").output
    exported = [json.loads(text) for text in run("telemetry", "export").output.splitlines()]
    assert [call["invocation_id"] for call in exported] == ["id-3"]
    assert "There is no import 1" in run("telemetry", "forget", "1", code=1).output
    assert "2 calls counted" in run("telemetry", "import", "a.jsonl").output


def test_a_running_dashboard_forgets_an_import_too(run: Run, workspace: Path, start: Callable[..., Live]) -> None:
    (workspace / "calls.jsonl").write_text(line(1) + line(2))
    live = start()
    listener = live.listen()

    def counted(got: list[tuple[str, Any]]) -> list[int]:
        return [body["costs"]["calls"] for name, body in got if name == "cost.update"]

    run("telemetry", "import", "calls.jsonl")
    listener.wait(lambda got: counted(got)[-1:] == [2])
    run("telemetry", "forget", "1")
    listener.wait(lambda got: counted(got)[-1:] == [0])
    assert live.json("/api/telemetry/calls")["calls"] == []


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl"])
def test_an_export_can_be_imported(run: Run, workspace: Path, kind: str) -> None:
    hour = {"cache_write_tokens": 1_000_000, "cache_write_1h_tokens": 1_000_000, "model": "claude-opus-5"}
    lines = (line(1, agent="ann"), line(2, cost_usd=0.5), line(3, model="mystery"), line(4, **hour))
    (workspace / "calls.jsonl").write_text("".join(lines))
    run("telemetry", "import", "calls.jsonl")
    run("telemetry", "export", "--format", kind, "--output", f"out.{kind}")
    before = run("telemetry", "export").output
    assert [json.loads(row)["cost_usd"] for row in before.splitlines()] == [1.25, 0.5, None, 10.0]
    (workspace / ".llm-service/history.db").unlink()
    assert "1 files, 4 calls counted" in run("telemetry", "import", f"out.{kind}").output
    assert run("telemetry", "export").output == before
    assert "4 of 4" not in run("telemetry", "reprice").output
    assert run("telemetry", "export").output == before


def test_an_export_is_filtered(run: Run, workspace: Path) -> None:
    (workspace / "calls.jsonl").write_text(line(1, agent="ann") + line(2))
    run("telemetry", "import", "calls.jsonl")
    assert "id-1" in run("telemetry", "export", "--format", "csv", "--agent", "ann", "--from", "2026-03-01").output
    assert run("telemetry", "export", "--to", "2026-02-28").output == ""
    assert "has to be a date" in run("telemetry", "export", "--from", "soon", code=1).output


def test_statistics_say_how_many_calls_are_priced_as_requested(run: Run, workspace: Path) -> None:
    (workspace / "calls.jsonl").write_text(line(1) + line(2, service_tier="priority", unconfirmed=True))
    run("telemetry", "import", "calls.jsonl")
    output = run("telemetry", "stats").output
    assert "1 of 2 calls are priced by the service tier that was requested" in output
    facts = json.loads(run("telemetry", "stats", "--json").output)
    assert (facts["unconfirmed"]["total"], facts["coverage"]["unconfirmed"]) == (1, 1)
    assert facts["costs"]["total"] == 1.25 + 2.5  # GPT-5: $1.25 a million, with priority $2.50


def test_repricing_prints_what_the_users_own_price_changes(run: Run, workspace: Path) -> None:
    (workspace / "calls.jsonl").write_text(line(1) + line(2, model="house-7b") + line(3, cost_usd=9.0))
    run("telemetry", "import", "calls.jsonl")
    assert "1 of 3 calls have no known price" in run("telemetry", "stats").output
    (workspace / "llm-service.yaml").write_text(
        "prices:\n- {model: house-7b, input_per_mtok: 0.25, output_per_mtok: 1}\n"
    )
    output = run("telemetry", "reprice").output
    assert "house-7b: 1 calls, $0.0000 -> $0.2500" in output
    assert "1 of 2 calls changed ($+0.2500); 1 of them had no price before." in output
    facts = json.loads(run("telemetry", "stats", "--json").output)
    assert (facts["costs"]["total"], facts["coverage"]["unpriced"]) == (10.5, 0)
    again = CliRunner().invoke(cli, ["telemetry", "reprice", "--json"]).stdout
    assert json.loads(again)["changed"] == 0


def test_a_running_dashboard_publishes_calls_counted_by_a_command(
    run: Run, workspace: Path, start: Callable[..., Live]
) -> None:
    live = start()
    listener = live.listen()
    (workspace / "calls.jsonl").write_text(line(1))
    run("telemetry", "import", "calls.jsonl")
    listener.wait(lambda got: any(name == "cost.update" and body["costs"]["calls"] == 1 for name, body in got))


def test_without_telemetry_the_commands_report_that_it_is_off(run: Run, workspace: Path) -> None:
    (workspace / "llm-service.yaml").write_text("telemetry: false\n")
    assert "Telemetry is off" in run("telemetry", "stats", code=1).output


def test_doctor_reports_faults_with_file_and_line(run: Run, workspace: Path) -> None:
    assert "problem" not in run("doctor").output
    (workspace / "work/collaboration/inbox/bad.yaml").write_text("id: x\ntitle: [\n")
    (workspace / "work/telemetry").mkdir()
    (workspace / "work/telemetry/a.jsonl").write_text(line(1) + "broken\n" + '{"half')
    (workspace / ".llm-service").mkdir(exist_ok=True)
    (workspace / ".llm-service/history.db").write_bytes(b"no database at all" * 100)
    output = run("doctor", code=1).output
    assert "inbox/bad.yaml:" in output
    assert "a.jsonl:2: This line is not JSON" in output
    assert "a.jsonl:3" not in output  # an incomplete line may still be finished
    assert "history" in output
    assert "not a database" in output
    rows = json.loads(run("doctor", "--json", code=1).output)
    levels = {row["level"] for row in rows if "stage" not in row}
    assert levels >= {"ok", "problem"}


def test_doctor_and_health_name_linked_files_and_folders_of_logs(
    run: Run, workspace: Path, start: Callable[..., Live]
) -> None:
    logs, elsewhere = workspace / "work/telemetry", workspace / "elsewhere"
    logs.mkdir()
    elsewhere.mkdir()
    (elsewhere / "b.jsonl").write_text(line(2))
    (logs / "a.jsonl").write_text(line(1))
    (logs / "linked").symlink_to(elsewhere)
    (logs / "b.jsonl").symlink_to(elsewhere / "b.jsonl")
    output = run("doctor", code=1).output
    assert f"2 files or folders in {logs} are not read" in output
    assert f"{logs}/linked: left out, as it is a link, and links are not followed" in output
    assert f"{logs}/b.jsonl: b.jsonl is a symbolic link" in output
    live = start()
    live.sync()
    health = live.json("/health")
    (root,) = [one for one in health["watchers"] if one["root"] == str(logs)]
    assert root["skipped"] == {"linked": "left out, as it is a link, and links are not followed"}
    assert health["status"] == "degraded"
    (row,) = [row for row in live.json("/api/telemetry/sources")["sources"] if row["folder"] == str(logs)]
    assert "b.jsonl is a symbolic link" in row["problems"][0]["error"]


def test_doctor_without_a_workspace_names_the_command_that_creates_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    output = run("doctor", "--workspace", str(tmp_path / "elsewhere"), code=1).output
    assert "llm-service init" in output


def test_doctor_asks_the_running_dashboard(run: Run, live: Live) -> None:
    assert "no dashboard runs" in run("doctor").output  # this one runs in the test process, without an instance file


def test_init_lists_the_logs_it_finds_and_adds_them_with_an_option_to_the_users_own_configuration(
    run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = workspace / "home"
    (home / ".claude/projects").mkdir(parents=True)
    (home / ".copilot/otel").mkdir(parents=True)
    (workspace / "other's codex/sessions").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("CODEX_HOME", str(workspace / "other's codex"))
    config = user_file(monkeypatch, tmp_path_factory.mktemp("user"), "port: 8081  # mine")
    output = run("init").output
    assert "found the session logs in ~/.claude/projects" in output
    assert "  claude_folders: [~/.claude/projects]" in output
    assert "  copilot_folders: [~/.copilot/otel]" in output
    assert config.read_text() == "port: 8081  # mine"
    assert "session logs" not in run("init", "--no-sessions").output
    run("init", "--sessions")
    assert not (workspace / "llm-service.yaml").exists()
    assert config.read_text().startswith(f"port: 8081  # mine\nworkspaces:\n  {workspace}:\n    claude_folders: ")
    settings = load_settings(str(workspace))
    assert settings.port == 8081
    assert settings.timezone == str(Settings().zone())
    assert load_settings(str(config.parent)).timezone is None
    assert [kind for kind, _ in session_folders(settings)] == ["lines", "claude", "codex", "copilot"]
    assert discover_session_folders(settings) == []
    assert "session logs" not in run("init").output


def test_an_existing_setting_is_not_changed(run: Run, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (workspace / "home/.claude/projects").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(workspace / "home"))
    text = "claude_folders: [elsewhere]\n"
    (workspace / "llm-service.yaml").write_text(text)
    run("init", "--sessions")
    assert (workspace / "llm-service.yaml").read_text() == text


@pytest.mark.parametrize("kind", ["pi", "openclaw", "gemini", "qwen"])
def test_doctor_names_the_logs_of_each_agent_and_an_import_counts_the_same(
    run: Run, workspace: Path, kind: str
) -> None:
    name = "agents" if kind == "openclaw" else kind
    shutil.copytree(SAMPLES / kind, workspace / "logs" / name)
    (workspace / "llm-service.yaml").write_text(f"{kind}_folders: [logs/{name}]\n")
    found = re.search(rf"logs/{name}: ([\d,]+) files with ([\d,]+) calls \({kind}\)", run("doctor").output)
    assert found
    (workspace / "llm-service.yaml").unlink()
    output = run("telemetry", "import", "logs").output
    counted = re.search(r"([\d,]+) files, ([\d,]+) calls counted, ([\d,]+) already known", output)
    assert counted
    assert counted[1] == found[1]
    assert int(counted[2]) + int(counted[3]) == int(found[2])
