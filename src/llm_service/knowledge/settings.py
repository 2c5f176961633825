"""The settings of streams, facts and insights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from ..settings.checks import folder_inside_problem
from ..settings.fields import between, setting
from ..settings.section import Section
from ..settings.table import MORE_ROOM, MORE_WORK

STREAMS_DIR = "work/streams"
KNOWLEDGE_DIR = "work/knowledge"
"""Where streams and facts are, relative to the workspace."""


@dataclass(frozen=True)
class KnowledgeSettings(Section):
    """Where streams and facts are, how long messages are stored, and when an insight is worth saying."""

    streams_dir: str = setting(
        STREAMS_DIR,
        "Folder of the streams to which agents add messages, `<topic>.jsonl`, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would read files outside the workspace",
        folders=lambda value: (value,),
    )
    knowledge_dir: str = setting(
        KNOWLEDGE_DIR,
        "Folder of the facts, `*.md` and `*.yaml`, below the workspace.",
        check=folder_inside_problem,
        workspace="inside",
        harm="would read and write files outside the workspace",
        folders=lambda value: (value,),
    )
    propose_facts: bool = setting(
        True,
        "Write what agents state as facts to the folder of the facts, as proposals for a person to accept.",
    )
    stream_messages_max: Annotated[int, between(100, 10_000_000)] = setting(
        100_000,
        "So many messages of streams are stored; the oldest are removed first.",
        workspace="lower",
        harm=MORE_ROOM,
    )
    stream_messages_days: Annotated[int, between(1, 3_650)] = setting(
        90, "Messages of streams are stored this long. (days)", workspace="lower", harm=MORE_ROOM
    )
    insight_interval_s: Annotated[float, between(0.1, 3_600)] = setting(
        30.0, "Running jobs are checked for insights this often. (s)", workspace="higher", harm=MORE_WORK
    )
    insight_every_min: Annotated[float, between(0, 1_440)] = setting(
        15.0, "At most one insight per running job in this time, besides what is notable. (min)"
    )
    stalled_after_min: Annotated[float, between(0.1, 1_440)] = setting(
        10.0, "A job without output for this long is called stalled. (min)"
    )
