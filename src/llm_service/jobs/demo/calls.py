"""The LLM calls that the demo program pretends to make, as lines of `work/telemetry/`."""

from __future__ import annotations

import json
import time
from pathlib import Path
from random import Random

from .board import AGENT

_MODELS = ("claude-sonnet-4-5", "claude-haiku-4-5", "claude-opus-4-5")


class Calls:
    """Appends one line a call, whole, to a file of this job; without a folder beside the projects nothing is done."""

    def __init__(self, project_dir: Path, job: str, random: Random) -> None:
        folder = project_dir.parent.parent / "telemetry"
        self._path = folder / f"{job}.jsonl" if folder.is_dir() else None
        self._project = project_dir.name
        self._job = job
        self._random = random
        self._number = 0

    def add(self, tool: str | None = None) -> None:
        """One more call."""
        if self._path is None:
            return
        self._number += 1
        cached = self._random.randint(8_000, 40_000)
        call = {
            "invocation_id": f"{self._job}-{self._number:03}",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "agent_name": AGENT,
            "model_name": self._random.choice(_MODELS),
            "provider": "anthropic",
            "job_id": self._job,
            "session_id": f"{self._job}-session",
            "project": self._project,
            "prompt_tokens": cached + self._random.randint(500, 4_000),
            "cache_read_tokens": cached,
            "completion_tokens": self._random.randint(80, 2_400),
            "latency_ms": self._random.randint(900, 24_000),
            "status": "success",
        } | ({"tool_name": tool} if tool else {})
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(call) + "\n")
