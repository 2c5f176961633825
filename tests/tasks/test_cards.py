"""What is shown, by key, and which keys changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from kit.task_files import task

from llm_service.hub import changed_keys
from llm_service.tasks.cards import Cards
from llm_service.tasks.model import key_of_other

LEAD = task("inbox/t.yaml", title="lead").summary
OTHER = replace(task("inbox/u.yaml", "t").summary, key=key_of_other("t", "inbox/u.yaml"))


def filled() -> Cards:
    cards = Cards()
    cards.put(LEAD, "inbox/t.yaml")
    cards.put(OTHER, "inbox/u.yaml")
    return cards


def test_cards_are_found_by_key_and_those_that_lead_come_last() -> None:
    cards = filled()
    assert (len(cards), cards.ids(), cards.all()) == (2, ["t"], [OTHER, LEAD])
    assert (cards.get("t"), cards.get(OTHER.key), cards.get("none")) == (LEAD, OTHER, None)
    assert (cards.path_of("t"), cards.path_of(OTHER.key)) == ("inbox/t.yaml", "inbox/u.yaml")
    assert OTHER.key == "t\ninbox/u.yaml"


def test_a_card_that_was_taken_is_gone() -> None:
    cards = filled()
    cards.take("t")
    cards.take(OTHER.key)
    cards.take("none")
    assert (len(cards), cards.all(), cards.ids(), cards.get("t")) == (0, [], [], None)
    assert cards._path_of == {}


def test_each_change_has_a_number_and_is_named_since() -> None:
    cards = filled()
    assert cards.version == 2
    newer = replace(LEAD, title="newer")
    cards.put(newer, "inbox/t.yaml")
    cards.take(OTHER.key)
    assert cards.changed_since(4) == (4, {})
    assert cards.changed_since(3) == (4, {OTHER.key: None})
    assert cards.changed_since(0) == (4, {OTHER.key: None, "t": newer})


def test_versions_that_are_too_old_are_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changed_keys, "REMEMBERED", 1)
    cards = filled()
    assert cards.changed_since(0) == (2, None)
    assert cards.changed_since(-1) == (2, None)
    assert cards.changed_since(1) == (2, {OTHER.key: OTHER})


def test_a_card_that_changes_again_and_again_makes_no_version_too_old() -> None:
    cards = filled()
    for _ in range(changed_keys.REMEMBERED):
        cards.put(LEAD, "inbox/t.yaml")
    assert cards.changed_since(1) == (changed_keys.REMEMBERED + 2, {OTHER.key: OTHER, "t": LEAD})
