"""Findings belong to the task with whose id their names begin."""

from __future__ import annotations

import pytest

from llm_service.plans.findings import findings_by_task, task_of_finding

IDS = ("1.1", "1.10", "1.2", "1.2.1", "V1", "2.1")


@pytest.mark.parametrize(
    ("name", "task"),
    [
        ("1.1.md", "1.1"),
        ("1-1.md", "1.1"),
        ("1_1.md", "1.1"),
        ("1.1-some-title.md", "1.1"),
        ("1.10-other.md", "1.10"),
        ("1-10.md", "1.10"),
        ("1.2.1-x.md", "1.2.1"),
        ("1-2-1.md", "1.2.1"),
        ("1.2-2026-11-20.md", "1.2"),
        ("1.100.md", None),
        ("3.1.md", None),
        ("3-audit.md", None),
        ("1-audit.md", None),
        ("verify-1.md", "V1"),
        ("VERIFY_1.md", "V1"),
        ("v1.md", "V1"),
        ("V1-all-good.md", "V1"),
        ("verify-2.md", None),
        ("executive-summary.md", None),
        ("", None),
    ],
)
def test_the_name_says_the_task(name: str, task: str | None) -> None:
    assert task_of_finding(name, IDS) == task


def test_single_numbers_may_be_ids() -> None:
    assert task_of_finding("6-cleanup.md", ("5", "6")) == "6"
    assert task_of_finding("6-2.md", ("5", "6")) == "6"


def test_other_ids_are_prefixes_too() -> None:
    assert findings_by_task(["setup-db.md", "setup.md", "setups.md"], ["setup", "setup-db"]) == {
        "setup-db.md": "setup-db", "setup.md": "setup", "setups.md": None,
    }  # fmt: skip
