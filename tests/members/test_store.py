"""What other hosts share, kept packed: read while it is compared and written."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

from llm_service.members.store import HostState, HostStates


def entry(number: int) -> bytes:
    return json.dumps({"id": f"t{number}", "title": f"Task {number} " * 20}).encode()


def test_a_state_is_read_by_many_while_it_is_compared_with_the_one_before() -> None:
    states, state = HostStates(), HostState()
    whole = {f"t{number}": entry(number) for number in range(500)}
    for key, data in whole.items():
        state.put("tasks", key, data)
    states.replace("a" * 16, state)

    def compared(_: int) -> bool:
        return all(state.get("tasks", key) == data for key, data in whole.items())

    def read(_: int) -> bool:
        return states.of("a" * 16)["tasks"] == whole

    with ThreadPoolExecutor(6) as pool:
        assert all([*pool.map(compared, range(30)), *pool.map(read, range(30))])


def test_entries_that_are_packed_together_are_each_what_they_were() -> None:
    states, state = HostStates(), HostState()
    whole = {f"t{number}": entry(number) for number in range(1_234)}
    for key, data in whole.items():
        state.put("tasks", key, b"{}")
        state.put("jobs", key, data)
        state.put("tasks", key, data)  # a scan may give an entry twice
    states.replace("a" * 16, state)
    assert states.of("a" * 16) == {"tasks": whole, "jobs": whole}
