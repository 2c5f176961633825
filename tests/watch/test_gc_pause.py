"""The garbage collector pauses while something loads, and goes on after the last of them."""

from __future__ import annotations

import gc

import pytest

from llm_service.watch.gc_pause import collector_paused


def test_it_goes_on_when_the_last_of_several_is_done() -> None:
    first, second = collector_paused(), collector_paused()
    first.__enter__()
    second.__enter__()
    assert not gc.isenabled()
    first.__exit__(None, None, None)
    assert not gc.isenabled()
    second.__exit__(None, None, None)
    assert gc.isenabled()
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_it_goes_on_after_a_failure() -> None:
    with pytest.raises(RuntimeError), collector_paused():
        raise RuntimeError
    assert gc.isenabled()
    gc.unfreeze()
