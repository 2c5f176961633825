"""`GET /api/settings` and `GET /api/about`: for admins only, and they tell no secret."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from kit.live import Live

from llm_service.system.libraries import python_packages, vendored
from llm_service.users.model import User
from llm_service.web.site import static_folder

TOKENS = {"ada": "a-token-of-an-admin", "bob": "a-token-of-a-user"}
USERS = [
    User(name, sha256(token.encode()).hexdigest(), "admin" if name == "ada" else "user", (), None)
    for name, token in TOKENS.items()
]


def test_the_settings_are_there_with_what_changes_them(live: Live) -> None:
    body = live.json("/api/settings")
    found = {one["name"]: one for one in body["settings"]}
    assert found["journal"]["section"] == "General"
    assert (found["lanes"]["section"], found["lanes"]["variable"]) == ("Task", "LLM_SERVICE_LANES")
    assert found["webhook"]["is_secret"] is True
    assert body["files"]["workspace"].endswith("/llm-service.yaml")


def test_versions_and_licences_are_named(live: Live) -> None:
    body = live.json("/api/about")
    assert body["version"] == live.json("/health")["version"]
    names = {(one["kind"], one["name"]): one for one in body["libraries"]}
    assert names["page", "marked"]["licence"] == "MIT"
    assert ("python", "Flask") in names or ("python", "flask") in names
    assert len(vendored(static_folder())) > 5
    assert all(one.version for one in python_packages())


def test_a_folder_without_a_manifest_has_no_libraries(tmp_path: Path) -> None:
    assert vendored(tmp_path) == ()
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor/manifest.json").write_text("[1, 2")
    assert vendored(tmp_path / ".") == ()


@pytest.mark.parametrize("path", ["/api/settings", "/api/about"])
def test_only_admins_get_them(start: Callable[..., Live], path: str) -> None:
    live = start(users=USERS)
    status = {
        name: live.get(path, headers={"Authorization": f"Bearer {token}"}).status_code for name, token in TOKENS.items()
    }
    assert status == {"ada": 200, "bob": 403}
    assert live.get(path).status_code == 401
