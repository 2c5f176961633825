"""The Socket.IO clients of one namespace, and the number of those that were cut off because they did not read."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping
from typing import Any

from ..hub.ring import Envelope, encode
from .transport import Client, TransportLimits, select_transport

__all__ = ["Client", "Clients"]


class Clients:
    """The clients connected to one namespace, and the only way to send to them. Guard uses with `lock`."""

    def __init__(self, server: Any, namespace: str, limits: TransportLimits) -> None:
        self.lock = threading.RLock()
        self.cut_off = 0
        self._transport = select_transport(server, namespace, limits)
        self._clients: dict[str, Client] = {}

    def __len__(self) -> int:
        """How many get what is broadcast: not those whose snapshot is still being made."""
        return sum(client.held is None for client in list(self._clients.values()))

    def connect(self, sid: str, environ: Mapping[str, Any], topics: frozenset[str]) -> Client:
        """A client that messages can be sent to; it gets broadcasts after `add`."""
        return Client(sid, self._transport.connect(sid, environ), topics)

    def add(self, client: Client) -> None:
        """From now on the client gets what is broadcast; not if it has left already: nobody would remove it."""
        if self._transport.accept(client):
            self._clients[client.sid] = client

    def get(self, sid: str) -> Client | None:
        """The client of that Socket.IO id."""
        return self._clients.get(sid)

    def subscriptions(self) -> list[frozenset[str]]:
        """The topics of each client."""
        return [client.topics for client in list(self._clients.values())]

    def waiting(self) -> list[Client]:
        """Those who connected while the board was loading and wait for their snapshot."""
        return [client for client in self._clients.values() if client.awaits_snapshot]

    def remove(self, sid: str) -> None:
        """The client has left."""
        client = self._clients.pop(sid, None)
        if client is not None:
            self._transport.disconnect(client)

    def broadcast(self, envelope: Envelope) -> None:
        """Send one event to every client whose topics it concerns, or hold it for it; never blocks."""
        clients, concerned = [], dict[tuple[frozenset[str], frozenset[str] | None], bool]()
        may_be_seen = envelope.origin is not None
        for client in self._clients.values():
            if client.held is not None:
                client.held.append(envelope)
                continue
            rights = client.topics, client.projects  # of a thousand clients most have the same
            is_concerned = concerned.get(rights)
            if is_concerned is None:
                is_concerned = concerned[rights] = envelope.concerns(*rights)
            if is_concerned and not (may_be_seen and client.seen.has(envelope)):
                clients.append(client)
        if clients:
            self.cut_off += self._transport.broadcast(clients, envelope.type, envelope.text)

    def send(self, client: Client, name: str, body: Any) -> None:
        """Send one message to one client."""
        self.send_text(client, name, encode(body))

    def send_text(self, client: Client, name: str, text: str) -> None:
        """Send one message, whose body is JSON text, to one client."""
        self.cut_off += self._transport.send(client, name, text)

    def send_all(self, client: Client, envelopes: Iterable[Envelope]) -> None:
        """Send the events it has missed to one client."""
        for envelope in envelopes:
            if envelope.concerns(client.topics, client.projects):
                self.cut_off += self._transport.send(client, envelope.type, envelope.text)

    def disconnect_all(self) -> None:
        """Disconnect everyone, at once. They may come again."""
        self._transport.disconnect_all(list(self._clients.values()))

    def close(self) -> None:
        """Disconnect everyone, at once. Nobody is let in any more."""
        self._transport.close(list(self._clients.values()))
