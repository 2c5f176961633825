"""Serves clients: REST, Socket.IO, SSE, WebSocket and metrics, behind the guard."""
