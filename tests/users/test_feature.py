"""Users of a running dashboard: who gets in by which way, and what each of them sees, by every way out."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket
from kit.live import Listener, Live, eventually
from kit.settings import settings_with

from llm_service.app import Dashboard
from llm_service.users.feature import Users
from llm_service.users.model import User, hash_of

ROOT, ADA, BOB = "root-token-0123456789", "ada-token-0123456789", "bob-token-0123456789"
USERS = [
    User("root", hash_of(ROOT), "admin"),
    User("ada", hash_of(ADA), "user", ("shop",), 500),
    User("bob", hash_of(BOB), "user", ()),
]


def headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def write(live: Live, project: str, name: str = "app.py", text: str = "one\n") -> None:
    path = live.workspace / "generated_projects" / project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@pytest.fixture
def shared(start: Callable[..., Live], workspace: Path) -> Live:
    """A dashboard with three users and two projects, of which ada may see one and bob none."""
    for project in ("shop", "secret"):
        (workspace / "generated_projects" / project).mkdir(parents=True)
        (workspace / "generated_projects" / project / "spec.md").write_text(f"# {project}\n")
    live = start(users=USERS)
    eventually(lambda: {"shop", "secret"} == set(projects(live, ROOT)))
    return live


def ask(live: Live, path: str, token: str) -> Any:
    return live.json(path, headers=headers(token))


def projects(live: Live, token: str) -> list[str]:
    return [project["name"] for project in ask(live, "/api/projects", token)["projects"]]


def test_without_users_one_is_the_local_admin(live: Live) -> None:
    assert live.json("/api/me") == {"name": None, "role": "admin", "projects": None, "credits": None, "users": False}
    assert live.json("/api/me")["users"] is False


def test_each_is_told_who_it_is(shared: Live) -> None:
    assert ask(shared, "/api/me", ADA) == {
        "name": "ada", "role": "user", "projects": ["shop"], "credits": 500, "users": True,
    }  # fmt: skip
    assert ask(shared, "/api/me", ROOT)["projects"] is None
    assert ask(shared, "/api/me", BOB)["projects"] == []


@pytest.mark.parametrize("path", ["/", "/api/me", "/api/tasks", "/health", "/metrics", "/streams/all", "/ws/all"])
def test_without_a_token_nothing_is_answered(shared: Live, path: str) -> None:
    assert shared.get(path).status_code == 401
    assert shared.get(path, headers=headers("wrong")).status_code == 401
    assert shared.get(path, headers=headers(hash_of(ADA))).status_code == 401


def test_the_one_token_is_that_of_an_admin_beside_the_users(start: Callable[..., Live]) -> None:
    live = start(users=USERS, token="the-one-token-0123456789")
    assert ask(live, "/api/me", "the-one-token-0123456789")["name"] is None
    assert ask(live, "/api/me", "the-one-token-0123456789")["role"] == "admin"
    assert ask(live, "/api/me", ADA)["name"] == "ada"


def test_a_token_in_the_address_or_a_form_gives_a_cookie_of_that_user(shared: Live) -> None:
    session = requests.Session()
    page = session.get(f"{shared.url}/api/me?token={ADA}", timeout=60)
    assert (page.json()["name"], page.url) == ("ada", f"{shared.url}/api/me")
    assert ADA not in str(session.cookies) and hash_of(ADA) not in str(session.cookies)
    assert session.get(f"{shared.url}/api/me?token={ROOT}", timeout=60).json()["name"] == "root"
    assert session.get(f"{shared.url}/api/me", timeout=60).json()["name"] == "root"
    assert len(session.cookies) == 1, "who logs in as another is no longer the first"
    by_form, form = requests.Session(), {"Accept": "text/html", "Origin": shared.url}
    assert by_form.post(shared.url, data={"token": "wrong"}, headers=form, timeout=60).status_code == 401
    by_form.post(shared.url, data={"token": ADA}, headers=form, timeout=60)
    assert by_form.get(f"{shared.url}/api/me", timeout=60).json()["name"] == "ada"


def test_a_cookie_outlives_a_restart_and_ends_with_the_token(start: Callable[..., Live]) -> None:
    first = start(users=USERS)
    session = requests.Session()
    session.get(f"{first.url}/api/me?token={ADA}", timeout=60)
    (cookie,) = session.cookies
    environ = {"SERVER_PORT": str(first.port), "HTTP_COOKIE": f"{cookie.name}={cookie.value}"}
    again, changed = start(users=USERS), start(users=[User("ada", hash_of("new"), "user", ("shop",)), USERS[0]])
    found = [live.dashboard.site.wsgi._tokens.person(environ | {"QUERY_STRING": ""}) for live in (again, changed)]  # type: ignore[union-attr]
    assert [person and person.name for person in found] == ["ada", None]


def test_who_knows_the_hash_of_a_token_cannot_make_a_cookie(shared: Live) -> None:
    from llm_service.web.guard_tokens import TokenCheck

    people = list(shared.feature(Users).people())
    forged = TokenCheck(None, people=people, cookie_key=b"guessed")
    environ = {"SERVER_PORT": str(shared.port), "wsgi.url_scheme": "http"}
    mine = shared.dashboard.site.wsgi._tokens
    assert mine is not None
    name = mine.cookie(environ, people[0]).partition("=")[0]  # type: ignore[arg-type]
    value = forged.cookie(environ, people[0]).partition(";")[0].partition("=")[2]  # type: ignore[arg-type]
    assert shared.get("/api/me", headers={"Cookie": f"{name}={value}"}).status_code == 401


def test_projects_of_others_do_not_exist_for_a_user(shared: Live) -> None:
    assert (projects(shared, ADA), projects(shared, BOB)) == (["shop"], [])
    listed = ask(shared, "/api/artifacts", ADA)
    assert ({one["project"] for one in listed["artifacts"]}, sum(listed["counts"].values())) == ({"shop"}, 1)
    assert ask(shared, "/artifacts", BOB)["artifacts"] == []
    assert {one["project"] for one in ask(shared, "/artifacts", ROOT)["artifacts"]} == {"shop", "secret"}
    paths = ["/api/artifacts?project=secret", "/artifacts?project=secret"]
    paths += [f"/api/artifacts/secret/{part}" for part in ("tree", "file?path=spec.md", "file?path=spec.md&raw=1")]
    paths += [
        f"/api/artifacts/secret/{part}"
        for part in ("versions?path=spec.md", "search?q=secret", "diff?path=spec.md&from=current")
    ]
    for path in paths:
        assert shared.get(path, headers=headers(ROOT)).status_code == 200, path
        hidden = shared.get(path, headers=headers(ADA))
        assert (hidden.status_code, hidden.json()["code"]) == (404, "NOT_FOUND"), path
        there = shared.get(path.replace("secret", "shop"), headers=headers(ADA))
        assert there.status_code == 200, path
    posted = requests.post(f"{shared.url}/api/artifacts/secret/looked?path=spec.md", headers=headers(ADA), timeout=60)
    assert posted.status_code == 404


def test_of_a_claimed_file_in_a_project_of_others_the_name_alone_is_shown(shared: Live) -> None:
    claims = ["generated_projects/shop/spec.md", "generated_projects/secret/spec.md", "generated_projects/none/x.md"]
    shared.write("done/ada/t1.yaml", artefacts=json.dumps(claims))
    ask(shared, "/api/sync?timeout_ms=60000", ROOT)

    def states(token: str) -> dict[str, tuple[str, bool]]:
        claimed = ask(shared, "/api/tasks/t1", token)["artefacts"]
        return {one["path"]: (one["state"], one["size_bytes"] is not None) for one in claimed}

    there, hidden, missing = ("present", True), ("unknown", False), ("missing", False)
    eventually(lambda: states(ROOT) == dict(zip(claims, (there, there, missing), strict=True)))
    assert states(ADA) == dict(zip(claims, (there, hidden, missing), strict=True))
    assert states(BOB) == dict(zip(claims, (hidden, hidden, missing), strict=True))
    found = {one["path"]: one for one in ask(shared, "/api/tasks/t1", ADA)["artefacts"]}[claims[1]]
    assert (found["found"], found["project"], found["artifact_path"]) == (None, None, None)
    assert found["reason"] == "It is not in one of your projects."


def test_tasks_agents_calls_and_costs_are_of_the_whole_workspace_for_all(shared: Live) -> None:
    shared.write("inbox/t1.yaml", project="secret")
    call = {"invocation_id": "one", "model_name": "m1", "agent_name": "eve", "project": "secret", "cost_usd": 2.5}
    answer = requests.post(f"{shared.url}/api/telemetry", json=call, headers=headers(ROOT), timeout=60)
    assert answer.json()["accepted"] == 1
    ask(shared, "/api/sync?timeout_ms=60000", ROOT)
    for token in (ROOT, ADA, BOB):
        assert [task["id"] for task in ask(shared, "/api/tasks", token)["tasks"]] == ["t1"]
        assert [one["project"] for one in ask(shared, "/api/telemetry/calls", token)["calls"]] == ["secret"]
        assert "eve" in str(ask(shared, "/api/overview", token)["agents"])


def test_snapshots_are_without_projects_of_others(shared: Live) -> None:
    for path in ("/api/snapshot?topics=artifacts", "/api/snapshot"):
        found = {
            token: [one["name"] for one in ask(shared, path, token)["artifacts"]["projects"]]
            for token in (ADA, ROOT, BOB)
        }
        assert found == {ADA: ["shop"], ROOT: ["secret", "shop"], BOB: []}
    lines = shared.get("/api/snapshot?form=lines", headers=headers(ADA)).text
    assert "shop" in lines and "secret" not in lines


def sockets(live: Live, *tokens: str) -> list[Listener]:
    return [live.listen(token=token) for token in tokens]


def test_events_of_projects_of_others_are_not_sent(shared: Live) -> None:
    ada, bob, root = sockets(shared, ADA, BOB, ROOT)
    snapshot = ada.first("snapshot")
    assert [one["name"] for one in snapshot["artifacts"]["projects"]] == ["shop"]
    root.first("snapshot")
    bob.first("snapshot")
    write(shared, "secret", "hidden.py")
    root.first("artifact.created", project="secret")
    write(shared, "shop", "shown.py")
    ada.first("artifact.created", project="shop")
    shared.write("inbox/t1.yaml")
    bob.first("task.created", id="t1")
    ada.first("task.created", id="t1")
    assert {body.get("project") for name, body in ada.numbered() if name.startswith("artifact.")} == {"shop"}
    assert not [name for name, _ in bob.numbered() if name.startswith("artifact.")]
    seen = {body["seq"] for _, body in root.numbered()}
    missed = shared.listen(token=ADA, since=min(seen) - 1, epoch=snapshot["epoch"])
    missed.first("task.created", id="t1")
    assert {body.get("project") for name, body in missed.numbered() if name.startswith("artifact.")} == {"shop"}


def test_a_token_in_the_packet_counts_more_than_the_cookie(shared: Live) -> None:
    session = requests.Session()
    session.get(f"{shared.url}/api/me?token={ROOT}", timeout=60)
    own, given = Listener(shared.url, http_session=session), Listener(shared.url, {"token": BOB}, http_session=session)
    assert len(own.first("snapshot")["artifacts"]["projects"]) == 2
    assert given.first("snapshot")["artifacts"]["projects"] == []
    own.close()
    given.close()


@pytest.mark.parametrize("token", [None, "", "wrong", 7, hash_of(ADA)])
def test_a_socket_without_a_users_token_gets_an_error_and_no_events(shared: Live, token: Any) -> None:
    wrong = shared.listen(token=token)
    assert wrong.first("error")["code"] == "UNAUTHORIZED"
    assert {name for name, _ in wrong.got} <= {"error"}


def test_events_by_number_are_those_that_a_user_may_see(shared: Live) -> None:
    begin = ask(shared, "/api/events?since=0", ROOT)["seq"]
    write(shared, "secret", "hidden.py")
    write(shared, "shop", "shown.py")
    path = f"/api/events?since={begin}&topics=artifacts"
    eventually(lambda: {"shop", "secret"} <= {event.get("project") for event in ask(shared, path, ROOT)["events"]})
    assert {event.get("project") for event in ask(shared, path, ADA)["events"]} == {"shop"}
    assert ask(shared, path, BOB)["events"] == []


def test_the_journal_is_that_of_ones_own_projects(shared: Live) -> None:
    write(shared, "secret", "hidden.py")
    write(shared, "shop", "shown.py")
    path = "/api/journal?types=artifact.created,artifact.batch"
    eventually(lambda: {"shop", "secret"} <= {event["project"] for event in ask(shared, path, ROOT)["events"]})
    assert {event["project"] for event in ask(shared, path, ADA)["events"]} == {"shop"}
    assert ask(shared, path, BOB)["events"] == []
    assert ask(shared, "/api/journal?types=service.ready", BOB)["events"]


@pytest.fixture
def read_stream(shared: Live) -> Iterator[Callable[[str], list[str]]]:
    """Collect the lines of a stream of events for a token."""
    answers: list[requests.Response] = []
    threads: list[threading.Thread] = []

    def begin(token: str) -> list[str]:
        lines: list[str] = []
        answer = requests.get(f"{shared.url}/streams/artifacts", headers=headers(token), stream=True, timeout=60)
        answers.append(answer)

        def follow() -> None:
            try:
                for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
                    lines.append(line)
            except (requests.RequestException, AttributeError, ValueError, OSError):
                return  # the dashboard has ended

        threads.append(threading.Thread(target=follow, daemon=True))
        threads[-1].start()
        return lines

    yield begin
    shared.dashboard.hub.stop()
    for thread in threads:
        thread.join(60)
    for answer in answers:
        answer.close()


def test_server_sent_events_are_those_that_a_user_may_see(
    shared: Live, read_stream: Callable[[str], list[str]]
) -> None:
    ada, root = read_stream(ADA), read_stream(ROOT)
    for lines in (ada, root):
        eventually(lambda lines=lines: "event: snapshot" in list(lines))  # type: ignore[misc]
    write(shared, "secret", "hidden.py")
    eventually(lambda: any("hidden.py" in line for line in list(root)))
    write(shared, "shop", "shown.py")
    eventually(lambda: any("shown.py" in line for line in list(ada)))
    assert not [line for line in list(ada) if "secret" in line]


def test_plain_websockets_get_what_a_user_may_see(shared: Live) -> None:
    address = f"ws://127.0.0.1:{shared.port}/ws/artifacts"
    with pytest.raises(websocket.WebSocketBadStatusException, match="401"):
        websocket.create_connection(address, timeout=60)
    connection = websocket.create_connection(address, timeout=60, header=headers(ADA))
    got = [connection.recv()]
    assert [one["name"] for one in json.loads(got[0])["artifacts"]["projects"]] == ["shop"]
    write(shared, "secret", "hidden.py")
    eventually(lambda: "hidden.py" in shared.get("/api/artifacts?project=secret", headers=headers(ROOT)).text)
    write(shared, "shop", "shown.py")
    while "shown.py" not in got[-1]:
        got.append(connection.recv())
    assert not [text for text in got if "secret" in text]
    connection.close()


def test_the_feature_answers_for_others(workspace: Path) -> None:
    users = next(
        one
        for one in Dashboard(settings_with(workspace=str(workspace), users=USERS)).features
        if isinstance(one, Users)
    )
    assert [users.may_see("ada", project) for project in ("shop", "secret", None)] == [True, False, True]
    assert [users.may_see(name, "secret") for name in (None, "root", "bob", "nobody")] == [True, True, False, False]
    assert (users.get("ada"), users.get(None), users.get("nobody")) == (USERS[1], None, None)
    assert [(one.level, "bob" in one.text) for one in users.examine()] == [("note", True)]


def test_access_is_what_the_request_says(shared: Live) -> None:
    users, seen = shared.feature(Users), []
    from flask import request

    shared.dashboard.site.flask.before_request_funcs.setdefault(None, []).append(
        lambda: seen.append(users.access(request))
    )
    for token in (ROOT, ADA):
        ask(shared, "/api/me", token)
    assert seen == [("root", True, None), ("ada", False, frozenset({"shop"}))]


def test_without_users_every_project_is_seen_and_the_banner_asks_for_no_token(live: Live) -> None:
    assert live.dashboard.needs_token is False
    assert Dashboard(settings_with(workspace=str(live.workspace), users=USERS)).needs_token is True
