"""Frames as a server sends them; wsproto, as a client, is the judge."""

from __future__ import annotations

import threading
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Ping, Request, TextMessage
from wsproto.extensions import PerMessageDeflate

from llm_service.web import websocket_frames
from llm_service.web.websocket_frames import SharedText, control_frame, deflated_frame, text_frame


def client() -> WSConnection:
    """A client that can read compressed messages, after its handshake, with the window kept from message to message."""
    connection, server = WSConnection(ConnectionType.CLIENT), WSConnection(ConnectionType.SERVER)
    server.receive_data(connection.send(Request(host="x", target="/", extensions=[PerMessageDeflate()])))
    list(server.events())
    connection.receive_data(server.send(AcceptConnection(extensions=[PerMessageDeflate()])))
    list(connection.events())
    return connection


def received(connection: WSConnection, data: bytes) -> list[str]:
    connection.receive_data(data)
    texts, begun = [], ""
    for event in connection.events():
        if isinstance(event, TextMessage):
            begun += event.data
            if event.message_finished:
                texts, begun = [*texts, begun], ""
        elif isinstance(event, Ping):
            texts.append(f"ping {bytes(event.payload).decode()}")
    return texts


@given(st.lists(st.tuples(st.booleans(), st.text() | st.sampled_from(["ä" * 70_000, "x" * 126, "y" * 65_536, ""]))))
def test_a_client_reads_compressed_and_plain_frames_in_any_order(messages: list[tuple[bool, str]]) -> None:
    connection = client()
    for is_deflated, text in messages:
        frame = (deflated_frame if is_deflated else text_frame)(text.encode())
        assert received(connection, frame + control_frame(9, b"?")) == [text, "ping ?"]


def test_what_many_wait_for_is_compressed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    real = zlib.compressobj

    def counted(*arguments: int) -> zlib._Compress:
        made.append(1)
        return real(*arguments)

    monkeypatch.setattr(websocket_frames.zlib, "compressobj", counted)
    shared = SharedText("snapshot " * 50_000)
    frames: list[bytes] = []
    threads = [threading.Thread(target=lambda: frames.append(shared.frame(True))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert (len(made), len(set(map(id, frames)))) == (1, 1)
    assert received(client(), frames[0]) == ["snapshot " * 50_000]
    assert received(client(), shared.frame(False)) == ["snapshot " * 50_000]
