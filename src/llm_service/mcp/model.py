"""MCP servers that programs of agents use, as the panel shows them (pure values)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlsplit


class ServerStatus(StrEnum):
    """What is known of a server. `NOT_APPROVED`: nothing of it may be started or asked; `STOPPED`: this dashboard
    does not run it; `UNHEALTHY`: it runs and does not answer; `FAILED`: it could not be started, or ended by itself."""

    NOT_APPROVED = "not approved"
    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    UNHEALTHY = "unhealthy"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredServer:
    """A server as it is declared: a program (`argv`) or an address (`url`). `origin`: "user" (their own settings) or
    "workspace" (`.mcp.json`, which agents can write)."""

    name: str
    origin: str
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def digest(self) -> str:
        """The hash of all that is approved; any change of it asks again."""
        return sha256(json.dumps(asdict(self), sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def approval_name(self) -> str:
        """The name under which it is approved, beside those of profiles, none of which has a colon."""
        return f"mcp:{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRow:
    """A server with its state. `pid`, `cpu_percent` (of one core) and `memory_bytes` are of the program with all that
    descends from it, None while it does not run here; `tools` are the names that it answered with last."""

    name: str
    origin: str
    kind: str
    argv: tuple[str, ...]
    env_names: tuple[str, ...]
    url: str | None
    digest: str
    approved: bool
    status: ServerStatus
    version: str | None = None
    tools: tuple[str, ...] = ()
    pid: int | None = None
    started_at: str | None = None
    checked_at: str | None = None
    answer_ms: float | None = None
    restarts: int = 0
    cpu_percent: float | None = None
    memory_bytes: int | None = None
    last_error: str | None = None


def url_problem(url: str) -> str | None:
    """What it should be instead, None if it is an address."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        is_good = False
    return None if is_good else "an http:// or https:// address without a user name"
