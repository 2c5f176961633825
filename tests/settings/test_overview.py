"""What a person sees of the settings: each value with its origin and place, and never a secret."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from kit.settings import settings_file, user_file

from llm_service.cli.sections import load_settings
from llm_service.json_values import as_json
from llm_service.settings.overview import ShownSetting, files_of, overview

SECRETS = {
    "token": "correct-horse-battery-staple",
    "webhook": "https://hooks.example.org/T0/SECRET-PART",
    "budget": "https://hooks.example.org/T0/BUDGET-PART",
    "hash": "ab" * 32,
    "env": "s3cr3t-of-a-server",
}


def shown(**arguments: object) -> dict[str, ShownSetting]:
    """The settings by name."""
    settings = load_settings(**{"environ": {}, **arguments})  # type: ignore[arg-type]
    return {one.name: one for one in overview(settings)}


def test_each_value_says_where_it_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    theirs = settings_file(workspace, "log_format: json\nstale_after_h: 9\ntimezone: Europe/Zurich\n")
    own = user_file(
        monkeypatch, tmp_path / "config", f"journal_days: 3\nworkspaces:\n  {workspace}:\n    timezone: Asia/Tokyo\n"
    )
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config"), "LLM_SERVICE_RING_EVENTS": "77"}
    found = shown(workspace=str(workspace), environ=environ, cli={"port": 9000})
    assert (found["log_format"].value, found["log_format"].origin, found["log_format"].where) == (
        "json", "workspace", f"{theirs}:1",
    )  # fmt: skip
    assert (found["journal_days"].origin, found["journal_days"].where) == ("user", f"{own}:1")
    assert (found["timezone"].value, found["timezone"].where) == ("Asia/Tokyo", f"{own}:4")
    assert (found["ring_events"].value, found["ring_events"].origin) == ("77", "environment")
    assert found["ring_events"].where == "LLM_SERVICE_RING_EVENTS"
    assert (found["port"].value, found["port"].origin, found["port"].where) == ("9000", "command line", "--port")
    assert (found["workspace"].origin, found["host"].origin) == ("command line", "default")
    assert found["host"].where is None
    assert found["port"].line == "port: 9000"
    assert found["threads"].workspace == "a lower value"


def test_the_file_of_config_is_an_origin(tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    file = settings_file(tmp_path, "workspace: work\nport: 1234\n", "other.yaml")
    found = shown(config_file=file)
    assert (found["port"].origin, found["port"].where) == ("config", f"{file}:2")
    assert (found["workspace"].origin, found["workspace"].where) == ("config", f"{file}:1")


def test_what_is_refused_to_the_workspace_is_not_its_value(tmp_path: Path) -> None:
    settings_file(tmp_path, "host: 0.0.0.0\n")
    found = shown(workspace=str(tmp_path))
    assert (found["host"].value, found["host"].origin) == ("127.0.0.1", "default")


def test_no_secret_is_shown_wherever_it_is_in_a_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "work"
    workspace.mkdir()
    server = {"name": "files", "command": "sh", "args": [SECRETS["env"]], "env": {"KEY": SECRETS["env"]}}
    values = {
        "token": SECRETS["token"],
        "webhook": SECRETS["webhook"],
        "budgets": [{"name": "daily", "period": "day", "limit_usd": 1, "webhook": SECRETS["budget"]}],
        "users": [{"name": "eve", "token_sha256": SECRETS["hash"], "role": "admin"}],
        "mcp_servers": [server],
        "profiles": [{"name": "run", "argv": ["sh", "-c", SECRETS["env"]], "env": {"KEY": SECRETS["env"]}}],
    }
    user_file(monkeypatch, tmp_path / "config", json.dumps(values))
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    found = shown(workspace=str(workspace), environ=environ)
    text = json.dumps(as_json(list(found.values())))
    assert [name for name, secret in SECRETS.items() if secret in text] == []
    assert (found["token"].value, found["token"].is_set, found["token"].is_secret) == (None, True, True)
    assert found["budgets"].value == "1 entry: daily"
    assert found["users"].value == "1 entry: eve"
    assert found["mcp_servers"].value == "1 entry: files"


def test_the_home_folder_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    settings = load_settings(workspace=str(tmp_path), environ={})
    assert files_of(settings, str(tmp_path / "c"))["user"] == "~/c/config.yaml"
    assert files_of(settings, None)["user"] is None
