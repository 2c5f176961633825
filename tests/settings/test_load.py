"""Settings: sources, what is refused, and the messages."""

from __future__ import annotations

import dataclasses
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from kit.settings import SETTINGS, refusal, settings_file, settings_with, value_of

from llm_service.cli.sections import SECTIONS
from llm_service.cli.sections import load_settings as load
from llm_service.errors import BadSettings
from llm_service.settings.load import Settings
from llm_service.settings.section import table
from llm_service.settings.table import is_loopback
from llm_service.tasks.settings import TaskSettings, collaboration_path

LONG = "0123456789abcdef"


def test_without_any_source_the_defaults_apply_and_the_workspace_is_absolute(tmp_path: Path) -> None:
    settings = load(str(tmp_path), environ={})
    assert settings == settings_with(workspace=str(tmp_path))
    assert settings.of(TaskSettings).lanes == ["inbox", "assigned", "done"]
    assert collaboration_path(settings) == str(tmp_path / "work/collaboration")
    assert settings.state_path == str(tmp_path / ".llm-service")


def test_the_environment_overrides_the_file_and_the_command_line_overrides_both(tmp_path: Path) -> None:
    settings_file(tmp_path, "port: 1000\nthreads: 100\ndebounce_ms: 150\n")
    settings = load(
        str(tmp_path), None, {"port": 3000, "host": None}, {"LLM_SERVICE_PORT": "2000", "LLM_SERVICE_THREADS": "200"}
    )
    assert (settings.port, settings.threads, settings.debounce_ms, settings.host) == (3000, 200, 150, "127.0.0.1")


def test_a_named_file_is_used_instead_of_the_one_in_the_workspace(tmp_path: Path) -> None:
    settings_file(tmp_path, "port: 1000\nthreads: 100\n")
    settings = load(str(tmp_path), settings_file(tmp_path, "port: 1001\n", "other.yaml"), environ={})
    assert (settings.port, settings.threads) == (1001, 512)


def test_a_named_file_may_name_the_workspace_relative_to_itself(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    settings = load(None, settings_file(tmp_path, "workspace: there\n"), environ={})
    assert settings.workspace == str(tmp_path / "there")


def test_the_file_of_a_workspace_cannot_name_another_workspace(tmp_path: Path) -> None:
    settings_file(tmp_path, "workspace: elsewhere\n")
    assert "found through it" in refusal(workspace=str(tmp_path))


def test_the_environment_names_the_workspace_whose_file_is_read(tmp_path: Path) -> None:
    settings_file(tmp_path, "port: 1000\n")
    assert load(environ={"LLM_SERVICE_WORKSPACE": str(tmp_path)}).port == 1000


@pytest.mark.parametrize("text", ["", "# nothing set\n"])
def test_an_empty_file_sets_nothing(tmp_path: Path, text: str) -> None:
    settings_file(tmp_path, text)
    assert load(str(tmp_path), environ={}).port == 8080


def test_a_named_settings_file_may_be_a_link(tmp_path: Path) -> None:
    (tmp_path / "workspace").mkdir()
    settings_file(tmp_path, "cors_origins: ['https://app.example.org']\n", "real.yaml")
    (tmp_path / "named.yaml").symlink_to("real.yaml")
    settings = load(str(tmp_path / "workspace"), str(tmp_path / "named.yaml"), environ={})
    assert settings.cors_origins == ["https://app.example.org"]


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("lanes", "inbox, assigned ,done,fridge", ["inbox", "assigned", "done", "fridge"]),
        ("allowed_hosts", "", []),
        ("force_polling", "Yes", True),
        ("history", "off", False),
        ("open_browser", "false", False),
        ("sweep_interval_s", "2.5", 2.5),
        ("port", "0", 0),
        ("token", "", None),
        ("open_browser", "", None),
        ("max_file_bytes", " 1_048_576 ", 1_048_576),
        ("token", "s3cret-.~", "s3cret-.~"),
        ("timezone", "Europe/Zurich", "Europe/Zurich"),
        ("timezone", "", None),
        ("claude_folders", "~/.claude/projects,/srv/logs", ["~/.claude/projects", "/srv/logs"]),
        ("ignore", "tmp,*.bak", ["tmp", "*.bak"]),
        ("budgets", "", []),
        ("webhook", "https://hooks.example.org/T0/B0?x=1", "https://hooks.example.org/T0/B0?x=1"),
    ],
)
def test_values_of_the_environment_are_converted(name: str, text: str, value: object) -> None:
    assert value_of(load(environ={f"LLM_SERVICE_{name.upper()}": text}), name) == value


# What people name folders in: ideographic and no-break spaces, joiners, marks, bidirectional controls, new emoji.
FOLDER_NAMES = (
    "プロ\u3000ジェクト", "mon\u00a0projet", "👩\u200d💻 code", "नमस्\u200dते", "می\u200cخواهم", "a\u202fb", "a\u2009b",
    "co\u00adop", "\u202eabc", "e\u0301", "\ue000", "\U0001fae9", "a\u2028b", "a\ufeffb", " a ", "~a", "a b", "'a\"",
    "$HOME", "%41",
)  # fmt: skip


@pytest.mark.parametrize("name", FOLDER_NAMES)
@pytest.mark.parametrize("setting", ["workspace", "state_dir", "collaboration_dir", "telemetry_dir", "artifacts_dir"])
def test_a_folder_may_have_any_name(name: str, setting: str, tmp_path: Path) -> None:
    folder = f"work/{name}"
    if setting == "workspace":
        assert load(str(tmp_path / folder)).workspace == str(tmp_path / folder)
    else:
        assert value_of(load(environ={f"LLM_SERVICE_{setting.upper()}": folder}), setting) == folder


@pytest.mark.parametrize(
    ("name", "expected"),
    [("", "not empty"), ("\u3000", "not empty"), ("a\nb", "control characters"), ("a\x1b[31m", "control characters"),
     ("a\x00", "control characters"), ("a\x85", "control characters"), (os.fsdecode(b"a\xff"), "in UTF-8")],
)  # fmt: skip
def test_a_folder_that_cannot_be_used_is_refused_for_what_it_is(name: str, expected: str) -> None:
    with pytest.raises(BadSettings, match=expected):
        load(cli={"state_dir": name})


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("port", "http", "whole number"),
        ("port", "70000", "between 0 and 65,535"),
        ("threads", "12.5", "whole number"),
        ("force_polling", "perhaps", "yes or no"),
        ("sweep_interval_s", "nan", "between"),
        ("lanes", "inbox,done", "inbox, assigned, done, then"),
        ("lanes", "inbox,assigned,done,../etc", "further folder names"),
        ("lanes", "inbox,assigned,done,done", "each once"),
        ("log_level", "loud", "one of debug, info"),
        ("log_format", "xml", "one of text, json"),
        ("host", " ", "not empty"),
        ("allowed_hosts", "https://board.example.org", "without scheme"),
        ("cors_origins", "https://board.example.org/path", "without a path"),
        ("cors_origins", "*", "origins such as"),
        ("timezone", "Europe/Zurick", "such as Europe/Zurich"),
        ("timezone", "europe", "time zone"),
        ("timezone", "../../etc/passwd", "time zone"),
        ("session_scope", "mine", "one of all, workspace"),
        ("telemetry_dir", "/tmp", "below the workspace"),
        ("artifacts_dir", "../other", "below the workspace"),
        ("ignore", "a/b", "without a slash"),
        ("unignore", "..", "without a slash"),
        ("preview_bytes", "10", "between 1,024"),
        ("batch_window_ms", "1", "between 10"),
        ("versions_max_age_days", "-1", "between 0"),
    ],
)
def test_a_bad_value_is_refused_with_value_place_and_expectation(name: str, text: str, expected: str) -> None:
    variable = f"LLM_SERVICE_{name.upper()}"
    message = refusal(environ={variable: text})
    assert variable in message
    assert expected in message
    assert name in message
    assert all(part in message for part in text.split(","))


def test_a_bad_value_in_a_file_is_refused_with_file_and_line(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "# ours\nhost: 127.0.0.1\nport: [1]\n")
    assert refusal(workspace=str(tmp_path)).startswith(f"{path}:3: port cannot be [1]")


def test_a_bad_value_of_an_option_is_refused_with_the_option() -> None:
    assert "option --log-level" in refusal(cli={"log_level": "loud"})


def test_an_unknown_name_in_a_file_is_refused_with_the_nearest_one(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "port: 1000\ndebounce-ms: 5\n")
    assert refusal(workspace=str(tmp_path)) == f"{path}:2: unknown setting debounce-ms. Did you mean debounce_ms?"


def test_an_unknown_variable_is_refused_with_the_nearest_one() -> None:
    message = refusal(environ={"LLM_SERVICE_PROT": "1"})
    assert message == "Unknown environment variable LLM_SERVICE_PROT. Did you mean LLM_SERVICE_PORT?"
    assert "Did you mean" not in refusal(environ={"LLM_SERVICE_QQQQQ": "1"})


def test_variables_of_other_programs_are_ignored() -> None:
    assert load(environ={"PORT": "1", "LLM_SERVICES_PORT": "2"}).port == 8080


def test_a_setting_given_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    settings_file(tmp_path, "port: 1\nport: 2\n")
    assert "more than once" in refusal(workspace=str(tmp_path))


def test_a_file_that_is_not_yaml_is_refused_with_its_line(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "port: 1\nhost: [\n")
    assert refusal(workspace=str(tmp_path)).startswith(f"{path}:")


def test_a_file_with_a_list_is_refused(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "- port\n")
    assert path in refusal(workspace=str(tmp_path))


def test_a_file_of_two_documents_is_refused(tmp_path: Path) -> None:
    settings_file(tmp_path, "port: 1\n---\nport: 2\n")
    assert "not several" in refusal(workspace=str(tmp_path))


def test_a_named_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    assert "no settings file" in refusal(config_file=str(tmp_path / "none.yaml"))


def test_a_folder_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "llm-service.yaml").mkdir()
    assert "was not read" in refusal(workspace=str(tmp_path))


def test_a_number_as_token_is_refused_without_showing_it(tmp_path: Path) -> None:
    settings_file(tmp_path, "token: 123456\n")
    message = refusal(workspace=str(tmp_path))
    assert "text" in message
    assert "123456" not in message


def test_the_token_is_neither_in_messages_nor_in_the_representation() -> None:
    assert "two words" not in refusal(environ={"LLM_SERVICE_TOKEN": "two words"})
    assert "s3cret" not in repr(load(environ={"LLM_SERVICE_TOKEN": "s3cret"}))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.4", "board.example.org"])
def test_listening_beyond_loopback_needs_a_token_and_host_names(host: str) -> None:
    message = refusal(cli={"host": host})
    assert "LLM_SERVICE_TOKEN" in message
    assert "LLM_SERVICE_ALLOWED_HOSTS" in message
    assert "needs allowed_hosts too" in refusal(cli={"host": host, "token": LONG})
    assert load(cli={"host": host, "token": LONG, "allowed_hosts": ["board"]}, environ={}).host == host


@pytest.mark.parametrize("token", ["x", "12345678", LONG[:15]])
def test_a_token_that_other_machines_can_try_is_long(token: str) -> None:
    message = refusal(cli={"host": "0.0.0.0", "token": token, "allowed_hosts": ["board"]})
    assert message.startswith(f"The token has {len(token)} characters; on 0.0.0.0, where other machines can try, ")
    assert "at least 16" in message
    assert token not in message.replace("16", "").replace("hex", "")
    assert load(cli={"host": "127.0.0.1", "token": token}, environ={}).token == token


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "[::1]", "localhost"])
def test_loopback_needs_neither(host: str) -> None:
    assert is_loopback(host)
    assert load(cli={"host": host}, environ={}).token is None


def test_the_maximum_wait_is_at_least_the_debounce_time() -> None:
    assert "max_wait_ms" in refusal(cli={"debounce_ms": 600})
    assert load(cli={"debounce_ms": 500}, environ={}).max_wait_ms == 500


def test_the_table_has_a_row_with_help_for_every_setting() -> None:
    rows = table((Settings, *SECTIONS))
    assert [row["name"] for row in rows] == list(SETTINGS)
    assert all(set(row) == {"name", "type", "default", "env", "help", "workspace"} for row in rows)
    assert all(row["help"] and row["env"] == f"LLM_SERVICE_{row['name'].upper()}" for row in rows)
    by_name = {row["name"]: row for row in rows}
    assert by_name["lanes"]["default"] == "[inbox, assigned, done]"
    assert by_name["token"]["default"] == ""
    assert by_name["debounce_ms"]["help"].endswith("(ms)")


def test_every_default_passes_its_own_check() -> None:
    defaults = {name: value_of(settings_with(), name) for name in SETTINGS}
    assert dataclasses.replace(load(cli=defaults, environ={}), workspace=".") == settings_with()


def test_two_settings_do_not_share_their_lists() -> None:
    Settings().allowed_hosts.append("evil")
    assert Settings().allowed_hosts == []


def test_the_time_zone_is_the_one_set_or_the_machines_or_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 7, 1, 12, tzinfo=UTC)
    zone = Settings(timezone="Asia/Kolkata").zone()
    assert str(zone) == "Asia/Kolkata"
    assert noon.astimezone(zone).hour == 17
    for name, expected in (("America/St_Johns", "America/St_Johns"), (None, "UTC"), ("Nowhere/Atall", "UTC")):
        monkeypatch.setattr("tzlocal.get_localzone_name", lambda name=name: name)
        assert str(Settings().zone()) == expected


def test_folders_are_absolute_or_relative_to_home_or_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    settings = Settings(workspace=str(tmp_path))
    assert settings.folder("~/.claude/projects") == "/home/ada/.claude/projects"
    assert settings.folder("logs/../claude") == str(tmp_path / "claude")
    assert settings.folder("/srv/logs") == "/srv/logs"
