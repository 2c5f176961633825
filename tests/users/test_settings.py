"""The setting `users`: what an entry may say, and that no workspace has a say in it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kit.settings import entry_refusal, refusal, settings_file, user_file

from llm_service.cli.sections import load_settings
from llm_service.errors import BadSettings
from llm_service.users.model import User, hash_of
from llm_service.users.settings import UserSettings

HASH = hash_of("one token")
GOOD: dict[str, Any] = {"name": "first", "token_sha256": hash_of("another")}
OWN = {"name": "ada", "token_sha256": HASH}


def given(text: str) -> list[User]:
    settings = load_settings(environ={"LLM_SERVICE_USERS": text})
    return settings.of(UserSettings).users


def test_an_entry_has_defaults(tmp_path: Path) -> None:
    assert given(json.dumps([OWN])) == [User("ada", HASH, "user", (), None)]
    full = OWN | {"token_sha256": HASH.upper(), "role": "admin", "projects": ["shop", "a/b"], "credits": 0}
    assert given(json.dumps([full])) == [User("ada", HASH, "admin", ("shop", "a/b"), 0)]
    assert load_settings(environ={}).of(UserSettings).users == []


@pytest.mark.parametrize(
    ("changes", "key", "message"),
    [
        ({"name": ""}, "name", "users[1].name has to be a name of at most 64 characters, not ."),
        ({"name": "a\tb"}, "name", "users[1].name has to be a name of at most 64 characters, not a\\tb."),
        ({"name": "x" * 65}, "name", "users[1].name has to be a name of at most 64 characters, not " + "x" * 65 + "."),
        ({"role": "root"}, "role", "users[1].role has to be admin or user, not root."),
        ({"credits": -1}, "credits", "users[1].credits has to be a whole number of lines, 0 or more, not -1."),
        ({"projects": "shop"}, "projects", "users[1].projects has to be a list of names of projects, not shop."),
        ({"name": "first"}, "", "users[1] has the name of another user, first."),
        ({"token_sha256": GOOD["token_sha256"]}, "", "users[1] has the token of another user; `llm-service users add`"),
        ({"token": "x"}, "token", "users[1].token is unknown; known are name, token_sha256"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], key: str, message: str
) -> None:
    assert entry_refusal(tmp_path, "users", GOOD, OWN | changes, key).startswith(message)


@pytest.mark.parametrize("token", ["the token itself", HASH[:-1], HASH + "0", "", 5])
def test_a_token_instead_of_its_hash_is_not_shown(token: Any) -> None:
    message = refusal(environ={"LLM_SERVICE_USERS": json.dumps([OWN | {"token_sha256": token}])})
    assert "64 hexadecimal digits" in message
    assert str(token) not in message or token in ("", 5)


def test_the_file_of_a_workspace_gives_no_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace = tmp_path / "ws"
    workspace.mkdir()
    settings_file(workspace, f"users: [{json.dumps(OWN | {'role': 'admin'})}]\n")
    settings = load_settings(str(workspace), environ={"HOME": str(tmp_path)})
    assert settings.of(UserSettings).users == []
    assert [refused.reason for refused in settings.refusals if "users is not taken" in refused.reason]
    user_file(monkeypatch, tmp_path / "conf", f"users: [{json.dumps(OWN)}]\n")
    assert [user.name for user in load_settings(str(workspace)).of(UserSettings).users] == ["ada"]


def test_users_open_other_addresses_as_a_token_does() -> None:
    users = {"LLM_SERVICE_USERS": json.dumps([OWN])}
    open_ = {"LLM_SERVICE_HOST": "0.0.0.0", "LLM_SERVICE_ALLOWED_HOSTS": "board.example.org"}
    assert load_settings(environ=users | open_).host == "0.0.0.0"
    with pytest.raises(BadSettings, match="needs token too"):
        load_settings(environ=open_)
    with pytest.raises(BadSettings, match="needs allowed_hosts too"):
        load_settings(environ=users | {"LLM_SERVICE_HOST": "0.0.0.0"})


def test_what_users_may_see() -> None:
    ada, root = User("ada", HASH, projects=("shop",)), User("root", HASH, "admin")
    assert [ada.may_see(project) for project in ("shop", "other", None)] == [True, False, True]
    assert [root.may_see(project) for project in ("shop", "other", None)] == [True, True, True]
    assert HASH not in repr(ada)
