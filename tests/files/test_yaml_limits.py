"""What is said of an event of the parser that is not built; lines and columns count from 1, as editors show them."""

from __future__ import annotations

import yaml

from llm_service.files.yaml_limits import Problem, Refused


def test_a_refusal_has_the_place_of_its_event_and_a_message_of_bounded_length() -> None:
    events = [event for event in yaml.parse("a:\n  - *x\n") if isinstance(event, yaml.AliasEvent)]
    refused = Refused("m" * 600, events[0])
    assert str(refused) == "m" * 600
    assert refused.problem == Problem("m" * 500, 2, 5, "NOT_YAML")
    assert Refused("deep", events[0], "TOO_COMPLEX").problem == Problem("deep", 2, 5, "TOO_COMPLEX")
