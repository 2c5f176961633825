"""Users who are added, changed and removed while a dashboard runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from kit.live import Live, eventually, running

from llm_service.cli.sections import SECTIONS
from llm_service.settings.load import load
from llm_service.users.model import hash_of
from llm_service.users.settings import UserSettings

ADA, BOB, ROOT = "ada-token-0123456789", "bob-token-0123456789", "root-token-0123456789"


def entry(name: str, token: str, **fields: Any) -> dict[str, Any]:
    return {"name": name, "token_sha256": hash_of(token), **fields}


ALL = [entry("root", ROOT, role="admin"), entry("ada", ADA, projects=["shop"]), entry("bob", BOB, projects=["secret"])]


class Own:
    """The user's own configuration, and dashboards that are started with it."""

    def __init__(self, workspace: Path, folder: Path) -> None:
        self.workspace = workspace
        self.path = folder / "llm-service/config.yaml"
        self.path.parent.mkdir(parents=True)
        self._started: list[Live] = []

    def write(self, users: list[dict[str, Any]], **others: Any) -> None:
        self.put(json.dumps({"users": users, **others}))

    def put(self, text: str) -> None:
        self.path.with_suffix(".new").write_text(text)
        self.path.with_suffix(".new").replace(self.path)

    def start(self) -> Live:
        users = load(SECTIONS, str(self.workspace)).of(UserSettings).users
        self._started.append(running(self.workspace, users=users))
        return self._started[-1]

    def stop(self) -> None:
        for live in self._started:
            live.stop()


@pytest.fixture
def own(workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[Own]:
    folder = tmp_path_factory.mktemp("own")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))
    for project in ("shop", "secret"):
        (workspace / "generated_projects" / project).mkdir(parents=True)
        (workspace / "generated_projects" / project / "spec.md").write_text("# x\n")
    made = Own(workspace, folder)
    yield made
    made.stop()


def get(live: Live, path: str, token: str | None) -> requests.Response:
    return live.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})


def me(live: Live, token: str | None) -> Any:
    answer = get(live, "/api/me", token)
    return answer.json()["name"] if answer.status_code == 200 else answer.status_code


def test_users_are_added_changed_and_removed_while_it_runs(own: Own) -> None:
    own.write(ALL[:2])
    live = own.start()
    assert [me(live, token) for token in (ROOT, ADA, BOB, None)] == ["root", "ada", 401, 401]
    own.write(ALL)
    eventually(lambda: me(live, BOB) == "bob")
    own.write([ALL[0], entry("ada", ADA, projects=["shop", "secret"], credits=7)])
    eventually(lambda: me(live, BOB) == 401)
    assert get(live, "/api/me", ADA).json() == {
        "name": "ada", "role": "user", "projects": ["secret", "shop"], "credits": 7, "users": True,
    }  # fmt: skip
    eventually(lambda: get(live, "/api/artifacts/secret/tree", ADA).status_code == 200)
    own.write([ALL[0], entry("ada", "another-token-0123456789")])
    eventually(lambda: me(live, ADA) == 401)
    assert me(live, "another-token-0123456789") == "ada"


def test_with_the_first_user_a_token_is_needed_and_without_the_last_one_nobody_is_let_in(own: Own) -> None:
    own.write([])
    live = own.start()
    session = live.listen()
    assert get(live, "/api/me", None).json()["users"] is False
    own.write(ALL[:1])
    eventually(lambda: me(live, None) == 401)
    assert me(live, ROOT) == "root"
    eventually(lambda: not session.client.connected)
    own.path.unlink()
    eventually(lambda: me(live, ROOT) == 401)
    assert me(live, None) == 401
    own.write(ALL[:1])
    eventually(lambda: me(live, ROOT) == "root")


def test_what_cannot_be_used_changes_nothing_and_is_said(own: Own) -> None:
    own.write(ALL[:2])
    live = own.start()
    for broken in ("users: [", json.dumps({"users": [{"name": "eve"}]}), json.dumps({"users": ALL[:1], "colour": 1})):
        own.put(broken)
        eventually(
            lambda: any("stay as they were" in one["reason"] for one in get(live, "/health", ROOT).json()["troubles"])
        )
        assert [me(live, token) for token in (ROOT, ADA, None)] == ["root", "ada", 401]
        own.write(ALL[:2])
        eventually(lambda: not get(live, "/health", ROOT).json()["troubles"])


def test_streams_of_who_is_no_longer_welcome_end(own: Own) -> None:
    own.write(ALL)
    live = own.start()
    headers = {"Authorization": f"Bearer {BOB}"}
    socket, stays = live.listen(token=BOB), live.listen(token=ADA)
    socket.first("snapshot")
    stays.first("snapshot")
    plain = websocket.create_connection(f"ws://127.0.0.1:{live.port}/ws/all", timeout=60, header=headers)
    plain.recv()
    answer = requests.get(f"{live.url}/streams/all", headers=headers, stream=True, timeout=60)
    lines: list[str] = []
    thread = threading.Thread(target=lambda: lines.extend(read_all(answer)), daemon=True)
    thread.start()
    own.write(ALL[:2])
    eventually(lambda: me(live, BOB) == 401)
    path = own.workspace / "generated_projects/secret/later.py"
    path.write_text("one\n")
    live.write("inbox/t1.yaml")
    thread.join(60)
    assert not thread.is_alive()
    with pytest.raises((websocket.WebSocketConnectionClosedException, ConnectionError)):
        texts = []
        while True:
            texts.append(plain.recv() or closed())
    assert not [text for text in (*lines, *map(str, texts)) if "later.py" in text or "t1" in text]
    eventually(lambda: not socket.client.connected)
    again = live.listen(token=ADA)
    again.first("snapshot")
    assert live.listen(token=BOB).first("error")["code"] == "UNAUTHORIZED"


def closed() -> bytes:
    raise ConnectionError("an empty text: it was closed")


def read_all(answer: requests.Response) -> list[str]:
    found = []
    try:
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            found.append(line)
    except (requests.RequestException, AttributeError, ValueError, OSError):
        pass
    return found
