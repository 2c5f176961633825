"""A page of another origin, and what it can try from a browser, as JavaScript functions."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from .paths import ROOT

VENDOR = ROOT / "static/vendor/socket.io-client/socket.io.esm.min.js"

FETCH = "(url) => fetch(url).then((r) => r.text(), () => 'refused')"
NO_CORS = "(url) => fetch(url, {mode: 'no-cors'}).then((r) => `arrived ${r.type}`, () => 'refused')"
WEBSOCKET = """(url) => new Promise((tell) => {
  const socket = new WebSocket(url.replace('http', 'ws'));
  socket.onmessage = (message) => tell(String(message.data));
  socket.onerror = () => tell('refused');
})"""
SOCKET_IO = """async ([url, transport]) => {
  const { io } = await import('/socket.io.js');
  return await new Promise((tell) => {
    const socket = io(url + '/dashboard', { transports: [transport], reconnection: false });
    socket.on('snapshot', (snapshot) => tell(JSON.stringify(snapshot)));
    socket.on('connect_error', () => tell('refused'));
  });
}"""
SCRIPT = """(url) => new Promise((tell) => {
  const script = document.createElement('script');
  script.src = url;
  script.onload = () => tell('loaded');
  script.onerror = () => tell('refused');
  document.head.append(script);
})"""
FRAME = """(url) => new Promise((tell) => {
  const frame = document.createElement('iframe');
  frame.src = url;
  frame.onload = () => tell('loaded');
  document.body.append(frame);
})"""


class Foreign(BaseHTTPRequestHandler):
    """A page of somebody else, with the Socket.IO client to attack with."""

    def do_GET(self) -> None:
        script = self.path == "/socket.io.js"
        body = VENDOR.read_bytes() if script else b"<!doctype html><title>foreign</title>"
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if script else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def foreign_server() -> Iterator[str]:
    """The address of such a page, on another port of this host."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Foreign)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
