"""`llm-service users`: the user's own configuration is written, tokens are shown once, and nothing else is changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from kit.settings import user_file

from llm_service.cli.main import cli
from llm_service.cli.sections import load_settings
from llm_service.users.model import User, hash_of
from llm_service.users.settings import UserSettings


class Command:
    """The command for one workspace, with the user's own configuration beside it."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "ws"
        self.workspace.mkdir()
        self.config = folder / "conf/llm-service/config.yaml"

    def __call__(self, *arguments: str) -> Result:
        return CliRunner().invoke(cli, ["users", *arguments, "--workspace", str(self.workspace)])

    def users(self) -> list[User]:
        return load_settings(str(self.workspace)).of(UserSettings).users


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "conf"))
    return Command(tmp_path)


def test_users_are_added_listed_and_removed(command: Command) -> None:
    first = command("add", "ada", "--project", "shop", "--project", "a: b", "--credits", "500")
    assert first.exit_code == 0, first.output
    token = first.stdout.strip()
    assert command.users() == [User("ada", hash_of(token), "user", ("shop", "a: b"), 500)]
    assert len(token) >= 40
    assert token not in command.config.read_text()
    assert "shown only now" in first.stderr
    second = command("add", "root", "--role", "admin").stdout.strip()
    assert command.users()[1] == User("root", hash_of(second), "admin")
    assert command("list").stdout.split("\n")[:2] == [
        "ada                  user   shop, a: b  500 lines",
        "root                 admin  all projects",
    ]
    assert command("remove", "ada").exit_code == 0
    assert [user.name for user in command.users()] == ["root"]
    assert command("remove", "root").exit_code == 0
    assert command.users() == []
    assert command("list").stdout == ""


def test_adding_a_user_again_changes_it_and_its_token(command: Command) -> None:
    first = command("add", "ada").stdout.strip()
    second = command("add", "ada", "--project", "shop").stdout.strip()
    assert first != second
    assert command.users() == [User("ada", hash_of(second), "user", ("shop",))]


def test_a_user_that_is_not_there_cannot_be_removed(command: Command) -> None:
    command("add", "ada")
    result = command("remove", "bob")
    assert (result.exit_code, "There is no user “bob”" in result.output) == (1, True)
    assert [user.name for user in command.users()] == ["ada"]


@pytest.mark.parametrize("name", ["", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_used_is_refused_and_nothing_written(command: Command, name: str) -> None:
    result = command("add", name)
    assert (result.exit_code, "at most 64 characters" in result.output) == (2, True)
    assert not command.config.exists()


@pytest.mark.parametrize("name", ["Ada Lovelace", "1e5", "null", 'say "so"', "ü 🎈", "#x", "it's", "{a: b}", "*x"])
def test_any_name_is_read_as_it_was_written(command: Command, name: str) -> None:
    command("add", name, "--project", name)
    assert [(user.name, user.projects) for user in command.users()] == [(name, (name,))]


def test_all_else_in_the_configuration_is_kept(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (
        "# mine\nport: 1\nworkspaces:\n"
        f"  {command.workspace}:\n    # why\n    timezone: UTC\n    users:\n    - name: old\n"
        f"      token_sha256: '{hash_of('old')}'\n\n    # after\n    ring_events: 9\n  /other:\n    port: 2\n"
    )
    user_file(monkeypatch, command.config.parents[1], before)
    command("add", "ada")
    after = command.config.read_text()
    assert [user.name for user in command.users()] == ["old", "ada"]
    assert [row for row in after.splitlines() if "users:" not in row] == [
        row for row in before.splitlines() if row.strip() not in ("users:", "- name: old") and "token_sha256" not in row
    ]


def test_a_configuration_that_cannot_be_added_to_is_left_alone(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = f"workspaces: {{{command.workspace}: {{users: [], port: 1}}}}\n"
    user_file(monkeypatch, command.config.parents[1], before)
    result = command("add", "ada")
    assert (result.exit_code, "add this yourself" in result.output) == (3, True)
    assert command.config.read_text() == before


def test_a_folder_in_the_workspace_is_no_configuration_of_ones_own(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(command.workspace / "conf"))
    result = command("add", "ada")
    assert (result.exit_code, "where agents can write" in result.output) == (3, True)
    assert not (command.workspace / "conf").exists()
