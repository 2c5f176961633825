"""The settings of the feature, and that what a workspace's own file may set cannot do harm."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kit.settings import settings_file, value_of

from llm_service.cli.sections import SECTIONS
from llm_service.errors import BadSettings
from llm_service.knowledge.settings import KnowledgeSettings
from llm_service.settings.load import Settings, load

ALL = tuple(dict.fromkeys((*SECTIONS, KnowledgeSettings)))


def loaded(folder: Path) -> Settings:
    return load(ALL, str(folder), None, {}, {})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("stream_messages_max", 100_001),
        ("stream_messages_days", 91),
        ("insight_interval_s", 1.0),
    ],
)
def test_a_workspace_cannot_raise_a_limit(tmp_path: Path, name: str, value: Any) -> None:
    settings_file(tmp_path, f"{name}: {value}\n")
    settings = loaded(tmp_path)
    assert value_of(settings, name) == getattr(KnowledgeSettings(), name)
    assert len(settings.refusals) == 1


@pytest.mark.parametrize("name", ["streams_dir", "knowledge_dir"])
@pytest.mark.parametrize("value", ["/etc", "../elsewhere", "~/notes", ""])
def test_folders_are_below_the_workspace(tmp_path: Path, name: str, value: str) -> None:
    settings_file(tmp_path, f"{name}: '{value}'\n")
    with pytest.raises(BadSettings, match="a path below the workspace"):
        loaded(tmp_path)


def test_a_workspace_may_set_the_rest(tmp_path: Path) -> None:
    settings_file(tmp_path, "streams_dir: said\npropose_facts: false\ninsight_every_min: 5\nstream_messages_max: 200\n")
    own = loaded(tmp_path).of(KnowledgeSettings)
    assert (own.streams_dir, own.propose_facts, own.insight_every_min, own.stream_messages_max) == (
        "said",
        False,
        5,
        200,
    )
