"""The server around any dashboard: start, stop, restart of a dead worker. Real processes, sockets, signals."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from kit.live import eventually
from kit.paths import SRC

from llm_service.errors import StartFailed
from llm_service.server import listener
from llm_service.settings.load import Settings

KINDS = ["gunicorn", "werkzeug"]

PROGRAM = textwrap.dedent(
    """
    import os, signal, sys, threading, time
    from llm_service import log
    from llm_service.server import listener, serve
    from llm_service.settings.load import Settings
    from llm_service.errors import StartFailed

    kind, mode = sys.argv[1:3]

    class Fake:
        def __init__(self):
            if mode == "refuse":
                threading.Thread(target=time.sleep, args=(60,)).start()
                raise StartFailed("The board is closed today.")
            if mode == "crash":
                raise ValueError("no board")
            self.closing = threading.Event()
        def start(self):
            threading.Thread(target=time.sleep, args=(60,)).start()
        def stop(self):
            if mode == "slow":
                time.sleep(2)  # as a disk that is slow
            print("CLOSED", flush=True)
            self.closing.set()
        def wsgi(self, environ, start_response):
            path = environ["PATH_INFO"]
            if path == "/ws":
                import simple_websocket
                ws = simple_websocket.Server(environ)
                self.closing.wait()
                try:
                    ws.close()
                    while True:
                        ws.receive()
                except simple_websocket.ConnectionClosed:
                    pass
                if ws.mode == "gunicorn":
                    raise StopIteration
                raise ConnectionError
            if path == "/hang":
                time.sleep(60)
            start_response("200 OK", [("Content-Type", "text/plain")])
            if path == "/sse":
                return self.beats()
            if path == "/switch":
                return [str(sys.getswitchinterval()).encode()]
            return [f"{os.getpid()} {environ['wsgi.url_scheme']}".encode()]
        def beats(self):
            yield b": hello\\n\\n"
            while not self.closing.wait(1):
                yield b": beat\\n\\n"
            yield b": bye\\n\\n"

    log.setup()
    # The tests themselves may have been started by nohup.
    signal.signal(signal.SIGHUP, signal.SIG_IGN if mode == "nohup" else signal.SIG_DFL)
    if kind == "werkzeug":
        serve._can_use_gunicorn = lambda: False
    try:
        serve.serve(Fake, Settings(port=0), lambda url: print("LISTENING", url, flush=True))
    except StartFailed as problem:
        print("REFUSED", problem.message, flush=True)
        listener.exit_now(3)
    print("STOPPED", flush=True)
    listener.exit_now(0)
    """
)


class Served:
    """The program above, running."""

    def __init__(self, kind: str, mode: str, home: Path) -> None:
        environ = os.environ | {
            "PYTHONPATH": str(SRC),
            "HOME": str(home),
            "XDG_RUNTIME_DIR": str(home),
            "TMPDIR": str(home),
            "FORWARDED_ALLOW_IPS": "*",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, kind, mode],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=home,
            env=environ,
        )
        assert self.process.stdout is not None
        self.first_line = self.process.stdout.readline()
        self.port = int(self.first_line.rpartition(":")[2]) if "LISTENING" in self.first_line else 0

    def get(self, path: str = "/", headers: dict[str, str] | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request("GET", path, headers=headers or {})
            return connection.getresponse().read().decode()
        finally:
            connection.close()

    def worker(self) -> int | None:
        """The process that answers; None if none does."""
        try:
            return int(self.get().split()[0])
        except (OSError, http.client.HTTPException):
            return None

    def client(self, request: str = "") -> socket.socket:
        """A client that has sent the request and received the first bytes of the answer."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        if request:
            connection.sendall(request.encode())
            assert connection.recv(20)
        return connection

    def stream(self) -> socket.socket:
        return self.client("GET /sse HTTP/1.1\r\nHost: x\r\n\r\n")

    def websocket(self) -> socket.socket:
        return self.client(
            "GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Send the signal; the exit code and everything printed since."""
        self.process.send_signal(number)
        return self.end()

    def end(self) -> tuple[int, str]:
        """Wait for the end; the exit code and everything printed since the first line."""
        code = self.process.wait(timeout=60)
        assert self.process.stdout is not None
        return code, self.process.stdout.read()


@pytest.mark.parametrize("kind", KINDS)
def test_a_thread_that_computes_lets_those_that_answer_go_on(begin: Callable[..., Served], kind: str) -> None:
    assert float(begin(kind).get("/switch")) <= 0.001


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[..., Served]]:
    started: list[Served] = []

    def start(kind: str = "gunicorn", mode: str = "serve") -> Served:
        started.append(Served(kind, mode, tmp_path))
        return started[-1]

    yield start
    for served in started:
        served.process.kill()
        served.process.wait()
        if served.process.stdout:
            served.process.stdout.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["term", "int"])
def test_a_signal_stops_it_cleanly_with_clients_of_all_kinds(
    begin: Callable[..., Served], kind: str, number: signal.Signals
) -> None:
    served = begin(kind)
    streams = [served.stream() for _ in range(20)]
    websockets = [served.websocket() for _ in range(20)]
    silent = [served.client() for _ in range(3)]
    kept_alive = served.client("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert served.stop(number) == (0, "CLOSED\nSTOPPED\n")
    for client in [*streams, *websockets, *silent, kept_alive]:
        client.close()


def test_a_hundred_clients_that_do_not_answer_do_not_delay_the_stop(begin: Callable[..., Served]) -> None:
    served = begin()
    clients = [served.websocket() for _ in range(50)] + [served.stream() for _ in range(50)]
    assert served.stop() == (0, "CLOSED\nSTOPPED\n")
    for client in clients:
        client.close()


@pytest.mark.parametrize("kind", KINDS)
def test_what_takes_its_time_to_write_at_the_end_is_not_killed(begin: Callable[..., Served], kind: str) -> None:
    assert begin(kind, "slow").stop() == (0, "CLOSED\nSTOPPED\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_hanging_request_does_not_delay_the_stop(begin: Callable[..., Served], kind: str) -> None:
    served = begin(kind)
    client = served.client()
    client.sendall(b"GET /hang HTTP/1.1\r\nHost: x\r\n\r\n")
    served.get()
    assert served.stop() == (0, "CLOSED\nSTOPPED\n")
    client.close()


def test_a_closed_terminal_stops_it(begin: Callable[..., Served]) -> None:
    assert begin().stop(signal.SIGHUP) == (0, "CLOSED\nSTOPPED\n")


def test_a_closed_terminal_does_not_stop_it_under_nohup(begin: Callable[..., Served]) -> None:
    served = begin(mode="nohup")
    worker = served.worker()
    assert worker
    served.process.send_signal(signal.SIGHUP)
    os.kill(worker, signal.SIGHUP)
    assert served.worker() == worker
    assert served.stop() == (0, "CLOSED\nSTOPPED\n")


def test_the_signals_of_gunicorn_are_ignored(begin: Callable[..., Served]) -> None:
    served = begin()
    worker = served.worker()
    for number in (signal.SIGTTIN, signal.SIGTTOU, signal.SIGUSR1, signal.SIGUSR2, signal.SIGWINCH):
        served.process.send_signal(number)
    assert {served.worker() for _ in range(20)} == {worker}
    assert served.stop() == (0, "CLOSED\nSTOPPED\n")


def test_a_worker_that_dies_is_restarted_without_a_second_start_message(begin: Callable[..., Served]) -> None:
    served = begin()
    worker = served.worker()
    assert worker
    assert worker != served.process.pid
    os.kill(worker, signal.SIGKILL)
    eventually(lambda: served.worker() not in (None, worker))
    code, output = served.stop()
    assert code == 0
    assert "died and was restarted" in output
    assert "LISTENING" not in output


def test_killing_the_parent_frees_the_port(begin: Callable[..., Served]) -> None:
    served = begin()
    client = served.stream()
    served.process.kill()
    served.process.wait()
    eventually(lambda: served.worker() is None)
    client.close()


@pytest.mark.parametrize("kind", KINDS)
def test_the_reason_of_a_failed_start_is_reported_even_if_a_thread_is_left(
    begin: Callable[..., Served], kind: str
) -> None:
    served = begin(kind, "refuse")
    assert served.first_line == "REFUSED The board is closed today.\n"
    assert served.end() == (3, "")


def test_an_unexpected_error_at_the_start_is_logged_with_its_traceback(begin: Callable[..., Served]) -> None:
    served = begin(mode="crash")
    code, output = served.end()
    assert "The serving process failed" in served.first_line
    assert "Traceback" in output
    assert "REFUSED The dashboard could not be started: ValueError: no board" in output
    assert code == 3


def test_no_files_are_left_behind(begin: Callable[..., Served], tmp_path: Path) -> None:
    served = begin()
    served.get()
    assert list(tmp_path.iterdir()) == []
    served.stop()
    assert list(tmp_path.iterdir()) == []


def test_headers_cannot_pretend_https(begin: Callable[..., Served]) -> None:
    served = begin()
    assert served.get(headers={"X-Forwarded-Proto": "https", "X-Forwarded-Ssl": "on"}).endswith(" http")


def test_if_the_port_is_in_use_the_next_free_one_is_taken_and_reported() -> None:
    first = listener.listen(Settings(port=0))
    assert not first.is_other_port
    second = listener.listen(Settings(port=first.port))
    try:
        assert first.port < second.port < first.port + listener.MAX_PORTS
        assert second.is_other_port
        assert second.url == f"http://127.0.0.1:{second.port}"
    finally:
        first.socket.close()
        second.socket.close()


def test_without_a_free_port_the_start_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listener, "MAX_PORTS", 1)
    first = listener.listen(Settings(port=0))
    try:
        with pytest.raises(StartFailed, match=f"No free port from {first.port} to {first.port}"):
            listener.listen(Settings(port=first.port))
    finally:
        first.socket.close()


@pytest.mark.parametrize("host", ["203.0.113.7", "no-such-host.invalid"])
def test_an_address_of_another_machine_is_refused(host: str) -> None:
    with pytest.raises(StartFailed, match=host):
        listener.listen(Settings(host=host, port=0))


def test_listening_on_the_loopback_of_ipv6_works() -> None:
    if not socket.has_ipv6:
        pytest.skip("no IPv6 here")
    try:
        listening = listener.listen(Settings(host="::1", port=0))
    except StartFailed as problem:
        pytest.skip(problem.message)
    listening.socket.close()
    assert listening.url == f"http://[::1]:{listening.port}"
