"""What went wrong with a call of a tool, for an agent: `ToolFailure`, with a code, a sentence and what to do."""

from __future__ import annotations

import re
from typing import Any

from ..errors import FileRefused, ServiceError
from ..pipelines.tool_error import ToolError
from .untrusted import Nonced, quotes_marked

_WHAT_TO_DO = {
    "NOT_FOUND": "Check the id: list what there is first.",
    "BAD_REQUEST": "Correct the arguments and call again.",
    "HISTORY_UNAVAILABLE": "Go on with your work; a person has to look at the dashboard's history.",
    "PATH_REFUSED": "Use a path as list_artifacts shows it.",
    "CANNOT_WRITE": "Go on with your work; a person has to look at the disk or the permissions of the workspace.",
    "BUSY": "Try again in a few seconds, or go on with your work.",
}
_LIST = "List what there is first; the file may be gone, or not one that can be read."
_NAMES_OTHERS = ("BROKEN_FILE", "UNKNOWN_STEP", "NOT_FOUND", "CANNOT_WRITE")
"""Codes of pipelines whose sentences have names or parts of files in them."""
_UNKNOWN = re.compile(r"There is no (pipeline|job) '?[0-9a-f-]{36}'?\.")
_ELSE = "Go on with your work: a report that is missing is no reason to stop."


class ToolFailure(Exception):
    """A call that failed in a way that was foreseen."""

    def __init__(self, code: str, sentence: str, what_to_do: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence, self.what_to_do = code, sentence, what_to_do

    def as_json(self) -> dict[str, Any]:
        """`{code, sentence, what_to_do}`, with what the sentence quotes marked as untrusted."""
        sentence = self.sentence if self.sentence.startswith("<untrusted ") else quotes_marked(self.sentence)
        return {"code": self.code, "sentence": sentence, "what_to_do": self.what_to_do}


def failure_of(problem: BaseException) -> ToolFailure | None:
    """The failure that an exception means; None if it is a defect, of which the agent learns no more than that."""
    if isinstance(problem, ToolFailure):
        return problem
    if isinstance(problem, ToolError):
        sentence = problem.sentence
        if problem.code in _NAMES_OTHERS and _UNKNOWN.fullmatch(sentence) is None:
            sentence = Nonced().text(sentence)
        return ToolFailure(problem.code, sentence, problem.what_to_do)
    if isinstance(problem, FileRefused):  # it names a file, perhaps with a part of it
        return ToolFailure(problem.code, Nonced().text(problem.message), _WHAT_TO_DO.get(problem.code, _LIST))
    if isinstance(problem, ServiceError):
        return ToolFailure(problem.code, problem.message, _WHAT_TO_DO.get(problem.code, _ELSE))
    return None
