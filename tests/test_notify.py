"""Messages to addresses, against a real server: what is sent, what is retried, what is never sent or logged."""

from __future__ import annotations

import importlib
import json
import logging
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from kit.live import eventually, stand_in

from llm_service.notify import Notifier

WAIT_S = 60


class Hook(ThreadingHTTPServer):
    """Answers POSTs with the statuses of a list, then 200; records the requests."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.redirect_to: str | None = None
        self.came: list[tuple[str, dict[str, str], Any]] = []
        self.arrival = threading.Condition()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, path: str = "/hook?key=s3cret", user: str = "") -> str:
        return f"http://{user}127.0.0.1:{self.server_address[1]}{path}"

    def wait(self, count: int) -> list[tuple[str, dict[str, str], Any]]:
        with self.arrival:
            assert self.arrival.wait_for(lambda: len(self.came) >= count, WAIT_S), self.came
            return list(self.came)


class _Handler(BaseHTTPRequestHandler):
    server: Hook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.arrival:
            status = self.server.statuses.pop(0) if self.server.statuses else 200
            self.server.came.append((self.path, dict(self.headers), json.loads(body)))
            self.server.arrival.notify_all()
        self.send_response(status)
        if self.server.redirect_to:
            self.send_header("Location", self.server.redirect_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def hook() -> Iterator[Hook]:
    made = Hook()
    yield made
    made.shutdown()
    made.server_close()


@pytest.fixture
def notifier() -> Iterator[Notifier]:
    made = Notifier(timeout_s=WAIT_S, retry_delays_s=(0.01, 0.01, 0.01))
    made.start()
    yield made
    made.stop()


def finish(notifier: Notifier) -> None:
    """Wait until all messages have been sent or dropped."""
    while not notifier._queue.empty():
        threading.Event().wait(0.01)
    notifier.stop(WAIT_S)
    assert notifier._thread is not None and not notifier._thread.is_alive()


def test_a_message_is_a_post_of_json_with_its_text_and_fields(hook: Hook, notifier: Notifier) -> None:
    assert notifier.send(hook.url(), "Budget “daily”: $5 spent", {"budget": {"name": "daily"}, "previous_level": "ok"})
    [(path, headers, body)] = hook.wait(1)
    assert path == "/hook?key=s3cret"
    assert headers["Content-Type"] == "application/json"
    assert body["text"] == body["content"] == "Budget “daily”: $5 spent"
    assert body["budget"] == {"name": "daily"}
    assert body["previous_level"] == "ok"
    assert body["service"] == "llm-service-dashboard"
    assert body["time"].endswith("Z")


def test_user_and_password_of_an_address_become_a_header(hook: Hook, notifier: Notifier) -> None:
    notifier.send(hook.url("/hook", "ada:p%40ss@"), "x", {})
    [(path, headers, _)] = hook.wait(1)
    assert headers["Authorization"] == "Basic YWRhOnBAc3M="
    assert (path, headers["Host"]) == ("/hook", f"127.0.0.1:{hook.server_address[1]}")


def test_a_temporary_failure_is_retried_up_to_three_times(hook: Hook, notifier: Notifier) -> None:
    hook.statuses = [503, 429, 500]
    notifier.send(hook.url(), "first", {})
    assert [body["text"] for _, _, body in hook.wait(4)] == ["first"] * 4
    hook.statuses = [500] * 4
    notifier.send(hook.url(), "second", {})
    notifier.send(hook.url(), "third", {})
    assert [body["text"] for _, _, body in hook.wait(9)[4:]] == ["second"] * 4 + ["third"]


def test_a_permanent_failure_is_not_retried(hook: Hook, notifier: Notifier) -> None:
    hook.statuses = [404]
    notifier.send(hook.url(), "first", {})
    notifier.send(hook.url(), "second", {})
    assert [body["text"] for _, _, body in hook.wait(2)] == ["first", "second"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(hook: Hook, notifier: Notifier, status: int) -> None:
    elsewhere = Hook()
    hook.statuses, hook.redirect_to = [status], elsewhere.url()
    notifier.send(hook.url(), "x", {})
    hook.wait(1)
    finish(notifier)
    assert elsewhere.came == []
    elsewhere.shutdown()
    elsewhere.server_close()


def test_a_server_that_does_not_answer_delays_the_next_message_by_the_timeout_only(hook: Hook) -> None:
    silent = socket.create_server(("127.0.0.1", 0))
    notifier = Notifier(timeout_s=0.2, retry_delays_s=(0.01,))
    notifier.start()
    notifier.send(f"http://127.0.0.1:{silent.getsockname()[1]}/", "lost", {})
    notifier.send(hook.url(), "arrives", {})
    # Its own answer may take longer than that time on a busy machine: then it is sent once more.
    assert {body["text"] for _, _, body in hook.wait(1)} == {"arrives"}
    notifier.stop()
    silent.close()


def test_an_answer_that_is_not_http_and_a_closed_port_are_logged_without_the_address(
    hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as babbler:

        def babble() -> None:
            for _ in range(2):
                connection, _ = babbler.accept()
                connection.recv(65_536)
                connection.sendall(b"s3cret gibberish\r\n\r\n")
                connection.close()

        threading.Thread(target=babble, daemon=True).start()
        notifier = Notifier(timeout_s=WAIT_S, retry_delays_s=(0.01,))
        notifier.start()
        with caplog.at_level(logging.DEBUG):
            notifier.send(f"http://ada:s3cret@127.0.0.1:{babbler.getsockname()[1]}/s3cret?s3cret", "x", {})
            notifier.send("http://127.0.0.1:1/s3cret", "x", {})
            hook.statuses = [401, 401]
            notifier.send(hook.url("/s3cret"), "x", {})
            hook.wait(1)
            finish(notifier)
    failures = [record for record in caplog.records if record.message == "A message could not be sent"]
    assert [vars(record)["problem"] for record in failures] == ["BadStatusLine", "Connection refused", "status 401"]
    assert all(vars(record)["host"] == "127.0.0.1" for record in failures)
    assert all("s3cret" not in str(vars(record)) for record in caplog.records)


def test_messages_beyond_the_queue_are_dropped_and_the_caller_never_waits(caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier()  # its thread does not run
    taken = [notifier.send("http://127.0.0.1:1/s3cret", "x", {}) for _ in range(102)]
    assert taken == [True] * 100 + [False] * 2
    assert "dropped" in caplog.text
    assert "s3cret" not in str([vars(record) for record in caplog.records])


def test_the_thread_begins_with_the_first_message_and_what_was_sent_before_the_start_is_sent(hook: Hook) -> None:
    notifier = Notifier()
    notifier.start()
    assert notifier._thread is None
    notifier.stop(WAIT_S)
    assert notifier.send(hook.url(), "too late", {}) and notifier._thread is None
    early = Notifier(timeout_s=WAIT_S)
    early.send(hook.url(), "early", {})
    early.start()
    assert hook.wait(1)[0][2]["text"] == "early"
    finish(early)


def test_stopping_ends_the_thread_although_retries_were_due(hook: Hook) -> None:
    hook.statuses = [503] * 9
    notifier = Notifier(retry_delays_s=(600, 600))
    notifier.start()
    notifier.send(hook.url(), "x", {})
    hook.wait(1)
    notifier.stop(WAIT_S)
    assert notifier._thread is not None and not notifier._thread.is_alive()


def test_files_and_other_schemes_are_never_opened(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    notifier = Notifier(retry_delays_s=())
    notifier.start()
    for address in (f"file://{tmp_path}", "ftp://127.0.0.1/x", "data:text/plain,x"):
        notifier.send(address, "x", {})
    finish(notifier)
    problems = [vars(record).get("problem") for record in caplog.records]
    assert len(problems) == 3
    assert all(problem and "apprise" in problem for problem in problems)


def test_other_addresses_are_passed_to_apprise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, notifier: Notifier
) -> None:
    stand_in(
        monkeypatch,
        tmp_path,
        "apprise",
        "SENT = []\n"
        "class Apprise:\n"
        "    def add(self, url):\n"
        "        self.url = url\n"
        "        return url.startswith('discord://')\n"
        "    def notify(self, title, body):\n"
        "        SENT.append((self.url, body))\n"
        "        return len(SENT) > 1\n",
    )
    notifier.send("discord://s3cret/token", "hello", {})
    apprise = importlib.import_module("apprise")
    eventually(lambda: len(apprise.SENT) == 2)
    finish(notifier)
    assert apprise.SENT == [("discord://s3cret/token", "hello")] * 2
