"""Which keys changed since a version: each once, and None as soon as one might be missing."""

from __future__ import annotations

import pytest

from llm_service.hub.changed_keys import ChangedKeys


def test_what_changed_since_a_version_is_named_once() -> None:
    keys = ChangedKeys()
    for key in ("a", "b", "a"):
        keys.add(key)
    assert (keys.version, keys.since(3), keys.since(2), keys.since(1)) == (3, [], ["a"], ["a", "b"])
    assert set(keys.since(0) or ()) == {"a", "b"}


@pytest.mark.parametrize("version", [-1, 4])
def test_of_a_version_that_never_was_nothing_is_known(version: int) -> None:
    keys = ChangedKeys()
    for key in ("a", "b", "c"):
        keys.add(key)
    assert keys.since(version) is None


def test_the_last_thousand_are_remembered_and_all_can_be_forgotten() -> None:
    keys = ChangedKeys()
    for number in range(1_001):
        keys.add(str(number))
    assert keys.since(0) is None
    assert len(keys.since(1) or ()) == 1_000
    keys.forget()
    assert (keys.since(1_001), keys.since(keys.version)) == (None, [])
