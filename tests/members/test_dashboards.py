"""Whole dashboards on one board: real workspaces, real clients, a real redis-server."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
import websocket
from click.testing import CliRunner
from kit.boards import Peer, is_settled
from kit.certificates import certificate_of_loopback
from kit.cursors import in_short
from kit.live import Live, differences, eventually, fresh, running, said_by_files, task_text
from kit.processes import Service
from kit.redis_server import RedisServer
from kit.settings import refusal
from redis.exceptions import NoPermissionError

from llm_service.cli.doctor import examine as examine_all
from llm_service.cli.main import cli
from llm_service.feature import Finding
from llm_service.hub.identity import NAME, keep_identity
from llm_service.hub.outbox import parse_position
from llm_service.hub.redis_check import acl, examine
from llm_service.hub.redis_link import BoardKeys, RedisLink, RedisUnusable
from llm_service.members.feature import Members
from llm_service.web.cursor import read_cursor

BOARD = "team"
MakeLive = Callable[..., Live]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with RedisServer(tmp_path / "redis", appendonly="yes") as running_server:
        yield running_server


@pytest.fixture
def join(tmp_path: Path, server: RedisServer) -> Iterator[MakeLive]:
    """Starts a dashboard of the board on a workspace of its own."""
    started: list[Live] = []

    def start(name: str, **settings: object) -> Live:
        workspace = tmp_path / name
        for folder in ("inbox", "assigned/ada", "done/ada"):
            (workspace / "work/collaboration" / folder).mkdir(parents=True, exist_ok=True)
        given: dict[str, Any] = {"board": BOARD, "redis_url": server.url, "host_label": name} | settings
        started.append(running(workspace, **given))
        return started[-1]

    yield start
    for live in started:
        live.stop()


def observer_of(live: Live) -> str:
    found: str = live.json("/api/members")["self"]
    return found


def rows(live: Live, other: Live, collection: str = "tasks", **options: Any) -> dict[str, Any]:
    """What a dashboard shows of another one: key -> value."""
    name = observer_of(other)
    found = live.json("/api/snapshot?topics=all", **options).get("hosts", [])
    return {row["key"]: row["value"] for row in found if (row["observer"], row["collection"]) == (name, collection)}


def is_equal(live: Live, other: Live) -> bool:
    return differences(said_by_files(rows(live, other)), fresh(other.root)) == {}


def test_every_dashboard_shows_what_is_on_the_disks_of_all(join: MakeLive, server: RedisServer) -> None:
    hosts = [join(name) for name in "abc"]
    hosts[0].write("inbox/one.yaml")
    eventually(lambda: "one" in rows(hosts[1], hosts[0]))  # before it knows the host, changes come with its whole state
    listener = hosts[1].listen(wait_for_snapshot=False)
    ack = listener.first("connection_ack")
    assert ack["observer"] == observer_of(hosts[1])
    listener.first("snapshot")
    hosts[0].write("assigned/ada/two.yaml")
    created = listener.first("task.created", id="two")
    assert created["origin"]["observer"] == observer_of(hosts[0])
    assert created["epoch"] == hosts[1].dashboard.hub.epoch, "numbers are those of the dashboard"
    server.kill()
    hosts[0].write("assigned/ada/three.yaml")
    (hosts[0].root / "inbox/one.yaml").rename(hosts[0].root / "done/ada/one.yaml")
    hosts[2].write("inbox/four.yaml")
    for host in hosts:
        host.sync()
    eventually(lambda: hosts[1].json("/health")["status"] == "degraded")
    degraded = listener.first("service.degraded", mode="journal")
    assert degraded["since"] and degraded["root"] == "redis"
    eventually(lambda: {one["state"] for one in hosts[1].json("/api/members")["members"][1:]} == {"as_of"})
    server.empty()
    for host in hosts:
        for other in hosts:
            if host is not other:
                eventually(lambda host=host, other=other: is_equal(host, other))
    eventually(lambda: hosts[1].json("/health")["status"] == "healthy")
    listener.first("service.recovered", mode="journal")
    numbers = sorted({body["seq"] for _, body in listener.numbered()})
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "a gap"
    assert len([name for name, _ in listener.got if name == "snapshot"]) == 1
    assert not rows(hosts[0], hosts[0]), "what is here is not among the others"


def test_what_is_on_the_disks_is_shown_by_all_whatever_happens_to_redis(join: MakeLive, server: RedisServer) -> None:
    """Three observers, each with a dashboard, and a client at two of them; full counts are in benchmarks/reach.py."""
    hosts = [join(name) for name in "abc"]
    for host in hosts:
        host.write("inbox/begin.yaml")
    eventually(lambda: all(is_equal(host, other) for host in hosts for other in hosts if host is not other))
    listeners = [host.listen() for host in hosts[:2]]
    ends = threading.Event()

    def write(host: Live, seed: int) -> None:
        chance, number = random.Random(seed), 0
        while not ends.wait(0.01):
            number += 1
            place = chance.choice(("inbox", "assigned/ada", "done/ada"))
            path = host.root / place / f"t{chance.randrange(60)}.yaml"
            if path.exists() and chance.random() < 0.3:
                path.unlink()
            elif not list(host.root.rglob(path.name)):
                host.write(f"{place}/{path.name}", title=f"{number}")

    threads = [threading.Thread(target=write, args=(host, number)) for number, host in enumerate(hosts)]
    for thread in threads:
        thread.start()
    chance = random.Random(11)
    for _ in range(10):
        server.disturb(chance)
    ends.set()
    for thread in threads:
        thread.join()
    for host in hosts:
        host.sync()
    for host in hosts:
        for other in hosts:
            if host is not other:
                eventually(lambda host=host, other=other: is_equal(host, other))
    for host, listener in zip(hosts, listeners, strict=False):
        listener.upto(host.dashboard.hub.seq)
        numbers = sorted({body["seq"] for _, body in listener.numbered()})
        assert numbers == list(range(numbers[0], numbers[-1] + 1)), "a gap"


def test_other_hosts_change_nothing_of_this_workspace(join: MakeLive) -> None:
    here, there = join("here"), join("there")
    here.write("inbox/same.yaml", title="mine")
    there.write("inbox/same.yaml", title="theirs")
    eventually(lambda: rows(here, there).get("same", {}).get("title") == "theirs")
    (task,) = here.json("/api/tasks")["tasks"]
    assert task["title"] == "mine" and len(here.json("/api/tasks")["tasks"]) == 1
    assert here.json("/api/snapshot?topics=tasks")["tasks"][0]["title"] == "mine"
    assert here.json("/api/snapshot?topics=knowledge")["hosts"] == [], "of the topics that were asked for only"
    here.dashboard.journal.flush()  # type: ignore[union-attr]
    recorded = here.json("/api/journal?types=task.created")["events"]
    assert [event["task"]["title"] for event in recorded] == ["mine"]


def test_a_client_moves_to_another_dashboard_by_its_cursor(join: MakeLive) -> None:
    one, other = join("one"), join("other")
    one.write("inbox/a.yaml")
    eventually(lambda: is_equal(other, one) and len(one.dashboard.hub.positions()) == 2)
    first = one.listen(wait_for_snapshot=False)
    cursor = read_cursor(first.first("connection_ack")["cursor"])
    first.first("snapshot")
    one.write("inbox/b.yaml")
    cursor[observer_of(one)] = first.first("task.created", id="b")["origin"]["id"]
    first.close()
    one.write("inbox/c.yaml")
    other.write("inbox/d.yaml")
    eventually(lambda: is_equal(other, one) and is_equal(one, other))
    second = other.listen(wait_for_snapshot=False, cursor=cursor)
    assert read_cursor(second.first("connection_ack")["cursor"]) == cursor
    second.first("task.created", id="c")
    second.first("task.created", id="d")
    names = [name for name, _ in second.got]
    assert "snapshot" not in names
    assert not [body for name, body in second.got if name == "task.created" and body["task"]["id"] in ("a", "b")]
    third = other.listen(wait_for_snapshot=False, cursor="nonsense")
    third.first("snapshot")


def _sse(live: Live, path: str, headers: dict[str, str] | None = None) -> Iterator[tuple[str, Any]]:
    """(type, event) of a stream."""
    with live.get(path, stream=True, headers=headers) as answer:
        name = ""
        for line in answer.iter_lines(chunk_size=1, decode_unicode=True):
            field, _, value = line.partition(": ")
            name = value if field == "event" else name
            if field == "data":
                yield name, json.loads(value)


def _websocket(live: Live, path: str, headers: dict[str, str] | None = None) -> Iterator[tuple[str, Any]]:
    """(type, event) of a WebSocket."""
    address = f"{live.url.replace('http', 'ws', 1)}{path}"
    connection = websocket.create_connection(address, timeout=60, header=headers)
    try:
        while True:
            body = json.loads(connection.recv())
            yield body["type"], body
    finally:
        connection.close()


@pytest.mark.parametrize(("follow", "path"), [(_sse, "/streams/tasks"), (_websocket, "/ws/tasks")])
def test_a_stream_moves_to_another_dashboard_by_its_cursor(
    join: MakeLive, follow: Callable[..., Iterator[tuple[str, Any]]], path: str
) -> None:
    one, other = join("one"), join("other")
    one.write("inbox/a.yaml")
    eventually(lambda: is_equal(other, one) and len(one.dashboard.hub.positions()) == 2)
    eventually(lambda: one.json("/api/snapshot")["cursor"].count("-") == 2)
    first = follow(one, path)
    name, snapshot = next(first)
    assert name == "snapshot" and snapshot["observer"] == observer_of(one)
    cursor = read_cursor(snapshot["cursor"])
    one.write("inbox/b.yaml")
    cursor[observer_of(one)] = next(body for name, body in first if name == "task.created")["origin"]["id"]
    first.close()  # type: ignore[attr-defined]
    one.write("inbox/c.yaml")
    eventually(lambda: is_equal(other, one))
    second = follow(other, f"{path}?cursor={quote(json.dumps(cursor))}")
    name, body = next(second)
    assert (name, body["task"]["id"], body["origin"]["observer"]) == ("task.created", "c", observer_of(one))
    one.write("inbox/d.yaml")
    name, body = next(second)
    assert (name, body["task"]["id"]) == ("task.created", "d"), "once, and nothing in between"
    second.close()  # type: ignore[attr-defined]
    by_header = follow(other, path, headers={"X-Cursor": json.dumps(cursor)})
    assert next(by_header)[1]["task"]["id"] == "c", "as by the address"
    by_header.close()  # type: ignore[attr-defined]
    by_short_form = follow(other, f"{path}?cursor={in_short(cursor)}")
    assert next(by_short_form)[1]["task"]["id"] == "c", "as in JSON"
    by_short_form.close()  # type: ignore[attr-defined]
    page = other.json(f"/api/events?topics=tasks&cursor={quote(json.dumps(cursor))}")
    assert [event["task"]["id"] for event in page["events"]] == ["c", "d"] and page["gap"] is False
    lost_page = other.json(f"/api/events?cursor={quote(json.dumps({'f' * 16: '1-1'}))}")
    assert lost_page["gap"] is True and len(read_cursor(lost_page["cursor"])) == 2
    assert "cursor" not in other.json("/api/events?since=0")
    got, at = list[str](), json.dumps(cursor)
    while events := (page := other.json("/api/events?topics=tasks&limit=1", headers={"X-Cursor": at}))["events"]:
        got += [event["task"]["id"] for event in events]
        at = page["cursor"]
    assert got == ["c", "d"] and page["gap"] is False, "page by page: nothing is left out, nothing comes twice"
    one.write("inbox/e.yaml")
    eventually(lambda: is_equal(other, one))
    for live in (other, one):
        page = live.json("/api/events?topics=tasks", headers={"X-Cursor": at})
        assert [event["task"]["id"] for event in page["events"]] == ["e"]

    def is_behind_all() -> bool:
        page = other.json("/api/events?topics=costs", headers={"X-Cursor": at})
        assert not [event for event in page["events"] if "task" in event]
        ends = [read_cursor(answer["cursor"])[observer_of(one)] for answer in (page, other.json("/api/snapshot"))]
        return ends[0] == ends[1]

    eventually(is_behind_all)  # what is not asked for is behind as well; sums may change at any time
    lost = follow(other, f"{path}?cursor=nonsense")
    assert next(lost)[0] == "snapshot"
    lost.close()  # type: ignore[attr-defined]


def test_a_user_of_some_projects_gets_of_other_hosts_what_is_of_those(join: MakeLive, tmp_path: Path) -> None:
    from hashlib import sha256

    from llm_service.users.model import User

    users = [
        User("root", sha256(b"root-token-0123456789").hexdigest(), "admin"),
        User("eve", sha256(b"eves-token-0123456789").hexdigest(), "user", ("hers",)),
    ]
    here, there = join("here", users=users), join("there", users=users)
    admin, eve = ({"Authorization": f"Bearer {name}-token-0123456789"} for name in ("root", "eves"))
    for project in ("hers", "secret"):
        folder = there.workspace / "generated_projects" / project
        folder.mkdir(parents=True)
        (folder / "a.txt").write_text("x")

    def projects(headers: dict[str, str]) -> set[str]:
        found = here.json("/api/snapshot?topics=artifacts", headers=headers).get("hosts", [])
        return {row["key"] for row in found}

    eventually(lambda: projects(admin) == {"hers", "secret"})
    assert projects(eve) == {"hers"}


def test_without_a_board_nothing_is_different(start: Callable[..., Live]) -> None:
    live = start()
    listener = live.listen(wait_for_snapshot=False)
    assert "cursor" not in listener.first("connection_ack")
    live.write("inbox/a.yaml")
    assert "origin" not in listener.first("task.created", id="a")
    assert live.json("/api/members") == {
        "self": None, "board": None, "members": [], "follow": [],
        "journal": {"ok": False, "since": None, "waiting": 0, "reason": None},
    }  # fmt: skip
    snapshot = live.json("/api/snapshot")
    assert not {"hosts", "members", "observer", "cursor"} & snapshot.keys() and "board" not in live.json("/health")
    assert not (live.workspace / ".llm-service" / NAME).exists()


def test_a_redis_that_was_never_there_holds_up_nothing(join: MakeLive, server: RedisServer) -> None:
    server.kill()
    began = time.process_time()
    live = join("alone")
    live.write("inbox/a.yaml")
    live.sync()
    assert live.json("/api/tasks")["tasks"][0]["id"] == "a"
    eventually(lambda: live.json("/api/members")["journal"]["waiting"] >= 1)
    (trouble,) = eventually(lambda: [one for one in live.json("/health")["troubles"] if one["mode"] == "journal"])
    assert trouble["root"] == "redis" and "Redis cannot be reached" in trouble["reason"]
    assert time.process_time() - began < 20


def test_the_start_says_what_is_missing_without_redis_py(join: MakeLive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    live = join("bare")
    eventually(
        lambda: any("pip install 'redis[hiredis]>=" in one["reason"] for one in live.json("/health")["troubles"])
    )
    live.write("inbox/a.yaml")
    live.sync()
    assert live.json("/api/tasks")["tasks"][0]["id"] == "a"


def test_a_copied_workspace_is_refused_by_name(join: MakeLive, tmp_path: Path) -> None:
    original = join("original")

    def copy_if_there(source: str, target: str) -> None:
        with contextlib.suppress(FileNotFoundError):  # the dashboard goes on, and removes temporary files
            shutil.copy2(source, target)

    shutil.copytree(original.workspace, tmp_path / "copy", copy_function=copy_if_there)
    copy = join("copy")
    assert observer_of(original) and copy.json("/api/members")["self"] is None
    (trouble,) = copy.json("/health")["troubles"]
    assert "two observers with one identity" in trouble["reason"] and str(original.workspace) in trouble["reason"]
    copy.write("inbox/a.yaml")
    copy.sync()
    assert copy.json("/api/tasks")["tasks"], "its own board works"
    copy.stop()
    (tmp_path / "copy/.llm-service" / NAME).unlink()
    again = join("copy")
    assert observer_of(again) not in (None, observer_of(original))
    eventually(lambda: is_equal(original, again))


def test_an_identity_stays_and_is_not_believed_if_it_is_broken(tmp_path: Path) -> None:
    folder, workspace = str(tmp_path / ".llm-service"), str(tmp_path)
    first = keep_identity(folder, workspace)
    assert first.problem is None and keep_identity(folder, workspace) == first
    assert (tmp_path / ".llm-service" / NAME).stat().st_mode & 0o077 == 0
    for text in ("", "[]", "{}", '{"observer": "../..", "bound": "x"}', '{"observer": 1}', "[" * 2_000):
        (tmp_path / ".llm-service" / NAME).write_text(text)
        found = keep_identity(folder, workspace)
        assert found.observer is None and NAME in (found.problem or "")


def test_the_page_may_ask_the_other_hosts_and_nobody_else(join: MakeLive) -> None:
    here = join("here")
    join("there", public_url="http://127.0.0.1:9001/path")
    join("bad", public_url="https://ok.example:1")
    # A host is a member before its card, which has its address, was read.
    eventually(lambda: len([one for one in here.json("/api/members")["members"][1:] if one["url"]]) == 2)
    board = here.feature(Members).board
    board.heard("f" * 16, b'{"url": "http://evil.example; script-src *"}', b"{}")
    board.heard("d" * 16, b'{"url": "javascript:alert(1)"}', b"{}")
    policy = here.get("/").headers["Content-Security-Policy"]
    assert "connect-src 'self' https://ok.example:1 http://127.0.0.1:9001;" in policy
    assert "evil" not in policy and "javascript" not in policy
    assert "connect-src 'self';" in here.get("/api/tasks").headers["Content-Security-Policy"]


def test_members_prints_hosts_and_forgets_one(
    join: MakeLive, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = join("here"), join("there")
    there.write("inbox/a.yaml")
    eventually(lambda: rows(here, there))
    name = observer_of(there)
    monkeypatch.setenv("LLM_SERVICE_BOARD", BOARD)
    monkeypatch.setenv("LLM_SERVICE_REDIS_URL", server.url)
    monkeypatch.setattr("llm_service.cli.members.Client.of", lambda workspace, config: _Json(here))

    def printed() -> list[str]:
        shown = CliRunner().invoke(cli, ["members", "--workspace", str(here.workspace)])
        assert shown.exit_code == 0, shown.output
        return shown.output.splitlines()

    # Sums are shared too, and may change at any time.
    first, second = eventually(lambda: (lines := printed())[1:] and "0 behind" in lines[1] and lines)
    assert "(this host)" in first and second.startswith(name) and "live" in second
    as_json = CliRunner().invoke(cli, ["members", "--workspace", str(here.workspace), "--json"])
    assert [one["observer"] for one in json.loads(as_json.output)["members"]] == [observer_of(here), name]

    def forget(observer: str) -> Any:
        return CliRunner().invoke(cli, ["members", "--workspace", str(here.workspace), "--forget", observer])

    assert "reports: stop its dashboard first" in forget(name).output
    assert forget("nonsense").exit_code != 0
    there.stop()
    eventually(lambda: forget(name).exit_code == 0)
    eventually(lambda: len(here.json("/api/members")["members"]) == 1)
    assert "hosts" not in here.json("/api/snapshot")
    with server.client() as client:
        assert not list(client.scan_iter(f"llm:{BOARD}:{name}:*"))


class _Json:
    """A client of a dashboard that has no record on the disk."""

    def __init__(self, live: Live) -> None:
        self._live = live

    def get(self, path: str) -> Any:
        return self._live.json(path)


def test_what_a_host_shares_can_be_read_without_redis(join: MakeLive) -> None:
    here = join("here")
    here.write("inbox/a.yaml")
    here.sync()
    outbox = here.dashboard.hub.outbox
    assert outbox is not None
    before = outbox.position
    found = here.json("/api/members/state")
    assert found["observer"] == observer_of(here) and found["state"]["tasks"].keys() == {"a"}
    position = parse_position(found["position"])
    # Sums are shared too, and may change at any time.
    assert found["card"]["label"] == "here" and position is not None and before <= position <= outbox.position


def test_the_rights_of_the_acl_are_those_that_are_needed(tmp_path: Path, join: MakeLive) -> None:
    own, other = "a" * 16, "b" * 16
    folder = tmp_path / "acl"
    folder.mkdir()
    rules = acl(BOARD, own, "one") + acl(BOARD, other, "two").splitlines()[0] + "\nuser default off\n"
    (folder / "users.acl").write_text(rules)
    with RedisServer(folder, aclfile=str(folder / "users.acl")) as guarded:
        client = guarded.client(username=f"{BOARD}-{own}", password="one")
        reader = guarded.client(username=f"{BOARD}-reader", password="one")
        allowed = [
            ("XADD", f"llm:{BOARD}:{own}:ev", "1-1", "e", "x"), ("HSET", f"llm:{BOARD}:{own}:state:tasks", "a", "b"),
            ("SET", f"llm:{BOARD}:{own}:at", "1-1"), ("HSET", f"llm:{BOARD}:members", own, "1"),
            ("GET", f"llm:{BOARD}:{other}:at"), ("XREVRANGE", f"llm:{BOARD}:{own}:ev", "+", "-"),
        ]  # fmt: skip
        refused = [
            ("XADD", f"llm:{BOARD}:{other}:ev", "1-1", "e", "x"), ("SET", f"llm:{BOARD}:{other}:owner", "x"),
            ("HSET", f"llm:{BOARD}:{other}:state:tasks", "a", "b"), ("DEL", f"llm:{BOARD}:{other}:ev"),
            ("GET", "llm:else:x"), ("SET", "x", "y"), ("FLUSHALL",), ("CONFIG", "GET", "*"), ("KEYS", "*"),
            ("EVAL", "return 1", "0"), ("SUBSCRIBE", "x"), ("PUBLISH", "x", "y"), ("SCAN", "0"), ("ACL", "LIST"),
        ]  # fmt: skip
        for command in allowed:
            client.execute_command(*command)
        for command in refused:
            with pytest.raises(NoPermissionError):
                client.execute_command(*command)
        reader.execute_command("HGETALL", f"llm:{BOARD}:{own}:state:tasks")
        for command in (*refused, ("SET", f"llm:{BOARD}:{own}:at", "2-2"), ("HSET", f"llm:{BOARD}:members", "x", "1")):
            with pytest.raises(NoPermissionError):
                reader.execute_command(*command)
        client.close()
        reader.close()
        # A dashboard works with these rights, under the identity that they are for.
        for name, observer in (("x", own), ("y", other)):
            state = tmp_path / name / ".llm-service"
            state.mkdir(parents=True)
            known = keep_identity(str(state), str(tmp_path / name))
            text = (state / NAME).read_text().replace(known.observer or "", observer)
            (state / NAME).write_text(text)
        url = f"redis://{BOARD}-{{}}:{{}}@127.0.0.1:{guarded.port}/0"
        one, two = join("x", redis_url=url.format(own, "one")), join("y", redis_url=url.format(other, "two"))
        two.write("inbox/a.yaml")
        eventually(lambda: is_equal(one, two))
        findings = [one for one in one.feature(Members).examine() if one.what == "redis"]
        assert Finding("ok", "redis", "this user writes its own keys only") in findings
        assert not [finding for finding in findings if finding.level == "problem"]
        one.stop()
        two.stop()


def test_doctor_names_each_right_that_is_missing(server: RedisServer) -> None:
    observer, words = "a" * 16, acl(BOARD, "a" * 16, "one").splitlines()[0].split()
    rights = [word.removeprefix("+") for word in words if word.startswith("+")]
    assert len(rights) > 15
    with server.client() as client:
        for right in rights:
            rules = [word for word in words[3:] if word != f"+{right}"]
            client.execute_command("ACL", "SETUSER", right, "on", ">p", *rules)
            link = RedisLink(f"redis://{right}:p@127.0.0.1:{server.port}/0")
            found = list(examine(link, BoardKeys(BOARD), observer))
            problems = [text for level, text in found if level == "problem"]
            if right in ("info", "time"):  # a host works without them
                assert not problems and [text for level, text in found if level == "note" and right.upper() in text]
            elif right == "ping":
                assert len(problems) == 1 and "ping" in problems[0]
            elif right not in ("hello", "auth", "client|setname"):
                assert len(problems) == 1 and right.upper() in problems[0], right
            assert client.keys("*") == [], "nothing was changed"


def test_a_redis_by_tls_is_used_if_its_certificate_is_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, take_port: Callable[[], int]
) -> None:
    key, certificate = certificate_of_loopback(tmp_path)
    port = take_port()
    options = {"tls_cert_file": str(certificate), "tls_key_file": str(key), "tls_ca_cert_file": str(certificate)}
    with RedisServer(tmp_path / "tls", tls_port=str(port), tls_auth_clients="no", **options):
        url = f"rediss://127.0.0.1:{port}/0"
        one, other = Peer(url), Peer(url)
        try:
            one.start()
            eventually(lambda: "certificate" in (one.journal.trouble or ""))
            assert one.journal.trouble.startswith("Redis cannot be reached: ")  # type: ignore[union-attr]
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))  # what the system trusts
            other.start()
            other.write("a", "1")
            eventually(lambda: one.journal.trouble is None and is_settled(one, other))
            wrong_name = RedisLink(url.replace("127.0.0.1", "localhost"))
            with pytest.raises(RedisUnusable, match=r"(?i)certificate"):
                wrong_name.run(lambda client: None)
        finally:
            one.stop()
            other.stop()


def test_doctor_looks_at_redis(workspace: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    from kit.settings import settings_with

    settings = settings_with(workspace=str(workspace), board=BOARD, redis_url=server.url)
    found = [finding for finding in examine_all(settings) if finding.what == "redis"]
    assert [finding.level for finding in found] == ["ok", "ok", "ok", "ok", "note"], found
    server.kill()
    (gone,) = [finding for finding in examine_all(settings) if finding.what == "redis"]
    assert gone.level == "problem" and "it cannot be used" in gone.text


def test_settings_of_a_board_go_together_and_hide_the_password(workspace: Path) -> None:
    alone = {"LLM_SERVICE_BOARD": "team"}
    assert "board is set and redis_url is not" in refusal(workspace=str(workspace), environ=alone)
    secret = {"LLM_SERVICE_BOARD": "team", "LLM_SERVICE_REDIS_URL": "http://user:hunter2@x"}
    message = refusal(workspace=str(workspace), environ=secret)
    assert "redis_url" in message and "hunter2" not in message
    for name, value in (("BOARD", "Team 1"), ("PUBLIC_URL", "http://a:b@c"), ("HOST_LABEL", "a\nb")):
        assert name.lower() in refusal(workspace=str(workspace), environ={f"LLM_SERVICE_{name}": value})


def test_dashboards_started_by_the_command_share_a_board_and_survive_a_kill(
    tmp_path: Path, server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLM_SERVICE_BOARD", BOARD)
    monkeypatch.setenv("LLM_SERVICE_REDIS_URL", server.url)
    services = []
    try:
        for name in ("one", "two"):
            (tmp_path / name / "work/collaboration/inbox").mkdir(parents=True)
            services.append(Service(tmp_path / name))
            services[-1].start()
        one, two = services

        def states() -> list[tuple[str, bool]]:
            found = requests.get(f"{one.url}/api/members", timeout=60).json()["members"]
            return [(member["state"], member["url"] == two.url) for member in found if not member["is_self"]]

        eventually(lambda: states() == [("live", True)], 60)
        two.kill()
        (tmp_path / "two/work/collaboration/inbox/a.yaml").write_text(task_text("a"))
        two.start()
        eventually(lambda: "a" in {row["key"] for row in _hosts(one.url)}, 60)
        # The one that was killed held the identity, and this one has its state folder.
        said = requests.get(f"{two.url}/api/journal?types=service.degraded", timeout=60).json()["events"]
        assert not [event for event in said if "two observers" in event["reason"]]
        eventually(lambda: states() == [("live", True)], 60)
    finally:
        for service in services:
            service.stop()


def _hosts(url: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = requests.get(f"{url}/api/snapshot?topics=tasks", timeout=60).json().get("hosts", [])
    return found
