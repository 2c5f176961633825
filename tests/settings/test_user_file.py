"""Lists in the user's own configuration that count without a restart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually
from kit.settings import settings_with

from llm_service.cli.sections import SECTIONS
from llm_service.processes.settings import ProcessSettings
from llm_service.settings.load import load
from llm_service.settings.user_file import LOOKS, LOOKS_WITHOUT_TEXT, UserFile
from llm_service.users.model import User, hash_of
from llm_service.users.settings import UserSettings

ALL = [{"name": name, "token_sha256": hash_of(name)} for name in ("root", "ada", "bob")]
BUILD, TEST = {"name": "build", "argv": ["make"]}, {"name": "test", "argv": ["make", "test"]}


class Own:
    """The user's own configuration, and the names in each value that was passed on."""

    def __init__(self, workspace: Path, path: Path) -> None:
        self.workspace = workspace
        self.path = path
        self.users: list[list[str]] = []
        self.profiles: list[list[str]] = []

    def write(self, **settings: Any) -> None:
        self.path.write_text(json.dumps(settings))

    def follow(self) -> UserFile:
        settings = load(SECTIONS, str(self.workspace))
        file = UserFile(settings, str(self.path.parent))
        file.follow("users", settings.of(UserSettings).users, lambda users: self.users.append(names(users)))
        file.follow("profiles", settings.of(ProcessSettings).profiles, lambda all_: self.profiles.append(names(all_)))
        return file


def names(values: Sequence[Any]) -> list[str]:
    return [one.name for one in values]


def look(file: UserFile, times: int) -> None:
    for _ in range(times):
        file.check()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Own:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    (tmp_path / "own/llm-service").mkdir(parents=True)
    (tmp_path / "ws").mkdir()
    return Own(tmp_path / "ws", tmp_path / "own/llm-service/config.yaml")


def test_what_comes_from_elsewhere_is_not_read_again(own: Own) -> None:
    own.write(users=ALL[:1])
    seen: list[Sequence[User]] = []
    settings = settings_with(workspace=str(own.workspace), users=[User("eve", hash_of("e"))])
    for folder, text in ((str(own.path.parent), None), (None, None), (str(own.path.parent), "users: [")):
        if text is not None:
            own.path.write_text(text)
        file = UserFile(settings, folder)
        file.follow("users", settings.of(UserSettings).users, seen.append)
        file.start()
        assert not file._thread.is_alive()
        own.write(users=ALL[:2])
        look(file, 10)
        file.stop()
    assert seen == []


def test_only_what_is_another_value_is_passed_on(own: Own) -> None:
    own.write(users=ALL[:1])
    file = own.follow()
    own.write(users=ALL[:1], timezone="UTC")
    look(file, 10)
    assert (own.users, own.profiles) == ([], [])
    own.write(users=ALL[:2], timezone="UTC")
    look(file, 10)
    assert (own.users, own.profiles) == ([["root", "ada"]], [])
    own.write(users=ALL[:2], profiles=[BUILD])
    look(file, 10)
    assert (own.users, own.profiles) == ([["root", "ada"]], [["build"]])


def test_what_counts_for_one_workspace_is_followed_there(own: Own) -> None:
    own.write(workspaces={str(own.workspace): {"profiles": [BUILD]}, "/elsewhere": {"profiles": [TEST]}})
    file = own.follow()
    own.write(workspaces={str(own.workspace): {"profiles": [BUILD, TEST]}, "/elsewhere": {"profiles": []}})
    look(file, LOOKS)
    assert own.profiles == [["build", "test"]]


def test_a_file_that_is_being_written_takes_nothing_away(own: Own) -> None:
    own.write(users=ALL[:2])
    file = own.follow()
    with own.path.open("w") as written:  # as an editor does that keeps the inode
        look(file, LOOKS_WITHOUT_TEXT - 1)
        for line in ("users:\n", *(f"- {json.dumps(one)}\n" for one in ALL)):
            written.write(line)
            written.flush()
            look(file, LOOKS - 1)
    assert own.users == []
    look(file, 1)
    assert own.users == [["root", "ada", "bob"]]
    own.path.write_text("")
    look(file, LOOKS_WITHOUT_TEXT)
    assert own.users == [["root", "ada", "bob"], []]


def test_a_mistake_anywhere_in_the_file_changes_nothing_and_is_said(own: Own) -> None:
    own.write(profiles=[BUILD], users=ALL[:1])
    file = own.follow()
    for broken in ({"profiles": [{"name": "x"}]}, {"users": [], "profiles": [], "colour": 1}):
        own.write(**broken)
        look(file, LOOKS)
        assert file.problem is not None and file.problem.endswith("The profiles and users stay as they were.")
        assert own.path.name in file.problem
    own.write(profiles=[TEST], users=ALL[:1])
    look(file, LOOKS)
    assert file.problem is None
    assert (own.users, own.profiles) == ([], [["test"]])


def test_a_file_that_moves_into_the_workspace_gives_nothing_more(own: Own) -> None:
    own.write(profiles=[BUILD])
    file = own.follow()
    theirs = own.workspace / "config.yaml"
    theirs.write_text(json.dumps({"profiles": [BUILD, TEST], "users": ALL}))
    own.path.unlink()
    own.path.symlink_to(theirs)
    look(file, LOOKS)
    assert (own.users, own.profiles) == ([], [[]])
    theirs.write_text(json.dumps({"profiles": [TEST]}))
    look(file, LOOKS)
    assert (own.users, own.profiles) == ([], [[]])


def test_who_cannot_take_a_value_over_keeps_it_from_nobody_else(own: Own, caplog: pytest.LogCaptureFixture) -> None:
    own.write()
    settings = load(SECTIONS, str(own.workspace))
    file = UserFile(settings, str(own.path.parent))

    def refuse(users: Sequence[User]) -> None:
        raise OSError("no room")

    file.follow("users", [], refuse)
    file.follow("profiles", [], lambda found: own.profiles.append(names(found)))
    file.start()
    own.write(users=ALL, profiles=[BUILD])
    eventually(lambda: own.profiles == [["build"]])
    own.write(users=ALL, profiles=[TEST])
    eventually(lambda: own.profiles == [["build"], ["test"]])
    file.stop()
    assert "the users in" in caplog.text
