"""The feature `Knowledge` beside the others in a running dashboard, and what its tests write and wait for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kit.live import Live, eventually, running

from llm_service.artifacts.feature import Artifacts
from llm_service.calls.feature import Calls
from llm_service.costs.feature import Costs
from llm_service.feature import Feature, Kernel
from llm_service.knowledge.clean import Redact
from llm_service.knowledge.feature import Knowledge
from llm_service.knowledge.figures import Observation
from llm_service.tasks.feature import Tasks


def hide_secrets(data: bytes) -> bytes:
    """A redaction for tests: what is called a secret is one."""
    return data.replace(b"SECRET", b"[redacted]")


def with_features(kernel: Kernel, knowledge: Knowledge) -> list[Feature]:
    """The features of a dashboard without jobs, and this one."""
    tasks, artifacts = Tasks(kernel), Artifacts(kernel)
    calls = Calls(kernel, tasks.lanes)
    costs = Costs(kernel, calls, tasks.board)
    return [tasks, artifacts, calls, costs, knowledge, *knowledge.views]


def features_with_knowledge(
    redact: Redact = hide_secrets, collect: Callable[[], Observation] | None = None
) -> Callable[[Kernel], list[Feature]]:
    """All features of the dashboard and this one."""

    def build(kernel: Kernel) -> list[Feature]:
        return with_features(kernel, Knowledge(kernel, redact, collect))

    return build


def dashboard_with_knowledge(workspace: Path, **settings: Any) -> Live:
    """A running dashboard that has the feature."""
    return running(workspace, features=features_with_knowledge(), **settings)


def say(workspace: Path, topic: str, *messages: dict[str, Any] | str) -> None:
    """Add messages, or lines as they are, to a stream's file, as an agent does."""
    path = workspace / "work/streams" / f"{topic}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        for message in messages:
            file.write((message if isinstance(message, str) else json.dumps(message)) + "\n")


def texts(live: Live, topic: str, **query: Any) -> list[str]:
    """The texts of a stream, the oldest first."""
    words = "".join(f"&{name}={value}" for name, value in query.items())
    found = live.json(f"/api/messages?topic={topic}{words}")["messages"]
    return [message["text"] for message in reversed(found)]


def write_fact(workspace: Path, name: str, content: str) -> Path:
    """Write the file of a fact."""
    path = workspace / "work/knowledge" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


def facts(live: Live, count: int, **match: Any) -> list[dict[str, Any]]:
    """The facts with these values, once there are so many."""

    def found() -> list[dict[str, Any]] | None:
        known = live.json("/api/knowledge")["facts"]
        chosen = [fact for fact in known if all(fact[name] == value for name, value in match.items())]
        return chosen if len(chosen) == count else None

    result: list[dict[str, Any]] = eventually(lambda: found() or (count == 0 and found() == []))
    return result if isinstance(result, list) else []
