"""What `engineio_transport.py` uses of python-engineio's internals: `missing_internals` names what a release lacks."""

from __future__ import annotations

import contextlib
import inspect
import queue
from typing import Any

from engineio.async_drivers import _websocket_wsgi
from engineio.packet import MESSAGE, NOOP, Packet
from engineio.socket import Socket


def missing_internals(server: Any) -> list[str]:
    """What EngineioTransport needs of a python-socketio server and its engineio, and does not find; [] if all is there.

    Written for python-engineio 4.13 to 4.15.
    """
    engine, missing = getattr(server, "eio", None), []

    def need(name: str, present: bool) -> None:
        if not present:
            missing.append(f"no {name}")

    hooks = getattr(engine, "_async", None)
    replaced = getattr(_websocket_wsgi, "SimpleWebSocketWSGI", None)
    need("SimpleWebSocketWSGI(handler, server)", _takes(replaced, "handler", "server"))
    hook = hooks.get("websocket") if isinstance(hooks, dict) else None
    need("Server._async['websocket']", isinstance(hook, type) and replaced is not None and issubclass(hook, replaced))
    need("Server._async['queue']", isinstance(hooks, dict) and callable(hooks.get("queue")))
    for name in ("sockets", "handlers"):
        need(f"Server.{name}", isinstance(getattr(engine, name, None), dict))
    for name in ("connect", "message", "disconnect"):
        need(f"Server.handlers['{name}']", callable(getattr(engine, "handlers", {}).get(name)))
    for name in ("start_service_task", "ping_interval", "max_http_buffer_size"):
        need(f"Server.{name}", hasattr(engine, name))
    need("Server.send_packet(sid, pkt)", _takes(getattr(engine, "send_packet", None), "sid", "pkt"))
    need("Server.start_background_task(target)", _takes(getattr(engine, "start_background_task", None), "target"))
    need("Server.sleep(seconds)", _takes(getattr(engine, "sleep", None), "seconds"))
    need("Server.handle_request", _takes(getattr(server, "handle_request", None), "environ", "start_response"))
    manager = getattr(server, "manager", None)
    need("Manager.eio_sid_from_sid", _takes(getattr(manager, "eio_sid_from_sid", None), "sid", "namespace"))
    need("Socket._websocket_handler(ws)", _takes(getattr(Socket, "_websocket_handler", None), "ws"))
    need("Socket._send_ping()", callable(getattr(Socket, "_send_ping", None)))
    need("Socket.receive(pkt)", _takes(getattr(Socket, "receive", None), "pkt"))
    need("Socket.check_ping_timeout()", callable(getattr(Socket, "check_ping_timeout", None)))
    need("Socket.close(wait, abort, reason)", _takes(getattr(Socket, "close", None), "wait", "abort", "reason"))
    if not missing:
        try:
            probe = Socket(engine, "probe")
        except Exception as problem:  # noqa: BLE001 - of another release it may raise anything
            missing.append(f"Socket(server, sid) raises {type(problem).__name__}")
        else:
            need("Socket.queue of type queue.Queue", isinstance(getattr(probe, "queue", None), queue.Queue))
            for name in ("sid", "closed", "closing", "connected", "upgrading", "upgraded", "last_ping"):
                need(f"Socket.{name}", hasattr(probe, name))
            with contextlib.suppress(AttributeError):
                probe.writer = None
            need("Socket that takes an attribute", hasattr(probe, "writer"))
    need("Packet.encode() as text", _encodes())
    return missing


def _takes(function: Any, *parameters: str) -> bool:
    """True if it can be called with these parameters."""
    try:
        return set(parameters) <= set(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return False


def _encodes() -> bool:
    try:
        return bool(Packet(MESSAGE, "2").encode() == "42" and Packet(NOOP).encode() == "6")
    except Exception:  # noqa: BLE001 - of another release it may raise anything
        return False
