"""The proof that a listener is the dashboard of a state folder: no relay, no copy and no other process passes."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import requests
from kit.live import Live

from llm_service.server import instance, lock, proof
from llm_service.server.instance import Instance
from llm_service.server.keeper import Keeper
from llm_service.settings.state_folder import make_state_folder


class Listening:
    """A listener that answers each request for a proof with `answer(nonce)`."""

    def __init__(self) -> None:
        self.answer: Callable[[str], str] = lambda nonce: ""
        listening = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = listening.answer(self.path.partition("nonce=")[2]).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                """Nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def record(self) -> Instance:
        port = self.server.server_port
        return instance.new_record(url=instance.url_of("127.0.0.1", port), host="127.0.0.1", port=port, workspace="/w")


@pytest.fixture
def listening() -> Iterator[Listening]:
    made = Listening()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def folder(tmp_path: Path) -> str:
    path = str(tmp_path / "workspace/.llm-service")
    make_state_folder(path)
    return path


@pytest.fixture
def keeper(folder: str, listening: Listening) -> Iterator[Keeper]:
    held = lock.try_lock(folder)
    assert held is not None
    made = Keeper(folder, held, replace(listening.record(), workspace=os.path.dirname(folder)))
    made.write()
    listening.answer = lambda nonce: f'{{"proof": "{made.prove(nonce)}"}}'
    yield made
    made.close()


def test_the_dashboard_proves_itself(keeper: Keeper, folder: str) -> None:
    assert proof.is_proven(keeper.record, folder)
    assert Path(folder, proof.KEY_NAME).stat().st_mode & 0o777 == 0o600
    assert keeper.prove("1") != keeper.prove("2")


def test_a_relay_another_process_and_a_copy_do_not(
    keeper: Keeper, folder: str, tmp_path: Path, listening: Listening
) -> None:
    relay = Listening()
    relay.answer = listening.answer
    port = relay.server.server_port
    try:
        forged = replace(keeper.record, url=instance.url_of("127.0.0.1", port), port=port)
        assert not proof.is_proven(forged, folder)
    finally:
        relay.server.shutdown()
        relay.server.server_close()
    assert not proof.is_proven(replace(keeper.record, pid=1), folder)
    copy = str(shutil.copytree(folder, tmp_path / "copy/.llm-service"))
    assert not proof.is_proven(keeper.record, copy)
    assert proof.is_proven(keeper.record, folder)


@pytest.mark.parametrize(
    "body", ["", "{", "[]", "{}", '{"proof": null}', '{"proof": ""}', '{"proof": "é"}', "[" * 9_000]
)
def test_any_other_answer_is_no_proof(keeper: Keeper, folder: str, listening: Listening, body: str) -> None:
    listening.answer = lambda nonce: body
    assert not proof.is_proven(keeper.record, folder)


def test_an_empty_or_foreign_key_is_no_proof(keeper: Keeper, folder: str) -> None:
    for key in (b"", b"0" * 64):
        Path(folder, proof.KEY_NAME).write_bytes(key)
        assert not proof.is_proven(keeper.record, folder)


def test_the_keeper_makes_everything_again_and_says_so(keeper: Keeper, folder: str) -> None:
    assert (keeper.reclaim(), keeper.trouble) == (None, None)
    shutil.rmtree(folder)
    assert keeper.reclaim() is None
    assert keeper.trouble == "the state folder was removed or moved while the dashboard runs; it was made again"
    assert instance.read_record(folder) == keeper.record
    assert lock.is_held(folder) is True
    assert proof.is_proven(keeper.record, folder)


def test_the_keeper_creates_no_workspace(keeper: Keeper, folder: str, tmp_path: Path) -> None:
    (tmp_path / "workspace").rename(tmp_path / "elsewhere")
    assert keeper.reclaim() == f"the workspace {tmp_path / 'workspace'} was moved or removed"
    assert keeper.trouble is not None
    assert not (tmp_path / "workspace").exists()
    (tmp_path / "elsewhere").rename(tmp_path / "workspace")
    assert keeper.reclaim() is None


def test_only_the_proof_needs_no_token(start: Callable[..., Live]) -> None:
    live = start(token="0123456789abcdef")
    assert live.get("/api/proof?nonce=1").status_code == 404  # served by a test: it keeps no state folder
    for path in ("/api/proof/", "/api/proofs", "/api//proof", "/health"):
        assert live.get(path).status_code == 401
    foreign = requests.get(f"{live.url}/api/proof?nonce=1", headers={"Host": "evil.example"}, timeout=60)
    assert foreign.status_code == 403
