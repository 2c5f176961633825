"""Hosts that are followed at their address, without a Redis: real dashboards on real sockets, and hostile servers."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import requests
from kit.boards import Peer
from kit.certificates import certificate_of_loopback
from kit.fake_host import FakeHost, Forwarder, begin_stream, drip, endless, send
from kit.live import Live, differences, eventually, fresh, running, said_by_files
from kit.redis_server import RedisServer
from kit.settings import refusal, settings_with, user_file
from kit.task_files import task

from llm_service.cli.doctor import examine as examine_all
from llm_service.cli.sections import load_settings
from llm_service.hub import follow_link, follow_reader
from llm_service.hub.board_settings import BoardSettings, is_overheard
from llm_service.hub.follow_link import FollowLink
from llm_service.hub.follow_reader import POLL_S, POLL_TIMEOUT_S, UNREACHABLE_AFTER_S
from llm_service.hub.woken_thread import LONGEST_WAIT_S
from llm_service.members.feature import Members
from llm_service.members.sources import NOTHING_YET, Sources

TOKEN = "token-of-the-admin-0123456789"
MakeLive = Callable[..., Live]
_SUMMARY = msgspec.json.decode(msgspec.json.encode(task("assigned/ada/a.yaml", "a").summary))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[MakeLive]:
    """Starts a dashboard on a workspace of its own; again on the same one, at the same port, if asked to."""
    started: list[Live] = []

    def start(name: str, port: int = 0, **settings: Any) -> Live:
        workspace = tmp_path / name
        for folder in ("inbox", "assigned/ada", "done/ada"):
            (workspace / "work/collaboration" / folder).mkdir(parents=True, exist_ok=True)
        started.append(running(workspace, port=port, **({"host_label": name} | settings)))
        return started[-1]

    yield start
    for live in started:
        live.stop()


@pytest.fixture
def fake() -> Iterator[FakeHost]:
    with FakeHost() as one:
        one.state = {"tasks": {"a": _SUMMARY}}
        yield one


def rows(live: Live, observer: str | None = None) -> dict[str, Any]:
    """The tasks of other hosts that a dashboard shows: key -> value; of one host if it is named."""
    found = live.json("/api/snapshot?topics=tasks").get("hosts", [])
    return {row["key"]: row["value"] for row in found if observer in (None, row["observer"])}


def is_equal(live: Live, other: Live) -> bool:
    observer = other.json("/api/members")["self"]
    return differences(said_by_files(rows(live, observer)), fresh(other.root)) == {}


def state_of(live: Live, label: str) -> str | None:
    return next((one["state"] for one in live.json("/api/members")["members"] if one["label"] == label), None)


def reason(live: Live, url: str | None = None) -> str:
    """Why an address is not heard; "" if it is, or was not asked yet."""
    found = live.json("/api/members")["follow"]
    why = next(one["reason"] or "" for one in found if url in (None, one["url"]))
    return "" if why == NOTHING_YET else why


def test_a_followed_host_is_shown_with_its_events_and_after_a_restart(
    host: MakeLive, take_port: Callable[[], int]
) -> None:
    port = take_port()
    there = host("there", port, share=True)
    there.write("inbox/one.yaml")
    here = host("here", follow=[there.url])
    eventually(lambda: is_equal(here, there))
    listener = here.listen()
    there.write("assigned/ada/two.yaml")
    created = listener.first("task.created", id="two")
    observer = there.json("/api/members")["self"]
    assert created["origin"]["observer"] == observer and created["epoch"] == here.dashboard.hub.epoch
    found = here.json("/api/members")
    assert (found["board"], found["journal"]["ok"]) == (None, True)
    own, other = found["members"]
    assert own["is_self"] and other["url"] == there.url, "where it is followed, as it names its own loopback only"
    assert here.json("/api/tasks")["tasks"] == [], "nothing of it is among our own"
    (reader,) = here.feature(Members)._parts.followed  # type: ignore[union-attr]
    assert reader.snapshots == 1
    there.stop()
    lost = eventually(lambda: (one := here.json("/api/members")["members"][1])["state"] == "as_of" and one)
    assert lost["as_of"] and "two" in rows(here), "what is known is kept"
    degraded = listener.first("service.degraded", mode="follow")
    assert degraded["root"] == there.url and here.json("/health")["status"] == "degraded"
    (there.root / "inbox/one.yaml").unlink()
    again = host("there", port=port, share=True)
    eventually(lambda: state_of(here, "there") == "live" and is_equal(here, again))
    again.write("inbox/three.yaml")
    listener.first("task.created", id="three")
    listener.first("service.recovered", mode="follow")
    numbers = sorted({body["seq"] for _, body in listener.numbered()})
    assert numbers == list(range(numbers[0], numbers[-1] + 1)), "a gap"


def test_hosts_that_follow_each_other_do_not_echo(host: MakeLive, take_port: Callable[[], int]) -> None:
    ports = [take_port() for _ in range(3)]
    urls = [f"http://127.0.0.1:{port}" for port in ports]
    one = host("one", ports[0], follow=[urls[1], urls[0]])
    two = host("two", ports[1], follow=[urls[2], urls[0]])
    three = host("three", ports[2], follow=[urls[0]])
    hosts = [one, two, three]
    for live in hosts:
        live.write(f"inbox/of-{live.workspace.name}.yaml")
    expected = [{"of-two"}, {"of-one", "of-three"}, {"of-one"}]
    for live, keys in zip(hosts, expected, strict=True):
        eventually(lambda live=live, keys=keys: rows(live).keys() == keys)
    eventually(lambda: "this dashboard itself" in reason(one, urls[0]))
    observers = [live.json("/api/members")["self"] for live in hosts]
    for live in hosts:
        relayed = [envelope.origin for envelope in live.dashboard.hub.since(0) or () if envelope.origin]
        known = {origin[0] for origin in relayed}
        assert known <= set(observers)
        ids = [origin for origin in relayed if origin[1] is not None]
        assert len(ids) == len(set(ids)), "an event came twice"


def test_a_host_that_shares_nothing_says_what_to_do(host: MakeLive) -> None:
    plain = host("plain")
    here = host("here", follow=[plain.url])
    eventually(lambda: "--share" in reason(here))
    assert not (plain.workspace / ".llm-service/observer.json").exists()
    (finding,) = [one for one in here.feature(Members).examine() if one.what == "follow"]
    assert finding.level == "problem" and "--share" in finding.text


def test_a_token_goes_to_its_own_address_only(host: MakeLive, fake: FakeHost) -> None:
    there = host("there", share=True, token=TOKEN)
    here = host("here", follow=[there.url, fake.url], follow_tokens=[f"{there.url}={TOKEN}"])
    there.write("inbox/one.yaml")
    eventually(lambda: "one" in rows(here))
    eventually(lambda: fake.asked("/streams/all"))
    assert not [head for head in fake.requests if "authorization" in head.lower() or TOKEN in head]
    assert TOKEN not in here.get("/api/members").text + here.get("/health").text + here.get("/api/settings").text
    with FakeHost() as elsewhere:
        redirect = f"{elsewhere.url}/api/members/report"
        fake.answers["/api/members/report"] = lambda one: send(one, "302 Found", "text/plain", b"", Location=redirect)
        other = host("other", follow=[fake.url], follow_tokens=[f"{fake.url}=its-token"])
        eventually(lambda: "redirect is not followed" in reason(other))
        # `here`, which has no token for it, asks as well.
        assert any("Authorization: Bearer its-token" in head for head in fake.requests) and not elsewhere.requests
    none = host("none", follow=[there.url])
    eventually(lambda: "(401)" in reason(none))
    assert "follow_tokens" in reason(none)


def test_what_is_waited_for_is_as_short_as_the_documentation_says() -> None:
    assert POLL_S + POLL_TIMEOUT_S <= 7, "until a frozen connection is given up"
    assert UNREACHABLE_AFTER_S <= 12 and LONGEST_WAIT_S <= 1


def test_a_frozen_connection_is_noticed(host: MakeLive) -> None:
    there = host("there", share=True)
    forwarder = Forwarder(there.port)
    here = host("here", follow=[forwarder.url])
    there.write("inbox/one.yaml")
    eventually(lambda: is_equal(here, there))
    forwarder.freeze()
    eventually(lambda: state_of(here, "there") == "as_of")
    there.write("inbox/two.yaml")
    forwarder.thaw()
    eventually(lambda: state_of(here, "there") == "live" and is_equal(here, there))
    forwarder.close()


def test_events_that_are_missing_lead_to_the_state_and_foreign_ones_to_nothing(host: MakeLive, fake: FakeHost) -> None:
    here = host("here", follow=[fake.url])
    eventually(lambda: fake.asked("/streams/all") == 1 and rows(here))

    def changed(title: str) -> dict[str, Any]:
        return {"type": "host.changed", "collection": "tasks", "set": {"a": _SUMMARY | {"title": title}}, "removed": []}

    fake.event(1, changed("repeated"))
    fake.event(2, changed("foreign"), observer="cd" * 8)
    fake.say(
        b': comment\r\n\r\nid: 5.3\r\nevent: x\r\ndata: [}\r\n\r\ndata: {"origin": 5}\n\nid: a\rb: c\ndata: {}\n\n'
    )
    fake.event(2, changed("second"))
    eventually(lambda: rows(here)["a"]["title"] == "second")
    assert fake.asked("/api/members/state") == 1 and set(rows(here)) == {"a"}
    members = here.json("/api/members")["members"]
    assert [one["observer"] for one in members[1:]] == [fake.observer], "nobody speaks for another"
    fake.event(3, {"type": "task.created", "task": 5})
    eventually(lambda: here.json("/api/members")["members"][1]["refused"] == 1)
    fake.state = {"tasks": {"b": _SUMMARY | {"title": "from the state"}, "c": {"no": "task"}}, "nothing": {"x": 1}}
    fake.event(9, changed("out of order"))
    eventually(lambda: fake.asked("/api/members/state") >= 2 and set(rows(here)) == {"b"})
    assert here.json("/api/members")["members"][1]["refused"] == 3
    assert all("\r\nb:" not in head for head in fake.requests), "an id cannot add a line to a request"


def _stream(text: bytes) -> Callable[[socket.socket], None]:
    def answer(connection: socket.socket) -> None:
        begin_stream(connection)
        endless(connection, b"", text)

    return answer


_OK = b"HTTP/1.1 200 OK\r\nContent-Type: "
_JSON, _SSE = _OK + b"application/json\r\n", _OK + b"text/event-stream\r\n\r\n"
_LOT = b"x" * 65_536
REPORT, STATE, STREAM = "/api/members/report", "/api/members/state", "/streams/all"
HOSTILE: dict[str, tuple[str, Callable[[socket.socket], None], str]] = {
    "endless state": (STATE, lambda one: endless(one, _JSON + b"\r\n", _LOT), "more than is read"),
    "endless report": (REPORT, lambda one: endless(one, _JSON + b"\r\n", _LOT), "more than is read"),
    "endless head": (REPORT, lambda one: endless(one, _JSON, b"x-a: b\r\n" * 9_000), "cannot be read"),
    "endless line of the head": (REPORT, lambda one: endless(one, b"HTTP/1.1 200 OK\r\nx-a: ", _LOT), "more than is"),
    "endless line": (STREAM, _stream(_LOT), "too large"),
    "endless event": (STREAM, _stream(b"data: " + b"x" * 1_000 + b"\n"), "too large"),
    "dripped report": (REPORT, lambda one: drip(one, _JSON + b"\r\n"), "in time"),
    "dripped head": (REPORT, lambda one: drip(one, _JSON + b"x-a: "), "in time"),
    "dripped event": (STREAM, lambda one: drip(one, _SSE), "in time"),
    "no answer": (REPORT, lambda one: one.recv(1) and None, "in time"),
    "another type": (REPORT, lambda one: send(one, "200 OK", "text/html", b"<p>"), "“text/html”"),
    "a stream of another type": (STREAM, lambda one: send(one, "200 OK", "application/json", b"{}"), "event-stream"),
    "compressed": (REPORT, lambda one: send(one, "200 OK", "application/json", b"x", Content_Encoding="gzip"), "encod"),
    "no HTTP": (REPORT, lambda one: one.sendall(b"\x16\x03\x01 hello\r\n\r\n"), "cannot be read"),
    "no JSON": (REPORT, lambda one: send(one, "200 OK", "application/json", b"[" * 50_000), "not as it should be"),
    "other shapes": (STATE, lambda one: send(one, "200 OK", "application/json", b'{"observer": 5}'), "not as it sh"),
    "no more": (STREAM, lambda one: None, "cannot be read"),
    "an end at once": (STREAM, lambda one: one.sendall(_SSE), "ended the connection"),
}  # fmt: skip


def test_a_hostile_server_does_no_harm_and_is_followed_when_it_is_none(
    host: MakeLive, fake: FakeHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (follow_link, "MESSAGE_TIMEOUT_S", 0.6), (follow_link, "ANSWER_TIMEOUT_S", 1.0),
        (follow_reader, "POLL_TIMEOUT_S", 0.6), (follow_reader, "STATE_TIMEOUT_S", 2.0),
        (follow_reader, "MAX_STATE_BYTES", 1_000_000), (follow_reader, "POLL_S", 0.2),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    here = host("here", follow=[fake.url])
    good = fake.answers.copy()
    eventually(lambda: reason(here) == "" and rows(here))
    for what, (path, answer, expected) in HOSTILE.items():
        fake.answers = good | {path: answer}
        fake.say(b"data: {}\n\nevent: snapshot\ndata: {")  # so that the stream and the state are taken anew
        # On a busy machine the short limits of this test may be over first, not each time.
        eventually(lambda expected=expected: expected in reason(here))
        eventually(lambda: here.json("/health")["status"] == "degraded")
        fake._events.clear()
        fake.answers = good
        eventually(lambda: reason(here) == "" and state_of(here, "fake") == "live")
        assert set(rows(here)) == {"a"}, what
    assert max(len(head) for head in fake.requests) < 1_000


def test_a_certificate_is_checked(tmp_path: Path) -> None:
    key, certificate = certificate_of_loopback(tmp_path)
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(certificate, key)
    with FakeHost(secure=serving) as fake:
        level, _, text = follow_reader.look(FollowLink(fake.url, "its-token"), None)
        assert level == "problem" and "no secure connection" in text and fake.requests == []
        trusting = ssl.create_default_context(cafile=str(certificate))
        assert follow_reader.look(FollowLink(fake.url, "its-token", trusting), None)[0] == "ok"
        elsewhere = fake.url.replace("127.0.0.1", "localhost")
        level, _, text = follow_reader.look(FollowLink(elsewhere, "its-token", trusting), None)
        assert level == "problem" and "no secure connection" in text, "it is the certificate of another name"
        assert len(fake.requests) == 1
    with socket.create_server(("127.0.0.1", 0)) as mute:
        url = f"https://127.0.0.1:{mute.getsockname()[1]}"
        assert "does not answer in time" in follow_reader.look(FollowLink(url), None)[2]


def test_a_server_that_changes_who_it_is_cannot_pass_for_another(host: MakeLive, fake: FakeHost) -> None:
    there = host("there", share=True)
    there.write("inbox/one.yaml")
    here = host("here", follow=[there.url, fake.url])
    eventually(lambda: len(here.json("/api/members")["members"]) == 3 and "one" in rows(here))
    fake.observer = there.json("/api/members")["self"]
    eventually(lambda: f"the host at {there.url}" in reason(here, fake.url))
    assert is_equal(here, there) and state_of(here, "there") == "live"
    fake.observer = here.json("/api/members")["self"]
    eventually(lambda: "itself" in reason(here, fake.url))
    fake.observer = "<script>"
    eventually(lambda: "an id that is none" in reason(here, fake.url))


def test_a_snapshot_again_and_again_is_asked_for_once_a_second(host: MakeLive, fake: FakeHost) -> None:
    fake.answers["/streams/all"] = lambda one: (begin_stream(one), one.sendall(b"event: snapshot\ndata: {}\n\n"))[0]
    begun = time.monotonic()
    host("here", follow=[fake.url])
    eventually(lambda: fake.asked("/api/members/state") == 3)
    assert time.monotonic() - begun > 1.9


def test_redis_and_an_address_of_the_same_host(host: MakeLive, tmp_path: Path, take_port: Callable[[], int]) -> None:
    with RedisServer(tmp_path / "redis", appendonly="yes") as server:
        port = take_port()
        board = {"board": "team", "redis_url": server.url}
        here = host("here", **board, follow=[f"http://127.0.0.1:{port}"])
        there = host("there", port, **board)
        third = host("third", **board)
        there.write("inbox/one.yaml")
        eventually(lambda: is_equal(here, there) and state_of(here, "third") == "live")
        sources = here.feature(Members)._parts.sources  # type: ignore[union-attr]
        observer = there.json("/api/members")["self"]
        eventually(lambda: sources.joined.has(observer) and observer not in sources._heard)
        server.kill()
        there.write("inbox/two.yaml")
        eventually(lambda: state_of(here, "there") == "live" and is_equal(here, there))
        eventually(lambda: state_of(here, "third") == "as_of")
        assert state_of(here, "there") == "live", "it is heard directly"
        assert state_of(third, "there") == "as_of", "nobody else connects to an address that only Redis names"
        server.start()
        eventually(lambda: sources.joined.has(observer) and observer not in sources._heard)
        there.write("inbox/three.yaml")
        (there.root / "inbox/one.yaml").unlink()
        eventually(lambda: is_equal(here, there) and is_equal(third, there))
        eventually(lambda: state_of(here, "there") == "live" and here.json("/api/members")["members"][1]["behind"] == 0)


def test_dashboards_started_by_the_command(tmp_path: Path, take_port: Callable[[], int]) -> None:
    """Stopped, killed and started again, in processes of their own."""
    environ, auth = os.environ | {"LLM_SERVICE_TOKEN": TOKEN}, {"Authorization": f"Bearer {TOKEN}"}
    port = take_port()
    url = f"http://127.0.0.1:{port}"
    one, two = tmp_path / "one", tmp_path / "two"
    started: list[subprocess.Popen[bytes]] = []

    def run(*arguments: str, folder: Path, **more: str) -> str:
        program = [sys.executable, "-m", "llm_service", *arguments, "--workspace", str(folder)]
        done = subprocess.run(program, env=environ | more, capture_output=True, text=True, timeout=100)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def start_one() -> int:
        program = [
            sys.executable,
            "-m",
            "llm_service",
            "dashboard",
            "start",
            "--no-open",
            "--port",
            str(port),
            "--share",
        ]
        with (tmp_path / "one.log").open("ab") as log:
            child = subprocess.Popen(
                [*program, "--workspace", str(one)], env=environ, stdout=log, stderr=log, start_new_session=True
            )
        started.append(child)
        return child.pid

    def state() -> str:
        others = requests.get(f"{here}/api/members", headers=auth, timeout=60).json()["members"][1:]
        return str(others[0]["state"]) if others else ""

    for folder in (one, two):
        (folder / "work/collaboration/inbox").mkdir(parents=True)
    try:
        pid = start_one()
        command = ("dashboard", "start", "--background", "--no-open", "--port", "0", "--follow", url)
        banner = run(*command, folder=two, LLM_SERVICE_FOLLOW_TOKENS=f"{url}={TOKEN}")
        assert url in banner and TOKEN not in banner
        here = msgspec.json.decode(run("dashboard", "status", "--json", folder=two))["url"]
        eventually(lambda: state() == "live", 60)
        os.killpg(pid, signal.SIGSTOP)
        eventually(lambda: state() == "as_of")
        os.killpg(pid, signal.SIGCONT)
        eventually(lambda: state() == "live")
        os.killpg(pid, signal.SIGKILL)
        eventually(lambda: state() == "unreachable", 60)
        shown = run("members", folder=two)
        assert "unreachable since" in shown and f"! {url} is not heard since" in shown
        started[0].wait(60)
        start_one()
        eventually(lambda: state() == "live", 60)
    finally:
        for child in started:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait(60)
        stop = [sys.executable, "-m", "llm_service", "dashboard", "stop", "--workspace", str(two)]
        subprocess.run(stop, capture_output=True, timeout=60)


def test_settings_of_following(
    workspace: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = ["ftp://x", "http://user:hunter2@x", "http://x/?token=hunter2", "//x", "http://x\ny", "redis://x"]
    for url in bad:
        assert "follow" in refusal(workspace=str(workspace), environ={"LLM_SERVICE_FOLLOW": url})
    many = ",".join(f"http://x{number}" for number in range(21))
    assert "at most 20" in refusal(workspace=str(workspace), environ={"LLM_SERVICE_FOLLOW": many})
    for pair in ("hunter2", "http://x=hunter2 y", "http://x=", "ftp://x=hunter2", "http://x=hunter2\r\nb"):
        message = refusal(workspace=str(workspace), environ={"LLM_SERVICE_FOLLOW_TOKENS": pair})
        assert "follow_tokens" in message and "hunter2" not in message
    user_file(
        monkeypatch,
        tmp_path_factory.mktemp("config"),
        "follow: [http://a:1/, http://a:1]\nfollow_tokens: ['HTTP://A:1=x']\n",
    )
    own = load_settings(str(workspace)).of(BoardSettings)
    assert own.followed == ["http://a:1"] and own.is_shared and not own.is_on
    assert [own.token_for(url) for url in ("http://a:1", "http://a:2", "https://a:1", "http://b:1")] == [
        "x",
        *[None] * 3,
    ]
    assert own.secrets() == ["x"] and "'x'" not in repr(own) and "=x" not in repr(own)


def test_doctor_looks_at_followed_addresses(workspace: Path, fake: FakeHost, take_port: Callable[[], int]) -> None:
    nobody = f"http://127.0.0.1:{take_port()}"
    assert is_overheard("http://192.0.2.1:1")
    assert not any(map(is_overheard, ("https://192.0.2.1", "http://localhost:1", "http://[::1]:1")))
    settings = settings_with(workspace=str(workspace), follow=[fake.url, nobody], follow_tokens=[f"{fake.url}=x"])
    found = [finding for finding in examine_all(settings) if finding.what == "follow"]
    assert [finding.level for finding in found] == ["ok", "problem"]
    assert fake.observer in found[0].text and "cannot be reached" in found[1].text


def test_who_takes_over_a_host_takes_a_snapshot_and_nobody_goes_back() -> None:
    peer = Peer("redis://127.0.0.1:1")  # for its merge and its board; it is not started
    sources = Sources(peer.merge, peer.observer, lambda url, reason: None)
    url, host, card, report = "http://a:1", "ab" * 8, b'{"label": "a"}', b"{}"
    taken: list[str] = []
    sources.joined.retake = taken.append
    sources.expect(url)
    old, new = ([("tasks", "a", msgspec.json.encode(_SUMMARY | {"title": title}))] for title in ("old", "new"))

    def shown() -> tuple[str, str]:
        (member,) = peer.board.members()
        return member.state, peer.knows()[host]["a"]["title"]

    sources.joined.alive(host, card, report)
    sources.joined.snapshot(host, (5, 1), old)
    assert taken == [host] and not sources.is_wanted(url, host) and shown() == ("live", "old")
    assert sources.event(url, host, (5, 2), b"{}") is False, "it is heard through Redis"
    sources.joined.lost("away")
    assert sources.claim(url, host) is None and sources.is_wanted(url, host) and shown()[0] == "as_of"
    sources.alive(url, host, card, report)
    sources.snapshot(url, host, (5, 9), new)
    sources.joined.lost("still away")
    assert shown() == ("live", "new")
    sources.joined.alive(host, card, None)  # Redis is back, and the host does not reach it
    assert sources.joined.event(host, (5, 2), b"{}") is True
    sources.joined.snapshot(host, (5, 2), old)
    sources.joined.behind(host, (5, 2))
    assert shown() == ("live", "new") and sources.is_wanted(url, host)
    sources.silent(url, host, "away", False)
    sources.joined.alive(host, card, None)
    sources.joined.snapshot(host, (5, 2), old)
    assert shown() == ("unreachable", "new") and taken == [host], "Redis knows less of it"
    sources.joined.alive(host, card, report)
    assert taken == [host, host] and not sources.is_wanted(url, host)
    sources.joined.snapshot(host, (5, 12), old)
    assert shown() == ("live", "old")
    sources.silent(url, host, "away", True)
    sources.joined.forgotten(host)
    assert peer.board.members() == []
