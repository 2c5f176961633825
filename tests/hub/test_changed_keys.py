"""Which keys changed since a version: each once, and None as soon as one might be missing."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from llm_service.hub import changed_keys as module
from llm_service.hub.changed_keys import REMEMBERED, ChangedKeys

_FEW = 3


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


def test_the_last_keys_are_remembered_and_all_can_be_forgotten() -> None:
    keys = ChangedKeys()
    for number in range(REMEMBERED + 1):
        keys.add(str(number))
    assert keys.since(0) is None
    assert len(keys.since(1) or ()) == REMEMBERED
    keys.forget()
    assert (keys.since(REMEMBERED + 1), keys.since(keys.version)) == (None, [])


def test_a_key_that_changes_again_and_again_pushes_out_no_other() -> None:
    keys = ChangedKeys()
    keys.add("once")
    for _ in range(REMEMBERED * 2):
        keys.add("often")
    assert keys.since(0) == ["often", "once"]


class ChangedKeysModel(RuleBasedStateMachine):
    """`since` names exactly what changed after a version, or says that it cannot tell, compared with a full record."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = ChangedKeys()
        self.record: list[str] = []

    @rule(key=st.sampled_from("abcdefgh"))
    def add(self, key: str) -> None:
        self.keys.add(key)
        self.record.append(key)

    @rule()
    def forget(self) -> None:
        self.keys.forget()
        self.record.append("everything")

    @rule(version=st.integers(-1, 60))
    def ask(self, version: int) -> None:
        found = self.keys.since(version)
        after = self.record[version:] if 0 <= version <= len(self.record) else None
        if after is None or "everything" in after:
            assert found is None
        elif found is None:
            assert len(dict.fromkeys(self.record)) > _FEW  # a key was pushed out, so there were more of them
        else:
            assert found == list(dict.fromkeys(reversed(after)))
            assert len(found) <= _FEW

    @invariant()
    def the_latest_change_is_known(self) -> None:
        if self.record and self.record[-1] != "everything":
            assert self.keys.since(len(self.record) - 1) == [self.record[-1]]


@pytest.fixture(autouse=True)
def few(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the model three keys are remembered, so that some are pushed out."""
    if "model" in request.node.name:
        monkeypatch.setattr(module, "REMEMBERED", _FEW)


def test_the_model() -> None:
    run_state_machine_as_test(ChangedKeysModel)
