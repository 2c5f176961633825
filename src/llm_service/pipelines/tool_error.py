"""`ToolError`: why a tool did not do what an agent asked."""

from __future__ import annotations

from typing import Any

CODES = (
    "INVALID",
    "NOT_FOUND",
    "UNKNOWN_STEP",
    "ALREADY_FINISHED",
    "BROKEN_FILE",
    "TOO_LARGE",
    "KEY_REUSED",
    "BUSY",
    "CANNOT_WRITE",
)
"""INVALID: an argument. UNKNOWN_STEP: the pipeline has no such step. ALREADY_FINISHED: the pipeline was finished.
BROKEN_FILE: a `pipeline.yaml` with an error, which is not overwritten. TOO_LARGE: a log, a call or a pipeline over its
limit. KEY_REUSED: the idempotency key was used for another call. BUSY: others were writing for too long. CANNOT_WRITE:
the system refused."""


class ToolError(Exception):
    """An error for an agent: a `code` of `CODES`, a `sentence` that says what is wrong, and `what_to_do`."""

    def __init__(self, code: str, sentence: str, what_to_do: str) -> None:
        super().__init__(f"{sentence} {what_to_do}")
        self.code = code
        self.sentence = sentence
        self.what_to_do = what_to_do

    def as_json(self) -> dict[str, Any]:
        """`{code, sentence, what_to_do}`."""
        return {"code": self.code, "sentence": self.sentence, "what_to_do": self.what_to_do}
