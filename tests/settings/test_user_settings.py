"""The user's own folder and configuration: where it is, and adding to it without changing anything else."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from llm_service.errors import StartFailed
from llm_service.settings.user_folder import is_in_workspace, user_folder
from llm_service.settings.user_settings import add_settings

LINES = {"claude_folders": "[~/.claude/projects]", "timezone": "Europe/Zurich"}
GIVEN = {"claude_folders": ["~/.claude/projects"], "timezone": "Europe/Zurich"}


@pytest.mark.parametrize(
    ("platform", "environ", "folder"),
    [
        ("linux", {"HOME": "/home/ada"}, "/home/ada/.config/llm-service"),
        ("linux", {"HOME": "/home/ada", "XDG_CONFIG_HOME": "/conf"}, "/conf/llm-service"),
        ("linux", {"HOME": "/home/ada", "XDG_CONFIG_HOME": ""}, "/home/ada/.config/llm-service"),
        ("linux", {"HOME": "/home/ada", "XDG_CONFIG_HOME": "conf"}, "/home/ada/.config/llm-service"),
        ("linux", {"HOME": "ada"}, None),
        ("linux", {}, None),
        ("darwin", {"HOME": "/Users/ada"}, "/Users/ada/Library/Application Support/llm-service"),
        ("win32", {"USERPROFILE": "/Users/ada"}, "/Users/ada/AppData/Roaming/llm-service"),
        ("win32", {"USERPROFILE": "/Users/ada", "APPDATA": "/roaming"}, "/roaming/llm-service"),
    ],
)
def test_the_folder_is_where_the_platform_has_it(
    platform: str, environ: dict[str, str], folder: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert user_folder(environ) == folder


def test_without_a_home_variable_the_system_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    import pwd

    for name in ("HOME", "USERPROFILE", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert user_folder() == f"{pwd.getpwuid(os.getuid()).pw_dir}/.config/llm-service"


def test_what_a_link_in_the_workspace_decides_is_in_it(tmp_path: Path) -> None:
    for folder in ("ws", "conf", "ws2"):
        (tmp_path / folder).mkdir()
    (tmp_path / "ws/link").symlink_to("../conf")
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to(tmp_path / "ws/link")
    (tmp_path / "loop").symlink_to("loop")
    for path in ("ws", "ws/x", "ws/link/x", "a", "a/x", "ws/../ws/x"):
        assert is_in_workspace(f"{tmp_path}/{path}", str(tmp_path / "ws")), path
    for path in ("conf", "conf/x", "ws2", "loop/x", "", "ws-not"):
        assert not is_in_workspace(f"{tmp_path}/{path}", str(tmp_path / "ws")), path


def add(tmp_path: Path, text: str | None, workspace: str = "/home/ada/ws", lines: dict[str, str] = LINES) -> str:
    folder = tmp_path / "conf/llm-service"
    if text is not None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.yaml").write_text(text, encoding="utf-8")
    return Path(add_settings(str(folder), workspace, lines)).read_text(encoding="utf-8")


OWN = "    claude_folders: [~/.claude/projects]\n    timezone: Europe/Zurich\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"workspaces:\n  /home/ada/ws:\n{OWN}"),
        ("", f"workspaces:\n  /home/ada/ws:\n{OWN}"),
        ("# mine\n", f"# mine\nworkspaces:\n  /home/ada/ws:\n{OWN}"),
        ("port: 1 # x", f"port: 1 # x\nworkspaces:\n  /home/ada/ws:\n{OWN}"),
        (
            "workspaces:\n  # theirs\n  /b:\n    port: 1\nport: 2\n",
            f"workspaces:\n  # theirs\n  /home/ada/ws:\n{OWN}  /b:\n    port: 1\nport: 2\n",
        ),
        (
            "workspaces:\n      /home/ada/ws:\n            # why\n            port: 1\n",
            "workspaces:\n      /home/ada/ws:\n            # why\n            claude_folders: [~/.claude/projects]\n"
            "            timezone: Europe/Zurich\n            port: 1\n",
        ),
    ],
)
def test_settings_are_added_for_one_workspace_and_all_else_is_kept(
    tmp_path: Path, before: str | None, after: str
) -> None:
    assert add(tmp_path, before) == after


def test_the_file_and_its_folder_are_for_the_user_alone(tmp_path: Path) -> None:
    add(tmp_path, None)
    folder = tmp_path / "conf/llm-service"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE((folder / "config.yaml").stat().st_mode) == 0o600


def test_a_workspace_that_is_there_by_another_spelling_is_added_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert add(tmp_path, "workspaces:\n  ~/ws:\n    port: 1\n", str(tmp_path / "ws")) == (
        f"workspaces:\n  ~/ws:\n{OWN}    port: 1\n"
    )


@pytest.mark.parametrize("name", ["ws ü", "a: b", "#x", "it's", 'say "so"', "-", "null", "tab\there"])
def test_any_path_is_written_so_that_it_is_read_as_it_is(tmp_path: Path, name: str) -> None:
    text = add(tmp_path, "port: 1\n", f"/home/{name}")
    assert yaml.safe_load(text) == {"port": 1, "workspaces": {f"/home/{name}": GIVEN}}


@pytest.mark.parametrize(
    "text",
    [
        "workspaces: {/b: {port: 1}}\n",
        "workspaces: {}\n",
        "workspaces:\n",
        "workspaces: [1]\n",
        "{port: 1}\n",
        "port: [\n",
        "port: 1\n---\nport: 2\n",
        "workspaces:\n  /home/ada/ws: 5\n",
        "workspaces:\n  /home/ada/ws:\n    timezone: UTC\n",
        "- 1\n",
        "port: 1\nport: 1\n",
    ],
)
def test_a_file_that_cannot_be_added_to_is_kept_and_the_lines_are_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(StartFailed) as caught:
        add(tmp_path, text)
    line = caught.value.message.partition("add this yourself: ")[2]
    assert yaml.safe_load(line) == {"workspaces": {"/home/ada/ws": GIVEN}}
    assert (tmp_path / "conf/llm-service/config.yaml").read_text() == text


def test_a_linked_configuration_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "conf/llm-service").mkdir(parents=True)
    (tmp_path / "dotfiles.yaml").write_text("port: 1\n")
    (tmp_path / "conf/llm-service/config.yaml").symlink_to(tmp_path / "dotfiles.yaml")
    add(tmp_path, None)
    assert (tmp_path / "conf/llm-service/config.yaml").is_symlink()
    assert "claude_folders" in (tmp_path / "dotfiles.yaml").read_text()


def test_where_nothing_can_be_written_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="XDG_CONFIG_HOME"):
        add_settings(None, "/w", LINES)
    with pytest.raises(StartFailed, match="is in the workspace"):
        add_settings(str(tmp_path / "conf"), str(tmp_path), LINES)
    (tmp_path / "conf").write_text("a file")
    with pytest.raises(StartFailed, match="Cannot write"):
        add(tmp_path, None)


scalars = st.one_of(st.integers(0, 99), st.booleans(), st.text(max_size=5))
sections = st.dictionaries(st.text(min_size=1, max_size=5), st.dictionaries(st.text(max_size=4), scalars, max_size=3))
documents = st.fixed_dictionaries({"port": scalars}, optional={"workspaces": sections, "lanes": st.lists(scalars)})


@hypothesis_settings(max_examples=60)
@given(document=documents, indent=st.integers(2, 6), own=st.booleans(), is_flow=st.booleans())
@example(document={"port": 0, "workspaces": {"\0": {}, "~\ud800": {}}}, indent=2, own=False, is_flow=False)
def test_whatever_is_in_the_file_is_kept(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any], indent: int, own: bool, is_flow: bool
) -> None:
    """Read by PyYAML's own loader: the file afterwards is the one before and what was added, or is not touched."""
    if own and "workspaces" in document:
        document["workspaces"]["/home/ada/ws"] = {"port": 1}
    text = yaml.safe_dump(document, indent=indent, default_flow_style=is_flow, allow_unicode=True)
    folder = tmp_path_factory.getbasetemp() / "kept"
    try:
        after = yaml.safe_load(add(folder, text))
    except StartFailed:
        assert (folder / "conf/llm-service/config.yaml").read_text(encoding="utf-8") == text
        return
    before = document.get("workspaces", {})
    assert after == document | {"workspaces": before | {"/home/ada/ws": before.get("/home/ada/ws", {}) | GIVEN}}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("users: [1]", "users: [2]"),
        ("users: [1]  # mine", "users: [2]"),
        ("users:\n    - a: 1\n    - b: 2\n    port: 1", "users: [2]\n    port: 1"),
        ("users:\n      - a: 1\n        b: 2\n\n    # why\n    port: 1", "users: [2]\n\n    # why\n    port: 1"),
        ("port: 1\n    users: [1,\n      2]", "port: 1\n    users: [2]"),
        ("port: 1", "users: [2]\n    port: 1"),
        ("users:", "users: [2]"),
    ],
)
def test_a_setting_that_is_there_can_be_replaced(tmp_path: Path, before: str, after: str) -> None:
    text = f"# mine\nworkspaces:\n  /home/ada/ws:\n    {before}\n  /b:\n    users: [9]\n"
    folder = tmp_path / "llm-service"
    folder.mkdir()
    (folder / "config.yaml").write_text(text)
    add_settings(str(folder), "/home/ada/ws", {"users": "[2]"}, replace=True)
    expected = f"# mine\nworkspaces:\n  /home/ada/ws:\n    {after}\n  /b:\n    users: [9]\n"
    assert (folder / "config.yaml").read_text() == expected


@pytest.mark.parametrize("own", ["{users: [1], port: 1}", "&x {users: [1]}", "{users: [1]}"])
def test_what_cannot_be_replaced_alone_is_left_as_it_is(tmp_path: Path, own: str) -> None:
    folder, text = tmp_path / "llm-service", f"workspaces:\n  /home/ada/ws: {own}\n"
    folder.mkdir()
    (folder / "config.yaml").write_text(text)
    with pytest.raises(StartFailed, match="add this yourself"):
        add_settings(str(folder), "/home/ada/ws", {"users": "[2]"}, replace=True)
    assert (folder / "config.yaml").read_text() == text


def test_without_replacing_a_setting_that_is_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match="add this yourself"):
        add(tmp_path, "workspaces:\n  /home/ada/ws:\n    timezone: UTC\n")
